"""What opens and prints the files the suite gives out: LibreOffice for workbooks, without its
screens, and the wkhtmltopdf Odoo prints with."""

import shutil
from pathlib import Path

from .console import SetupError, say
from .layout import Workspace
from .programs import Program


def _settle_libreoffice(root: Path) -> None:
    """Its settings lie where it looks for them, and it looks below the tree."""
    settings = root / "etc/libreoffice/registry"
    shutil.copytree(root / "usr/lib/libreoffice/share/.registry", settings, dirs_exist_ok=True)
    for file in (root / "usr/lib/libreoffice/program").glob("*rc"):
        text = file.read_text()
        for folder in ("etc", "usr"):
            text = text.replace(f"file:///{folder}/", f"{root.as_uri()}/{folder}/")
        file.write_text(text)


LIBREOFFICE = Program(
    title="LibreOffice",
    folder="office",
    variable="SOFFICE",
    on_path=("soffice", "libreoffice"),
    packages=("libreoffice-calc-nogui", "fonts-dejavu-core"),
    executable="usr/lib/libreoffice/program/soffice",
    settle=_settle_libreoffice,
)
WKHTMLTOPDF = Program(
    title="wkhtmltopdf",
    folder="printing",
    variable="WKHTMLTOPDF",
    on_path=("wkhtmltopdf",),
    packages=("wkhtmltopdf", "fonts-dejavu-core"),
    executable="usr/bin/wkhtmltopdf",
)


def find_document_programs(workspace: Workspace) -> dict[str, Path]:
    """Their places by name of the variable. One that cannot be had is left out, and said: the
    tests that need it say that they skip."""
    places = {}
    for program in (LIBREOFFICE, WKHTMLTOPDF):
        try:
            places[program.variable] = program.find(workspace)
        except SetupError as error:
            say(f"  {program.title} is not available: {error.problem}\n  {error.remedy}")
    return places
