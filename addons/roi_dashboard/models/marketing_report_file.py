import tempfile

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from ..tools.delimited import BYTE_ORDER_MARK, lines
from .marketing_report_workbook import ROWS

EXTENSIONS = {"workbook": "xlsx", "review": "pdf", "rows": "csv"}
MIME_TYPES = {
    "workbook": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "review": "application/pdf",
    "rows": "text/csv;charset=utf-8",
}
SHEET_LIMIT = 1_000_000


class MarketingReportExport(models.Model):
    """The files of reports: a workbook, a review to print, rows."""

    _inherit = "marketing.report.export"

    def _make(self, report_progress=None):
        """Write the file as its reader would see it and attach it."""
        self.ensure_one()
        reader = self._as_reader()
        with tempfile.TemporaryFile() as target:
            make = getattr(reader, f"_make_{self.kind}")
            row_count = make(target, report_progress or (lambda done, total: None))
            target.seek(0)
            content = target.read()
        attachment = self._attach(reader._get_file_name(), content)
        # sudo: people do not write the state of reports themselves
        self.sudo().write(
            {
                "state": "done",
                "date_done": fields.Datetime.now(),
                "row_count": row_count,
                "attachment_id": attachment.id,
                "problem": False,
            }
        )

    def _attach(self, name, content):
        """The file, kept in the file store alone.

        Of what it takes for text Odoo would keep all words once more to search in, several
        times as much memory as the file: it is told afterwards that rows are text.
        """
        # sudo: the file belongs to the report, whose rule says who reads it
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": name,
                    "raw": content,
                    "mimetype": "application/x-marketing-report",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )
        attachment.mimetype = MIME_TYPES[self.kind]
        return attachment

    def _get_file_name(self):
        title = self._get_title().replace("/", "-").replace("\\", "-")
        return f"{title}.{EXTENSIONS[self.kind]}"

    def _make_workbook(self, target, report_progress):
        if self.has_rows and (count := self._count_rows()) > SHEET_LIMIT:
            raise UserError(
                self.env._(
                    "%(count)s rows do not fit on a sheet: choose a shorter period, or CSV.",
                    count=formatLang(self.env, count, digits=0),
                )
            )
        return self.env["marketing.report.workbook"]._write(self, target, report_progress)

    def _make_rows(self, target, report_progress):
        report = self.env["marketing.roi.report"]
        names = [name for name in ROWS if report._has_field_access(report._fields[name], "read")]
        label = self.env["marketing.report.figures"]._get_label
        total = self._count_rows()
        target.write(
            (BYTE_ORDER_MARK + next(iter(lines([[label(name) for name in names]])))).encode()
        )
        done = 0
        rows = self.env["marketing.report.stream"]._iterate(self._get_domain(), names)
        for done, line in enumerate(lines(rows), 1):
            target.write(line.encode())
            if done % 1000 == 0:
                report_progress(done, total)
        return done

    def _make_review(self, target, report_progress):
        # sudo: rendering needs the templates; the figures are read by the reader's own env
        content, _format = (
            self.env["ir.actions.report"]
            .sudo()
            ._render_qweb_pdf("roi_dashboard.marketing_period_review_report", self.ids)
        )
        target.write(content)
        return 0
