from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged("post_install", "-at_install")
class TestTours(HttpCase):
    """The guided tours lead through in a fresh database, as the people they are made for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The minute the browser waits for its page is not spent on putting the scripts together.
        for name in ("web.assets_web", "web.assets_tests"):
            bundle = cls.env["ir.qweb"]._get_asset_bundle(name)
            bundle.js()
            bundle.css()

    def _walk(self, tour, group):
        user = mail_new_test_user(
            self.env,
            login=tour,
            groups=f"base.group_user,marketing_campaign_ext.{group}",
            company_id=self.env.ref("base.main_company").id,
        )
        self.start_tour("/odoo", tour, login=user.login)
        return user

    def test_the_marketer_plans_and_submits(self):
        user = self._walk("marketing_marketer_tour", "group_campaign_user")
        campaign = self.env["utm.campaign"].search([("create_uid", "=", user.id)])
        self.assertEqual(campaign.title, "Guided tour: spring webinar")
        self.assertEqual((campaign.state, campaign.budget_amount), ("submitted", 1000.0))

    def test_finance_looks_and_changes_nothing(self):
        before = self.env["utm.campaign"].search_count([])
        self._walk("marketing_finance_tour", "group_campaign_finance")
        self.assertEqual(self.env["utm.campaign"].search_count([]), before)

    def test_every_tour_is_offered_once_after_those_of_odoo(self):
        tours = self.env.ref("roi_dashboard.marketer_tour") | self.env.ref(
            "roi_dashboard.finance_tour"
        )
        others = self.env["web_tour.tour"].search([("name", "not like", "marketing_%")])
        self.assertLess(
            max(others.filtered(lambda tour: tour.sequence <= 1000).mapped("sequence")),
            min(tours.mapped("sequence")),
        )
