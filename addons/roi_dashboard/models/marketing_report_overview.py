from odoo import models

from ..tools.formulas import difference, difference_formula, growth, growth_formula, ratio_value
from ..tools.workbook import FIRST_ROW, Column


class MarketingReportWorkbook(models.AbstractModel):
    """The first sheet: all figures of the period beside the period before, and the checks."""

    _inherit = "marketing.report.workbook"

    def _overview(self, export):
        columns = [
            Column("label", self.env._("Figure"), width=34),
            Column("after", self.env._("Period"), "money", 18),
            Column("before", self.env._("Period Before"), "money", 18),
            Column("change", self.env._("Change"), "money", 18),
            Column("growth", self.env._("Change in %"), "percent", 14),
            Column("note", self.env._("Meaning"), width=70),
        ]
        return self._make_table(
            export, "overview", self.env._("Overview"), columns, self._measure_columns()
        )

    def _write_overview(self, writer, export):
        """Each figure points at its total; the period before is written beside it."""
        table = writer.tables["overview"]
        sheet = writer.open_sheet(table)
        sheet.fit_to_pages(1, 1)
        total = writer.tables["campaigns"].totals
        domain = export._get_domain_before()
        before = self.env["marketing.report.figures"]._get_total(domain) if domain else None
        rows = {column.key: FIRST_ROW + number for number, column in enumerate(table.rows)}
        cells = {key: f"C{row + 1}" for key, row in rows.items()}
        for column in table.rows:
            row = rows[column.key]
            if column.is_support:
                sheet.set_row(row, None, None, {"level": 1, "hidden": True})
            look = writer.format(column.kind)
            now, then = (
                ratio_value(column.ratio, sums, column.needs) if column.ratio else sums[column.key]
                for sums in (total, before or total)
            )
            sheet.write_string(row, 0, column.label, writer.format(bold=True))
            writer.write_formula(
                sheet, row, 1, f"={writer.total_cell('campaigns', column.key)}", look, now
            )
            if before is not None:
                self._write_before(writer, sheet, row, column, cells, before, now, then, look)
            sheet.write_string(row, 5, column.note, writer.format(font_color="#666666", indent=1))
        last = self._write_checks(writer, sheet, FIRST_ROW + len(table.rows) + 1)
        months = writer.tables["months"]
        writer.insert_chart(sheet, months, months.charts[0], last + 2)

    def _write_before(self, writer, sheet, row, column, cells, before, now, then, look):
        if column.ratio:
            writer.write_ratio(sheet, row, 2, column, cells, before, look)
        else:
            writer.write_value(sheet, row, 2, then, look)
        after_cell, before_cell = f"B{row + 1}", f"C{row + 1}"
        writer.write_formula(
            sheet, row, 3, difference_formula(after_cell, before_cell), look, difference(now, then)
        )
        writer.write_formula(
            sheet,
            row,
            4,
            growth_formula(after_cell, before_cell),
            writer.format("percent"),
            growth(now, then),
        )

    def _write_checks(self, writer, sheet, row):
        """Sheets that show the same money agree; the difference is computed by the workbook."""
        sheet.write_string(
            row, 0, self.env._("Checks: differences between sheets"), writer.format(bold=True)
        )
        checks = [
            (name, key)
            for key in ("channels", "months", "ledger")
            for name in self._money_pair()
            if any(column.key == name for column in writer.tables[key].columns)
        ]
        label = self.env["marketing.report.figures"]._get_label
        for number, (name, key) in enumerate(checks, row + 1):
            text = f"{label(name)}: {writer.tables['campaigns'].title} − {writer.tables[key].title}"
            sheet.write_string(number, 0, text, writer.format())
            first, second = (writer.total_cell(table, name) for table in ("campaigns", key))
            writer.write_formula(
                sheet, number, 1, f"=ROUND({first}-{second},2)", writer.format("money"), 0.0
            )
        return row + len(checks)
