"""The suite with its demo company, served by Odoo, and people who open it in a browser.

The database is built the way `make demo` builds it, once per version of the addons; each run
works on a copy of it.
"""

import os
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT / "scripts"))

from suite_tools.person import CHROMIUM_FLAGS, Person  # noqa: E402
from suite_tools.story import serve_story  # noqa: E402


@pytest.fixture(scope="session")
def url():
    """Where Odoo serves a fresh copy of the demo company."""
    with serve_story("suite_e2e") as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=CHROMIUM_FLAGS
        )
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium, url):
    """Open a window; every console error of every window fails the test."""
    people = []

    def open_window(login: str | None = None, **size) -> Person:
        person = Person(chromium, url, **size)
        people.append(person)
        return person.log_in(login) if login else person

    yield open_window
    errors = [error for person in people for error in person.errors]
    for person in people:
        person.close()
    assert not errors
