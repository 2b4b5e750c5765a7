"""The examples that the definitions of campaign money were agreed on, by their numbers.

Examples 1 and 7 need purchase orders and are in ``marketing_campaign_purchase``.
"""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_money import MODULE, CampaignMoneyCommon


@tagged("post_install", "-at_install")
class TestAcceptance(CampaignMoneyCommon):
    """Spring (budget 1 000) and Autumn (500), looked at with the rights of their people."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("sales_team.group_sale_manager")

    def _sums(self, campaign, user, fname="amount_campaign"):
        """Sum of the rows that each figure opens, as the user sees them."""
        sums = {}
        campaign = self._figures(campaign, user)
        for name in ("committed", "draft", "booked", "accrued", "actual"):
            for suffix in ("", "_total"):
                action = campaign._action_open_figure(f"cost_{name}{suffix}")
                rows = self.env[action["res_model"]].with_user(user)
                rows = rows.with_context(**action["context"]).search(action["domain"])
                sums[f"cost_{name}{suffix}"] = sum(rows.mapped(fname))
        return sums

    def test_example_2_one_bill_over_campaigns_is_the_ledger_to_the_cent(self):
        third = self._create_money_campaign("Test Third", 0)
        campaigns = self.spring + self.autumn + third
        shares = dict(zip(campaigns, (33.33, 33.33, 33.34), strict=True))
        bill = self._create_bill(100.01, shares)
        ledger = sum(bill.invoice_line_ids.mapped("balance"))
        booked = [self._figures(campaign).cost_booked for campaign in campaigns]
        self.assertAlmostEqual(sum(booked), ledger, 6)

    def test_example_3_assigned_and_unassigned_are_the_balance_of_the_period(self):
        expense = self.company_data["default_account_expense"]
        self.company.campaign_account_ids = expense
        self._create_bill(100.0, {self.spring: 60})
        self._create_bill(
            7.0,
            {},
            line_values={"analytic_distribution": False},
            invoice_date=date(2026, 4, 2),
            date=date(2026, 4, 2),
        )
        for period, expected in (("2026-03", (60, 40)), ("2026-04", (0, 7))):
            domain = [("date", ">=", f"{period}-01"), ("date", "<=", f"{period}-30")]
            rows = self.env["marketing.tie.out"].with_user(self.finance).search(domain)
            balance = self.env["account.move.line"]._read_group(
                [*domain, ("account_id", "=", expense.id), ("parent_state", "=", "posted")],
                [],
                ["balance:sum"],
            )[0][0]
            assigned = sum(rows.mapped("amount_assigned"))
            unassigned = sum(rows.mapped("amount_unassigned"))
            self.assertEqual((assigned, unassigned), expected)
            self.assertAlmostEqual(assigned + unassigned, balance, 6)

    def test_example_4_one_invoice_of_two_campaigns_gives_two_shares(self):
        product = self.env["product.product"].create(
            {"name": "Widget", "type": "service", "invoice_policy": "order"}
        )
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.partner_a.id,
                    "campaign_id": campaign.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": 1,
                                "price_unit": price,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
                for campaign, price in ((self.spring, 100.0), (self.autumn, 250.0))
            ]
        )
        orders.action_confirm()
        invoice = orders._create_invoices()
        self.assertEqual(len(invoice), 1)
        invoice.invoice_date = date(2026, 3, 20)
        invoice.action_post()
        ledger = self.env["marketing.campaign.ledger"].with_user(self.finance)
        for campaign, expected in ((self.spring, 100), (self.autumn, 250)):
            rows = ledger.search([("campaign_id", "=", campaign.id), ("kind", "=", "invoiced")])
            self.assertEqual(sum(rows.mapped("amount")), expected)

    def test_example_8_first_budget_current_budget_and_actual_stand_side_by_side(self):
        self._create_bill(300.0, {self.spring: 100})
        campaign = self.spring.with_user(self.marketer)
        with self.assertRaisesRegex(UserError, "locked"):
            campaign.budget_line_ids.amount = 1500.0
        revision = self.env["marketing.budget.revision"].with_user(self.marketer)
        revision = revision.browse(campaign.action_revise_budget()["res_id"])
        revision.line_ids.amount_after = 1500.0
        revision.reason = "A second fair"
        revision.action_submit()
        self.assertEqual((revision.state, self.spring.budget_amount), ("pending", 1000))
        revision.with_user(self.manager).action_approve()
        seen = self._figures(self.spring)
        self.assertEqual(
            (seen.budget_baseline_amount, seen.budget_amount, seen.cost_actual), (1000, 1500, 300)
        )

    def test_example_9_nobody_sees_money_of_another_company_not_even_in_a_total(self):
        other = self.env["res.company"].create(
            {"name": "Gold Ltd", "currency_id": self.gold.id, "parent_id": False}
        )
        stranger = self._create_money_user(
            "example_stranger", f"{MODULE}.group_campaign_manager", other
        )
        programme = self.env["utm.campaign"].create({"title": "Test Both", "company_id": False})
        self.spring.parent_id = programme
        theirs = self._create_money_campaign(
            "Test Theirs", 70.0, company=other, parent_id=programme.id
        )
        self.env["marketing.cost.line"].create(
            [
                {"name": "Ours", "campaign_id": self.spring.id, "amount": 30.0},
                {"name": "Theirs", "campaign_id": theirs.id, "amount": 50.0},
            ]
        )
        self.assertCosts(programme, accrued_total=30)
        self.assertCosts(programme, stranger, accrued_total=50)
        self.assertEqual(self._figures(programme, stranger).budget_amount_total, 70)
        self.assertEqual(self._sums(programme, self.marketer)["cost_actual_total"], 30)
        with self.assertRaises(AccessError):
            self.spring.with_user(stranger).read(["title"])

    def test_example_13_every_total_is_the_sum_of_the_rows_it_opens(self):
        programme = self._create_money_campaign("Test Programme", 0)
        francs = self.env["res.company"].create({"name": "Francs", "currency_id": self.gold.id})
        self.marketer.company_ids |= francs
        (self.spring + self.autumn).parent_id = programme
        self._create_bill(100.0, {self.spring: 60, self.autumn: 40})
        self._create_bill(33.35, {self.spring: 50}, currency_id=self.gold.id)
        self._create_bill(12.0, {self.autumn: 100}, post=False)
        abroad = self._create_money_campaign(
            "Test Abroad", 10.0, company=francs, parent_id=programme.id
        )
        self.env["marketing.cost.line"].create(
            [
                {"name": "March", "campaign_id": self.spring.id, "amount": 5.01},
                {
                    "name": "Abroad",
                    "campaign_id": abroad.id,
                    "amount": 7.77,
                    "date": date(2026, 3, 3),
                },
            ]
        )
        both = (self.company + francs).ids
        seen = programme.with_user(self.marketer).with_context(allowed_company_ids=both)
        for campaign in (seen, self.spring, self.autumn, abroad):
            campaign = campaign.with_user(self.marketer).with_context(allowed_company_ids=both)
            for name in ("committed", "draft", "booked", "accrued", "actual"):
                for fname in (f"cost_{name}", f"cost_{name}_total"):
                    action = campaign._action_open_figure(fname)
                    rows = campaign.env[action["res_model"]].with_context(**action["context"])
                    # one request asks in one currency: another figure is another request
                    self.env.invalidate_all()
                    rows = rows.search(action["domain"])
                    self.assertAlmostEqual(
                        sum(rows.mapped("amount_campaign")),
                        campaign[fname],
                        6,
                        f"{campaign.title}: {fname}",
                    )
                    self.assertLessEqual(rows.campaign_currency_id, campaign.currency_id)
        self.assertGreater(seen.cost_accrued_total, 5.01)

    def test_example_16_finance_reads_costs_beside_orders_and_edits_nothing(self):
        self._create_bill(30.0, {self.spring: 100})
        self.assertCosts(self.spring, self.finance, actual=30)
        rows = self.env["marketing.campaign.ledger"].with_user(self.finance).search([])
        self.assertIn(self.spring, rows.campaign_id)
        for values in ({"title": "Mine"}, {"date_end": date(2027, 1, 1)}):
            with self.assertRaises(AccessError):
                self.spring.with_user(self.finance).write(values)
        with self.assertRaises(AccessError):
            self.env["marketing.cost.line"].with_user(self.finance).create(
                {"name": "x", "campaign_id": self.spring.id, "amount": 1.0}
            )
        with self.assertRaises(AccessError):
            self.env["marketing.campaign.ledger"].with_user(self.marketer).search([])

    def test_example_17_a_transfer_keeps_the_total(self):
        both = self.spring + self.autumn
        before = sum(both.mapped("budget_amount"))
        transfer = (
            self.env["marketing.budget.transfer"]
            .with_user(self.marketer)
            .create(
                {
                    "source_campaign_id": self.spring.id,
                    "source_category_id": self.ads.id,
                    "target_campaign_id": self.autumn.id,
                    "target_category_id": self.ads.id,
                    "amount": 200.0,
                    "reason": "Autumn is larger than we thought",
                }
            )
        )
        transfer.action_submit()
        self.assertEqual(self.spring.budget_amount, 1000, "waits for a manager")
        transfer.with_user(self.manager).action_approve()
        self.assertEqual((self.spring.budget_amount, self.autumn.budget_amount), (800, 700))
        self.assertEqual(sum(both.mapped("budget_amount")), before)
        self.assertEqual(len(both.budget_revision_ids), 2)
