from datetime import date, timedelta

from odoo.exceptions import ValidationError

from .common import NOON, RoiCommon


class TestFreeze(RoiCommon):
    """What is frozen stays; what happens to it later is dated later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lock_date = date(2026, 3, 31)

    def _freeze(self):
        return self.env["marketing.attribution.lock"].create(
            {"company_id": self.company.id, "date": self.lock_date, "reason": "First quarter"}
        )

    def test_late_touches_do_not_change_a_frozen_conversion(self):
        touch = self._create_touch(-5)
        order = self._create_order()
        self._freeze()
        self._create_touch(-1, self.campaign_b)
        self.Run._run(full=True)
        self.assertEqual(self._weights(order, self.last), {touch: 1.0})

    def test_unfreezing_lets_late_touches_in(self):
        self._create_touch(-5)
        order = self._create_order()
        lock = self._freeze()
        late = self._create_touch(-1, self.campaign_b)
        lock.action_unfreeze()
        self.Run._run(full=True)
        self.assertEqual(self._weights(order, self.last), {late: 1.0})

    def test_what_was_sold_may_be_deleted_after_freezing(self):
        """The frozen revenue stays; what it was for is no longer known, and no report fails."""
        upper = self.env["product.category"].create({"name": "Fairs"})
        below = self.env["product.category"].create({"name": "Booths", "parent_id": upper.id})
        for delete in ("variant", "template"):
            product = self.env["product.product"].create(
                {"name": f"Booth by {delete}", "categ_id": below.id}
            )
            order = self._create_order(50.0, product=product)
            self._freeze()
            rows = self._conversion(order).revenue_ids
            self.assertEqual(rows.product_id, product)
            product.categ_id = (
                self.env.ref("product.product_category_services", False)
                or (
                    self.env["product.category"].search([("id", "not in", (upper | below).ids)])[:1]
                )
            )
            order._action_cancel()
            order.unlink()
            (product if delete == "variant" else product.product_tmpl_id).unlink()
            self.assertFalse(rows.product_id)
            self.env["marketing.attribution.lock"].search([]).action_unfreeze()
            if delete == "template":
                upper.unlink()
                self.assertFalse(rows.product_categ_id)
            self.assertTrue(rows.exists())

    def test_freezing_computes_first(self):
        touch = self._create_touch(-5)
        order = self._create_order()
        self._freeze()
        self.assertEqual(self._weights(order, self.last), {touch: 1.0})

    def test_late_refund_is_dated_on_its_day_and_on_the_frozen_shares(self):
        self._create_touch(-5)
        invoice = self._invoice(self._create_order(100.0))
        self._freeze()
        self._create_touch(-1, self.campaign_b)
        self._refund(invoice, days=45, amount=40.0)
        self.Run._run()
        quarter = [("date", "<=", self.lock_date)]
        self.assertRevenue(100.0, campaign=self.campaign_a, domain=quarter)
        self.assertRevenue(60.0, campaign=self.campaign_a)

    def test_a_document_backdated_into_the_frozen_period_counts_on_the_first_open_day(self):
        self._create_touch(-5)
        invoice = self._invoice(self._create_order(100.0))
        self._freeze()
        self._refund(invoice, days=2, amount=40.0)
        self.Run._run()
        self.assertRevenue(100.0, domain=[("date", "<=", self.lock_date)])
        first_open = [("date", "=", self.lock_date + timedelta(days=1))]
        self.assertRevenue(-40.0, campaign=self.campaign_a, domain=first_open)

    def test_an_invoice_taken_back_leaves_a_difference(self):
        self._create_touch(-5)
        invoice = self._invoice(self._create_order(100.0))
        self._freeze()
        invoice.button_draft()
        self.Run._run(full=True)
        self.assertRevenue(100.0, domain=[("date", "<=", self.lock_date)])
        self.assertRevenue(0.0)
        invoice.action_post()
        self.Run._run(full=True)
        self.assertRevenue(100.0)

    def test_an_order_confirmed_late_counts_on_the_first_open_day(self):
        self._create_touch(-5)
        self._freeze()
        order = self._create_order(100.0)
        self.Run._run()
        self.assertEqual(self._conversion(order).date_booked, self.lock_date + timedelta(days=1))
        self.assertRevenue(0.0, measure="conversion_count", domain=[("date", "<=", self.lock_date)])
        self.assertRevenue(1.0, measure="conversion_count")

    def test_a_run_after_freezing_changes_nothing(self):
        self._create_touch(-5)
        self._invoice(self._create_order(100.0))
        self._freeze()
        credits = self.env["marketing.attribution.credit"].search([]).ids
        run = self.Run._run(full=True)
        self.assertEqual(run.conversion_count, 0)
        self.assertEqual(run.revenue_count, 0)
        self.assertEqual(run.redone_count, 0)
        self.assertEqual(self.env["marketing.attribution.credit"].search([]).ids, credits)

    def test_the_future_cannot_be_frozen(self):
        with self.assertRaises(ValidationError):
            self.env["marketing.attribution.lock"].create(
                {"company_id": self.company.id, "date": NOON.date() + timedelta(days=9999)}
            )
