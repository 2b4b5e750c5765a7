from datetime import date, datetime

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import CommitmentCommon


@tagged("post_install", "-at_install")
class TestCommitment(CommitmentCommon):
    """What is ordered and not billed is committed, and never counts beside its bill."""

    def test_example_1_an_order_becomes_actual_bill_by_bill(self):
        order = self._create_order(10, 100.0, {self.spring: 100})
        self.assertCosts(self.spring, committed=1000, actual=0, budget_remaining=0)
        self._bill_order(order, 4)
        self.assertCosts(self.spring, committed=600, actual=400, budget_remaining=0)
        overrun = self._bill_order(order, 7)
        self.assertCosts(self.spring, committed=0, actual=1100, budget_remaining=-100)
        self._bill_order(order, 1, move_type="in_refund")
        self.assertCosts(self.spring, committed=0, actual=1000, budget_remaining=0)
        overrun.button_draft()
        self.assertCosts(self.spring, committed=700, draft=700, actual=300)

    def test_example_1_a_cancelled_order_releases_its_money(self):
        order = self._create_order(10, 100.0, {self.spring: 100})
        order.button_cancel()
        self.assertCosts(self.spring, committed=0, budget_remaining=1000)
        order.button_draft()
        self.assertCosts(self.spring, committed=0)
        order.button_confirm()
        self.assertCosts(self.spring, committed=1000)

    def test_a_bill_in_draft_keeps_the_commitment(self):
        order = self._create_order(10, 100.0, {self.spring: 100})
        bill = self._bill_order(order, 4, post=False)
        self.assertCosts(self.spring, committed=1000, draft=400, actual=0, budget_remaining=0)
        bill.action_post()
        self.assertCosts(self.spring, committed=600, draft=0, actual=400)
        bill.button_draft()
        self.assertCosts(self.spring, committed=1000, draft=400, actual=0)
        bill.button_cancel()
        self.assertCosts(self.spring, committed=1000, draft=0, actual=0)

    def test_an_order_is_split_like_its_distribution(self):
        self._create_order(10, 100.0, {self.spring: 60, self.autumn: 40})
        self.assertCosts(self.spring, committed=600)
        self.assertCosts(self.autumn, committed=400)

    def test_the_shares_of_an_odd_order_lose_no_cent(self):
        third = self._create_money_campaign("Test Third", 0)
        campaigns = (self.spring, self.autumn, third)
        shares = dict(zip(campaigns, (33.33, 33.33, 33.34), strict=True))
        self._create_order(1, 100.01, shares)
        committed = sum(self._figures(campaign).cost_committed for campaign in campaigns)
        self.assertAlmostEqual(committed, 100.01, 6)

    def test_a_locked_order_is_still_committed(self):
        order = self._create_order(10, 100.0, {self.spring: 100})
        order.button_lock()
        self.assertCosts(self.spring, committed=1000)

    def test_a_price_difference_shows_in_the_bill_only(self):
        order = self._create_order(10, 100.0, {self.spring: 100})
        self._bill_order(order, 10, price=90.0)
        self.assertCosts(self.spring, committed=0, actual=900, budget_remaining=100)

    def test_example_1_a_lump_sum_is_billed_by_money(self):
        order = self._create_order(1, 1000.0, {self.spring: 100})
        self._bill_order(order, 1, price=400.0)
        self.assertCosts(self.spring, committed=600, actual=400, budget_remaining=0)
        overrun = self._bill_order(order, 1, price=700.0)
        self.assertCosts(self.spring, committed=0, actual=1100, budget_remaining=-100)
        self._bill_order(order, 1, price=100.0, move_type="in_refund")
        self.assertCosts(self.spring, committed=0, actual=1000, budget_remaining=0)
        overrun.button_draft()
        self.assertCosts(self.spring, committed=700, draft=700, actual=300)

    def test_what_is_left_of_a_cheaper_lump_sum_is_released_by_hand(self):
        order = self._create_order(1, 1000.0, {self.spring: 100})
        self._bill_order(order, 1, price=950.0)
        self.assertCosts(self.spring, committed=50, actual=950)
        order.with_user(self.purchaser).action_release_commitment()
        self.assertCosts(self.spring, committed=0, actual=950, budget_remaining=50)

    def test_a_lump_sum_in_another_currency_is_billed_by_money(self):
        order = self._create_order(1, 1000.0, {self.spring: 100}, currency_id=self.gold.id)
        self._bill_order(order, 1, price=400.0)
        self.assertCosts(self.spring, committed=300, actual=200)

    def test_a_question_looks_only_where_its_answer_may_be(self):
        self._create_order(10, 100.0, {self.spring: 60, self.autumn: 40})
        report = self.env["marketing.cost.report"].with_user(self.marketer)

        def sources(domain):
            statement = report._search(domain).select().code
            tables = ("marketing_budget_line", "account_analytic_line", "purchase_order_line")
            return [table for table in tables if f"FROM {table} line" in statement]

        self.assertEqual(
            sources([]), ["marketing_budget_line", "account_analytic_line", "purchase_order_line"]
        )
        self.assertEqual(sources([("state", "=", "planned")]), ["marketing_budget_line"])
        self.assertEqual(sources([("state", "in", ["booked", "draft"])]), ["account_analytic_line"])
        self.assertEqual(
            sources(["!", ("state", "in", ["booked", "committed"])]), ["marketing_budget_line"]
        )
        rows = self._rows(self.spring, "committed")
        self.assertEqual(sources([("id", "in", rows.ids)]), ["purchase_order_line"])
        self.assertEqual(sum(report.browse(rows.ids).mapped("amount")), 600)

    def test_an_order_in_another_currency_counts_at_its_own_date(self):
        for day in (datetime(2026, 3, 2, 12), datetime(2026, 4, 2, 12)):
            self._create_order(
                1, 100.0, {self.spring: 100}, currency_id=self.gold.id, date_order=day
            )
        self.assertCosts(self.spring, committed=75)  # 100 / 2 in March + 100 / 4 in April
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.gold.id,
                "company_id": self.company.id,
                "name": date(2026, 11, 1),
                "rate": 100.0,
            }
        )
        self.assertCosts(self.spring, committed=75)

    def test_a_bill_by_the_dozen_takes_twelve(self):
        order = self._create_order(24, 10.0, {self.spring: 100})
        bill = self._bill_order(order, 1, price=120.0, post=False)
        bill.invoice_line_ids.product_uom_id = self.uom_dozen
        bill.invoice_line_ids.price_unit = 120.0
        bill.action_post()
        self.assertCosts(self.spring, committed=120, actual=120)

    def test_a_bill_that_is_reversed_as_a_whole_gives_the_commitment_back(self):
        order = self._create_order(1, 1000.0, {self.spring: 100})
        self._bill_order(order, 1)
        self.assertCosts(self.spring, committed=0, actual=1000)
        self._bill_order(order, 1, move_type="in_refund")
        self.assertCosts(self.spring, committed=1000, actual=0)

    def test_a_small_credit_reopens_no_more_than_its_money(self):
        order = self._create_order(1, 1000.0, {self.spring: 100})
        self._bill_order(order, 1)
        self._bill_order(order, 1, price=100.0, move_type="in_refund")
        self.assertCosts(self.spring, committed=100, actual=900)

    def test_a_released_commitment_frees_the_money(self):
        order = self._create_order(10, 100.0, {self.spring: 100})
        self._bill_order(order, 4)
        order.with_user(self.purchaser).action_release_commitment()
        self.assertCosts(self.spring, committed=0, actual=400, budget_remaining=600)
        order.with_user(self.purchaser).action_restore_commitment()
        self.assertCosts(self.spring, committed=600)

    def test_only_orders_of_campaigns_offer_the_release(self):
        order = self._create_order(1, 10.0, {self.spring: 100})
        other = self._create_order(1, 10.0, {})
        self.assertTrue(order.with_user(self.purchaser).has_campaign_share)
        self.assertFalse(other.with_user(self.purchaser).has_campaign_share)

    def test_a_down_payment_does_not_count_twice(self):
        order = self._create_order(10, 100.0, {self.spring: 100})
        down = self.env["purchase.order.line"].create(
            {
                "order_id": order.id,
                "name": "Down payment",
                "product_qty": 0,
                "price_unit": 300.0,
                "is_downpayment": True,
            }
        )

        def bill(quantity):
            self.env["account.move"].create(
                {
                    "move_type": "in_invoice" if quantity > 0 else "in_refund",
                    "partner_id": order.partner_id.id,
                    "invoice_date": date(2026, 3, 3),
                    "date": date(2026, 3, 3),
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Down payment",
                                "purchase_line_id": down.id,
                                "quantity": abs(quantity),
                                "price_unit": 300.0,
                                "tax_ids": [Command.clear()],
                                "account_id": self.company_data["default_account_expense"].id,
                                "analytic_distribution": {self._key(self.spring): 100},
                            }
                        )
                    ],
                }
            ).action_post()

        bill(1)
        self.assertCosts(self.spring, committed=700, actual=300, budget_remaining=0)
        bill(-1)
        self.assertCosts(self.spring, committed=1000, actual=0, budget_remaining=0)

    def test_an_order_finds_its_category_like_its_bill(self):
        order = self._create_order(10, 100.0, {self.spring: 100})
        expense = self._bill_order(order, 4).invoice_line_ids.account_id
        self.stand._map("account_ids", expense)
        rows = self._rows(self.spring, "committed", "booked")
        self.assertEqual(len(rows), 2)
        self.assertEqual(rows.category_id, self.stand)

    def test_the_figure_opens_its_rows_and_a_row_opens_its_order(self):
        order = self._create_order(10, 100.0, {self.spring: 60, self.autumn: 40})
        campaign = self._figures(self.spring)
        action = campaign.action_open_committed()
        rows = self.env[action["res_model"]].with_user(self.marketer).search(action["domain"])
        self.assertEqual(sum(rows.mapped("amount_campaign")), campaign.cost_committed)
        opened = rows.with_user(self.env.user).action_open_document()
        self.assertEqual((opened["res_model"], opened["res_id"]), ("purchase.order", order.id))
        with self.assertRaises(AccessError):
            rows.with_user(self.marketer).action_open_document()

    def test_rows_have_unique_ids_over_all_sources(self):
        order = self._create_order(10, 100.0, {self.spring: 60, self.autumn: 40})
        self._bill_order(order, 4)
        self._bill_order(order, 2, post=False)
        rows = self.env["marketing.cost.report"].search(
            [("campaign_id", "in", (self.spring + self.autumn).ids)]
        )
        self.assertEqual(len(rows), 8)
        self.assertEqual(len(rows), len(set(rows.ids)))
