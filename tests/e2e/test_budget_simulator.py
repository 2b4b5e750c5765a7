"""A marketer moves money between channels, sees what it brings, and leaves drafts behind."""

import re

from playwright.sync_api import expect


def amount(text: str) -> float:
    """``65,908.77 €`` as a number."""
    return float(re.sub(r"[^\d.-]", "", text))


def test_1_the_best_distribution_keeps_the_total_and_says_what_it_brings(open_browser):
    lena = open_browser("marketer")
    lena.open_app("Campaigns")
    lena.open_menu("Money", "Budget Simulator")
    table = lena.page.locator(".o_field_widget[name='line_ids']")
    expect(table.locator(".o_data_row", has_text="Paid search")).to_be_visible()
    thin = table.locator(".o_data_row", has_text="Paid social")
    expect(thin).to_contain_text("only 3 months with spend")
    lena.click_button("action_optimise")
    expect(lena.page.locator(".o_field_widget[name='leads_change_text']")).to_contain_text("+")
    present, new, change = (
        amount(cell) for cell in table.locator("tfoot td.o_list_number").all_inner_texts()[:3]
    )
    assert present == new and change == 0
    fixed = [amount(cell) for cell in thin.locator("td.o_list_number").all_inner_texts()]
    assert fixed[0] == fixed[1], "what is not known keeps its money"


def test_2_curves_and_suggestions_show_their_evidence(open_browser):
    lena = open_browser("marketer")
    lena.open_action("roi_dashboard.marketing_budget_simulation_action")
    lena.open_tab("Curves")
    curve = lena.page.locator(".o_cost_curve", has_text="Paid search")
    expect(curve.locator("canvas")).to_have_attribute("aria-label", re.compile("a month"))
    lena.open_tab("Suggestions")
    first = lena.page.locator(".o_field_widget[name='suggestion_ids'] .o_data_row").first
    expect(first).to_contain_text("because")
    expect(first).to_contain_text("months with spend")
    first.locator("button[name='action_open_rows']").click()
    expect(lena.page.locator(".o_pivot table")).to_contain_text(re.compile(r"20\d\d"))


def test_3_what_is_saved_are_drafts_that_change_no_budget(open_browser):
    lena = open_browser("marketer")
    before = {
        row["id"]: row["budget_amount"]
        for row in lena.find("utm.campaign", [["state", "=", "running"]], ["budget_amount"])
    }
    lena.open_action("roi_dashboard.marketing_budget_simulation_action")
    lena.open_tab("Suggestions")
    lena.page.locator("button[name='action_take']").first.click()
    lena.settle()
    lena.click_button("action_save")
    rows = lena.page.locator(".o_list_view .o_data_row")
    expect(rows.first).to_contain_text("Draft")
    transfers = lena.find(
        "marketing.budget.transfer",
        [["state", "=", "draft"], ["user_id", "=", lena.user_id()]],
        ["amount", "reason"],
    )
    assert transfers and all("months with spend" in row["reason"] for row in transfers)
    after = {
        row["id"]: row["budget_amount"]
        for row in lena.find("utm.campaign", [["id", "in", list(before)]], ["budget_amount"])
    }
    assert after == before
