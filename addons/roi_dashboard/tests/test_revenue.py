from odoo import Command

from .common import NOON, RoiCommon


class TestRevenue(RoiCommon):
    """What a conversion brought in, line by line, to the cent."""

    def test_shares_lose_no_cent(self):
        """100.00 over three touches: A twice, B once; the latest touch takes the odd cent."""
        self._create_touch(-20, self.campaign_a)
        self._create_touch(-10, self.campaign_b)
        self._create_touch(-1, self.campaign_a)
        self._invoice(self._create_order(100.0))
        self.Run._run()
        self.assertRevenue(66.67, model=self.linear, campaign=self.campaign_a)
        self.assertRevenue(33.33, model=self.linear, campaign=self.campaign_b)
        self.assertRevenue(100.0, model=self.last, campaign=self.campaign_a)

    def test_revenue_without_touch_is_unattributed_and_not_lost(self):
        self._invoice(self._create_order(100.0))
        self.Run._run()
        self.assertRevenue(100.0, campaign=False)
        self.assertRevenue(100.0)

    def test_ordered_and_invoiced_are_two_things(self):
        self._create_touch(-1)
        order = self._create_order(100.0)
        self.Run._run()
        self.assertRevenue(100.0, measure="revenue_ordered")
        self.assertRevenue(0.0, measure="revenue_invoiced")
        draft = self._invoice(order, post=False)
        self.Run._run()
        self.assertRevenue(0.0, measure="revenue_invoiced")
        draft.action_post()
        self.Run._run()
        self.assertRevenue(100.0, measure="revenue_invoiced")

    def test_refund_is_a_negative_at_its_own_date_on_the_same_shares(self):
        self._create_touch(-20, self.campaign_a)
        self._create_touch(-10, self.campaign_b)
        self._create_touch(-1, self.campaign_a)
        invoice = self._invoice(self._create_order(100.0), days=0)
        self._refund(invoice, days=40)
        self.Run._run()
        march = [("date", "<=", "2026-03-31")]
        april = [("date", ">", "2026-03-31")]
        self.assertRevenue(66.67, model=self.linear, campaign=self.campaign_a, domain=march)
        self.assertRevenue(-66.67, model=self.linear, campaign=self.campaign_a, domain=april)
        self.assertRevenue(-33.33, model=self.linear, campaign=self.campaign_b, domain=april)
        self.assertRevenue(-100.0, measure="revenue_refunded")

    def test_partial_refund(self):
        self._create_touch(-1)
        invoice = self._invoice(self._create_order(100.0))
        self._refund(invoice, amount=30.0)
        self.Run._run()
        self.assertRevenue(70.0, campaign=self.campaign_a)

    def test_refund_without_order_lines_follows_the_invoice_it_takes_back(self):
        self._create_touch(-1)
        invoice = self._invoice(self._create_order(100.0))
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.customer.id,
                "reversed_entry_id": invoice.id,
                "invoice_date": NOON.date(),
                "invoice_line_ids": [
                    Command.create({"name": "Goodwill", "price_unit": 25, "tax_ids": []})
                ],
            }
        )
        refund.action_post()
        self.Run._run()
        self.assertRevenue(75.0, campaign=self.campaign_a)

    def test_reset_to_draft_takes_the_revenue_back(self):
        self._create_touch(-1)
        invoice = self._invoice(self._create_order(100.0))
        self.Run._run()
        invoice.button_draft()
        self.Run._run()
        self.assertRevenue(0.0)

    def test_collected_follows_the_payments(self):
        self._create_touch(-1)
        invoice = self._invoice(self._create_order(100.0))
        self.Run._run()
        self.assertRevenue(0.0, measure="revenue_collected")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": 25.0})._create_payments()
        self.Run._run()
        self.assertRevenue(25.0, measure="revenue_collected", campaign=self.campaign_a)

    def _pay(self, invoice, amount, **values):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": amount, **values})._create_payments()

    def _write_off(self, invoice, amount):
        """A bad debt: an entry of its own that settles what is left."""
        receivable = invoice.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        expense = self.company_data["default_account_expense"]
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": invoice.date,
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.account_id.id,
                            "partner_id": invoice.commercial_partner_id.id,
                            "credit": amount,
                        }
                    ),
                    Command.create({"account_id": expense.id, "debit": amount}),
                ],
            }
        )
        entry.action_post()
        settled = entry.line_ids.filtered(lambda line: line.account_id == receivable.account_id)
        (receivable | settled).reconcile()

    def test_a_difference_that_the_payment_writes_off_is_not_collected(self):
        self._create_touch(-1)
        invoice = self._invoice(self._create_order(100.0))
        self._pay(
            invoice,
            97.5,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertEqual(invoice.amount_residual, 0.0)
        self.Run._run()
        self.assertRevenue(97.5, measure="revenue_collected", campaign=self.campaign_a)

    def test_a_bad_debt_is_not_collected(self):
        self._create_touch(-1)
        invoice = self._invoice(self._create_order(100.0))
        self._pay(invoice, 60.0)
        self.Run._run()
        self._write_off(invoice, 30.0)
        self.Run._run()
        self.assertRevenue(60.0, measure="revenue_collected", campaign=self.campaign_a)
        self.assertEqual(invoice.amount_residual, 10.0)

    def test_what_the_exchange_rate_took_is_collected(self):
        """Paid in full in the currency of the invoice, at another rate."""
        foreign = self.setup_other_currency("CAD", rates=[("2016-01-01", 2.0), ("2026-03-20", 4.0)])
        self._create_touch(-1)
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": foreign.id}
        )
        invoice = self._invoice(self._create_order(100.0, pricelist_id=pricelist.id))
        self.assertEqual(invoice.currency_id, foreign)
        self._pay(invoice, 100.0, payment_date="2026-03-25")
        self.assertEqual(invoice.amount_residual, 0.0)
        self.Run._run()
        self.assertRevenue(50.0, measure="revenue_collected", campaign=self.campaign_a)

    def test_a_refund_that_settles_the_invoice_is_no_write_off(self):
        self._create_touch(-1)
        invoice = self._invoice(self._create_order(100.0))
        refund = self._refund(invoice, amount=40.0)
        lines = (invoice | refund).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        lines.filtered(lambda line: not line.reconciled).reconcile()
        self._pay(invoice, 60.0)
        self.Run._run()
        self.assertRevenue(60.0, measure="revenue_collected", campaign=self.campaign_a)

    def test_margin_takes_the_cost_of_goods_off(self):
        self._create_touch(-1)
        self._invoice(self._create_order(100.0))
        self.Run._run()
        self.assertRevenue(60.0, measure="revenue_margin")
        self.product.standard_price = 90.0
        self.Run._run(full=True)
        self.assertRevenue(60.0, measure="revenue_margin")

    def test_down_payments_sum_to_the_order(self):
        self._create_touch(-1)
        order = self._create_order(100.0)
        wizard = self.env["sale.advance.payment.inv"].with_context(active_ids=order.ids)
        wizard.create({"advance_payment_method": "fixed", "fixed_amount": 30.0})._create_invoices(
            order
        ).action_post()
        self.Run._run()
        self.assertRevenue(30.0, campaign=self.campaign_a)
        order._create_invoices(final=True).action_post()
        self.Run._run()
        self.assertRevenue(100.0, campaign=self.campaign_a)

    # ------------------------------------------------------------------ the native traps

    def test_one_invoice_of_two_campaigns_splits_rightly(self):
        """Odoo's own figure gives 200 to the campaign of the first order and 0 to the other."""
        other = self.env["res.partner"].create({"name": "Somebody"})
        self._create_touch(-1, self.campaign_a)
        first = self._create_order(100.0, campaign_id=self.campaign_a.id)
        second = self._create_order(100.0, days=10, campaign_id=self.campaign_b.id)
        self._create_touch(9, self.campaign_b)
        self._create_touch(-1, self.campaign_b, partner=other)
        invoice = self._invoice(first | second, days=11)
        self.assertEqual(len(invoice), 1)
        self.Run._run()
        self.assertRevenue(100.0, model=self.last, campaign=self.campaign_a)
        self.assertRevenue(100.0, model=self.last, campaign=self.campaign_b)
        native = sorted((self.campaign_a | self.campaign_b).mapped("invoiced_amount"))
        self.assertEqual(native, [0, 200])

    def test_a_vendor_bill_with_a_campaign_is_no_negative_revenue(self):
        """Odoo's own figure falls to 70 when a bill of 30 carries the campaign."""
        self._create_touch(-1)
        self._invoice(self._create_order(100.0, campaign_id=self.campaign_a.id))
        self._create_bill(30.0, {self.campaign_a: 100}, campaign_id=self.campaign_a.id)
        self.Run._run()
        self.assertRevenue(100.0, campaign=self.campaign_a)
        self.assertRevenue(30.0, campaign=self.campaign_a, measure="cost_actual")
        self.assertEqual(self.campaign_a.invoiced_amount, 70)

    def test_cents_are_kept(self):
        """Odoo's own figure is an integer."""
        self._create_touch(-1)
        self._invoice(self._create_order(10.49, campaign_id=self.campaign_a.id))
        self.Run._run()
        self.assertRevenue(10.49, campaign=self.campaign_a)
        self.assertEqual(self.campaign_a.invoiced_amount, 10)

    def test_companies_with_different_currencies_are_converted_at_the_date(self):
        """100 of the other company at 2.0 on the day of the invoice is 50 of ours.

        Odoo's own figure adds the 100 as they are.
        """
        other = self._create_foreign_company()
        self._create_touch(-1)
        self._create_foreign_invoice(other)
        self.Run._run()
        report = self.Report.with_context(allowed_company_ids=[self.company.id, other.id])
        [(amount,)] = report._read_group(
            [("campaign_id", "=", self.campaign_a.id)], [], ["revenue_invoiced:sum"]
        )
        self.assertAlmostEqual(amount, 50.0)
        self.campaign_a.invalidate_recordset(["invoiced_amount"])
        self.assertEqual(self.campaign_a.invoiced_amount, 100)
