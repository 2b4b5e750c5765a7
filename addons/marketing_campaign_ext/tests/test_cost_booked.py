from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_money import CampaignMoneyCommon


@tagged("post_install", "-at_install")
class TestBookedCost(CampaignMoneyCommon):
    """A bill reaches its campaigns through the ledger, to the cent, and leaves them again."""

    def test_a_bill_split_60_40_is_booked_on_both_campaigns(self):
        self._create_bill(1000.0, {self.spring: 60, self.autumn: 40})
        self.assertCosts(self.spring, booked=600, actual=600, draft=0, budget_remaining=400)
        self.assertCosts(self.autumn, booked=400, actual=400, draft=0, budget_remaining=100)

    def test_the_shares_of_an_odd_bill_lose_no_cent(self):
        third = self._create_money_campaign("Test Third", 0)
        shares = {self.spring: 33.33, self.autumn: 33.33, third: 33.34}
        bill = self._create_bill(100.01, shares, post=False)
        drafts = sum(self._figures(campaign).cost_draft for campaign in shares)
        self.assertAlmostEqual(drafts, 100.01, 6)
        bill.action_post()
        booked = sum(self._figures(campaign).cost_booked for campaign in shares)
        self.assertAlmostEqual(booked, 100.01, 6)

    def test_a_draft_bill_is_shown_apart_and_not_added(self):
        self._create_bill(300.0, {self.spring: 50, self.autumn: 50}, post=False)
        self.assertCosts(self.spring, draft=150, booked=0, actual=0, budget_remaining=1000)

    def test_reset_to_draft_takes_the_cost_back(self):
        bill = self._create_bill(1000.0, {self.spring: 60})
        bill.button_draft()
        self.assertCosts(self.spring, booked=0, draft=600)
        bill.action_post()
        self.assertCosts(self.spring, booked=600, draft=0)

    def test_a_refund_takes_its_share_back(self):
        bill = self._create_bill(1000.0, {self.spring: 60, self.autumn: 40})
        wizard = self.env["account.move.reversal"].create(
            {"move_ids": bill.ids, "journal_id": bill.journal_id.id, "date": date(2026, 3, 20)}
        )
        refund = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        self.assertCosts(self.spring, booked=600, draft=-600)
        refund.invoice_line_ids.price_unit = 100.0
        refund.action_post()
        self.assertCosts(self.spring, booked=540)
        self.assertCosts(self.autumn, booked=360)

    def test_a_key_over_several_plans_counts_for_its_campaign(self):
        plan = self.env["account.analytic.plan"].create({"name": "Regions"})
        north, south = self.env["account.analytic.account"].create(
            [{"name": "North", "plan_id": plan.id}, {"name": "South", "plan_id": plan.id}]
        )
        distribution = {
            f"{self._key(self.spring)},{north.id}": 30,
            f"{south.id},{self._key(self.spring)}": 20,
            str(north.id): 50,
        }
        bill = self._create_bill(
            200.0, {}, post=False, line_values={"analytic_distribution": distribution}
        )
        self.assertCosts(self.spring, draft=100)
        bill.action_post()
        self.assertCosts(self.spring, booked=100, draft=0)

    def test_a_journal_entry_counts_and_a_customer_invoice_does_not(self):
        expense = self.company_data["default_account_expense"]
        key = self._key(self.spring)
        self.env["account.move"].create(
            {
                "date": date(2026, 3, 5),
                "line_ids": [
                    Command.create(
                        {
                            "account_id": expense.id,
                            "debit": 80.0,
                            "analytic_distribution": {key: 100},
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data["default_account_assets"].id,
                            "credit": 80.0,
                        }
                    ),
                ],
            }
        ).action_post()
        self._create_bill(
            5000.0,
            {self.spring: 100},
            move_type="out_invoice",
            line_values={"account_id": self.company_data["default_account_revenue"].id},
        )
        self.assertCosts(self.spring, booked=80)

    def test_the_header_campaign_of_a_bill_is_ignored(self):
        self._create_bill(700.0, {self.spring: 100}, campaign_id=self.autumn.id)
        self.assertCosts(self.spring, booked=700)
        self.assertCosts(self.autumn, booked=0)

    def test_a_foreign_bill_counts_at_the_rate_of_its_date(self):
        for day in (date(2026, 3, 10), date(2026, 4, 10)):
            self._create_bill(
                100.0, {self.spring: 100}, currency_id=self.gold.id, invoice_date=day, date=day
            )
        self.assertCosts(self.spring, booked=75)  # 100 / 2 in March + 100 / 4 in April

    def test_the_figure_opens_the_rows_that_sum_to_it(self):
        self._create_bill(1000.0, {self.spring: 60, self.autumn: 40})
        self._create_bill(77.77, {self.spring: 50})
        for user in (self.marketer, self.manager, self.finance):
            campaign = self._figures(self.spring, user)
            action = campaign.action_open_booked()
            rows = self.env[action["res_model"]].with_user(user).search(action["domain"])
            self.assertAlmostEqual(
                sum(rows.mapped("amount_campaign")), campaign.cost_booked, 6, user.login
            )

    def test_a_row_opens_its_bill_for_accounting_and_is_refused_to_marketers(self):
        bill = self._create_bill(1000.0, {self.spring: 60})
        row = self._rows(self.spring, "booked")
        action = row.with_user(self.accountant).action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("account.move", bill.id))
        with self.assertRaises(AccessError):
            row.with_user(self.marketer).action_open_document()

    def test_rows_have_unique_ids_over_all_sources(self):
        self._create_bill(100.0, {self.spring: 50, self.autumn: 50})
        self._create_bill(100.0, {self.spring: 50, self.autumn: 50}, post=False)
        rows = self.env["marketing.cost.report"].search(
            [("campaign_id", "in", (self.spring + self.autumn).ids)]
        )
        self.assertEqual(len(rows), len(set(rows.ids)))
        self.assertEqual(len(rows), 6)  # two budgets, two booked shares, two draft shares

    def test_people_cost_is_in_the_total_and_its_rows_are_for_finance(self):
        self.env["account.analytic.line"].create(
            {
                "name": "Three hours",
                "amount": -120.0,
                "date": date(2026, 3, 3),
                "company_id": self.company.id,
                self._plan_column(): self.spring.analytic_account_id.id,
            }
        )
        self._create_bill(100.0, {self.spring: 100})
        self.assertCosts(self.spring, booked=220)
        self.assertEqual(self._rows(self.spring, "booked").mapped("amount"), [100.0])
        self.assertEqual(
            sum(self._rows(self.spring, "booked", user=self.finance).mapped("amount")), 220.0
        )
        title = self._figures(self.spring).action_open_booked()["name"]
        self.assertIn("120", title, "what is hidden is named")

    def _plan_column(self):
        return self.env.ref("marketing_campaign_ext.analytic_plan_campaigns")._column_name()
