from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged("post_install", "-at_install")
class TestSalesManagerTour(HttpCase):
    """The guided tour leads a sales manager through and changes no rule."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The minute the browser waits for its page is not spent on putting the scripts together.
        for name in ("web.assets_web", "web.assets_tests"):
            bundle = cls.env["ir.qweb"]._get_asset_bundle(name)
            bundle.js()
            bundle.css()

    def test_the_sales_manager_sees_where_the_rules_are(self):
        user = mail_new_test_user(
            self.env,
            login="sales_manager_on_tour",
            groups="base.group_user,sales_team.group_sale_manager",
        )
        rules = self.env["lead.score.model"].search([])
        states = rules.mapped("state")
        self.start_tour("/odoo", "lead_scoring_sales_manager_tour", login=user.login)
        self.assertEqual(rules.mapped("state"), states)
