"""The guides show pictures that exist, that somebody can take again, in both languages."""

import re
import sys
from pathlib import Path

import pytest

from .conftest import PROJECT

sys.path.insert(0, str(PROJECT / "scripts"))
from suite_tools.pictures import LANGUAGES, PICTURES  # noqa: E402

IMAGES = PROJECT / "docs/images"
GUIDES = {"en_US": PROJECT / "docs/guide", "zh_CN": PROJECT / "docs/zh_CN/guide"}
SHOWN = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")
LISTED = {name for picture in PICTURES for name in picture.files().values()}


def shown_in(document: Path) -> list[str]:
    """Names of the pictures of a document, which all lie in one folder."""
    paths = [(document.parent / target).resolve() for target in SHOWN.findall(document.read_text())]
    return [path.name for path in paths if path.parent == IMAGES]


def documents():
    return [
        *PROJECT.glob("README*.md"),
        *(page for folder in GUIDES.values() for page in sorted(folder.glob("*.md"))),
    ]


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_picture_shown_is_listed_and_there(document):
    for name in shown_in(document):
        assert name in LISTED, f"{name} is taken by nobody: see suite_tools/pictures.py"
        assert (IMAGES / name).exists(), f"{name} is missing: make screenshots"


def test_every_picture_listed_is_there_and_none_is_left_over():
    assert {path.name for path in IMAGES.glob("*.png")} == LISTED


def test_every_picture_is_shown_somewhere():
    shown = {name for document in documents() for name in shown_in(document)}
    assert shown >= LISTED, LISTED - shown


def test_every_guide_speaks_both_languages_with_the_same_pictures():
    english, chinese = (
        {page.name: shown_in(page) for page in GUIDES[language].glob("*.md")}
        for language in ("en_US", "zh_CN")
    )
    assert english.keys() == chinese.keys()
    for name, pictures in english.items():
        expected = [picture.replace(".png", f"{LANGUAGES['zh_CN']}.png") for picture in pictures]
        assert chinese[name] == expected, name


def test_no_picture_is_listed_twice():
    assert len({picture.name for picture in PICTURES}) == len(PICTURES)
