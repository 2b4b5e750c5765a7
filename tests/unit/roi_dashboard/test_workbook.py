"""The workbook writer: what is written is what a spreadsheet reads."""

import io
import subprocess
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from odoo.addons.roi_dashboard.tools.workbook import (
    Chart,
    Column,
    Style,
    Table,
    WorkbookWriter,
    sheet_names,
)

COLUMNS = [
    Column("label", "Campaign"),
    Column("date", "Date", "date"),
    Column("cost", "Cost", "money"),
    Column("leads", "Leads", "integer"),
    Column("unit", "Cost per Lead", "money", ratio=("cost", "leads"), needs=("cost",)),
]


def write(rows, columns=COLUMNS, row_count=None, **values):
    target = io.BytesIO()
    table = Table(
        "campaigns",
        "Campaigns",
        "Heading",
        "Subtitle",
        columns,
        rows,
        len(rows) if row_count is None else row_count,
        totals={"cost": sum(row["cost"] for row in rows), "leads": 4.0},
        total_label="Total",
        charts=[Chart("Cost", ("cost",), "bar")],
        **values,
    )
    writer = WorkbookWriter(target, Style(), [table])
    try:
        writer.write_table(table)
    finally:
        writer.close()
    return target


def read(target, **options):
    target.seek(0)
    return openpyxl.load_workbook(target, **options)["Campaigns"]


ROWS = [
    {"label": "=1+1", "date": date(2026, 3, 1), "cost": 100.0, "leads": 4.0},
    {"label": "B", "date": None, "cost": 0.0, "leads": 0.0},
]


def test_texts_stay_texts():
    cell = read(write(ROWS))["A5"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_totals_and_ratios_are_live():
    sheet = read(write(ROWS))
    assert sheet["C7"].value == "=SUM(C5:C6)"
    assert sheet["E5"].value == '=IF(OR((D5)=0,C5=0),"—",(C5)/(D5))'


def test_what_is_shown_before_recalculating_is_right():
    sheet = read(write(ROWS), data_only=True)
    assert [sheet[f"E{row}"].value for row in (5, 6, 7)] == [25, "—", 25]
    assert sheet["C7"].value == 100


def test_an_empty_table_adds_up_to_zero():
    sheet = read(write([]))
    assert sheet["C5"].value == "=0"


def test_a_missing_row_is_noticed():
    with pytest.raises(ValueError, match="Campaigns: 2 rows, not 3"):
        write(ROWS, row_count=3)


def test_sheet_names_are_unique_without_regard_to_case():
    names = sheet_names(["成本明细" * 10, "成本明细" * 10, "A", "a"])
    assert len({name.lower() for name in names}) == 4
    assert max(map(len, names)) <= 31


# A writer in a process of its own: so many rows, and the most memory it ever took.
MEASURE = """
import resource, sys, tempfile

sys.path.insert(0, sys.argv[2])
from tools.workbook import Column, Style, Table, WorkbookWriter

rows = int(sys.argv[1])
columns = [Column("label", "L"), *(Column(f"c{n}", f"C{n}", "money") for n in range(15))]
one = {"label": "A campaign with a name"} | {f"c{n}": n + 0.25 for n in range(15)}
with tempfile.TemporaryFile() as target:
    table = Table("t", "T", "H", "S", columns, (one for _ in range(rows)), rows)
    writer = WorkbookWriter(target, Style(), [table])
    writer.write_table(table)
    writer.close()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_the_length_of_a_sheet_costs_no_memory():
    """Twenty times the rows, in a process of its own each."""
    addon = Path(__file__).parents[3] / "addons" / "roi_dashboard"

    def peak_megabytes(rows):
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, str(rows), str(addon)],
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        return int(done.stdout) / 1024

    assert peak_megabytes(20_000) - peak_megabytes(1_000) < 25
