from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.marketing_campaign_ext.tests.common import CampaignCommon


@tagged("post_install", "-at_install")
class TestTierValidation(CampaignCommon):
    """Budgets from 5 000 on need two reviewers in turn; the reviewers are no managers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._create_user("tier_first", "marketing_campaign_ext.group_campaign_user")
        cls.second = cls._create_user("tier_second", "marketing_campaign_ext.group_campaign_user")
        model = cls.env["ir.model"]._get("utm.campaign")
        cls.env["tier.definition"].create(
            [
                {
                    "name": reviewer.name,
                    "model_id": model.id,
                    "review_type": "individual",
                    "reviewer_id": reviewer.id,
                    "definition_domain": "[('budget_amount', '>=', 5000)]",
                    "sequence": sequence,
                    "approve_sequence": True,
                }
                for sequence, reviewer in ((20, cls.first), (10, cls.second))
            ]
        )

    def _submit(self, amount):
        campaign = self._create_campaign(budget=[(self.ads, amount)])
        campaign.action_submit()
        return campaign

    def _review(self, campaign, user, accept=True):
        campaign.invalidate_recordset()
        seen = campaign.with_user(user)
        (seen.validate_tier if accept else seen.reject_tier)()
        campaign.invalidate_recordset()

    def test_reviewers_in_turn_approve_the_campaign(self):
        campaign = self._submit(5000)
        self.assertEqual(len(campaign.review_ids), 2)
        self._review(campaign, self.first)
        self.assertEqual(campaign.state, "submitted")
        self._review(campaign, self.second)
        self.assertEqual(campaign.state, "approved")
        self.assertEqual(campaign.approved_by_id, self.second)
        self.assertEqual(campaign.budget_baseline_amount, 5000)

    def test_manager_does_not_pass_the_tiers_by(self):
        campaign = self._submit(5000)
        with self.assertRaises(ValidationError):
            campaign.with_user(self.manager).action_approve()
        self.assertEqual(campaign.state, "submitted")

    def test_below_the_tiers_the_own_approval_counts(self):
        campaign = self._submit(4999)
        self.assertFalse(campaign.review_ids)
        with self.assertRaises(AccessError):
            campaign.action_approve()
        campaign.with_user(self.manager).action_approve()
        self.assertEqual(campaign.state, "approved")

    def test_rejection_sends_back_to_draft_and_a_new_start_asks_again(self):
        campaign = self._submit(5000)
        self._review(campaign, self.first, accept=False)
        self.assertEqual(campaign.state, "draft")
        self.assertIn("tier_first", " ".join(campaign.message_ids.mapped("body")))
        campaign.budget_line_ids.amount = 6000
        campaign.action_submit()
        self.assertEqual(set(campaign.review_ids.mapped("status")) - {"waiting", "pending"}, set())
        self._review(campaign, self.first)
        self._review(campaign, self.second)
        self.assertEqual(campaign.state, "approved")

    def test_marketer_withdraws_a_campaign_under_validation(self):
        campaign = self._submit(5000)
        campaign.action_reset_to_draft()
        self.assertEqual(campaign.state, "draft")
        campaign.budget_line_ids.amount = 100
        campaign.action_submit()
        self.assertFalse(campaign.review_ids)
        campaign.with_user(self.manager).action_approve()

    def _revise(self, amount, tiers=True):
        """An approved campaign of 5 000 whose budget shall become ``amount``."""
        if tiers:
            self.env["tier.definition"].create(
                {
                    "name": "Larger budgets",
                    "model_id": self.env["ir.model"]._get_id("marketing.budget.revision"),
                    "review_type": "individual",
                    "reviewer_id": self.second.id,
                    "definition_domain": "[('amount_after', '>=', 5000)]",
                }
            )
        campaign = self._submit(5000)
        self._review(campaign, self.first)
        self._review(campaign, self.second)
        revision = campaign.env["marketing.budget.revision"].browse(
            campaign.action_revise_budget()["res_id"]
        )
        revision.line_ids.amount_after = amount
        revision.reason = "More visitors"
        revision.action_submit()
        return campaign, revision

    def test_tiers_of_revisions_approve_a_larger_budget(self):
        campaign, revision = self._revise(7000)
        self.assertEqual((revision.state, len(revision.review_ids)), ("pending", 1))
        with self.assertRaises(ValidationError):
            revision.with_user(self.manager).action_approve()
        self.assertEqual(campaign.budget_amount, 5000)
        self._review(revision, self.second)
        campaign.invalidate_recordset()
        self.assertEqual((revision.state, campaign.budget_amount), ("applied", 7000))
        self.assertEqual(revision.decided_by_id, self.second)

    def test_a_rejected_revision_leaves_the_budget(self):
        campaign, revision = self._revise(7000)
        self._review(revision, self.second, accept=False)
        campaign.invalidate_recordset()
        self.assertEqual((revision.state, campaign.budget_amount), ("refused", 5000))

    def test_within_the_tolerance_no_tier_is_asked(self):
        self.env.company.campaign_revision_tolerance = 0.1
        campaign, revision = self._revise(5400)
        self.assertEqual((revision.state, campaign.budget_amount), ("applied", 5400))
        self.assertFalse(revision.review_ids)

    def test_without_tiers_for_revisions_managers_decide(self):
        campaign, revision = self._revise(7000, tiers=False)
        self.assertEqual(revision.state, "pending")
        revision.with_user(self.manager).action_approve()
        self.assertEqual(campaign.budget_amount, 7000)

    def test_form_shows_the_reviews(self):
        for model in ("utm.campaign", "marketing.budget.revision"):
            view = self.env[model].with_user(self.marketer).get_view(view_type="form")
            self.assertIn("review_ids", str(view["arch"]), model)
