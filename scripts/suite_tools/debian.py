"""Debian packages unpacked into a folder of the project: no root, the system stays as it is.

apt does the work with lists and caches of its own, and checks the archive's signature.
"""

import os
import shutil
import subprocess
from pathlib import Path

from .console import SetupError, run
from .layout import NETWORK_REMEDY

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class DebianArchive:
    """The machine's own package sources, or another suite of the same archive.

    :param folder: where lists and caches live
    :param suite: a suite such as ``sid``; None for the machine's own sources
    """

    def __init__(self, folder: Path, suite: str | None = None):
        self.folder = folder / (suite or "machine")
        self.suite = suite

    @staticmethod
    def is_usable() -> bool:
        return bool(shutil.which("apt-get") and shutil.which("dpkg"))

    def _options(self) -> list[str]:
        options = [
            f"Dir::State::lists={self.folder}/lists",
            f"Dir::Cache={self.folder}/cache",
            "Acquire::Retries=3",
        ]
        if os.geteuid() == 0:
            options.append("APT::Sandbox::User=root")
        if self.suite:
            options += [
                f"Dir::Etc::sourcelist={self.folder}/sources.list",
                "Dir::Etc::sourceparts=/dev/null",
            ]
        return [part for option in options for part in ("-o", option)]

    def update(self) -> None:
        """Fetch the package lists once."""
        done = self.folder / "updated"
        if done.exists():
            return
        for name in ("lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if self.suite:
            self._write_sources()
        run(
            ["apt-get", "-q", *self._options(), "update"],
            problem=f"The package lists of {self.suite or 'this machine'} could not be fetched.",
            remedy=NETWORK_REMEDY,
        )
        done.touch()

    def _write_sources(self) -> None:
        machine = DebianArchive(self.folder.parent)
        machine.update()
        targets = run(
            ["apt-get", *machine._options(), "indextargets"]
            + ["--format", "$(REPO_URI) $(ORIGIN) $(LABEL)", "Created-By: Packages"],
            problem="apt does not say where its packages come from.",
            remedy="Check `apt-get indextargets`, or name an Odoo 19 with ODOO_HOME.",
        )
        uris = [line.split()[0] for line in targets.splitlines() if line.endswith("Debian Debian")]
        if not uris or not KEYRING.exists():
            raise SetupError(
                "This machine has no Debian package source.",
                "Name an Odoo 19 with ODOO_HOME (a folder with odoo-bin).",
            )
        (self.folder / "sources.list").write_text(
            f"deb [signed-by={KEYRING}] {uris[0]} {self.suite} main\n"
        )

    def download(self, names: list[str], into: Path) -> None:
        """Download packages by name; those already there are kept."""
        self.update()
        into.mkdir(parents=True, exist_ok=True)
        missing = [name for name in names if not list(into.glob(f"{name}_*.deb"))]
        if missing:
            run(
                ["apt-get", "-q", *self._options(), "download", *missing],
                problem=f"Could not download {', '.join(missing)}.",
                remedy=NETWORK_REMEDY,
                cwd=into,
            )

    def closure(self, names: list[str]) -> list[str]:
        """The named packages and whatever they need that is not installed here."""
        self.update()
        plan = run(
            ["apt-get", *self._options(), "--no-install-recommends", "-s", "install", *names],
            problem=f"apt finds no way to install {', '.join(names)}.",
            remedy="Run `apt-get -s install` with these names to see what is in the way.",
        )
        return [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]


def unpack(packages: Path, into: Path) -> None:
    """Unpack every package of a folder into a new tree, all or nothing."""
    partial = into.with_name(into.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for package in sorted(packages.glob("*.deb")):
        run(
            ["dpkg", "-x", package, partial],
            problem=f"{package.name} could not be unpacked.",
            remedy="Is the disk full? Otherwise remove the file and run the command again.",
        )
    shutil.rmtree(into, ignore_errors=True)
    partial.rename(into)


def version_of(package: Path) -> str:
    result = subprocess.run(
        ["dpkg-deb", "-f", package, "Version"], capture_output=True, text=True, check=True
    )
    return result.stdout.strip()
