"""`make screenshots`: the pictures of the documentation, taken from the demo company, so that
they stay true. In English and Chinese."""

from pathlib import Path

from playwright.sync_api import sync_playwright

from .browser import find_browser
from .console import say, step
from .layout import PROJECT, Workspace
from .person import CHROMIUM_FLAGS, Person
from .story import serve_story

IMAGES = PROJECT / "docs/images"
_VIEW = ".o_kanban_renderer, .o_form_renderer, .o_list_renderer, .o_pivot table"
OVERRUN = "Launch search ads"


def main(workspace: Workspace) -> int:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with serve_story("suite_pictures") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_browser(workspace)), args=CHROMIUM_FLAGS
        )
        for language, suffix in (("en_US", ""), ("zh_CN", ".zh-CN")):
            with step(f"Pictures in {language}"):
                _take(browser, url, language, suffix)
        browser.close()
    say(f"The pictures are in {IMAGES}")
    return 0


def _take(browser, url: str, language: str, suffix: str) -> None:
    manager = Person(browser, url).log_in("manager")
    manager.speak(language)
    manager.open_action("marketing_campaign_ext.utm_campaign_action")
    _picture(manager, f"campaigns{suffix}")
    (campaign,) = manager.find(
        "utm.campaign", [["title", "=", OVERRUN]], ["id"], context={"lang": "en_US"}
    )
    manager.open_record("marketing_campaign_ext.utm_campaign_action", campaign["id"])
    _picture(manager, f"campaign{suffix}")
    manager.open_action("roi_dashboard.marketing_roi_report_action")
    manager.page.wait_for_selector(".o_pivot table, .o_list_table, .o_graph_renderer")
    _picture(manager, f"roi{suffix}")
    manager.close()

    seller = Person(browser, url).log_in("jonas")
    seller.speak(language)
    leads = seller.find(
        "crm.lead",
        [["user_id", "=", seller.user_id()], ["score_grade", "!=", False]],
        ["id"],
        order="score desc, id",
        limit=1,
    )
    if leads:
        seller.open_record("crm.crm_lead_action_pipeline", leads[0]["id"])
        _picture(seller, f"lead{suffix}")
    seller.close()


def _picture(person: Person, name: str) -> None:
    person.page.wait_for_selector(_VIEW)
    person.settle()
    person.page.wait_for_timeout(800)  # charts and progress bars finish their animation
    person.page.screenshot(path=str(Path(IMAGES / f"{name}.png")))
