from ast import literal_eval
from datetime import date, timedelta
from unittest.mock import patch

import openpyxl
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError

from ..models.marketing_report_job import ExportCancelledError
from .common import NOON
from .test_marketing_report import ReportCommon


class TestMarketingReportJob(ReportCommon):
    """Reports in the background: progress, delivery, cancelling, death of the process."""

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("roi_dashboard.ir_cron_marketing_report_export").method_direct_trigger()

    def test_a_report_arrives_in_the_inbox(self):
        export = self._export(user=self.marketer)
        export.action_queue()
        self.assertEqual((export.state, export.is_begun), ("queued", False))
        self._run_job()
        export.invalidate_recordset()
        self.assertEqual((export.state, export.progress_percent), ("done", 100))
        # sudo: messages are searched by their readers only
        message = (
            self.env["mail.message"]
            .sudo()
            .search([("model", "=", export._name), ("res_id", "=", export.id)])
        )
        self.assertEqual(message.notified_partner_ids, self.marketer.partner_id)
        self.assertEqual(message.attachment_ids, export.sudo().attachment_id)

    @freeze_time("2026-03-31")
    def test_the_period_at_first(self):
        """From the menu the last twelve months; a screen says its own, or that there is none."""
        menu = self.env.ref("roi_dashboard.marketing_report_export_action_new")
        exports = self.env["marketing.report.export"].with_user(self.marketer)
        exports = exports.with_context(**literal_eval(menu.context))
        dates = exports.default_get(["date_from", "date_to"])
        self.assertEqual((dates["date_from"], dates["date_to"]), (date(2025, 4, 1), date.today()))
        asked = exports.with_context(default_date_from=False, default_date_to=False)
        self.assertFalse(asked.default_get(["date_from", "date_to"]).get("date_from"))

    def test_large_reports_are_not_waited_for(self):
        export = self._export(user=self.marketer)
        with patch("odoo.addons.roi_dashboard.models.marketing_report_export.AT_ONCE", new=1):
            self.assertEqual(export.action_get()["res_model"], export._name)
        self.assertEqual(export.state, "queued")
        with self.assertRaises(UserError):
            export.unlink()

    def test_a_cancelled_report_is_not_made(self):
        export = self._export(user=self.marketer)
        export.action_queue()
        export.action_cancel()
        self._run_job()
        self.assertEqual(export.state, "cancelled")
        self.assertFalse(export.attachment_id)

    def test_a_report_being_made_stops_when_cancelled(self):
        export = self._export("rows", user=self.marketer)
        export.action_queue()
        made = []

        def make(job, report_progress=None):
            job.progress_id.is_cancelled = True
            job.env.flush_all()
            report_progress(1, 10)
            made.append(job)

        with patch.object(self.env.registry["marketing.report.export"], "_make", make):
            self._run_job()
        export.invalidate_recordset()
        self.assertEqual((export.state, made), ("cancelled", []))

    def test_progress_is_seen_meanwhile(self):
        export = self._export("rows", user=self.marketer)
        export.action_queue()
        with self.enter_registry_test_mode():
            export.sudo()._begin()
            export.sudo()._make_reporter()(1, 4)
        self.env.invalidate_all()
        self.assertEqual((export.is_begun, export.progress_percent), (True, 25))

    def test_a_killed_process_leaves_the_report_to_the_next(self):
        """A process that dies rolls back all but its attempt: the report still waits."""
        export = self._export("rows", user=self.marketer)
        export.action_queue()
        with self.enter_registry_test_mode():
            export.sudo()._begin()
        self._run_job()
        export.invalidate_recordset()
        self.assertEqual(export.state, "done")
        self.assertEqual(export.sudo().progress_id.attempts, 2)

    def test_what_always_kills_is_given_up(self):
        export = self._export("rows", user=self.marketer)
        export.action_queue()
        export.sudo().progress_id.attempts = 3
        self._run_job()
        export.invalidate_recordset()
        self.assertEqual(export.state, "failed")
        self.assertIn("interrupted", export.problem)

    def test_a_failing_report_does_not_hold_up_the_others(self):
        first, second = self._export("rows"), self._export("rows", user=self.marketer)
        (first | second).sudo()._enqueue()
        make = type(first)._make

        def make_second(job, report_progress=None):
            if job == first:
                raise ZeroDivisionError
            return make(job, report_progress)

        with (
            patch.object(self.env.registry["marketing.report.export"], "_make", make_second),
            self.assertLogs("odoo.addons.roi_dashboard", "ERROR"),
        ):
            self._run_job()
        (first | second).invalidate_recordset()
        self.assertEqual((first.state, second.state), ("failed", "done"))
        self.assertNotIn("ZeroDivision", first.problem)

    def test_cancelling_is_an_exception_of_its_own(self):
        self.assertFalse(issubclass(ExportCancelledError, UserError))


class TestMarketingReportSchedule(ReportCommon):
    """Reports that are mailed when a period is over."""

    def _schedule(self, users, **values):
        return (
            self.env["marketing.report.schedule"]
            .with_user(self.marketer)
            .create(
                {
                    "name": "Monthly",
                    "kind": "workbook",
                    "user_ids": [(6, 0, users.ids)],
                    "company_id": self.company.id,
                    **values,
                }
            )
        )

    def test_each_recipient_gets_the_figures_of_the_own_role(self):
        schedule = self._schedule(self.marketer | self.finance)
        schedule.sudo().date_next = "2026-04-03"
        with (
            self.enter_registry_test_mode(),
            patch("odoo.fields.Date.context_today", return_value=NOON.date() + timedelta(days=40)),
        ):
            self.env.ref("roi_dashboard.ir_cron_marketing_report_schedule").method_direct_trigger()
            self.env.ref("roi_dashboard.ir_cron_marketing_report_export").method_direct_trigger()
        exports = schedule.sudo().export_ids
        self.assertEqual(exports.mapped("state"), ["done", "done"])
        self.assertEqual(exports.mapped("date_from"), [NOON.date(), NOON.date()])
        headers = {
            export.user_id: {
                cell.value for cell in openpyxl.load_workbook(self._content(export))["Campaigns"][4]
            }
            for export in exports
        }
        self.assertIn("Gross Margin", headers[self.finance])
        self.assertNotIn("Gross Margin", headers[self.marketer])
        # sudo: mails with the files of others
        mails = self.env["mail.mail"].sudo().search([("model", "=", exports._name)])
        self.assertEqual(len(mails), 2)
        for mail in mails:
            export = exports.filtered(lambda export, mail=mail: export.id == mail.res_id)
            self.assertEqual(mail.recipient_ids, export.user_id.partner_id)
            self.assertEqual(mail.attachment_ids, export.attachment_id)
        self.assertEqual(str(schedule.date_next), "2026-05-04")

    def test_a_salesperson_is_no_recipient(self):
        with self.assertRaises(ValidationError):
            self._schedule(self.salesman)

    def test_who_lost_the_role_is_left_out(self):
        schedule = self._schedule(self.marketer | self.finance)
        # sudo: the administrator takes the role
        self.finance.sudo().group_ids -= self.env.ref(
            "marketing_campaign_ext.group_campaign_finance"
        )
        schedule.action_send_now()
        self.assertEqual(schedule.sudo().export_ids.user_id, self.marketer)

    def test_finance_reads_schedules_and_changes_none(self):
        schedule = self._schedule(self.marketer)
        self.assertTrue(schedule.with_user(self.finance).name)
        with self.assertRaises(AccessError):
            schedule.with_user(self.finance).write({"name": "Mine"})
        with self.assertRaises(AccessError):
            schedule.with_user(self.salesman).read(["name"])
