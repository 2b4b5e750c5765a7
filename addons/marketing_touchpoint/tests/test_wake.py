from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from .common import TouchpointCommon

CRON = "marketing_touchpoint.ir_cron_ingest"


@tagged("post_install", "-at_install")
class TestWake(TouchpointCommon, CronMixinCase):
    """Hooks only wake the job, once per transaction; the job does the work."""

    def setUp(self):
        super().setUp()
        self.env.cr.precommit.run()
        self.env["ir.cron.trigger"].search([("cron_id", "=", self.env.ref(CRON).id)]).unlink()

    def test_a_thousand_traces_wake_the_job_once(self):
        with self.capture_triggers(CRON) as captured:
            traces = self._create_trace(self.zoe) + self._create_trace(self.ada)
            traces.set_opened()
            traces.set_replied()
            self.env.cr.precommit.run()
        self.assertEqual(len(captured.records), 1)

    def test_a_pending_wake_up_is_enough(self):
        with self.capture_triggers(CRON) as captured:
            self._create_trace(self.zoe)
            self.env.cr.precommit.run()
            self._create_trace(self.ada)
            self.env.cr.precommit.run()
        self.assertEqual(len(captured.records), 1)

    def test_every_native_signal_wakes_the_job(self):
        order = self.env["sale.order"].create({"partner_id": self.ada.id})
        call = self.bob_lead.activity_schedule("mail.mail_activity_data_call")
        link = self._create_link()
        self.env.cr.precommit.run()
        signals = {
            "click": lambda: self.env["link.tracker.click"].add_click(link.code),
            "lead": lambda: self.env["crm.lead"].create({"name": "New"}),
            "lead address": lambda: self.bob_lead.write({"email_from": "b@touch.example.com"}),
            "order": order.action_confirm,
            "call": call.action_done,
            "contact": lambda: self.ada.write({"email": "a@touch.example.com"}),
            "meeting": lambda: self.env["calendar.event"].create(
                {"name": "M", "start": "2026-01-01 10:00:00", "stop": "2026-01-01 11:00:00"}
            ),
        }
        for name, signal in signals.items():
            with self.subTest(name):
                self.env["ir.cron.trigger"].search(
                    [("cron_id", "=", self.env.ref(CRON).id)]
                ).unlink()
                with self.capture_triggers(CRON) as captured:
                    signal()
                    self.env.cr.precommit.run()
                self.assertEqual(len(captured.records), 1)

    def test_a_change_that_is_no_signal_wakes_nobody(self):
        with self.capture_triggers(CRON) as captured:
            self.bob_lead.priority = "2"
            self.ada.name = "Ada Lovelace"
            self.env.cr.precommit.run()
        self.assertFalse(captured.records)

    def test_the_job_reads_everything(self):
        trace = self._create_trace(self.zoe)
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(CRON).method_direct_trigger()
        self.env.invalidate_all()
        self.assertTouches(trace, "mail_sent")
        self.assertTouches(self.bob_lead, "lead_created")
        source = self.env["marketing.touchpoint.source"].search([("code", "=", "mailing_trace")])
        self.assertTrue(source.watermark)
        self.assertFalse(source.position)

    def test_a_source_that_fails_does_not_keep_the_others_from_being_read(self):
        trace = self._create_trace(self.zoe)
        self.env.flush_all()
        model = type(self.Touch)
        read = model._ingest_batch

        def fail_on_leads(touch, spec):
            if spec.code == "lead_created":
                raise ValueError("broken source")
            return read(touch, spec)

        with (
            patch.object(model, "_ingest_batch", fail_on_leads),
            mute_logger("odoo.addons.marketing_touchpoint.models.marketing_touchpoint_ingest"),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
            self.assertRaisesRegex(ValueError, "broken source"),
        ):
            self.Touch.with_env(self.env(cr=cr))._cron_ingest()
        self.env.invalidate_all()
        self.assertTouches(trace, "mail_sent")
        self.assertFalse(self._touches(self.bob_lead))
