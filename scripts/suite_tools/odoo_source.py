"""Odoo 19: the one the user names, else Debian's package, else a clone of branch 19.0."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .console import SetupError, run, say
from .debian import DebianArchive, unpack, version_of
from .layout import NETWORK_REMEDY, Workspace

REPOSITORY = "https://github.com/odoo/odoo.git"
BRANCH = "19.0"

# What Debian's package links to (fonts and scripts of other packages).
FROM_SID = [
    "odoo-19",
    "libjs-jquery",
    "node-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-glyphicons-halflings",
]
# Newer releases of these have other file names than Odoo links to.
FROM_MACHINE = ["fonts-font-awesome", "fonts-inconsolata"]

# Debian leaves this file out. Without it every page logs an error; blurred backgrounds in
# video calls are all that is lost.
LEFT_OUT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


@dataclass(frozen=True)
class OdooSource:
    """A usable Odoo 19: what to put on the Python path, and where its addons are."""

    python_path: Path
    addons: tuple[Path, ...]
    version: str

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join(filter(None, [str(self.python_path), os.environ.get("PYTHONPATH")]))
        return {**os.environ, "PYTHONPATH": path}


def find_odoo(workspace: Workspace) -> OdooSource:
    """Find or fetch Odoo 19. Interrupted downloads go on where they stopped."""
    if named := os.environ.get("ODOO_HOME"):
        return _read_source(Path(named).expanduser().resolve(), "ODOO_HOME")
    for folder in (_unpacked(workspace), _cloned(workspace)):
        if folder.exists():
            return _read_source(folder, str(folder))
    try:
        return _from_debian(workspace)
    except SetupError as error:
        say(f"  Debian's package is not available ({error.problem.splitlines()[0]})")
        return _from_clone(workspace)


def _unpacked(workspace: Workspace) -> Path:
    return workspace.home / "odoo" / "usr/lib/python3/dist-packages"


def _cloned(workspace: Workspace) -> Path:
    return workspace.home / "odoo-19.0"


def _read_source(folder: Path, named_by: str) -> OdooSource:
    release = folder / "odoo" / "release.py"
    if not release.exists():
        raise SetupError(
            f"{named_by} names no Odoo: {release} is missing.",
            "Let it name the folder that holds the Python package `odoo`.",
        )
    match = re.search(r"version_info = \((\d+), (\d+)", release.read_text())
    if not match or match.groups() != ("19", "0"):
        raise SetupError(
            f"{named_by} is not Odoo 19.0.", "Name an Odoo 19.0, or leave ODOO_HOME unset."
        )
    addons = tuple(path for path in (folder / "odoo/addons", folder / "addons") if path.is_dir())
    return OdooSource(folder, addons, f"19.0 at {folder}")


def _from_debian(workspace: Workspace) -> OdooSource:
    if not DebianArchive.is_usable():
        raise SetupError("apt is not on this machine.", "Name an Odoo 19 with ODOO_HOME.")
    lists, packages = workspace.home / "apt", workspace.home / "packages/odoo"
    DebianArchive(lists, "sid").download(FROM_SID, packages)
    DebianArchive(lists).download(FROM_MACHINE, packages)
    tree = workspace.home / "odoo"
    unpack(packages, tree)
    placeholder = _unpacked(workspace) / "odoo/addons" / LEFT_OUT
    placeholder.parent.mkdir(parents=True, exist_ok=True)
    placeholder.write_text("// Not part of this build: blurred backgrounds in video calls.\n")
    _check_links(tree)
    package = next(packages.glob("odoo-19_*.deb"))
    (tree / "VERSION").write_text(version_of(package) + "\n")
    shutil.rmtree(packages)
    source = _read_source(_unpacked(workspace), "Debian's package")
    say(f"  Odoo {(tree / 'VERSION').read_text().strip()} from Debian")
    return source


def _check_links(tree: Path) -> None:
    broken = [path for path in tree.rglob("*") if path.is_symlink() and not path.exists()]
    if broken:
        say(f"  note: {len(broken)} fonts or scripts of the web client are missing, the first is")
        say(f"        {broken[0].relative_to(tree)}")


def _from_clone(workspace: Workspace) -> OdooSource:
    target = _cloned(workspace)
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    run(
        ["git", "clone", "-q", "--depth", "1", "--branch", BRANCH, REPOSITORY, partial],
        problem="Odoo 19 could not be fetched, neither as a Debian package nor as a clone.",
        remedy=NETWORK_REMEDY + " Or name an Odoo 19 you have with ODOO_HOME=/path/to/odoo.",
    )
    partial.rename(target)
    commit = subprocess.run(
        ["git", "-C", target, "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    ).stdout.strip()
    say(f"  Odoo {BRANCH} at commit {commit}")
    return _read_source(target, str(target))
