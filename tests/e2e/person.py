"""Somebody who works in the web client: logs in, opens menus, fills forms, reads figures."""

import re

from playwright.sync_api import Browser, Locator, Page, expect

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

class Person:
    """One browser window with one user's session.

    Everything the console reports as an error is kept in ``errors``.
    """

    def __init__(self, browser: Browser, url: str, width: int = 1440, height: int = 900):
        self.url = url
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, locale="en-US", timezone_id="Europe/Berlin"
        )
        self.context.set_default_timeout(20_000)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _hear(self, message) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def log_in(self, login: str, password: str | None = None) -> "Person":
        self.page.goto(f"{self.url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password or login)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_selector(".o_main_navbar")
        return self

    def close(self) -> None:
        self.context.close()

    # -- getting around -------------------------------------------------------------------

    def open_app(self, name: str) -> None:
        """From the apps menu, as people do."""
        self.page.click(".o_navbar_apps_menu button")
        self.page.click(f".o-dropdown--menu .o_app:has-text('{name}')")
        self.settle()

    def open_menu(self, *names: str) -> None:
        """A menu of the app: section, then entry."""
        self.page.click(f".o_menu_sections [data-menu-xmlid]:has-text('{names[0]}')")
        for name in names[1:]:
            self.page.click(f".o-dropdown--menu .dropdown-item:has-text('{name}')")
        self.settle()

    def open_action(self, xmlid: str) -> None:
        self.page.goto(f"{self.url}/odoo/action-{xmlid}")
        self.settle()

    def open_record(self, xmlid: str, record_id: int) -> None:
        self.page.goto(f"{self.url}/odoo/action-{xmlid}/{record_id}")
        self.page.wait_for_selector(".o_form_view")
        self.settle()

    def switch_view(self, kind: str) -> None:
        self.page.click(f".o_cp_switch_buttons .o_{kind}, button.o_switch_view.o_{kind}")
        self.page.wait_for_selector(f".o_{kind}_view, .o_{kind}_renderer")

    def settle(self) -> None:
        """Wait until the client is idle."""
        self.page.wait_for_load_state("networkidle")

    # -- forms ----------------------------------------------------------------------------

    def field(self, name: str) -> Locator:
        return self.page.locator(f".o_form_view .o_field_widget[name='{name}']").first

    def fill(self, name: str, value: str) -> None:
        self.field(name).locator("input, textarea").first.fill(value)

    def choose(self, name: str, value: str, scope: Locator | None = None) -> None:
        """Pick a record by typing its name."""
        box = (scope or self.page).locator(f".o_field_widget[name='{name}'] input").first
        box.click()
        box.fill(value)
        item = self.page.locator(f".o-autocomplete--dropdown-item:has-text('{value}')").first
        item.click()

    def select(self, name: str, label: str) -> None:
        self.field(name).locator("select").select_option(label=label)

    def click_button(self, name: str) -> None:
        self.page.click(f".o_form_view button[name='{name}']:visible")
        self.settle()

    def save(self) -> None:
        self.page.click(".o_form_button_save")
        self.page.wait_for_selector(".o_form_button_save", state="hidden")

    def open_tab(self, title: str) -> None:
        self.page.click(f".o_notebook .nav-link:has-text('{title}')")

    def expect_state(self, label: str) -> None:
        """The status bar shows this step as the present one."""
        current = self.page.locator(".o_statusbar_status .o_arrow_button_current")
        expect(current).to_contain_text(label)

    # -- data, with this person's rights ----------------------------------------------------

    def call(self, model: str, method: str, *args, **kwargs):
        """Call a method as this person, as the web client does."""
        answer = self.page.request.post(
            f"{self.url}/web/dataset/call_kw/{model}/{method}",
            data={
                "jsonrpc": "2.0",
                "method": "call",
                "params": {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
            },
            headers={"Content-Type": "application/json"},
        ).json()
        if "error" in answer:
            raise AssertionError(answer["error"]["data"]["message"])
        return answer["result"]

    def find(self, model: str, domain: list, fields: list[str], **kwargs) -> list[dict]:
        return self.call(model, "search_read", domain, fields, **kwargs)

    def record_id(self) -> int:
        """The record shown, from the address."""
        return int(re.search(r"/(\d+)(?:\?|$)", self.page.url).group(1))
