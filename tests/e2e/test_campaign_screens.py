"""Screens of campaigns and their money, as their people open them."""

import re

import pytest
from playwright.sync_api import expect

CAMPAIGNS = "marketing_campaign_ext.utm_campaign_action"
PHONE = {"width": 390, "height": 844}
# What each view shows when it has drawn its records
DRAWN = {
    "kanban": ".o_kanban_record:not(.o_kanban_ghost)",
    "list": ".o_data_row",
    "calendar": ".fc-event",
    "pivot": ".o_pivot table tbody td",
    "graph": ".o_graph_canvas_container canvas",
    "activity": ".o_activity_view table",
}


def read_amount(text: str) -> float:
    """The number in ``38,185.98 €``."""
    return float(re.sub(r"[^0-9.\-]", "", text))


@pytest.fixture
def campaign(open_browser):
    """A campaign of the demo company that was invoiced, as finance sees it."""
    finance = open_browser("finance")
    found = finance.find(
        "utm.campaign",
        [["state", "=", "running"], ["child_ids", "=", False]],
        ["title", "revenue_amount_total"],
    )
    return next(values for values in found if values["revenue_amount_total"])


def test_every_view_of_campaigns_opens(open_browser):
    marketer = open_browser("marketer")
    marketer.open_action(CAMPAIGNS)
    for kind, drawn in DRAWN.items():
        marketer.switch_view(kind)
        expect(marketer.page.locator(drawn).first).to_be_visible()


def test_invoiced_revenue_opens_rows_whose_footer_is_the_figure(open_browser, campaign):
    for login in ("marketer", "finance"):
        person = open_browser(login)
        person.open_record(CAMPAIGNS, campaign["id"])
        figure = person.page.locator("button[name=action_open_revenue]")
        shown = read_amount(figure.inner_text())
        assert shown == pytest.approx(campaign["revenue_amount_total"])
        figure.click()
        # the lists in the form have footers too
        expect(person.page.locator(".o_control_panel")).to_contain_text("Invoiced Revenue")
        total = person.page.locator(".o_list_view .o_list_footer .o_list_number:not(:empty)")
        expect(total).to_have_count(1)
        assert read_amount(total.inner_text()) == pytest.approx(shown)


def test_finance_is_not_offered_to_create_campaigns(open_browser):
    finance = open_browser("finance")
    finance.open_action(CAMPAIGNS)
    for kind in ("list", "kanban"):
        finance.switch_view(kind)
        expect(finance.page.locator(DRAWN[kind]).first).to_be_visible()
        expect(finance.page.locator(".o_list_button_add, .o-kanban-button-new")).to_have_count(0)


@pytest.mark.parametrize(
    "action",
    [
        "marketing_campaign_ledger_action",
        "marketing_cost_report_action",
        "marketing_cost_line_action",
        "marketing_budget_line_action",
        "marketing_budget_revision_action",
        "marketing_budget_transfer_action",
        "marketing_tie_out_action",
        "marketing_data_health_server_action",
    ],
)
def test_on_a_phone_money_is_on_cards_as_wide_as_the_screen(open_browser, action):
    finance = open_browser("finance", **PHONE)
    finance.open_action(f"marketing_campaign_ext.{action}")
    card = finance.page.locator(DRAWN["kanban"]).first
    expect(card).to_be_visible()
    box = card.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
