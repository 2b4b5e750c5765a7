from datetime import date

from odoo.tests import tagged

from .common_money import CampaignMoneyCommon


@tagged("post_install", "-at_install")
class TestDataHealth(CampaignMoneyCommon):
    """Each finding has a count, opens what it counts, and its button repairs it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expense = cls.company_data["default_account_expense"]
        cls.company.campaign_account_ids = cls.expense

    def _check(self, code, user):
        health = self.env["marketing.data.health"].with_user(user)
        health.action_open_health()
        return health.search([("code", "=", code), ("create_uid", "=", user.id)])

    def _run(self, action, user, **values):
        """Press the button of the wizard that an action opens."""
        wizard = (
            self.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
            .create(values)
        )
        self.env.flush_all()
        return wizard

    def test_items_without_a_campaign_are_assigned(self):
        self._create_bill(50.0, {}, line_values={"analytic_distribution": False})
        check = self._check("unassigned", self.accountant)
        self.assertEqual((check.count, check.can_fix), (1, True))
        self._run(check.action_fix(), self.accountant, campaign_id=self.spring.id).action_assign()
        self.assertEqual(self._check("unassigned", self.accountant).count, 0)
        self.assertCosts(self.spring, booked=50)

    def test_items_without_a_campaign_are_spread(self):
        self._create_bill(30.0, {}, line_values={"analytic_distribution": False})
        check = self._check("unassigned", self.accountant)
        both = (self.spring + self.autumn).ids
        self._run(
            check.action_spread(), self.accountant, rule="budget", campaign_ids=both
        ).action_spread()
        self.assertCosts(self.spring, booked=20)
        self.assertCosts(self.autumn, booked=10)

    def test_a_campaign_ends_with_its_last_cost(self):
        june = date(2026, 6, 1)
        self._create_bill(5.0, {self.spring: 100}, invoice_date=june, date=june)
        check = self._check("late_cost", self.manager)
        self.assertEqual(check.count, 1)
        check.action_fix()
        self.assertEqual(self.spring.date_end, june)
        self.assertEqual(self._check("late_cost", self.manager).count, 0)

    def test_example_14_typing_variants_are_merged_and_keep_their_costs(self):
        variant = self._create_money_campaign("test-SPRING", 0)
        self._create_bill(40.0, {variant: 50, self.spring: 50})
        check = self._check("variants", self.manager)
        self.assertEqual(check.count, 2)
        wizard = self._run(check.action_fix(), self.manager)
        self.assertEqual(len(wizard.campaign_ids), 2)
        wizard.action_merge()
        self.env.invalidate_all()
        self.assertEqual(self._check("variants", self.manager).count, 0)
        self.assertCosts(wizard.target_id, booked=40)

    def test_a_transfer_starts_from_what_is_short(self):
        self._create_bill(1200.0, {self.spring: 100})
        action = self._check("over_budget", self.marketer).action_fix()
        self.assertEqual(action["context"]["default_target_campaign_id"], self.spring.id)
        self.assertAlmostEqual(action["context"]["default_amount"], 200)

    def test_the_oldest_vendor_of_old_accruals_is_settled(self):
        self.env["marketing.cost.line"].create(
            [
                {
                    "name": "Old",
                    "campaign_id": self.spring.id,
                    "amount": amount,
                    "date": day,
                    "partner_id": partner.id,
                }
                for amount, day, partner in (
                    (10, date(2026, 1, 5), self.partner_a),
                    (20, date(2026, 1, 9), self.partner_b),
                )
            ]
        )
        action = self._check("old_accrual", self.accountant).action_fix()
        lines = self.env["marketing.cost.line"].browse(action["context"]["active_ids"])
        self.assertEqual(lines.mapped("amount"), [10])

    def test_a_campaign_without_an_end_is_opened(self):
        self.spring.date_end = False
        check = self._check("no_end", self.marketer)
        opened = check.action_fix()
        if check.count == 1:
            self.assertEqual(opened["res_id"], self.spring.id)
        self.assertIn(self.spring, self.env["utm.campaign"].search(check.action_open()["domain"]))

    def test_who_may_not_repair_sees_no_button(self):
        self._create_bill(50.0, {}, line_values={"analytic_distribution": False})
        self._create_money_campaign("test-SPRING", 0)
        self.assertFalse(self._check("unassigned", self.finance).can_fix)
        self.assertFalse(self._check("variants", self.marketer).can_fix)

    def test_every_check_has_a_repair_that_exists(self):
        health = self.env["marketing.data.health"]
        arch = health.get_view(view_type="list")["arch"]
        for check in health._get_checks():
            self.assertTrue(hasattr(health, f"_fix_{check['code']}"), check["code"])
            self.assertIn(f"code != '{check['code']}'", arch.replace("&#39;", "'"))
