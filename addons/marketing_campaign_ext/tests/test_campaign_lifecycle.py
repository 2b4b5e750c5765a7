from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestCampaignLifecycle(CampaignCommon):
    def test_a_campaign_goes_from_draft_to_done(self):
        campaign = self._create_campaign(budget=[(self.ads, 1000)])
        self.assertEqual(campaign.state, "draft")
        campaign.action_submit()
        self.assertEqual(campaign.state, "submitted")
        campaign.with_user(self.manager).action_approve()
        self.assertEqual(campaign.state, "approved")
        campaign.action_start()
        campaign.action_done()
        self.assertEqual(campaign.state, "done")
        self.assertTrue(campaign.date_approved and campaign.date_started and campaign.date_done)

    def test_approval_opens_an_account_in_the_plan_of_campaigns(self):
        campaign = self._create_campaign()
        self.assertFalse(campaign.analytic_account_id)
        self._approve(campaign)
        account = campaign.analytic_account_id
        self.assertEqual(
            account.plan_id, self.env.ref("marketing_campaign_ext.analytic_plan_campaigns")
        )
        self.assertEqual(account.company_id, campaign.company_id)
        campaign._ensure_analytic_account()
        self.assertEqual(campaign.analytic_account_id, account, "one account, once")

    def test_marketer_may_not_approve(self):
        campaign = self._create_campaign()
        campaign.action_submit()
        with self.assertRaises(AccessError):
            campaign.action_approve()
        with self.assertRaises(AccessError):
            campaign.write({"state": "approved"})

    def test_refusal_says_why_and_needs_a_manager(self):
        campaign = self._create_campaign()
        campaign.action_submit()
        with self.assertRaises(AccessError):
            campaign._refuse("Not by myself")
        action = campaign.with_user(self.manager).action_refuse()
        self.env["marketing.campaign.refuse"].with_user(self.manager).with_context(
            **action["context"]
        ).create({"reason": "Too expensive"}).action_refuse()
        self.assertEqual(campaign.state, "draft")
        message = campaign.message_ids[0]
        self.assertIn("Too expensive", message.body)
        self.assertIn(self.marketer.partner_id, message.partner_ids)
        with self.assertRaises(UserError):
            campaign.with_user(self.manager)._refuse("Again")

    def test_a_state_is_not_skipped_nor_born(self):
        campaign = self._create_campaign()
        with self.assertRaises(UserError):
            campaign.with_user(self.manager).write({"state": "running"})
        with self.assertRaises(UserError):
            self.env["utm.campaign"].with_user(self.manager).create(
                {"title": "Born approved", "state": "approved"}
            )

    def test_cancelled_campaign_comes_back_as_a_draft(self):
        campaign = self._create_campaign()
        campaign.action_cancel()
        campaign.action_reset_to_draft()
        self.assertEqual(campaign.state, "draft")

    def test_identifier_does_not_follow_the_title(self):
        campaign = self._create_campaign("Identifier Before")
        self.assertEqual(campaign.name, "Identifier Before")
        campaign.title = "Title After"
        self.assertEqual(campaign.name, "Identifier Before")

    def test_account_bears_the_title_of_its_campaign(self):
        campaign = self._approve(self._create_campaign("Before"))
        campaign.title = "After"
        self.assertEqual(campaign.sudo().analytic_account_id.name, "After")

    def test_campaign_from_a_link_is_a_planned_one_once_submitted(self):
        campaign = self.env["utm.mixin"]._find_or_create_record("utm.campaign", "from a link 42")
        campaign.with_user(self.marketer).action_submit()
        self.assertFalse(campaign.is_auto_campaign)

    def test_identifier_of_two_campaigns_of_one_title_differs(self):
        first = self._create_campaign("Same Title Twice")
        second = self._create_campaign("Same Title Twice")
        self.assertNotEqual(first.name, second.name)

    def test_identifier_hidden_in_another_company_is_not_taken_twice(self):
        hidden = self.env["utm.campaign"].create(
            {"title": "Hidden Elsewhere", "company_id": self.other_company.id}
        )
        campaign = self._create_campaign("Hidden Elsewhere")
        self.assertNotEqual(campaign.name, hidden.name)
