"""The dashboards of Odoo's Dashboards app: every cell has its figure, and it is the report's."""

from datetime import date, timedelta

import pytest

LOADER = "odoo.__WOWL_DEBUG__.root.env.services.spreadsheet_dashboard_loader"
# Every cell of a sheet that shows something: its address and its value, or its error.
READ = f"""(name) => {{
    const {{ getters }} = {LOADER}.getActiveDashboard().model;
    const cells = {{}};
    for (const position of getters.getEvaluatedCellsPositions(getters.getSheetIdByName(name))) {{
        const {{ type, value, formattedValue: text }} = getters.getEvaluatedCell(position);
        const place = String.fromCharCode(65 + position.col) + (position.row + 1);
        if (type !== "empty") {{
            cells[place] = {{ type, value, text }};
        }}
    }}
    return cells;
}}"""
MEASURES = {
    2: "cost_actual:sum",
    3: "revenue_invoiced:sum",
    4: "roi:avg",
    5: "lead_count:sum",
    6: "cost_per_lead:avg",
    7: "conversion_count:sum",
    8: "new_customer_count:sum",
    9: "cac:avg",
}
# Title, more of the domain: the review is about campaigns alone.
OVERVIEW = ("Marketing Overview", "营销总览", [])
REVIEW = ("Campaign Review", "活动复盘", [["campaign_id", "!=", False]])


def open_dashboard(person, title):
    person.page.goto(f"{person.url}/odoo/dashboards")
    person.page.click(f".o_search_panel li:has-text('{title}')")
    person.page.wait_for_function(f'() => {LOADER}.getActiveDashboard()?.status === "Loaded"')
    person.settle()


def read(person, sheet):
    """The cells of a sheet, once its figures have arrived; before that the formulas give none."""
    for _attempt in range(60):
        cost = person.page.evaluate(READ, "Data").get("B2")
        if cost and cost["type"] == "number":
            return person.page.evaluate(READ, sheet)
        person.page.wait_for_timeout(500)
    raise AssertionError("the figures do not arrive")


def last_twelve_months():
    """The default period of the sheet: the complete months before this one."""
    end = date.today().replace(day=1) - timedelta(days=1)
    start = end.replace(day=1)
    for _month in range(11):
        start = (start - timedelta(days=1)).replace(day=1)
    return start, end


@pytest.mark.parametrize("login", ["manager", "finance"])
@pytest.mark.parametrize("title, _chinese, more", [OVERVIEW, REVIEW])
def test_figures_are_those_of_the_report(open_browser, login, title, _chinese, more):
    person = open_browser(login)
    open_dashboard(person, title)
    cells = read(person, "Data")
    start, end = last_twelve_months()
    (row,) = person.call(
        "marketing.roi.report",
        "formatted_read_group",
        [["date", ">=", str(start)], ["date", "<=", str(end)], *more],
        [],
        list(MEASURES.values()),
        context={"allowed_company_ids": [person.company_id()]},
    )
    for number, measure in MEASURES.items():
        assert round(cells[f"B{number}"]["value"], 2) == round(row[measure], 2), measure
    assert row["cost_actual:sum"] > 0 and row["revenue_invoiced:sum"] > 0


@pytest.mark.parametrize("title, chinese, _more", [OVERVIEW, REVIEW])
def test_it_speaks_chinese_and_shows_no_error(open_browser, title, chinese, _more):
    person = open_browser("marketer.cn")
    open_dashboard(person, chinese)
    for sheet in ("Dashboard", "Data"):
        cells = read(person, sheet)
        assert cells
        wrong = {place: cell for place, cell in cells.items() if cell["type"] == "error"}
        assert not wrong
    shown = read(person, "Dashboard")
    heads = [shown[f"{column}32"]["text"] for column in "ABCDE"]
    assert heads == ["活动", "预算", "成本", "开票收入", "投资回报率"]
    assert shown["E33"]["text"].endswith("%"), "a return is a rate"
    charts = person.page.locator(".o-figure canvas, .o-figure .o-scorecard")
    assert charts.count() >= 9
