"""Programs the tests need and a machine may lack: the one the user names, one on the PATH, else
Debian's, unpacked into the workspace without root."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .console import SetupError, step
from .debian import DebianArchive, unpack
from .layout import Workspace

_WRAPPER = """#!/bin/sh
root={root}
LD_LIBRARY_PATH=$(find "$root/lib" "$root/usr/lib" -maxdepth 3 -name '*.so*' -printf '%h\\n' \\
  2>/dev/null | sort -u | tr '\\n' ':')
QT_PLUGIN_PATH=$(echo "$root"/usr/lib/*/qt5/plugins)
export LD_LIBRARY_PATH FONTCONFIG_FILE="$root/fonts.conf" XDG_DATA_DIRS="$root/usr/share"
export QT_PLUGIN_PATH QT_QPA_PLATFORM=offscreen
exec "$root/{executable}" "$@"
"""

# The fonts that come with the browser serve the others too.
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{root}/usr/share/fonts</dir>
  <dir>{home}/browser/root/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{root}/cache</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family>
    <family>Noto Sans CJK SC</family></prefer></alias>
</fontconfig>
"""


@dataclass(frozen=True)
class Program:
    """A program and how to come by it.

    ``variable`` of the environment names one of the user's own. ``executable`` is where Debian's
    ``packages`` have it; ``settle`` does in the unpacked tree what their installation scripts
    would have done.
    """

    title: str
    folder: str
    variable: str
    on_path: tuple[str, ...]
    packages: tuple[str, ...]
    executable: str
    settle: Callable[[Path], None] | None = None

    @property
    def remedy(self) -> str:
        return (
            f"Install {self.title} (Debian: apt-get install {' '.join(self.packages)}) "
            f"or name one: {self.variable}="
        )

    def find(self, workspace: Workspace) -> Path:
        """:raise SetupError: when there is none and none can be fetched"""
        if named := os.environ.get(self.variable):
            return self._checked(Path(named))
        for name in self.on_path:
            if found := shutil.which(name):
                return self._checked(Path(found))
        wrapper = workspace.home / self.folder / self.on_path[0]
        if not wrapper.exists():
            with step(f"{self.title}, unpacked into the workspace"):
                self._fetch(workspace, wrapper)
        return self._checked(wrapper)

    def _fetch(self, workspace: Workspace, wrapper: Path) -> None:
        if not DebianArchive.is_usable():
            raise SetupError(f"There is no {self.title} on this machine.", self.remedy)
        archive = DebianArchive(workspace.home / "apt")
        packages = workspace.home / "packages" / self.folder
        archive.download(archive.closure(list(self.packages)), packages)
        root = workspace.home / self.folder / "root"
        unpack(packages, root)
        shutil.rmtree(packages)
        if self.settle:
            self.settle(root)
        (root / "fonts.conf").write_text(_FONTS.format(root=root, home=workspace.home))
        wrapper.write_text(_WRAPPER.format(root=root, executable=self.executable))
        wrapper.chmod(0o755)

    def _checked(self, program: Path) -> Path:
        try:
            answer = subprocess.run(
                [program, "--version"], capture_output=True, text=True, timeout=60
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SetupError(f"{program} does not start: {error}", self.remedy) from None
        if answer.returncode:
            raise SetupError(
                f"{program} does not start: {answer.stderr.strip()[-400:]}", self.remedy
            )
        return program
