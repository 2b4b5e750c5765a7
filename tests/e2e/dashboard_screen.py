"""The dashboard in somebody's window: what is on it, and how people use its control panel."""

import re
from datetime import date, timedelta

PATH = "/odoo/marketing-roi"
READY = ".o_roi_card:not(.o_roi_skeleton)"
PERIOD = f"from={date.today() - timedelta(days=364)}&to={date.today()}"


class Screen:
    """The dashboard, opened by a person."""

    def __init__(self, person):
        self.person = person
        self.page = person.page

    def open(self, query=PERIOD):
        self.page.goto(f"{self.person.url}{PATH}?{query}" if query else self.person.url + PATH)
        return self.wait()

    def wait(self):
        self.page.wait_for_selector(READY)
        self.page.wait_for_function(
            """() => !document.querySelector(".o_marketing_roi [aria-busy=true]")"""
        )
        return self

    def card(self, key):
        return self.page.locator(f".o_roi_card[data-key={key}]")

    def target(self, key):
        """What the figure of a card should be, at its foot."""
        return self.page.locator(f".o_roi_tile:has([data-key={key}]) .o_roi_target")

    def value(self, key):
        return float(self.card(key).get_attribute("data-value"))

    def choose(self, button, item):
        self.page.click(f".o_control_panel {button}")
        self.page.click(f".o-dropdown--menu {item}")
        self.wait()

    def panel(self, name):
        return self.page.locator(f".o_roi_{name}")

    def opened_sum(self, measure):
        """The sum over the records that a click has opened; all of them on one page."""
        self.page.wait_for_selector(".o_list_view tbody tr.o_data_row")
        cells = self.page.locator(f".o_list_view tbody td[name={measure}]").all_inner_texts()
        return round(sum(float(re.sub(r"[^\d.-]", "", text)) for text in cells), 2)
