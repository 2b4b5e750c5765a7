"""The dashboard as people use it: panels, filters, links, the way to the records, a phone, Chinese.

What is on screen is compared with what the report answers to the same person, to the cent.
"""

import json
import re
from datetime import date, timedelta
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .dashboard_screen import PATH, PERIOD, Screen

MONTH = f"from={date.today() - timedelta(days=29)}&to={date.today()}"
PANELS = ("trend", "funnel", "attention", "channels", "campaigns", "quality")


@pytest.fixture
def finance(open_browser):
    return Screen(open_browser("finance"))


def test_figures_are_those_of_the_report(finance):
    finance.open()
    domain = [
        ["date", ">=", str(date.today() - timedelta(days=364))],
        ["date", "<=", str(date.today())],
    ]
    specs = {
        "cost": "cost_actual:sum",
        "revenue": "revenue_invoiced:sum",
        "pipeline": "pipeline_amount:sum",
        "roi": "roi:avg",
        "roas": "roas:avg",
        "cac": "cac:avg",
        "ltv_cac": "ltv_cac:avg",
        "cost_per_lead": "cost_per_lead:avg",
        "cost_per_mql": "cost_per_mql:avg",
    }
    (row,) = finance.person.call(
        "marketing.roi.report",
        "formatted_read_group",
        domain,
        [],
        list(specs.values()),
        context={"allowed_company_ids": [finance.person.company_id()]},
    )
    for key, spec in specs.items():
        assert round(finance.value(key), 2) == round(row[spec], 2), key
    for name in PANELS:
        expect(finance.panel(name)).to_be_visible()
    expect(finance.page.locator(".o_roi_canvas canvas")).to_be_visible()
    assert finance.page.locator(".o_roi_stage").count() == 6


def test_a_figure_opens_the_records_it_is_the_sum_of_and_back_comes_back(finance):
    finance.open(MONTH)
    shown = finance.value("revenue")
    finance.card("revenue").click()
    assert finance.opened_sum("revenue_invoiced") == round(shown, 2)
    finance.page.go_back()
    finance.wait()
    assert finance.value("revenue") == shown

    finance.page.click(".o_roi_trend button:has-text('Table')")
    number = finance.page.locator(".o_roi_trend tbody tr:last-child .o_roi_number").last
    shown = float(number.get_attribute("data-value"))
    number.click()
    if shown:
        assert finance.opened_sum("cost_actual") == round(shown, 2)
    finance.page.click(".o_breadcrumb a:has-text('Marketing ROI'), .o_back_button")
    finance.wait()
    assert "from=" in finance.page.url, "the way back keeps the period"

    bar = finance.page.locator(".o_roi_hbar_credit:not(:disabled)").first
    shown = float(bar.get_attribute("data-value"))
    bar.click()
    assert finance.opened_sum("revenue_invoiced") == round(shown, 2)


def test_what_a_figure_should_be_is_said_explained_and_opened(finance):
    """The demo company plans revenue, leads and budgets, promises answers and knows its limits."""
    finance.open()
    for key in ("cost", "revenue", "roi", "roas", "cac", "ltv_cac", "pipeline", "response"):
        assert len(finance.target(key).get_attribute("title")) > 20, key
    for key in ("cost_per_lead", "cost_per_mql"):
        expect(finance.target(key)).to_contain_text("Target of")
        expect(finance.target(key).locator(".o_roi_bar")).to_be_visible()
    expect(finance.target("response")).to_contain_text("in time")
    expect(finance.card("response").locator("polyline").first).to_be_attached()

    budget = re.search(r"Budget ([\d.]+)K", finance.target("cost").inner_text())
    finance.target("cost").click()
    assert abs(finance.opened_sum("cost_planned") / 1000 - float(budget[1])) <= 0.05
    finance.page.go_back()
    finance.wait()
    finance.target("revenue").click()
    finance.page.click(".o_list_view .o_data_row:has-text('Invoiced Revenue') >> nth=0")
    expect(finance.page.locator(".o_form_view .nav-link:has-text('Targets')")).to_be_visible()


def test_nothing_moves_when_the_cards_come(finance):
    """While waiting there are as many places as there will be cards, and the panels stand where
    they will stand."""
    page, held = finance.page, []
    page.route(re.compile(r"/get_kpis"), lambda route: held.append(route))
    page.goto(f"{finance.person.url}{PATH}?{PERIOD}")
    page.wait_for_selector(".o_roi_cards .o_roi_skeleton")
    expect(page.locator(".o_roi_stage")).to_have_count(6)
    places = page.locator(".o_roi_cards > *").count()
    top = page.locator(".o_roi_grid").bounding_box()["y"]
    for route in held:
        route.continue_()
    finance.wait()
    assert page.locator(".o_roi_cards > *").count() == places
    note = page.locator(".o_roi_before").bounding_box()["height"] + 8
    assert abs(page.locator(".o_roi_grid").bounding_box()["y"] - top) <= note + 8


def test_a_filter_holds_everywhere_and_in_the_link(finance, open_browser):
    finance.open()
    page = finance.page
    total = finance.value("revenue")
    name = page.locator(".o_roi_ranking tbody th button").first.inner_text()
    finance.person.search("Campaign", name)
    finance.wait()
    rows = page.locator(".o_roi_ranking tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text(name)
    assert finance.value("revenue") < total
    filtered = finance.value("revenue")
    address = page.url
    assert "filter=" in address

    colleague = Screen(open_browser("manager"))
    colleague.page.goto(address)
    colleague.wait()
    expect(colleague.page.locator(".o_searchview_facet")).to_contain_text(name)
    assert colleague.value("revenue") == filtered

    page.click(".o_facet_remove")
    finance.wait()
    assert finance.value("revenue") == total
    page.go_back()
    finance.wait()
    expect(page.locator(".o_searchview_facet")).to_contain_text(name)
    assert finance.value("revenue") == filtered


def test_period_comparison_and_model_are_chosen_in_the_control_panel(finance):
    finance.open("")
    page = finance.page
    expect(page.locator(".o_roi_before")).to_be_visible()
    finance.choose(".o_roi_compare", "[data-choice=none]")
    expect(page.locator(".o_roi_before")).to_have_count(0)
    finance.choose(".o_roi_period", "[data-period=last_12_months]")
    assert "period=last_12_months" in page.url
    before = finance.value("cost")
    calls = []
    page.on("request", lambda request: calls.append(request.url.rsplit("/", 1)[-1]))
    channels = finance.panel("channels")
    channels.locator(".o_roi_model2").click()
    page.click(".o-dropdown--menu [data-choice]:not(.selected) >> nth=0")
    finance.wait()
    asked = [call for call in calls if call.startswith("get_")]
    assert asked == ["get_channels"], "only the panel whose input changed asks again"
    finance.choose(".o_roi_model", "[data-choice]:not(.selected) >> nth=0")
    assert finance.value("cost") == before, "cost does not depend on attribution"
    assert "attribution=" in page.url


def test_a_favourite_brings_back_the_period_and_the_filter(finance):
    finance.open("period=this_year")
    page = finance.page
    page.click(".o_searchview_dropdown_toggler")
    page.click(".o_filter_menu .o_menu_item:has-text('With Campaign')")
    finance.wait()
    page.click(".o_favorite_menu .o_add_favorite, .o_favorite_menu .o_accordion_toggle")
    page.fill(".o_favorite_menu input[type=text]", "My year")
    page.click(".o_favorite_menu .o_save_favorite")
    expect(page.locator(".o_searchview_facet")).to_contain_text("My year")
    finance.wait()
    finance.person.settle()  # the client forgets the views it had kept
    shown = finance.value("revenue")
    finance.open("period=last_month")
    page.click(".o_searchview_dropdown_toggler")
    page.click(".o_favorite_menu .o_menu_item:has-text('My year')")
    finance.wait()
    expect(page.locator(".o_roi_period")).to_contain_text("This Year")
    assert finance.value("revenue") == shown


def test_a_panel_that_fails_says_so_and_tries_again(finance):
    page = finance.page
    answer = {
        "jsonrpc": "2.0",
        "id": 1,
        "error": {"code": 200, "message": "Odoo", "data": {"message": "The funnel is clogged"}},
    }
    page.route("**/get_funnel*", lambda route: route.fulfill(json=answer), times=1)
    page.goto(finance.person.url + PATH)
    finance.wait()
    alert = finance.panel("funnel").locator("[role=alert]")
    expect(alert).to_contain_text("The funnel is clogged")
    assert finance.value("cost") > 0, "the others are not touched"
    alert.locator("button").click()
    expect(finance.page.locator(".o_roi_stage")).to_have_count(6)


def test_an_empty_period_and_nonsense_in_the_address(finance):
    finance.open("from=2001-01-01&to=2001-01-31")
    expect(finance.page.locator(".o_roi_period_empty")).to_be_visible()
    finance.page.click(".o_roi_period_empty button")
    finance.wait()
    assert finance.value("revenue") > 0
    finance.open("period=ages&compare=nobody&attribution=99999&filter=" + quote("[[[]]"))
    expect(finance.page.locator(".o_roi_period")).to_contain_text("Last 90 Days")


def test_a_salesperson_is_told_and_a_marketer_sees_no_margin(open_browser):
    seller = open_browser("jonas")
    seller.page.goto(seller.url + PATH)
    expect(seller.page.locator(".o_roi_welcome")).to_be_visible()
    marketer = Screen(open_browser("marketer"))
    marketer.person.open_app("Campaigns")
    marketer.person.open_menu("Reporting", "Marketing ROI")
    marketer.wait()
    assert marketer.card("roi").count() == 1
    assert marketer.card("ltv_cac").count() == 0


def test_on_a_phone_in_chinese(open_browser):
    screen = Screen(open_browser("marketer.cn", width=390, height=844)).open()
    page = screen.page
    overflow = page.evaluate(
        """() => { const el = document.querySelector(".o_marketing_roi .o_content");
                   return el.scrollWidth - el.clientWidth; }"""
    )
    assert overflow <= 0, "nothing sticks out to the side"
    expect(screen.card("cost")).to_contain_text("支出")
    expect(screen.card("cost")).to_contain_text("万")
    expect(screen.panel("funnel")).to_contain_text("漏斗")
    words = page.locator(".o_roi_content").inner_text()
    # What a style sheet shows before a cell is in no text.
    labels = page.locator(".o_roi_content [data-label]")
    words += " ".join(labels.evaluate_all("cells => cells.map((cell) => cell.dataset.label)"))
    assert "投资回报率" in words and "线索数" in words
    for english in ("Spend", "Budget", "Campaigns", "Channels", "Funnel", "Revenue"):
        assert english not in words


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_violation(open_browser, scheme):
    person = open_browser("finance")
    person.context.add_cookies([{"name": "color_scheme", "value": scheme, "url": person.url}])
    screen = Screen(person).open()
    screen.page.click(".o_roi_trend button:has-text('Table')")
    screen.page.wait_for_timeout(400)  # colours fade in
    result = Axe().run(screen.page, context=".o_marketing_roi .o_content").response
    serious = [
        (found["id"], [node["html"][:160] for node in found["nodes"]][:3])
        for found in result["violations"]
        if found["impact"] in ("serious", "critical")
    ]
    assert not serious, json.dumps(serious, indent=1)


def test_the_keyboard_reaches_figures_and_opens_them(finance):
    finance.open()
    card = finance.card("cost")
    card.focus()
    finance.page.keyboard.press("Tab")
    expect(finance.target("cost")).to_be_focused()
    finance.page.keyboard.press("Tab")
    expect(finance.card("revenue")).to_be_focused()
    finance.page.keyboard.press("Enter")
    finance.page.wait_for_selector(".o_list_view")
