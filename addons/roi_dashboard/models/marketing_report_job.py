import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
KEEP_DAYS = 90
SECONDS_BETWEEN_REPORTS = 1.0


class ExportCancelledError(Exception):
    """The person no longer wants the report."""


class MarketingReportExport(models.Model):
    """Reports made in the background: one at a time per process, by as many as there are.

    A process takes a waiting report by locking its row until the file is attached. When it is
    killed, the lock goes with it and the report is taken again; after three such deaths it is
    given up. All figures of a report come from one snapshot of the database.
    """

    _inherit = "marketing.report.export"

    progress_id = fields.One2many("marketing.report.progress", "export_id")
    progress_percent = fields.Float(compute="_compute_progress")
    is_begun = fields.Boolean(compute="_compute_progress")
    is_cancelling = fields.Boolean(compute="_compute_progress")

    @api.depends("state")
    def _compute_progress(self):
        """Read anew each time: other processes write it."""
        # sudo: the readable report's own progress
        rows = {
            row["export_id"][0]: row
            for row in self.env["marketing.report.progress"]
            .sudo()
            .search_read([("export_id", "in", self.ids)])
        }
        for export in self:
            row = rows.get(export.id, {})
            total = row.get("total")
            export.is_begun = bool(row.get("attempts"))
            export.is_cancelling = row.get("is_cancelled", False)
            share = row["done"] / total if total else 0.0
            export.progress_percent = 100.0 if export.state == "done" else 100 * min(share, 1.0)

    def _enqueue(self):
        """Have the reports made by the job."""
        # sudo: people do not write the state of reports themselves, nor wake jobs
        exports = self.sudo()
        exports.write({"state": "queued", "problem": False})
        exports.progress_id.unlink()
        exports.progress_id.create([{"export_id": export.id} for export in exports])
        self.env.ref("roi_dashboard.ir_cron_marketing_report_export").sudo()._trigger()

    def action_cancel(self):
        """A report being made stops at its next step; one that waits is not begun."""
        self.ensure_one()
        self.check_access("write")
        # sudo: the progress is written by nobody else
        self.sudo().progress_id.is_cancelled = True
        if self.state == "queued":
            locked = self.sudo().try_lock_for_update(allow_referencing=True)
            locked.state = "cancelled"

    # ------------------------------------------------------------------ the job

    @api.model
    def _cron_make(self):
        """Make the waiting reports, oldest first."""
        domain = [("state", "=", "queued")]
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(domain))
        while export := self.search(domain, order="id").try_lock_for_update(
            allow_referencing=True, limit=1
        ):
            export._make_in_background()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _make_in_background(self):
        """Make one report; what goes wrong is told to the person it is for."""
        self.ensure_one()
        try:
            self._begin()
            with self.env.cr.savepoint():
                self._make(self._make_reporter())
        except ExportCancelledError:
            self.write({"state": "cancelled"})
            return
        except UserError as error:
            self.write({"state": "failed", "problem": str(error)})
        except Exception:
            # Whatever it is, other people's reports wait behind this one.
            _logger.exception("Marketing report %s could not be made", self.id)
            self.write(
                {
                    "state": "failed",
                    "problem": self.env._(
                        "An error occurred; the administrator finds it in the log."
                    ),
                }
            )
        self._deliver()

    def _begin(self):
        """Count the attempt where a rollback does not take it back."""
        row = self._write_progress(SQL("attempts = attempts + 1, done = 0"))
        if row and row[1]:
            raise ExportCancelledError
        if row and row[0] > MAX_ATTEMPTS:
            raise UserError(
                self.env._(
                    "It was interrupted %(count)s times; choose a shorter period.",
                    count=MAX_ATTEMPTS,
                )
            )

    def _make_reporter(self):
        """A function that tells how far the report is, now and then, and hears of a cancel."""
        last = 0.0

        def report(done, total):
            nonlocal last
            now = time.monotonic()
            if now - last < SECONDS_BETWEEN_REPORTS:
                return
            last = now
            row = self._write_progress(SQL("done = %s, total = %s", done, total))
            if row and row[1]:
                raise ExportCancelledError

        return report

    def _write_progress(self, values):
        """Write in a transaction of its own; return ``(attempts, is_cancelled)``."""
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    "UPDATE marketing_report_progress SET %s WHERE export_id = %s"
                    " RETURNING attempts, is_cancelled",
                    values,
                    self.id,
                )
            )
            return cr.fetchone()

    # ------------------------------------------------------------------ delivery

    def _deliver(self):
        """Into the inbox of the person; by mail when it was scheduled."""
        self.ensure_one()
        if self.schedule_id and self.state == "done":
            template = self.env.ref("roi_dashboard.mail_template_marketing_report")
            template.send_mail(
                self.id, email_values={"attachment_ids": [(4, self.attachment_id.id)]}
            )
            return
        export = self.with_context(lang=self.user_id.lang)
        if self.state == "done":
            subject = export.env._("%(report)s is ready", report=export.name)
            body = export.env._("The report you asked for is attached.")
        else:
            subject = export.env._("%(report)s could not be made", report=export.name)
            body = self.problem
        self.env["mail.thread"].message_notify(
            partner_ids=self.user_id.partner_id.ids,
            model=self._name,
            res_id=self.id,
            subject=subject,
            body=body,
            attachment_ids=self.attachment_id.ids,
        )

    @api.autovacuum
    def _gc_exports(self):
        """Files are kept for a while; the report can be made again at any time."""
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("create_date", "<", limit), ("state", "!=", "queued")]).unlink()
