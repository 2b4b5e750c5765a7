"""Sheets of figures as an XLSX workbook: formatted, with live formulas and charts of its own.

Rows are written once, from top to bottom, and forgotten: the memory a sheet takes does not depend
on its length. Knows numbers, texts and formulas; what they mean is said by who calls it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import xlsxwriter
from xlsxwriter.utility import quote_sheetname, xl_col_to_name, xl_rowcol_to_cell

from .formulas import UNKNOWN, ratio_formula, ratio_value

PRINTED_COLUMNS = 14  # more than these are not squeezed onto one page
HEADER_ROW = 3
FIRST_ROW = HEADER_ROW + 1
BRAND, PAPER, LINE = "#714B67", "#F3EFF2", "#B8A9B4"
SUMMED = ("money", "number", "integer")


@dataclass(frozen=True)
class Column:
    """A column: a text, a date, a measure that is summed, or a ratio of measures."""

    key: str
    label: str
    kind: str = "text"  # text, date, integer, number, money, percent
    width: float = 14
    ratio: tuple[str, str] | None = None
    needs: tuple[str, ...] = ()
    is_support: bool = False  # only there because a ratio needs it: folded away
    note: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart of some columns of a table over its first column."""

    title: str
    keys: tuple[str, ...]
    kind: str = "column"
    max_rows: int = 15


@dataclass
class Table:
    """One sheet: a heading, a table, its totals, a chart."""

    key: str
    title: str
    heading: str
    subtitle: str
    columns: list[Column]
    rows: Iterable[Mapping]
    row_count: int
    totals: Mapping[str, float] | None = None
    total_label: str = ""
    note: str = ""
    charts: list[Chart] = field(default_factory=list)

    def total_row(self) -> int:
        return FIRST_ROW + self.row_count

    def column_index(self, key: str) -> int:
        return next(index for index, column in enumerate(self.columns) if column.key == key)


@dataclass(frozen=True)
class Style:
    """How the workbook looks: fonts of the language, formats of the currency."""

    font: str = "Arial"
    money: str = "#,##0.00"
    date: str = "yyyy-mm-dd"
    title: str = ""
    author: str = ""


def sheet_names(titles: Iterable[str]) -> list[str]:
    """Names Excel accepts: 31 characters, without its special ones, each once.

    >>> sheet_names(["Cost/Ledger", "cost ledger", "'x'", ""])
    ['Cost Ledger', 'cost ledger 2', 'x', 'Sheet']
    """
    names, taken = [], set()
    for title in titles:
        base = re.sub(r"[\[\]:*?/\\\x00-\x1f]+", " ", title).strip().strip("'").strip() or "Sheet"
        name, number = base[:31], 1
        while name.lower() in taken:
            number += 1
            name = f"{base[: 31 - len(str(number)) - 1]} {number}"
        taken.add(name.lower())
        names.append(name)
    return names


class WorkbookWriter:
    """Writes tables into one workbook; cells of other sheets are known before they are written."""

    def __init__(self, target, style: Style, tables: list[Table]):
        self.style = style
        self.book = xlsxwriter.Workbook(
            target, {"constant_memory": True, "strings_to_formulas": False}
        )
        self.book.set_calc_mode("auto")
        self.book.set_properties({"title": style.title, "author": style.author})
        self.tables = {table.key: table for table in tables}
        names = sheet_names(table.title for table in tables)
        self.names = dict(zip(self.tables, names, strict=True))
        self.sheets = {key: self.book.add_worksheet(name) for key, name in self.names.items()}
        self._formats = {}

    def close(self):
        self.book.close()

    def total_cell(self, table_key: str, column_key: str) -> str:
        """Address of a total, from any sheet."""
        table = self.tables[table_key]
        cell = xl_rowcol_to_cell(
            table.total_row(), table.column_index(column_key), row_abs=True, col_abs=True
        )
        return f"{quote_sheetname(self.names[table_key])}!{cell}"

    def format(self, kind="text", **extra):
        """Formats are shared: Excel refuses workbooks with too many of them."""
        key = (kind, *sorted(extra.items()))
        if key not in self._formats:
            number = {
                "money": self.style.money,
                "integer": "#,##0",
                "number": "#,##0.00",
                "percent": "0.0%",
                "date": self.style.date,
            }.get(kind)
            look = {"font_name": self.style.font, "font_size": 10, "valign": "vcenter"}
            if number:
                look |= {"num_format": number, "align": "right"}
            if kind == "date":
                look["align"] = "left"
            self._formats[key] = self.book.add_format(look | extra)
        return self._formats[key]

    # ------------------------------------------------------------------ a sheet

    def open_sheet(self, table: Table):
        """Columns, headings, frozen panes and how it prints."""
        sheet = self.sheets[table.key]
        for index, column in enumerate(table.columns):
            options = {"level": 1, "hidden": True} if column.is_support else {}
            sheet.set_column(index, index, column.width, None, options)
        sheet.hide_gridlines(2)
        sheet.set_row(0, 26)
        sheet.write_string(
            0, 0, table.heading, self.format(bold=True, font_size=16, font_color=BRAND)
        )
        sheet.write_string(1, 0, table.subtitle, self.format(font_color="#666666"))
        sheet.set_row(HEADER_ROW, 32)
        look = {"bold": True, "font_color": "#FFFFFF", "bg_color": BRAND, "text_wrap": True}
        for index, column in enumerate(table.columns):
            align = "left" if column.kind in ("text", "date") else "right"
            sheet.write_string(HEADER_ROW, index, column.label, self.format(align=align, **look))
        sheet.freeze_panes(FIRST_ROW, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        if sum(not column.is_support for column in table.columns) <= PRINTED_COLUMNS:
            sheet.fit_to_pages(1, 0)
        else:
            sheet.set_print_scale(70)
            sheet.repeat_columns(0)
        sheet.repeat_rows(HEADER_ROW)
        sheet.set_footer("&L&8&F&R&8&P / &N")
        return sheet

    def write_table(self, table: Table, report: Callable[[int], None] | None = None):
        sheet = self.open_sheet(table)
        row_number = FIRST_ROW
        for row in table.rows:
            self._write_row(sheet, table, row_number, row)
            row_number += 1
            if report and row_number % 1000 == 0:
                report(row_number - FIRST_ROW)
        if row_number - FIRST_ROW != table.row_count:
            raise ValueError(f"{table.title}: {row_number - FIRST_ROW} rows, not {table.row_count}")
        if table.row_count:
            sheet.autofilter(HEADER_ROW, 0, row_number - 1, len(table.columns) - 1)
        if table.totals is not None:
            self._write_totals(sheet, table)
            row_number += 1
        if table.note:
            sheet.write_string(
                row_number + 1, 0, table.note, self.format(italic=True, font_color="#666666")
            )
            row_number += 2
        for chart in table.charts:
            self.insert_chart(sheet, table, chart, row_number + 1)
            row_number += 19

    def _write_row(self, sheet, table, row_number, row):
        cells = None
        for index, column in enumerate(table.columns):
            look = self.format(column.kind)
            if column.ratio:
                cells = cells or self._cells(table, row_number)
                self.write_ratio(sheet, row_number, index, column, cells, row, look)
            else:
                self.write_value(sheet, row_number, index, row.get(column.key), look)

    def _write_totals(self, sheet, table):
        total = table.total_row()
        bold = {"bold": True, "bg_color": PAPER, "top": 1, "top_color": LINE}
        cells = self._cells(table, total)
        for index, column in enumerate(table.columns):
            look = self.format(column.kind, **bold)
            if index == 0:
                sheet.write_string(total, 0, table.total_label, self.format(**bold))
            elif column.ratio:
                self.write_ratio(sheet, total, index, column, cells, table.totals, look)
            elif column.kind in SUMMED and column.key in table.totals:
                letter = xl_col_to_name(index)
                formula = f"=SUM({letter}{FIRST_ROW + 1}:{letter}{total})"
                if not table.row_count:
                    formula = "=0"
                sheet.write_formula(total, index, formula, look, table.totals[column.key])
            else:
                sheet.write_blank(total, index, None, look)

    def _cells(self, table, row_number):
        return {
            column.key: xl_rowcol_to_cell(row_number, index)
            for index, column in enumerate(table.columns)
        }

    # ------------------------------------------------------------------ cells

    def write_ratio(self, sheet, row, index, column, cells, sums, look):
        value = ratio_value(column.ratio, sums, column.needs)
        formula = ratio_formula(column.ratio, cells, column.needs)
        self.write_formula(sheet, row, index, formula, look, value)

    def write_formula(self, sheet, row, index, formula, look, value):
        sheet.write_formula(row, index, formula, look, UNKNOWN if value is None else value)

    def write_value(self, sheet, row, index, value, look):
        """Texts stay texts, whatever they begin with."""
        if value is None or value is False:
            sheet.write_blank(row, index, None, look)
        elif isinstance(value, date):
            sheet.write_datetime(row, index, value, look)
        elif isinstance(value, str):
            sheet.write_string(row, index, value, look)
        else:
            sheet.write_number(row, index, float(value), look)

    # ------------------------------------------------------------------ charts

    def insert_chart(self, sheet, table, chart, row):
        """A chart of a table, on its own sheet or another."""
        count = min(table.row_count, chart.max_rows)
        if not count:
            return
        drawing = self.book.add_chart({"type": chart.kind})
        name = self.names[table.key]
        font = {"name": self.style.font, "size": 9}
        colors = ("#714B67", "#017E84", "#E4A900", "#5B8A72")
        last = FIRST_ROW + count - 1
        for key, color in zip(chart.keys, colors, strict=False):
            index = table.column_index(key)
            drawing.add_series(
                {
                    "name": [name, HEADER_ROW, index],
                    "categories": [name, FIRST_ROW, 0, last, 0],
                    "values": [name, FIRST_ROW, index, last, index],
                    "fill": {"color": color},
                    "line": {"color": color},
                }
            )
        drawing.set_title({"name": chart.title, "name_font": font | {"size": 11, "bold": True}})
        along = {"num_font": font, "reverse": chart.kind == "bar"}
        values = {"num_font": font, "major_gridlines": {"visible": True}, "num_format": "#,##0"}
        # Bars lie: their categories run along the vertical axis.
        x_axis, y_axis = (values, along) if chart.kind == "bar" else (along, values)
        drawing.set_x_axis(x_axis)
        drawing.set_y_axis(y_axis)
        if len(chart.keys) > 1:
            drawing.set_legend({"position": "bottom", "font": font})
        else:
            drawing.set_legend({"none": True})
        drawing.show_hidden_data()
        drawing.set_size({"width": 900, "height": 340})
        sheet.insert_chart(row, 0, drawing, {"x_offset": 4, "y_offset": 4})
