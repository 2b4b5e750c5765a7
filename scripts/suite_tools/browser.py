"""A Chromium for the browser tests: the one the user names, one on the PATH, else Debian's,
unpacked into the workspace without root."""

import os
import shutil
import subprocess
from pathlib import Path

from .console import SetupError, step
from .debian import DebianArchive, unpack
from .layout import Workspace

PACKAGES = ["chromium", "fonts-noto-cjk", "fonts-dejavu-core"]
ON_PATH = ("chromium", "google-chrome", "google-chrome-stable", "chrome")

REMEDY = "Install Chromium (Debian: apt-get install chromium fonts-noto-cjk) or name one: CHROMIUM="

_WRAPPER = """#!/bin/sh
root={root}
LD_LIBRARY_PATH=$(find "$root/usr/lib" -maxdepth 2 -name '*.so*' -printf '%h\\n' \\
  | sort -u | tr '\\n' ':')
export LD_LIBRARY_PATH FONTCONFIG_FILE="$root/fonts.conf" XDG_DATA_DIRS="$root/usr/share"
exec "$root/usr/lib/chromium/chromium" "$@"
"""

_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{root}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{root}/cache</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family>
    <family>Noto Sans CJK SC</family></prefer></alias>
</fontconfig>
"""


def find_browser(workspace: Workspace) -> Path:
    """:raise SetupError: when there is none and none can be fetched"""
    if named := os.environ.get("CHROMIUM"):
        return _checked(Path(named))
    for name in ON_PATH:
        if found := shutil.which(name):
            return _checked(Path(found))
    wrapper = workspace.home / "browser/chromium"
    if not wrapper.exists():
        with step("Chromium, unpacked into the workspace"):
            _fetch(workspace, wrapper)
    return _checked(wrapper)


def _fetch(workspace: Workspace, wrapper: Path) -> None:
    if not DebianArchive.is_usable():
        raise SetupError("There is no Chromium on this machine.", REMEDY)
    archive = DebianArchive(workspace.home / "apt")
    packages = workspace.home / "packages/browser"
    archive.download(archive.closure(PACKAGES), packages)
    root = workspace.home / "browser/root"
    unpack(packages, root)
    shutil.rmtree(packages)
    (root / "fonts.conf").write_text(_FONTS.format(root=root))
    wrapper.write_text(_WRAPPER.format(root=root))
    wrapper.chmod(0o755)


def _checked(browser: Path) -> Path:
    try:
        answer = subprocess.run([browser, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetupError(f"{browser} does not start: {error}", REMEDY) from None
    if answer.returncode:
        raise SetupError(f"{browser} does not start: {answer.stderr.strip()[-400:]}", REMEDY)
    return browser
