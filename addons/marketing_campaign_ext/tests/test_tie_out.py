from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_money import MODULE, CampaignMoneyCommon


@tagged("post_install", "-at_install")
class TestTieOut(CampaignMoneyCommon):
    """Assigned and unassigned together are the ledger balance of the marketing accounts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expense = cls.company_data["default_account_expense"]
        cls.company.campaign_account_ids = cls.expense

    def _rows(self, user=None):
        return self.env["marketing.tie.out"].with_user(user or self.finance).search([])

    def _assign(self, rows, campaign, user=None):
        self.env["marketing.tie.out.assign"].with_user(user or self.accountant).with_context(
            active_model="marketing.tie.out", active_ids=rows.ids
        ).create({"campaign_id": campaign.id}).action_assign()
        self.env.invalidate_all()

    def _assert_ties(self, **expected):
        self.env.invalidate_all()
        rows = self._rows()
        sums = {
            fname: sum(rows.mapped(fname))
            for fname in ("balance", "amount_assigned", "amount_unassigned")
        }
        ledger = self.env["account.move.line"]._read_group(
            [("account_id", "=", self.expense.id), ("parent_state", "=", "posted")],
            [],
            ["balance:sum"],
        )[0][0]
        self.assertAlmostEqual(sums["amount_assigned"] + sums["amount_unassigned"], ledger, 6)
        self.assertAlmostEqual(sums["balance"], ledger, 6)
        for fname, value in expected.items():
            self.assertAlmostEqual(sums[fname], value, 6)

    def test_assigned_and_unassigned_are_the_ledger_balance(self):
        self._create_bill(100.0, {self.spring: 60, self.autumn: 40})
        self._create_bill(50.0, {}, line_values={"analytic_distribution": False})
        self._create_bill(33.34, {self.spring: 50})
        self._create_bill(20.0, {self.spring: 100}, move_type="in_refund")
        self._create_bill(999.0, {self.spring: 100}, post=False)
        self._assert_ties(amount_assigned=100 + 16.67 - 20, amount_unassigned=50 + 16.67)

    def test_one_click_assigns_posted_items(self):
        bill = self._create_bill(50.0, {}, line_values={"analytic_distribution": False})
        self._assign(self._rows(), self.spring)
        self.assertEqual(bill.state, "posted")
        self._assert_ties(amount_unassigned=0)
        self.assertCosts(self.spring, booked=50)

    def test_assigning_fills_up_what_is_partly_assigned(self):
        self._create_bill(100.0, {self.spring: 60})
        self._assign(self._rows(), self.autumn)
        self.assertCosts(self.spring, booked=60)
        self.assertCosts(self.autumn, booked=40)
        self._assign(self._rows(), self.autumn)
        self.assertCosts(self.autumn, booked=40)

    def test_assigning_keeps_the_shares_of_other_plans(self):
        plan = self.env["account.analytic.plan"].create({"name": "Regions"})
        north = self.env["account.analytic.account"].create({"name": "North", "plan_id": plan.id})
        self._create_bill(80.0, {}, line_values={"analytic_distribution": {str(north.id): 100}})
        self._assign(self._rows(), self.spring)
        self.assertCosts(self.spring, booked=80)
        self.assertEqual(north.balance, -80.0)

    def test_other_accounts_are_not_in_the_tie_out(self):
        other = self.company_data["default_account_assets"]
        self._create_bill(10.0, {}, line_values={"account_id": other.id})
        self.assertFalse(self._rows())

    def test_only_accounting_assigns(self):
        self._create_bill(50.0, {}, line_values={"analytic_distribution": False})
        for user in (self.finance, self.marketer):
            with self.assertRaises(AccessError):
                self._assign(self._rows(), self.spring, user)
        with self.assertRaises(AccessError):
            self._rows(self.marketer)

    def test_an_item_of_another_company_is_refused_and_unseen(self):
        other = self.setup_other_company(name="Elsewhere")
        other["company"].campaign_account_ids = other["default_account_expense"]
        self._create_bill(
            70.0,
            {},
            company_id=other["company"].id,
            journal_id=other["default_journal_purchase"].id,
            line_values={
                "account_id": other["default_account_expense"].id,
                "analytic_distribution": False,
            },
        )
        self.assertFalse(self._rows())
        reader = self._create_money_user(
            "money_reader", f"{MODULE}.group_campaign_finance", other["company"]
        )
        self.assertEqual(self._rows(reader).balance, 70.0)
        row = self._rows(reader).sudo()
        with self.assertRaises(UserError):
            row._assign(self.spring)


@tagged("post_install", "-at_install")
class TestCampaignLedger(CampaignMoneyCommon):
    """Finance sees costs and revenue of campaigns side by side, row by row."""

    @classmethod
    def get_default_groups(cls):
        return (
            super().get_default_groups()
            | cls.quick_ref("sales_team.group_sale_manager")
            | cls.quick_ref(f"{MODULE}.group_campaign_finance")
        )

    def _sell(self, *campaigns, price=100.0):
        """One order per campaign, all of one customer, so that invoicing merges them."""
        product = self.env["product.product"].create(
            {"name": "Sold", "type": "service", "invoice_policy": "order", "taxes_id": [(5, 0, 0)]}
        )
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.partner_a.id,
                    "campaign_id": campaign.id,
                    "date_order": "2026-03-08 10:00:00",
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": 1,
                                "price_unit": price * (number + 1),
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
                for number, campaign in enumerate(campaigns)
            ]
        )
        orders.action_confirm()
        return orders

    def _invoice(self, orders):
        invoice = orders._create_invoices()
        invoice.invoice_date = date(2026, 3, 20)
        invoice.action_post()
        return invoice

    def _sums(self, campaign, user=None):
        self.env.invalidate_all()
        fnames = ["amount_cost", "amount_ordered", "amount_invoiced", "amount_result"]
        groups = (
            self.env["marketing.campaign.ledger"]
            .with_user(user or self.finance)
            ._read_group(
                [("campaign_id", "=", campaign.id)], [], [f"{fname}:sum" for fname in fnames]
            )
        )
        return dict(zip(fnames, (value or 0.0 for value in groups[0]), strict=True))

    def test_costs_and_revenue_stand_side_by_side(self):
        self._create_bill(30.0, {self.spring: 100})
        orders = self._sell(self.spring)
        self.assertEqual(
            self._sums(self.spring),
            {
                "amount_cost": 30,
                "amount_ordered": 100,
                "amount_invoiced": 0,
                "amount_result": -30,
            },
        )
        self._invoice(orders)
        self.assertEqual(self._sums(self.spring)["amount_invoiced"], 100)
        self.assertEqual(self._sums(self.spring)["amount_result"], 70)

    def test_a_merged_invoice_is_split_by_its_order_lines(self):
        invoice = self._invoice(self._sell(self.spring, self.autumn))
        self.assertEqual(len(invoice), 1, "Odoo merges the orders of one customer")
        self.assertEqual(self._sums(self.spring)["amount_invoiced"], 100)
        self.assertEqual(self._sums(self.autumn)["amount_invoiced"], 200)

    def test_a_credit_note_is_negative_revenue(self):
        invoice = self._invoice(self._sell(self.spring))
        wizard = self.env["account.move.reversal"].create(
            {"move_ids": invoice.ids, "journal_id": invoice.journal_id.id}
        )
        refund = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        refund.invoice_line_ids.price_unit = 40.0
        refund.action_post()
        self.assertEqual(self._sums(self.spring)["amount_invoiced"], 60)

    def test_a_row_opens_its_document_for_who_may_read_it(self):
        order = self._sell(self.spring)
        row = self.env["marketing.campaign.ledger"].search(
            [("campaign_id", "=", self.spring.id), ("kind", "=", "ordered")]
        )
        seller = self._create_money_user(
            "money_seller", f"sales_team.group_sale_manager,{MODULE}.group_campaign_finance"
        )
        action = row.with_user(seller).action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", order.id))
        with self.assertRaises(AccessError):
            row.with_user(self.finance).action_open_document()

    def test_the_ledger_is_for_finance(self):
        for user in (self.marketer, self.manager):
            with self.assertRaises(AccessError):
                self._sums(self.spring, user)

    def test_rows_have_unique_ids(self):
        self._create_bill(30.0, {self.spring: 50, self.autumn: 50})
        self._invoice(self._sell(self.spring, self.autumn))
        rows = self.env["marketing.campaign.ledger"].search([])
        self.assertEqual(len(rows), len(set(rows.ids)))
        self.assertEqual(len(rows), 6)
