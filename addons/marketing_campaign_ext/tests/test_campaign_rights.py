from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestCampaignRights(CampaignCommon):
    def test_any_employee_still_creates_utm_campaigns(self):
        campaign = self.env["utm.campaign"].with_user(self.outsider).create({"title": "By anyone"})
        campaign.title = "Renamed by anyone"
        self.assertEqual(campaign.state, "draft")

    def test_link_of_a_visitor_still_creates_a_campaign(self):
        campaign = self.env["utm.mixin"]._find_or_create_record("utm.campaign", "from a link 4711")
        self.assertTrue(campaign.is_auto_campaign)
        self.assertEqual(campaign.state, "draft")

    def test_employee_may_not_plan(self):
        campaign = self._create_campaign()
        for values in (
            {"state": "submitted"},
            {"date_end": "2027-01-01"},
            {"parent_id": False},
            {"budget_line_ids": [(0, 0, {"category_id": self.ads.id, "amount": 5})]},
        ):
            with self.assertRaises(AccessError):
                campaign.with_user(self.outsider).write(values)
        with self.assertRaises(AccessError):
            self.env["utm.campaign"].with_user(self.outsider).create(
                {"title": "Not by anyone", "objective": "awareness"}
            )

    def test_salesperson_does_not_see_the_budget(self):
        campaign = self._create_campaign(budget=[(self.ads, 1000)])
        seen = campaign.with_user(self.salesman)
        self.assertEqual(seen.title, campaign.title)
        for field in ("budget_amount", "budget_amount_total", "analytic_account_id"):
            with self.assertRaises(AccessError):
                seen.read([field])
        with self.assertRaises(AccessError):
            self.env["marketing.budget.line"].with_user(self.salesman).search([])

    def test_finance_reads_and_changes_nothing(self):
        campaign = self._create_campaign(budget=[(self.ads, 1000)])
        seen = campaign.with_user(self.finance)
        self.assertEqual(seen.budget_amount, 1000)
        self.assertEqual(seen.budget_line_ids.category_id, self.ads)
        with self.assertRaises(AccessError):
            seen.write({"date_end": "2027-01-01"})
        with self.assertRaises(AccessError):
            seen.write({"title": "Finance was here"})
        with self.assertRaises(AccessError):
            seen.budget_line_ids.write({"amount": 1})
        with self.assertRaises(AccessError):
            seen.action_submit()

    def test_finance_is_not_offered_what_it_may_not_do(self):
        for user, offered in ((self.finance, "0"), (self.marketer, None)):
            for kind in ("kanban", "list", "form", "calendar"):
                arch = self.env["utm.campaign"].with_user(user).get_view(view_type=kind)["arch"]
                for operation in ("create", "edit", "delete"):
                    with self.subTest(user=user.login, view=kind, operation=operation):
                        self.assertEqual(etree.fromstring(arch).get(operation), offered)

    def test_marketer_configures_neither_types_nor_categories(self):
        with self.assertRaises(AccessError):
            self.env["marketing.campaign.type"].with_user(self.marketer).create({"name": "Mine"})
        with self.assertRaises(AccessError):
            self.ads.with_user(self.marketer).write({"name": "Mine"})

    def test_other_company_is_not_seen_and_shared_is(self):
        hidden = self.env["utm.campaign"].create(
            {
                "title": "Theirs",
                "company_id": self.other_company.id,
                "budget_line_ids": [(0, 0, {"category_id": self.ads.id, "amount": 700})],
            }
        )
        shared = self.env["utm.campaign"].create({"title": "Everybody's", "company_id": False})
        found = (
            self.env["utm.campaign"]
            .with_user(self.marketer)
            .search([("id", "in", (hidden | shared).ids)])
        )
        self.assertEqual(found, shared)
        with self.assertRaises(AccessError):
            hidden.with_user(self.marketer).read(["title"])
        self.assertFalse(
            self.env["marketing.budget.line"]
            .with_user(self.marketer)
            .search([("campaign_id", "=", hidden.id)])
        )

    def test_company_changes_only_before_anything_is_decided(self):
        self.marketer.company_ids |= self.other_company
        campaign = self._create_campaign(budget=[(self.ads, 10)])
        companies = {"allowed_company_ids": self.marketer.company_ids.ids}
        with self.assertRaises(AccessError):
            campaign.with_user(self.outsider).write({"company_id": False})
        campaign.with_context(**companies).company_id = self.other_company
        campaign.with_context(**companies).company_id = self.company
        campaign.action_submit()
        with self.assertRaises(UserError):
            campaign.with_context(**companies).company_id = self.other_company

    def test_campaign_that_has_begun_is_not_deleted(self):
        campaign = self._create_campaign()
        campaign.action_submit()
        for user in (self.marketer, self.manager):
            with self.assertRaises(UserError):
                campaign.with_user(user).unlink()
        campaign.action_reset_to_draft()
        campaign.unlink()
        self.assertFalse(campaign.exists())

    def test_people_without_mailing_rights_open_a_campaign(self):
        campaign = self._create_campaign()
        for user in (self.marketer, self.finance, self.salesman, self.outsider):
            with Form(campaign.with_user(user)) as form:
                self.assertEqual(form.title, campaign.title)
