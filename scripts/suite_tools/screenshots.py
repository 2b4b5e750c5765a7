"""`make screenshots`: the pictures of the documentation, taken from the demo company, so that
they stay true. In English and Chinese.

make screenshots                          all of the documentation
make screenshots ARGS="dashboard lead"    only those
make screenshots ARGS=looks               the dashboard in each width, theme and language
"""

import os
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from .browser import find_browser
from .console import SetupError, say, step
from .layout import PROJECT, Workspace
from .person import CHROMIUM_FLAGS, Person
from .pictures import LOOKS, PICTURES, Picture
from .story import serve_story

IMAGES = PROJECT / "docs/images"
# How high the window must be so that its content need not be scrolled.
WHOLE = """() => {
    const content = document.querySelector(".o_content");
    return innerHeight + content.scrollHeight - content.clientHeight;
}"""


def main(workspace: Workspace, names=()) -> int:
    wanted, folder = _choose(workspace, [name for name in names if name != "--"])
    with serve_story("suite_pictures") as url:
        take_pictures(workspace, url, wanted, folder)
    say(f"The pictures are in {folder}")
    return 0


def _choose(workspace: Workspace, names: list[str]) -> tuple[list[Picture], Path]:
    """Which pictures, and where they go.

    :raise SetupError: when there is no picture of a name
    """
    if names == ["looks"]:
        return list(LOOKS), workspace.home / "looks"
    known = [picture.name for picture in PICTURES]
    if unknown := [name for name in names if name not in known]:
        raise SetupError(
            f"There is no picture {', '.join(unknown)}.", f"Choose among {', '.join(known)}."
        )
    return [picture for picture in PICTURES if not names or picture.name in names], IMAGES


def take_pictures(workspace: Workspace, url: str, pictures: list[Picture], folder: Path) -> None:
    """Take pictures from a demo that is served already."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_browser(workspace)), args=CHROMIUM_FLAGS
        )
        _silence_greetings(browser, url)
        for language in sorted({code for picture in pictures for code in picture.languages}):
            with step(f"Pictures in {language}"):
                _take_all(browser, url, language, pictures, folder)
        browser.close()


def _silence_greetings(browser: Browser, url: str) -> None:
    """The chat that greets a first login would lie over the picture, on a phone over all of it."""
    admin = Person(browser, url).log_in("admin")
    people = [person["id"] for person in admin.find("res.users", [["share", "=", False]], ["id"])]
    admin.call("res.users", "write", people, {"odoobot_state": "disabled"})
    admin.close()


def _take_all(browser: Browser, url: str, language: str, pictures: list[Picture], folder) -> None:
    """Each person logs in once per size of window and theme."""
    places = {(picture.login, picture.size, picture.theme) for picture in pictures}
    for login, size, theme in sorted(places, reverse=True):
        person = Person(browser, url, *size)
        person.context.add_cookies([{"name": "color_scheme", "value": theme, "url": url}])
        person.log_in(login)
        before = person.session()["user_context"]["lang"]
        person.speak(language)
        for picture in pictures:
            if (picture.login, picture.size, picture.theme) == (login, size, theme):
                _take(person, picture, os.fspath(folder / picture.files()[language]))
        person.speak(before)
        person.close()


def _take(person: Person, picture: Picture, place: str) -> None:
    if picture.app:
        person.page.click(".o_navbar_apps_menu button")
        person.page.click(f".o-dropdown--menu .o_app[data-menu-xmlid='{picture.app}']")
        person.page.wait_for_selector(f".o_menu_brand[data-menu-xmlid='{picture.app}']")
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
    if picture.is_whole:
        page.set_viewport_size({"width": picture.size[0], "height": page.evaluate(WHOLE)})
        person.settle()
    page.wait_for_timeout(800)  # charts and progress bars finish their animation
    page.wait_for_selector(".o_loading_indicator", state="hidden")
    page.screenshot(path=place)
    if picture.is_whole:
        page.set_viewport_size(dict(zip(("width", "height"), picture.size, strict=True)))
