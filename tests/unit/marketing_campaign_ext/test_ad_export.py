"""Every published layout of an ad export is read to the cent, or refused with its reason."""

import csv
import doctest
import io
import json
import os
import random
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketing_campaign_ext.tools import ad_export

DATA = Path(os.environ.get("SUITE_DATA") or Path(__file__).parents[4] / "shared" / "data")
FORMATS = DATA / "ad_export_formats" / "formats.json"
LAYOUTS = json.loads(FORMATS.read_text("utf-8")) if FORMATS.exists() else []
COSTS = (Decimal("1234.56"), Decimal("0.07"), Decimal("99.00"))
GIVEN_DAY = date(2026, 8, 1)

needs_layouts = pytest.mark.skipif(not LAYOUTS, reason=f"the layouts are not in {FORMATS}")


def title(layout):
    return f"{layout['platform']} {layout['report']}"


def layouts(wanted):
    return pytest.mark.parametrize(
        "layout", [layout for layout in LAYOUTS if wanted(title(layout))], ids=title
    )


def header_of(layout):
    header = layout["header"].replace("Day, then the columns above", _google_header("Day,"))
    return next(csv.reader([header]))


def _google_header(prefix):
    plain = next(x for x in LAYOUTS if x["report"] == "Campaign report (no Day segment)")
    return prefix + plain["header"]


def write_file(layout, encoding="utf-8", separator=",", day="2026-08-01"):
    """Preamble, header, three rows and a totals row, as the layout says."""
    header = header_of(layout)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    for line in layout["preamble"]:
        writer.writerow([line] + [""] * (len(header) - 1))
    writer.writerow(header)
    body = [
        [_value(name, cost, number, day) for name in header] for number, cost in enumerate(COSTS)
    ]
    total = [_value(name, sum(COSTS), "T", day) for name in header]
    if layout["totals"].startswith("line 2"):
        writer.writerow(["总计", "--", "--", "4475.35", "375", "11.93"][: len(header)])
    writer.writerows(body)
    if "Total:" in layout["totals"]:
        writer.writerow(["Total: Account", *total[1:]])
    if "empty" in layout["totals"]:
        name = header.index("Campaign name" if "Campaign name" in header else "Ad set name")
        total[name] = ""
        writer.writerow(total)
    return out.getvalue().encode(encoding)


def _value(name, cost, number, day):
    clean = ad_export.clean(name)
    if clean in ad_export.COST_NAMES or clean.startswith("amount spent"):
        return f"{cost:,.2f}"
    if clean in ("day", "日期", "时间", "reporting starts"):
        return day
    if clean == "reporting ends":
        return "2026-08-31"
    if clean in ad_export.CAMPAIGN_NAMES:
        return f"Plan {number}"
    if clean == "currency code":
        return "EUR"
    if clean in ad_export.ACCOUNT_NAMES:
        return "账户甲"
    return " --" if "rate" in clean or "conv" in clean else "12.5%"


def expected_day(layout):
    """Rows have a day of their own, or else the one day their preamble names."""
    if {"日期", "Day", '"时间"', "时间"} & set(header_of(layout)):
        return GIVEN_DAY
    return next(ad_export._find_days(" ".join(layout["preamble"])), GIVEN_DAY)


READABLE = layouts(
    lambda name: (
        "no Day" not in name
        and "other column" not in name
        and "Offline" not in name
        and "whole range" not in name
    )
)


@needs_layouts
@READABLE
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_layout_gives_its_three_costs_and_no_total(layout, encoding):
    separator = "\t" if encoding == "utf-16" else ","
    export = ad_export.read_ad_export(write_file(layout, encoding, separator), GIVEN_DAY)
    assert sum(cost.amount for cost in export.costs) == sum(COSTS)
    named = {cost.campaign for cost in export.costs if cost.campaign}
    assert named in ({"Plan 0", "Plan 1", "Plan 2"}, set())
    assert len(export.costs) == (3 if named else 1)
    assert {cost.day for cost in export.costs} == {expected_day(layout)}


@needs_layouts
@layouts(lambda name: "no Day" in name or "other column" in name)
def test_google_without_day_is_refused(layout):
    with pytest.raises(ad_export.AdExportError) as refusal:
        ad_export.read_ad_export(write_file(layout))
    assert refusal.value.code == "no_day"


@needs_layouts
@layouts(lambda name: "whole range" in name)
def test_meta_over_a_whole_range_is_refused_even_with_a_day(layout):
    with pytest.raises(ad_export.AdExportError) as refusal:
        ad_export.read_ad_export(write_file(layout), GIVEN_DAY)
    assert refusal.value.code == "range"


@needs_layouts
@layouts(lambda name: "Offline" in name)
def test_a_file_without_cost_is_refused(layout):
    with pytest.raises(ad_export.AdExportError) as refusal:
        ad_export.read_ad_export(write_file(layout), GIVEN_DAY)
    assert refusal.value.code == "no_cost"


@needs_layouts
@layouts(lambda name: name.startswith("Meta Ads Manager Ad sets"))
def test_meta_names_its_currency_in_a_column(layout):
    export = ad_export.read_ad_export(write_file(layout))
    assert {cost.currency for cost in export.costs} == {"INR"}
    assert export.platform == "Meta Ads"


@needs_layouts
@READABLE
def test_platforms_are_told_apart(layout):
    export = ad_export.read_ad_export(write_file(layout), GIVEN_DAY)
    assert layout["platform"].lower().startswith(export.platform.split()[0].lower())


@needs_layouts
@layouts(lambda name: "Sogou" in name)
def test_totals_that_come_first_are_not_counted(layout):
    export = ad_export.read_ad_export(write_file(layout), GIVEN_DAY)
    assert Decimal("4475.35") not in {cost.amount for cost in export.costs}


@needs_layouts
@READABLE
def test_columns_are_found_by_name_in_any_order(layout):
    data = write_file(layout)
    rows = list(csv.reader(io.StringIO(data.decode())))
    start = len(layout["preamble"])
    order = list(range(1, len(rows[start])))
    random.Random(7).shuffle(order)
    order = [0, *order]
    shuffled = rows[:start] + [
        [row[i] for i in order] if len(row) == len(order) else row for row in rows[start:]
    ]
    out = io.StringIO()
    csv.writer(out).writerows(shuffled)
    expected = ad_export.read_ad_export(data, GIVEN_DAY).costs
    assert ad_export.read_ad_export(out.getvalue().encode(), GIVEN_DAY).costs == expected


def test_examples_in_docstrings():
    result = doctest.testmod(ad_export)
    assert result.failed == 0
    assert result.attempted >= 8


def test_hours_of_a_day_are_added_up():
    data = "日期,小时,推广计划,消费\n20260801,0,甲,1.5\n20260801,1,甲,2.5\n20260801,1,乙,3\n"
    export = ad_export.read_ad_export(data.encode("gbk"))
    assert [(cost.campaign, cost.amount) for cost in export.costs] == [
        ("乙", Decimal("3")),
        ("甲", Decimal("4.0")),
    ]


def test_a_report_by_hour_takes_the_day_that_is_given():
    data = "时间,账户,推广计划,消耗,点击数,点击均价\n总计,--,--,3,1,3\n13:00,a,甲,3,1,3\n".encode()
    assert ad_export.read_ad_export(data, GIVEN_DAY).costs[0].day == GIVEN_DAY
    with pytest.raises(ad_export.AdExportError) as refusal:
        ad_export.read_ad_export(data)
    assert refusal.value.code == "no_day"


def test_a_preamble_over_several_days_is_refused_for_rows_without_day():
    data = "1. 时间范围：20260801-20260807\n推广计划,点击,消费\n甲,1,3\n".encode()
    with pytest.raises(ad_export.AdExportError) as refusal:
        ad_export.read_ad_export(data, GIVEN_DAY)
    assert refusal.value.code == "range"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"  \n", "empty"),
        (b"Day,Campaign,Cost\n", "no_rows"),
        (b"Day,Campaign,Cost\n2026-01-01,x,twelve\n", "bad_amount"),
        (b"Day,Campaign,Cost\nsoon,x,12\n", "bad_day"),
        (b"Day,Campaign,Cost\n2026-01-01,x\n", "short_line"),
        (b"Name,Value\nx,1\n", "no_cost"),
        (b"PK\x03\x04nonsense", "encoding"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data, code):
    with pytest.raises(ad_export.AdExportError) as refusal:
        ad_export.read_ad_export(data)
    assert refusal.value.code == code


def test_a_workbook_is_read_like_a_text_file():
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["推广计划名称", "消费", "点击"])
    book.active.append(["甲", 12.5, 3])
    out = io.BytesIO()
    book.save(out)
    export = ad_export.read_ad_export(out.getvalue(), GIVEN_DAY)
    assert [(cost.campaign, cost.amount) for cost in export.costs] == [("甲", Decimal("12.5"))]


@given(cents=st.integers(0, 10**11), mark=st.sampled_from(["", "$", "¥ ", "€"]))
def test_amounts_survive_thousands_separators(cents, mark):
    amount = Decimal(cents) / 100
    assert ad_export.parse_amount(f"{mark}{amount:,.2f}") == amount
    german = f"{amount:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    assert ad_export.parse_amount(german) == amount


@given(data=st.binary(max_size=300))
def test_no_file_breaks_the_reader(data):
    try:
        ad_export.read_ad_export(data, GIVEN_DAY)
    except ad_export.AdExportError as refusal:
        assert refusal.code
