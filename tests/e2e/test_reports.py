"""Reports taken along from the dashboard: the files a browser downloads say what the screen says.

The person works in one of two companies, with a filter, as most people do.
"""

import csv
import os
import shutil
from datetime import date

import openpyxl
import pytest
from playwright.sync_api import expect
from PyPDF2 import PdfReader

from .dashboard_screen import Screen

# Cards of the screen and the measure of the report each shows.
CARDS = {
    "cost": "cost_actual",
    "revenue": "revenue_invoiced",
    "pipeline": "pipeline_amount",
    "roi": "roi",
    "roas": "roas",
    "cac": "cac",
    "ltv_cac": "ltv_cac",
    "cost_per_lead": "cost_per_lead",
    "cost_per_mql": "cost_per_mql",
}
HEADINGS = 4  # the row of a sheet that names its columns
FINISH = 120_000  # what a report in the background may take on a busy machine


class Report:
    """A dashboard somebody has filtered, and the dialog for a report of what it shows."""

    def __init__(self, person):
        self.screen = Screen(person).open()
        person.search("Type", "Advertising")
        self.screen.wait()
        self.person, self.page = person, person.page

    def ask(self, kind):
        self.page.click(".o_control_panel .o_roi_actions")
        self.page.click(f".o-dropdown--menu [data-action=report_{kind}]")
        dialog = self.page.locator(".modal-content")
        expect(dialog).to_contain_text("The filter of the screen applies as well.")
        return dialog

    def download(self, kind, folder):
        """The file as the browser gets it."""
        dialog = self.ask(kind)
        with self.page.expect_download() as waiting:
            dialog.locator("button[name=action_get]").click()
        place = folder / waiting.value.suggested_filename
        waiting.value.save_as(place)
        return place

    def labels(self):
        """What the report calls the measure of each card."""
        fields = self.person.call(
            "marketing.roi.report", "fields_get", list(CARDS.values()), ["string"]
        )
        return {key: fields[name]["string"] for key, name in CARDS.items()}

    def shown(self):
        """Cards that have a value; a dash has none."""
        return {key: self.screen.value(key) for key in CARDS if self._has_value(key)}

    def _has_value(self, key):
        return bool(self.screen.card(key).get_attribute("data-value"))


@pytest.fixture
def report(open_browser):
    person = open_browser("finance")
    companies = person.session()["user_companies"]["allowed_companies"]
    assert len(companies) == 2, "works in one of two"
    return Report(person)


def rows(sheet):
    """Rows of a sheet by the text in their first column, each by the heading of its column."""
    headings = [cell.value for cell in sheet[HEADINGS]]
    return {
        values[0]: dict(zip(headings, values, strict=True))
        for values in sheet.iter_rows(min_row=HEADINGS + 1, values_only=True)
        if values[0]
    }


def test_the_workbook_says_what_the_screen_says(report, tmp_path):
    shown, labels = report.shown(), report.labels()
    assert shown["cost"] > 0 and shown["revenue"] > 0 and len(shown) >= 6
    ranked = {
        row.locator("th button").inner_text(): {
            "Cost": row.locator(".o_roi_budget button").get_attribute("data-value"),
            "Invoiced Revenue": row.locator("td button").nth(1).get_attribute("data-value"),
        }
        for row in report.page.locator(".o_roi_ranking tbody tr:has(th button)").all()
    }
    assert len(ranked) > 1

    place = report.download("workbook", tmp_path)
    assert place.suffix == ".xlsx"
    book = openpyxl.load_workbook(place, data_only=True)
    overview = rows(book["Overview"])
    for key, value in shown.items():
        assert round(overview[labels[key]]["Period"], 2) == round(value, 2), key
    campaigns = rows(book["Campaigns"])
    for name, figures in ranked.items():
        for heading, value in figures.items():
            assert round(campaigns[name][heading], 2) == round(float(value), 2), (name, heading)
    for sheet in ("Campaigns", "Channels", "Months", "Cost Ledger"):
        assert round(rows(book[sheet])["Total"]["Cost"], 2) == round(shown["cost"], 2), sheet
    formulas = openpyxl.load_workbook(place)["Overview"]
    assert str(formulas["B5"].value).startswith("="), "figures stay formulas"


def test_the_rows_add_up_to_the_screen(report, tmp_path):
    shown, labels = report.shown(), report.labels()
    place = report.download("rows", tmp_path)
    assert place.suffix == ".csv"
    with place.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert len(lines) > 20
    for key in ("cost", "revenue"):
        total = sum(float(line[labels[key]]) for line in lines)
        assert round(total, 2) == round(shown[key], 2), key
    companies = {line["Company"] for line in lines}
    assert len(companies) == 1, "nothing of the company not chosen"


def test_the_review_is_printed_with_the_figures_of_the_screen(report, tmp_path):
    if not shutil.which("wkhtmltopdf"):
        pytest.skip("wkhtmltopdf is not installed")
    shown = report.shown()
    names = report.page.locator(".o_roi_ranking tbody th button").all_inner_texts()
    place = report.download("review", tmp_path)
    assert place.suffix == ".pdf"
    pages = PdfReader(place).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    for key in ("cost", "revenue"):
        assert f"{shown[key]:,.2f}" in text, key
    assert f"{100 * shown['roi']:,.1f} %" in text
    # The largest by cost are printed; the screen ranks them by revenue.
    assert sum(name in text for name in names) >= 2
    assert os.path.getsize(place) > 10_000


def test_a_long_report_arrives_in_the_inbox(report, tmp_path):
    shown, labels = report.shown(), report.labels()
    dialog = report.ask("workbook")
    dialog.locator("button[name=action_queue]").click()
    page = report.page
    # It is made by the server's own job while the person watches, or not.
    expect(page.locator(".o_form_view h1")).to_contain_text("Marketing ROI")
    current = page.locator(".o_statusbar_status .o_arrow_button_current")
    expect(current).to_have_text("Ready", timeout=FINISH)

    page.goto(f"{report.person.url}/odoo/action-mail.action_discuss?active_id=mail.box_inbox")
    message = page.locator(".o-mail-Message", has_text="is ready").first
    expect(message).to_contain_text("The report you asked for is attached.")
    attachment = message.locator(".o-mail-AttachmentContainer")
    expect(attachment).to_contain_text(".xlsx")
    attachment.hover()
    with page.expect_download() as waiting:
        attachment.locator("button[title=Download]").first.click()
    place = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(place)
    overview = rows(openpyxl.load_workbook(place, data_only=True)["Overview"])
    for key, value in shown.items():
        assert round(overview[labels[key]]["Period"], 2) == round(value, 2), key
    assert str(date.today().year) in place.name
