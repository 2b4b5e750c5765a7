"""Programs the tests start, put where the tests and Odoo look for them."""

import os
from pathlib import Path

from .browser import find_browser
from .console import step
from .documents import find_document_programs
from .layout import Workspace


def provide_browser(workspace: Workspace, environment: dict[str, str]) -> None:
    with step("Chromium"):
        browser = find_browser(workspace)
    environment["CHROMIUM"] = str(browser)
    # Odoo's own browser tests look for the name on the PATH.
    _link(workspace, "chromium", browser)
    environment["PATH"] = f"{workspace.home / 'bin'}{os.pathsep}{environment['PATH']}"


def provide_documents(workspace: Workspace, environment: dict[str, str]) -> None:
    """After the browser, whose folder on the PATH this uses too."""
    with step("LibreOffice and wkhtmltopdf"):
        places = find_document_programs(workspace)
    environment |= {name: str(place) for name, place in places.items()}
    if printer := places.get("WKHTMLTOPDF"):
        _link(workspace, "wkhtmltopdf", printer)  # Odoo looks for it on the PATH


def _link(workspace: Workspace, name: str, program: Path) -> None:
    folder = workspace.home / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / name
    link.unlink(missing_ok=True)
    link.symlink_to(program)
