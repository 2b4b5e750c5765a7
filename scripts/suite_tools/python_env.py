"""The project's own Python environment, from pinned and hash-checked packages."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from .console import SetupError, run, step
from .debian import DebianArchive
from .layout import NETWORK_REMEDY, Workspace

OLDEST, NEWEST = (3, 11), (3, 13)


def suitable_python() -> str:
    """An interpreter that can run the pinned packages: this one, else one on the PATH.

    Odoo 19.0 does not know Python 3.14 and later yet.

    :raise SetupError: when there is none
    """
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and _runs(Path(found)):
            return found
    raise SetupError(
        f"Python {sys.version.split()[0]} runs this command; Odoo 19 needs 3.11, 3.12 or 3.13.",
        "Install one of them (for example: apt-get install python3.13), or name one: "
        "make PYTHON=/path/to/python3.13 demo",
    )


def venv_python(workspace: Workspace) -> Path:
    return workspace.home / "venv/bin/python"


def ensure_environment(workspace: Workspace, *, development: bool) -> Path:
    """Create or complete the environment and return its interpreter.

    Installs again only when the pins or the interpreter changed.
    """
    files = [workspace.config / "requirements.txt"]
    if development:
        files = [
            workspace.config / "requirements-dev.txt",
            workspace.config / "requirements-oca.txt",
        ]
    wanted = _fingerprint(files)
    mark = workspace.home / ("python-dev.ready" if development else "python.ready")
    python = venv_python(workspace)
    if python.exists() and mark.exists() and mark.read_text() == wanted:
        return python
    with step("Python packages, pinned and hash-checked (first time: about a minute)"):
        _ensure_venv(workspace)
        for file in files:
            install_packages(workspace, file)
    mark.write_text(wanted)
    return python


def _fingerprint(files: list[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _ensure_venv(workspace: Workspace) -> None:
    folder = workspace.home / "venv"
    if (folder / "bin/python").exists() and _runs(folder / "bin/python"):
        return
    shutil.rmtree(folder, ignore_errors=True)
    workspace.home.mkdir(parents=True, exist_ok=True)
    run(
        [sys.executable, "-m", "venv", "--without-pip", folder],
        problem="The Python environment could not be created.",
        remedy=f"Is there space and write access in {workspace.home}?",
    )


def _runs(python: Path) -> bool:
    return os.access(python, os.X_OK) and os.system(f'"{python}" -c "" 2>/dev/null') == 0


def install_packages(workspace: Workspace, file: Path, target: Path | None = None) -> None:
    """Install a locked requirements file; every download must have a hash the file names.

    :param target: a folder beside the environment, for packages only some command needs
    """
    # Addons from the community name `odoo` as a dependency, which no registry serves.
    options = ["--no-deps"] if file.name == "requirements-oca.txt" else []
    options += ["--upgrade", "--target", target] if target else []
    run(
        [venv_python(workspace), *_pip(workspace), "install", "--quiet", "--require-hashes"]
        + ["--disable-pip-version-check", *options, "-r", file],
        problem="The Python packages could not be installed.",
        remedy=NETWORK_REMEDY,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )


def _pip(workspace: Workspace) -> list[str]:
    """pip as a command of the environment's interpreter.

    Debian and Ubuntu ship Python without the module that would bring pip; its wheel is in a
    package of its own, which is unpacked here.
    """
    wheels = [*(workspace.home / "pip").rglob("pip-*.whl")]
    if not wheels:
        try:
            import ensurepip

            wheels = [*Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl")]
        except ImportError:
            wheels = []
    if not wheels:
        wheels = [*Path("/usr/share/python-wheels").glob("pip-*.whl")]
    if not wheels:
        wheels = _fetch_pip(workspace)
    return [f"{wheels[0]}/pip"]


def _fetch_pip(workspace: Workspace) -> list[Path]:
    if not DebianArchive.is_usable():
        raise SetupError("This Python comes without pip.", "Install the package python3-venv.")
    from .debian import unpack

    packages = workspace.home / "packages/pip"
    # Lists of its own: Odoo may be coming down at the same time.
    DebianArchive(workspace.home / "apt-pip").download(["python3-pip-whl"], packages)
    unpack(packages, workspace.home / "pip")
    return [*(workspace.home / "pip").rglob("pip-*.whl")]
