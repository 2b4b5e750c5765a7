"""Where things are, for the checks that read files only."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ADDONS = PROJECT / "addons"


def addon_folders() -> list[Path]:
    return sorted(path.parent for path in ADDONS.glob("*/__manifest__.py"))


def read_manifest(addon: Path) -> dict:
    return ast.literal_eval((addon / "__manifest__.py").read_text())


@pytest.fixture(params=addon_folders(), ids=lambda path: path.name)
def addon(request) -> Path:
    return request.param


@pytest.fixture
def manifest(addon) -> dict:
    return read_manifest(addon)
