"""A Chromium for the browser tests and the pictures."""

from pathlib import Path

from .layout import Workspace
from .programs import Program

CHROMIUM = Program(
    title="Chromium",
    folder="browser",
    variable="CHROMIUM",
    on_path=("chromium", "google-chrome", "google-chrome-stable", "chrome"),
    packages=("chromium", "fonts-noto-cjk", "fonts-dejavu-core"),
    executable="usr/lib/chromium/chromium",
)


def find_browser(workspace: Workspace) -> Path:
    """:raise SetupError: when there is none and none can be fetched"""
    return CHROMIUM.find(workspace)
