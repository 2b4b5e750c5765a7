"""Screens of attribution, as their people open them: paths, comparisons, benchmarks, models."""

import re

import pytest
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}
MODELS = "roi_dashboard.marketing_attribution_model_action"
PATHS = "path;conversions;value;nulls\nemail > event > search;3;30;1\nemail;1;5;0\n"


def read_amount(text: str) -> float:
    """The number in ``38,185.98 €``."""
    return float(re.sub(r"[^0-9.\-]", "", text))


def recompute(manager):
    manager.open_action("roi_dashboard.marketing_attribution_run_action")
    manager.page.click("button[name=action_recompute]")
    expect(manager.page.locator(".o_notification_content")).to_contain_text("credited")


def open_model(person, name):
    person.open_action(MODELS)
    person.page.click(f".o_data_row td[name=name] >> text='{name}'")
    person.page.wait_for_selector(".o_form_view")
    person.settle()


def test_paths_of_a_file_add_up_and_what_is_left_out_is_said(open_browser, tmp_path):
    file = tmp_path / "paths.csv"
    file.write_text(PATHS)
    marketer = open_browser("marketer")
    marketer.open_action("roi_dashboard.marketing_path_analysis_action")
    marketer.page.set_input_files(".modal input[type=file]", str(file))
    name = marketer.page.locator(".modal .o_field_widget[name=file] input[type=text]")
    expect(name).to_have_value("paths.csv")
    marketer.page.click("button[name=action_analyse]")
    expect(marketer.page.locator(".o_notification_content")).to_contain_text(
        "Markov Chain: 4 conversions, 100 are needed."
    )
    cells = marketer.page.locator(".o_pivot tbody tr").first.locator("td")
    expect(cells.first).to_be_visible()
    totals = [text.strip() for text in cells.all_inner_texts()]
    assert totals == ["4.000000"] * 7 + [""], totals


def test_why_the_roi_changed_begins_with_all_of_it(open_browser):
    finance = open_browser("finance")
    finance.open_action("roi_dashboard.marketing_roi_comparison_action")
    finance.page.click("button[name=action_compare]")
    rows = finance.page.locator(".o_list_view .o_data_row")
    expect(rows.first.locator("td[name=name]")).to_have_text("Total")
    expect(rows.last.locator("td[name=name]")).to_have_text("Without Campaign")
    for column in ("cost_before", "revenue_before", "cost_after", "revenue_after"):
        cells = finance.page.locator(f".o_data_row td[name={column}]").all_inner_texts()
        total, *parts = map(read_amount, cells)
        assert total == pytest.approx(sum(parts)), column


@pytest.mark.parametrize(
    "action",
    [
        "marketing_attribution_conversion_action",
        "marketing_attribution_model_action",
        "marketing_roi_benchmark_action",
        "marketing_roi_comparison_action",
    ],
)
def test_on_a_phone_answers_are_on_cards_as_wide_as_the_screen(open_browser, action):
    finance = open_browser("finance", **PHONE)
    finance.open_action(f"roi_dashboard.{action}")
    if action == "marketing_roi_comparison_action":
        finance.page.click("button[name=action_compare]")
    card = finance.page.locator(".o_kanban_record:not(.o_kanban_ghost)").first
    expect(card).to_be_visible()
    box = card.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]


def test_a_model_with_too_little_to_learn_from_says_why(open_browser):
    manager = open_browser("manager")
    open_model(manager, "Markov Chain")
    needed = manager.field("min_conversions").locator("input").input_value()
    manager.fill("min_conversions", "99999")
    manager.save()
    recompute(manager)
    marketer = open_browser("marketer")
    open_model(marketer, "Markov Chain")
    expect(marketer.page.locator(".alert-warning")).to_contain_text("99999 are needed")
    open_model(manager, "Markov Chain")
    manager.fill("min_conversions", needed)
    manager.save()
    recompute(manager)
    open_model(manager, "Markov Chain")
    expect(manager.page.locator(".alert-warning")).to_be_hidden()
