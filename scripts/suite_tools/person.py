"""Somebody who works in the web client: logs in, opens menus, fills forms, reads figures."""

import re
from datetime import date, timedelta

from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The client shows an error of the server in a dialog, which the console does not repeat.
REPORT_ERROR_DIALOGS = """
new MutationObserver(() => {
    for (const dialog of document.querySelectorAll(".o_error_dialog:not([data-heard])")) {
        dialog.dataset.heard = "yes";
        console.error("Error dialog: " + dialog.innerText);
    }
}).observe(document, { childList: true, subtree: true });
"""


class Person:
    """One browser window with one user's session.

    Everything the console reports as an error, and every error dialog, is kept in ``errors``.
    """

    def __init__(self, browser: Browser, url: str, width: int = 1440, height: int = 900):
        self.url = url
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, locale="en-US", timezone_id="Europe/Berlin"
        )
        self.context.set_default_timeout(30_000)
        # The website theme asks for fonts of other hosts; nothing leaves this machine.
        self.context.route(
            lambda address: not address.startswith((url, "data:", "blob:")),
            lambda route: route.fulfill(status=200, content_type="text/css", body=""),
        )
        self.context.add_init_script(REPORT_ERROR_DIALOGS)
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
        # The first visitor after an upgrade waits until the client is put together.
        self.page.wait_for_selector(".o_main_navbar", timeout=180_000)
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

    def search(self, field: str, text: str) -> None:
        """Type into the search bar and choose the field to look in.

        A view that has just been drawn may be drawn again, with an empty search bar: what was
        typed is then typed once more, as people do.
        """
        item = self.page.locator(f".o_searchview_autocomplete .o-dropdown-item:has-text('{field}')")
        for _attempt in range(4):
            self.page.fill(".o_searchview_input", "")
            self.page.locator(".o_searchview_input").press_sequentially(text)
            try:
                item.first.wait_for(timeout=7_000)
                break
            except TimeoutError:
                self.settle()
        item.first.click()
        self.settle()

    def switch_view(self, kind: str) -> None:
        self.page.click(f".o_cp_switch_buttons .o_{kind}, button.o_switch_view.o_{kind}")
        self.page.wait_for_selector(f".o_{kind}_view, .o_{kind}_renderer")

    def settle(self) -> None:
        """Wait until the client has nothing more to fetch."""
        self.page.wait_for_function(
            """() => {
                const busy = document.querySelector(".o_loading_indicator, .o_blockUI");
                const quiet = performance.getEntriesByType("resource").at(-1)?.responseEnd ?? 0;
                return !busy && performance.now() - quiet > 400;
            }"""
        )

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

    def set_date(self, name: str, days_ago: int = 0) -> None:
        day = date.today() - timedelta(days=days_ago)
        box = self.field(name).locator("input")
        box.fill(day.strftime("%m/%d/%Y"))
        box.press("Tab")

    def distribute(self, row: Locator, shares: list[tuple[str, float]]) -> None:
        """Fill the analytic distribution of a line: account names and percentages."""
        row.locator("[name=analytic_distribution] .o_input_dropdown").click()
        popup = self.page.locator(".analytic_distribution_popup")
        for index, (account, percent) in enumerate(shares):
            if index:
                popup.locator("a:has-text('Add a Line')").click()
            line = popup.locator(f"tr[name=line_{index}]")
            line.locator(".o_field_many2one input").fill(account)
            self.page.locator(f".o-autocomplete--dropdown-item:has-text('{account}')").first.click()
            line.locator("[name=percentage] input").fill(str(percent))
            line.locator("[name=percentage] input").press("Tab")
        popup.locator("[title=Close]").click()

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

    def session(self) -> dict:
        """Who this is, as the server sees it."""
        answer = self.page.request.post(
            f"{self.url}/web/session/get_session_info",
            data={"jsonrpc": "2.0", "method": "call", "params": {}},
            headers={"Content-Type": "application/json"},
        )
        return answer.json()["result"]

    def company_id(self) -> int:
        """The company this person works in after logging in."""
        return self.session()["user_companies"]["current_company"]

    def user_id(self) -> int:
        return self.session()["uid"]

    def speak(self, language: str) -> None:
        """Change the language of this person's screens."""
        self.call("res.users", "write", [self.user_id()], {"lang": language})
        self.page.reload()
        self.settle()

    def record_id(self) -> int:
        """The record shown, from the address."""
        return int(re.search(r"/(\d+)(?:\?|$)", self.page.url).group(1))
