from .common import RoiCommon


class TestWake(RoiCommon):
    """Documents only wake the job; the job computes."""

    def setUp(self):
        super().setUp()
        self.cron = self.env.ref("roi_dashboard.ir_cron_attribution")
        self._forget()

    def _forget(self):
        self.env.cr.precommit.run()
        self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", self.cron.id)]).unlink()

    def _count_triggers(self):
        self.env.cr.precommit.run()
        return self.env["ir.cron.trigger"].sudo().search_count([("cron_id", "=", self.cron.id)])

    def test_orders_and_invoices_wake_the_job(self):
        order = self._create_order()
        self.assertEqual(self._count_triggers(), 1)
        self._forget()
        invoice = self._invoice(order)
        self.assertEqual(self._count_triggers(), 1)
        self._forget()
        invoice.button_draft()
        self.assertEqual(self._count_triggers(), 1)

    def test_touches_wake_the_job_once_per_transaction(self):
        for day in (-3, -2, -1):
            self._create_touch(day)
        self.assertEqual(self._count_triggers(), 1)

    def test_the_button_leaves_the_sums_to_the_job(self):
        """Who waits gets the figures; the sums of what was redone follow."""
        self._create_touch(-1)
        self._invoice(self._create_order())
        self.Run._run()
        model = self.env["marketing.attribution.model"]._get_default_model()
        self.assertTrue(model.has_totals)
        self._forget()
        self.Run.with_user(self.marketer).action_recompute_all()
        self.assertFalse(model.has_totals)
        self.assertEqual(self._count_triggers(), 1)
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        model.invalidate_recordset()
        self.assertTrue(model.has_totals)

    def test_vendor_bills_do_not(self):
        self._create_bill(10.0, {self.campaign_a: 100})
        self.assertEqual(self._count_triggers(), 0)
