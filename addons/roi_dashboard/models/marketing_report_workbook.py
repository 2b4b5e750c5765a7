from odoo import api, fields, models
from odoo.tools.misc import format_date

from ..tools.formulas import spell
from ..tools.workbook import Chart, Column, Style, Table, WorkbookWriter
from .marketing_report_figures import MAIN_MEASURES

CHINESE_FONTS = {"zh_CN": "Microsoft YaHei", "zh_TW": "Microsoft JhengHei"}
LEDGER = (
    "date",
    "campaign_id",
    "cost_category_id",
    "partner_id",
    "name",
    "cost_planned",
    "cost_committed",
    "cost_draft",
    "cost_booked",
    "cost_accrued",
    "cost_actual",
)
ROWS = (
    "date",
    "fact",
    "name",
    "campaign_id",
    "programme_id",
    "type_id",
    "medium_id",
    "source_id",
    "partner_id",
    "team_id",
    "country_id",
    "company_id",
    "cost_planned",
    "cost_committed",
    "cost_actual",
    "revenue_ordered",
    "revenue_invoiced",
    "revenue_collected",
    "revenue_margin",
    "pipeline_weighted",
    "touch_count",
    "lead_count",
    "opportunity_count",
    "conversion_count",
    "new_customer_count",
)
WIDTHS = {"date": 11, "name": 30, "campaign_id": 30, "partner_id": 26, "cost_category_id": 22}


class MarketingReportWorkbook(models.AbstractModel):
    """The workbook of an export: which sheets, which columns, from which figures.

    Every total is a SUM over the rows above it and every ratio a formula over the sums beside it;
    the overview only points at totals of the other sheets.
    """

    _name = "marketing.report.workbook"
    _description = "Marketing Workbook"

    @api.model
    def _write(self, export, target, report_progress):
        """Write the workbook of an export to a file; return the number of rows of documents."""
        tables = self._get_tables(export)
        writer = WorkbookWriter(target, self._get_style(export), [self._overview(export), *tables])
        streamed = [table for table in tables if table.key in ("ledger", "rows")]
        row_count = sum(table.row_count for table in streamed)
        done = 0
        try:
            self._write_overview(writer, export)
            for table in tables:
                writer.write_table(
                    table, lambda count, base=done: report_progress(base + count, row_count)
                )
                done += table.row_count if table in streamed else 0
        finally:
            writer.close()
        return row_count

    def _get_style(self, export):
        currency = self.env.company.currency_id
        zeros = "." + "0" * currency.decimal_places if currency.decimal_places else ""
        money = f"#,##0{zeros}"
        symbol = currency.symbol.replace('"', "")
        pattern = f'"{symbol}"{money}' if currency.position == "before" else f'{money} "{symbol}"'
        return Style(
            font=CHINESE_FONTS.get(self.env.lang, "Arial"),
            money=f"{pattern};[Red]-{pattern}",
            title=export._get_title(),
            author=self.env.user.name,
        )

    # ------------------------------------------------------------------ tables

    def _get_tables(self, export):
        months = self._measure_table(
            export, "months", self.env._("Months"), "date:month", self.env._("Month")
        )
        months.charts = [
            Chart(self.env._("Cost and revenue by month"), self._money_pair(), max_rows=36)
        ]
        campaigns = self._measure_table(
            export, "campaigns", self.env._("Campaigns"), "campaign_id", self.env._("Campaign")
        )
        campaigns.charts = [
            Chart(self.env._("Cost and revenue by campaign"), self._money_pair(), "bar")
        ]
        tables = [campaigns, self._channel_table(export), months, self._funnel_table(export)]
        tables.append(
            self._document_table(
                export, "ledger", self.env._("Cost Ledger"), LEDGER, [("fact", "=", "cost")]
            )
        )
        if export.has_rows:
            tables.append(self._document_table(export, "rows", self.env._("Rows"), ROWS, []))
        tables.append(self._definition_table(export))
        return tables

    def _money_pair(self):
        return ("cost_actual", "revenue_invoiced")

    def _make_table(self, export, key, title, columns, rows, **values):
        return Table(
            key=key,
            title=title,
            heading=f"{export._get_title()} · {title}",
            subtitle=export._get_subtitle(),
            columns=columns,
            rows=rows,
            total_label=self.env._("Total"),
            row_count=values.pop("row_count") if "row_count" in values else len(rows),
            **values,
        )

    def _measure_table(self, export, key, title, groupby, label):
        """All measures and ratios by one dimension, the most expensive first; months in order."""
        groups = self.env["marketing.report.figures"]._get_sums(export._get_domain(), [groupby])
        is_month = groupby.endswith(":month")
        if is_month:
            groups.sort(key=lambda group: group[0][0] or fields.Date.to_date("1900-01-01"))
        else:
            groups.sort(key=lambda group: (-group[1]["cost_actual"], -group[1]["revenue_invoiced"]))
        rows = [{"label": self._get_key_label(keys[0], is_month), **sums} for keys, sums in groups]
        return self._make_table(
            export,
            key,
            title,
            [Column("label", label, width=34 if not is_month else 16), *self._measure_columns()],
            rows,
            totals=self._add_up(rows),
        )

    def _get_key_label(self, value, is_month=False):
        if is_month:
            return format_date(self.env, value, date_format="yyyy-MM") if value else "—"
        # sudo: the name of what a readable row is about, as lists show it
        return value.sudo().display_name if value else self.env._("Without")

    def _measure_columns(self):
        figures = self.env["marketing.report.figures"]
        usual = figures._get_measures()
        support = set(usual) - set(MAIN_MEASURES)
        measures = [
            Column(
                name,
                figures._get_label(name),
                figures._get_kind(name),
                is_support=name in support,
                note=figures._get_help(name),
            )
            for name in usual
        ]
        ratios = [
            Column(
                name,
                figures._get_label(name),
                figures._get_kind(name),
                ratio=ratio,
                needs=figures._get_needs(name),
                note=figures._get_help(name),
            )
            for name, ratio in [
                *figures._get_ratios().items(),
                *figures._get_lifetime_ratios().items(),
            ]
        ]
        return [
            *(column for column in measures if not column.is_support),
            *ratios,
            *(column for column in measures if column.is_support),
        ]

    def _add_up(self, rows):
        names = self.env["marketing.report.figures"]._get_measures()
        return {name: sum(row[name] for row in rows) for name in names}

    def _channel_table(self, export):
        """Channels under the model of the export and, beside it, the one to compare with."""
        title = self.env._("Channels")
        table = self._measure_table(export, "channels", title, "medium_id", self.env._("Channel"))
        table.note = self.env._(
            "Costs are booked on campaigns, not on channels; they stand in the row without channel."
        )
        keys = ["revenue_invoiced"]
        other = export.compare_model_id
        if other and other != export._get_model():
            name = "compared_revenue"
            compared = {
                self._get_key_label(keys[0]): sums["revenue_invoiced"]
                for keys, sums in self.env["marketing.report.figures"]._get_sums(
                    export._get_domain(model=other), ["medium_id"], ["revenue_invoiced"]
                )
            }
            label = self.env._("Invoiced Revenue, %(model)s", model=other.name)
            table.columns.insert(1, Column(name, label, "money"))
            known = {row["label"] for row in table.rows}
            empty = dict.fromkeys(table.totals, 0.0)
            table.rows += [empty | {"label": label} for label in compared if label not in known]
            for row in table.rows:
                row[name] = compared.get(row["label"], 0.0)
            table.row_count = len(table.rows)
            table.totals = table.totals | {name: sum(row[name] for row in table.rows)}
            keys.append(name)
        table.charts = [Chart(self.env._("Revenue by channel"), tuple(keys), "bar")]
        return table

    def _funnel_table(self, export):
        """How many reached each step, what share of the step before, and what one costs."""
        figures = self.env["marketing.report.figures"]
        total = figures._get_total(export._get_domain())
        rows, before = [], 0.0
        for name in figures._get_funnel_measures():
            rows.append(
                {
                    "label": figures._get_label(name),
                    "count": total[name],
                    "before": before,
                    "cost": total["cost_actual"],
                }
            )
            before = total[name]
        columns = [
            Column("label", self.env._("Step"), width=34),
            Column("count", self.env._("Reached"), "integer"),
            Column("before", self.env._("Step Before"), "integer"),
            Column(
                "rate",
                self.env._("Share of the Step Before"),
                "percent",
                18,
                ratio=("count", "before"),
            ),
            Column("cost", figures._get_label("cost_actual"), "money"),
            Column(
                "unit_cost",
                self.env._("Cost of One"),
                "money",
                ratio=("cost", "count"),
                needs=("cost",),
            ),
        ]
        table = self._make_table(export, "funnel", self.env._("Funnel"), columns, rows)
        table.charts = [Chart(self.env._("Funnel"), ("count",), "bar")]
        table.note = self.env._(
            "Each step counts what happened in the period, whenever the step before happened."
        )
        return table

    def _document_table(self, export, key, title, names, extra):
        """Documents, read while they are written: their number does not cost memory."""
        report = self.env["marketing.roi.report"]
        names = [name for name in names if report._has_field_access(report._fields[name], "read")]
        domain = [*export._get_domain(), *extra]
        figures = self.env["marketing.report.figures"]
        columns = [
            Column(
                name,
                figures._get_label(name),
                self._get_column_kind(name),
                width=WIDTHS.get(name, 14),
            )
            for name in names
        ]
        measures = [column.key for column in columns if column.kind not in ("text", "date")]
        totals = figures._get_total(domain, measures)
        stream = self.env["marketing.report.stream"]._iterate(domain, names)
        return self._make_table(
            export,
            key,
            title,
            columns,
            (dict(zip(names, values, strict=True)) for values in stream),
            totals=totals,
            row_count=report.search_count(domain),
        )

    def _get_column_kind(self, name):
        field_type = self.env["marketing.roi.report"]._fields[name].type
        if field_type in ("monetary", "float", "integer"):
            return self.env["marketing.report.figures"]._get_kind(name)
        return "date" if field_type == "date" else "text"

    def _definition_table(self, export):
        rows = [
            {"label": column.label, "text": column.note, "formula": self._describe(column)}
            for column in self._measure_columns()
        ]
        rows += [
            {"label": label, "text": text, "formula": ""}
            for label, text in export._get_notes().items()
        ]
        columns = [
            Column("label", self.env._("Term"), width=32),
            Column("text", self.env._("Meaning"), width=90),
            Column("formula", self.env._("Formula"), width=60),
        ]
        return self._make_table(export, "definitions", self.env._("Definitions"), columns, rows)

    def _describe(self, column):
        if not column.ratio:
            return ""
        label = self.env["marketing.report.figures"]._get_label
        numerator, denominator = (spell(part, label, " × ", " ") for part in column.ratio)
        return f"({numerator}) / ({denominator})"
