from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestCampaignApproval(CampaignCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls._create_user(
            "plan_director", "marketing_campaign_ext.group_campaign_manager"
        )
        cls.company.campaign_own_approval_limit = 500
        cls.level = cls.env["marketing.approval.level"].create(
            {"name": "Director", "amount_from": 10000, "approver_ids": [(6, 0, cls.director.ids)]}
        )

    def test_level_decides_who_approves(self):
        small = self._create_campaign("Small", budget=[(self.ads, 9999.99)])
        large = self._create_campaign("Large", budget=[(self.ads, 10000)])
        (small | large).action_submit()
        small.with_user(self.manager).action_approve()
        with self.assertRaisesRegex(AccessError, "plan_director"):
            large.with_user(self.manager).action_approve()
        large.with_user(self.director).action_approve()
        self.assertEqual(large.approved_by_id, self.director)

    def test_nobody_approves_own_campaign_above_the_limit(self):
        mine = self._create_campaign("Mine", budget=[(self.ads, 500.01)], user=self.manager)
        mine.action_submit()
        with self.assertRaises(AccessError):
            mine.action_approve()
        mine.with_user(self.director).action_approve()
        within = self._create_campaign("Within", budget=[(self.ads, 500)], user=self.manager)
        within.action_submit()
        within.action_approve()
        self.assertEqual(within.state, "approved")

    def test_submitting_for_somebody_makes_it_own(self):
        campaign = self._create_campaign("Theirs", budget=[(self.ads, 900)])
        campaign.with_user(self.manager).action_submit()
        with self.assertRaises(AccessError):
            campaign.with_user(self.manager).action_approve()

    def test_approvers_are_asked_once_and_released_by_the_decision(self):
        campaign = self._create_campaign("Asked", budget=[(self.ads, 20000)])
        campaign.action_submit()
        approval = self.env.ref("marketing_campaign_ext.mail_activity_type_approval")
        asked = campaign.activity_ids.filtered(lambda act: act.activity_type_id == approval)
        self.assertEqual(asked.user_id, self.director)
        campaign.with_user(self.director).action_approve()
        self.assertFalse(campaign.activity_ids & asked)

    def test_level_of_another_company_does_not_matter(self):
        self.env["marketing.approval.level"].create(
            {
                "name": "Elsewhere",
                "company_id": self.other_company.id,
                "amount_from": 1,
                "approver_ids": [(6, 0, self.director.ids)],
            }
        )
        campaign = self._create_campaign("Here", budget=[(self.ads, 100)])
        campaign.action_submit()
        campaign.with_user(self.manager).action_approve()
        self.assertEqual(campaign.state, "approved")

    def test_marketer_does_not_configure_approval(self):
        with self.assertRaises(AccessError):
            self.level.with_user(self.marketer).write({"amount_from": 1000000})


@tagged("post_install", "-at_install")
class TestBudgetRevision(CampaignCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.campaign_revision_tolerance = 0.1
        cls.campaign = cls._create_campaign(budget=[(cls.ads, 1000), (cls.stand, 500)])
        cls.campaign.action_submit()
        cls.campaign.with_user(cls.manager).action_approve()

    def _revise(self, after, reason="Prices went up", user=None):
        """Draft and submit a revision that sets the first line to ``after``."""
        campaign = self.campaign.with_user(user or self.marketer)
        action = campaign.action_revise_budget()
        revision = campaign.env["marketing.budget.revision"].browse(action["res_id"])
        revision.line_ids.filtered(lambda line: line.category_id == self.ads).amount_after = after
        revision.reason = reason
        revision.action_submit()
        return revision

    def test_within_the_tolerance_it_applies_at_once(self):
        revision = self._revise(1150)
        self.assertEqual(revision.state, "applied")
        self.assertEqual((revision.amount_before, revision.amount_after), (1500, 1650))
        self.assertEqual(self.campaign.budget_amount, 1650)
        self.assertEqual(self.campaign.budget_baseline_amount, 1500)
        self.assertEqual(revision.user_id, self.marketer)
        self.assertIn("Prices went up", self.campaign.message_ids[0].body)

    def test_tolerances_do_not_add_up(self):
        self._revise(1150)
        second = self._revise(1151)
        self.assertEqual(second.state, "pending")
        self.assertEqual(self.campaign.budget_amount, 1650)

    def test_above_the_tolerance_a_manager_decides(self):
        revision = self._revise(2000)
        self.assertEqual(revision.state, "pending")
        self.assertEqual(self.campaign.budget_amount, 1500)
        with self.assertRaises(AccessError):
            revision.action_approve()
        revision.with_user(self.manager).action_approve()
        self.assertEqual(revision.state, "applied")
        self.assertEqual(revision.decided_by_id, self.manager)
        self.assertEqual(self.campaign.budget_amount, 2500)
        self.assertEqual(self.campaign.budget_approved_amount, 2500)

    def test_refused_revision_changes_nothing(self):
        revision = self._revise(2000)
        revision.with_user(self.manager).action_refuse()
        self.assertEqual(revision.state, "refused")
        self.assertEqual(self.campaign.budget_amount, 1500)
        with self.assertRaises(UserError):
            revision.with_user(self.manager).action_approve()

    def test_revision_adds_a_line(self):
        action = self.campaign.action_revise_budget()
        revision = (
            self.env["marketing.budget.revision"].with_user(self.marketer).browse(action["res_id"])
        )
        with Form(
            revision.with_context(**action["context"]),
            "marketing_campaign_ext.marketing_budget_revision_view_form_dialog",
        ) as form:
            form.reason = "One more newspaper"
            with form.line_ids.new() as line:
                line.category_id = self.stand
                line.amount_after = 100
        revision.action_submit()
        self.assertEqual(self.campaign.budget_amount, 1600)
        self.assertEqual(len(self.campaign.budget_line_ids), 3)

    def test_reason_and_change_are_needed(self):
        for values in ({"reason": " ", "after": 1001}, {"reason": "Why", "after": 1000}):
            with self.assertRaises(UserError):
                self._revise(values["after"], reason=values["reason"])

    def test_revision_of_old_figures_is_refused(self):
        campaign = self.campaign
        stale = (
            self.env["marketing.budget.revision"]
            .with_user(self.marketer)
            .browse(campaign.action_revise_budget()["res_id"])
        )
        self._revise(1100)
        stale.line_ids[0].sudo().amount_after = 900
        stale.reason = "From yesterday's figures"
        with self.assertRaises(UserError):
            stale.action_submit()

    def test_outcome_is_not_typed_and_history_not_changed(self):
        revision = self._revise(1100)
        for values in ({"state": "draft"}, {"decided_by_id": self.marketer.id}):
            with self.assertRaises(AccessError):
                revision.write(values)
        with self.assertRaises(UserError):
            revision.write({"reason": "Something nicer"})
        with self.assertRaises(UserError):
            revision.line_ids[0].write({"amount_after": 1})
        with self.assertRaises(UserError):
            revision.unlink()

    def test_what_was_before_is_not_invented(self):
        action = self.campaign.action_revise_budget()
        revision = (
            self.env["marketing.budget.revision"].with_user(self.marketer).browse(action["res_id"])
        )
        with self.assertRaises(UserError):
            revision.line_ids[0].write({"amount_before": 1})

    def test_finance_reads_revisions_only(self):
        revision = self._revise(1100).with_user(self.finance)
        self.assertEqual(revision.amount_after, 1600)
        with self.assertRaises(AccessError):
            self.campaign.with_user(self.finance).action_revise_budget()

    def test_discarded_drafts_do_not_stay(self):
        draft = self.env["marketing.budget.revision"].browse(
            self.campaign.action_revise_budget()["res_id"]
        )
        self.assertNotIn(draft, self.campaign.budget_revision_ids)
        applied = self._revise(1100)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketing_budget_revision SET write_date = write_date - INTERVAL '8 days'"
        )
        self.env.invalidate_all()
        self.env["marketing.budget.revision"]._gc_drafts()
        self.assertFalse(draft.exists())
        self.assertTrue(applied.exists())
