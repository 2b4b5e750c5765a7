"""`make screenshots`: the pictures of the documentation, taken from the demo company, so that
they stay true. In English and Chinese. Names after the command take only those."""

import os

from playwright.sync_api import Browser, sync_playwright

from .browser import find_browser
from .console import say, step
from .layout import PROJECT, Workspace
from .person import CHROMIUM_FLAGS, Person
from .pictures import PICTURES, Picture
from .story import serve_story

IMAGES = PROJECT / "docs/images"


def main(workspace: Workspace, names=()) -> int:
    with serve_story("suite_pictures") as url:
        take_pictures(workspace, url, [name for name in names if name != "--"])
    say(f"The pictures are in {IMAGES}")
    return 0


def take_pictures(workspace: Workspace, url: str, names=()) -> None:
    """Take the pictures, all or those named, from a demo that is served already."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    wanted = [picture for picture in PICTURES if not names or picture.name in names]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_browser(workspace)), args=CHROMIUM_FLAGS
        )
        for language in sorted({code for picture in wanted for code in picture.languages}):
            with step(f"Pictures in {language}"):
                _take_all(browser, url, language, wanted)
        browser.close()


def _take_all(browser: Browser, url: str, language: str, pictures: list[Picture]) -> None:
    """Each person logs in once per size of window, the widest first.

    On a phone the greeting of a first login would cover the screen.
    """
    places = {(picture.login, picture.size) for picture in pictures}
    for login, (width, height) in sorted(places, reverse=True):
        person = Person(browser, url, width, height).log_in(login)
        before = person.session()["user_context"]["lang"]
        person.speak(language)
        for picture in pictures:
            if (picture.login, picture.size) == (login, (width, height)):
                _take(person, picture, language)
        person.speak(before)
        person.close()


def _take(person: Person, picture: Picture, language: str) -> None:
    if picture.record:
        model, domain, order = picture.record
        # Titles are found by their English name whatever language the person speaks.
        (found,) = person.find(
            model, domain, ["id"], order=order, limit=1, context={"lang": "en_US"}
        )
        person.open_record(picture.action, found["id"])
    else:
        person.open_action(picture.action)
    page = person.page
    page.wait_for_selector(".o_action_manager > *, .modal-content")
    for selector in picture.clicks:
        page.click(selector)
        person.settle()
    page.mouse.move(picture.size[0] - 2, picture.size[1] - 2)  # no tooltip over the picture
    page.wait_for_selector(picture.wait)
    person.settle()
    page.wait_for_timeout(800)  # charts and progress bars finish their animation
    page.wait_for_selector(".o_loading_indicator", state="hidden")
    page.screenshot(path=os.fspath(IMAGES / picture.files()[language]))
