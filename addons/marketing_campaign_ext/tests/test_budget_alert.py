from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_money import CampaignMoneyCommon


@tagged("post_install", "-at_install")
class TestBudgetAlert(CampaignMoneyCommon):
    """The responsible hears of each crossing once; data health counts what is wrong."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"campaign_alerts": True, "campaign_alert_pace": 0.0})

    def _run(self, day=date(2026, 3, 31)):
        self.env.invalidate_all()
        with freeze_time(day), self.enter_registry_test_mode():
            self.env.ref(
                "marketing_campaign_ext.ir_cron_budget_alerts"
            ).sudo().method_direct_trigger()
        self.env.invalidate_all()

    def _alerts(self, campaign=None):
        return (
            (campaign or self.spring)
            .sudo()
            .activity_ids.filtered(
                lambda activity: (
                    activity.activity_type_id
                    == self.env.ref("marketing_campaign_ext.mail_activity_type_budget_alert")
                )
            )
        )

    def _spend(self, amount):
        return self.env["marketing.cost.line"].create(
            {"name": "x", "campaign_id": self.spring.id, "amount": amount, "date": "2026-03-02"}
        )

    def test_each_level_is_told_once(self):
        self._spend(799.0)
        self._run()
        self.assertFalse(self._alerts())
        self._spend(1.0)
        self._run()
        self.assertEqual(self._alerts().user_id, self.marketer)
        self.assertIn("80%", self._alerts().summary)
        self._run()
        self.assertEqual(len(self._alerts()), 1)
        self._spend(200.0)
        self._run()
        self.assertEqual(len(self._alerts()), 2)

    def test_commitments_and_a_jump_over_both_levels_are_one_alert(self):
        self._spend(1500.0)
        self._run()
        self.assertEqual(len(self._alerts()), 1)
        self.assertIn("used up", self._alerts().summary)

    def test_falling_below_a_level_forgets_it(self):
        line = self._spend(900.0)
        self._run()
        line.amount = 100.0
        self._run()
        line.amount = 900.0
        self._run()
        self.assertEqual(len(self._alerts()), 2)

    def test_spending_faster_than_the_calendar_is_told_once(self):
        self.company.campaign_alert_pace = 1.25
        self._spend(500.0)
        self._run(date(2026, 3, 31))
        self.assertFalse(self._alerts())
        self._run(date(2026, 3, 5))
        self.assertIn("3.1", self._alerts().summary)  # half the budget in 5 of 31 days
        self._run(date(2026, 3, 6))
        self.assertEqual(len(self._alerts()), 1)

    def test_nothing_is_told_until_somebody_wants_it(self):
        self.company.campaign_alerts = False
        self._spend(1500.0)
        self._run()
        self.assertFalse(self._alerts())

    def test_data_health_counts_and_opens_what_it_counts(self):
        self._spend(1500.0)
        health = self.env["marketing.data.health"].with_user(self.marketer)
        action = health.action_open_health()
        rows = health.search(action["domain"])
        over = rows.filtered(lambda row: row.code == "over_budget")
        opened = over.action_open()
        found = self.env[opened["res_model"]].with_user(self.marketer).search(opened["domain"])
        self.assertEqual(over.count, len(found))
        self.assertIn(self.spring, found)
        without = rows.filtered(lambda row: row.code == "no_cost").action_open()
        self.assertIn(self.autumn, self.env["utm.campaign"].search(without["domain"]))
        self.assertNotIn("unassigned", rows.mapped("code"), "she may not read the ledger")
        finance = self.env["marketing.data.health"].with_user(self.finance)
        self.assertIn(
            "unassigned", finance.search(finance.action_open_health()["domain"]).mapped("code")
        )

    def test_every_check_can_be_opened(self):
        health = self.env["marketing.data.health"].with_user(self.finance)
        rows = health.search(health.action_open_health()["domain"])
        self.assertGreaterEqual(len(rows), 7)
        for row in rows:
            action = row.action_open()
            self.assertEqual(
                self.env[action["res_model"]]
                .with_user(self.finance)
                .search_count(action["domain"]),
                row.count,
                row.code,
            )

    def test_costs_after_the_end_are_found(self):
        self.env["marketing.cost.line"].create(
            {"name": "late", "campaign_id": self.spring.id, "amount": 1.0, "date": "2026-06-01"}
        )
        health = self.env["marketing.data.health"].with_user(self.marketer)
        late = health.search(health.action_open_health()["domain"]).filtered(
            lambda row: row.code == "late_cost"
        )
        action = late.action_open()
        rows = self.env["marketing.cost.report"].with_user(self.marketer).search(action["domain"])
        self.assertIn("late", rows.mapped("name"))

    def test_a_manager_maps_uncategorised_costs(self):
        self._create_bill(100.0, {self.spring: 100})
        with self.assertRaises(AccessError):
            self.env["marketing.cost.map"].with_user(self.marketer).create({})
        wizard = self.env["marketing.cost.map"].with_user(self.manager).create({})
        account = self.company_data["default_account_expense"]
        line = wizard.line_ids.filtered(lambda line: line.account_id == account)
        self.assertEqual((line.count, line.amount), (1, 100.0))
        line.write({"by": "account", "category_id": self.stand.id})
        wizard.action_map()
        self.assertEqual(self._rows(self.spring, "booked").category_id, self.stand)
        self.assertFalse(self.env["marketing.cost.map"].with_user(self.manager).create({}).line_ids)

    def test_the_paid_part_follows_the_payments(self):
        bill = self._create_bill(1000.0, {self.spring: 60, self.autumn: 40})
        self.assertCosts(self.spring, booked=600, paid=0)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        ).create({"amount": 250.0, "payment_date": date(2026, 3, 20)})._create_payments()
        self.assertCosts(self.spring, booked=600, paid=150)
        self.assertCosts(self.autumn, booked=400, paid=100)
