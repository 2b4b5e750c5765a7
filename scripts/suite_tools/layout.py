"""Where things are, and what the person may choose through the environment."""

import hashlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from .console import SetupError

PROJECT = Path(__file__).resolve().parents[2]

NETWORK_REMEDY = (
    "Check the network (and proxy settings), then run the same command again: "
    "what is already there is kept."
)


@dataclass(frozen=True)
class Workspace:
    """The ignored folder that holds everything fetched or generated.

    Environment: ``SUITE_DIR`` the folder (default ``.suite`` in the project), ``PORT`` and
    ``BIND`` where the demo listens (default 8069 on this machine only).
    """

    home: Path = field(
        default_factory=lambda: Path(os.environ.get("SUITE_DIR") or PROJECT / ".suite").resolve()
    )
    port: int = field(default_factory=lambda: int(os.environ.get("PORT") or 8069))
    bind: str = field(default_factory=lambda: os.environ.get("BIND") or "127.0.0.1")

    @property
    def addons(self) -> Path:
        return PROJECT / "addons"

    @property
    def config(self) -> Path:
        return PROJECT / "config"

    @property
    def logs(self) -> Path:
        return self.home / "log"

    @property
    def run(self) -> Path:
        return self.home / "run"

    def suite_addons(self) -> list[str]:
        """Technical names of the addons of this project, sorted."""
        return sorted(path.parent.name for path in self.addons.glob("*/__manifest__.py"))


NEEDED_BYTES = 5 * 1024**3


def check_disk(workspace: Workspace) -> None:
    """:raise SetupError: before the first set-up, when it would not fit"""
    if (workspace.home / "venv").exists():
        return
    existing = next(path for path in (workspace.home, *workspace.home.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if free < NEEDED_BYTES:
        raise SetupError(
            f"{free / 1024**3:.1f} GiB are free in {existing}; the suite needs about "
            f"{NEEDED_BYTES / 1024**3:.0f} GiB.",
            "Make room, or choose another folder: make demo SUITE_DIR=/some/folder",
        )


# What changes nothing in a database: tests, texts, pictures of the store page.
_NOT_INSTALLED = ("tests", "description", "__pycache__")


def addon_fingerprint(folder: Path) -> str:
    """A hash of the files of an addon that end up in a database or run on it."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not set(parts) & set(_NOT_INSTALLED) and path.suffix != ".md":
            digest.update("/".join(parts).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
