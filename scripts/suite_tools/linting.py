"""`make lint`: ruff, pylint with Odoo's mandatory checks, and the community's XML, CSV and po
checks. `make format` mends what can be mended by itself."""

import subprocess

from .console import say
from .layout import PROJECT, Workspace
from .python_env import venv_python

SOURCES = ["addons", "scripts", "tests"]

# The checks the Odoo Community Association requires for its 19.0 branches.
PYLINT_OPTIONS = ["--load-plugins=pylint_odoo", f"--rcfile={PROJECT / 'config/pylintrc'}"]


def commands(workspace: Workspace, fix: bool) -> dict[str, list[str]]:
    binaries = venv_python(workspace).parent
    sources = [name for name in SOURCES if (PROJECT / name).exists()]
    addons = [f"addons/{name}" for name in workspace.suite_addons()]
    manifests = [f"{addon}/__manifest__.py" for addon in addons]
    data_files = [
        str(path.relative_to(PROJECT))
        for name in workspace.suite_addons()
        for path in sorted((workspace.addons / name).rglob("*"))
        if path.suffix in (".xml", ".csv", ".po", ".pot") and "static/tests" not in str(path)
    ]
    checks = {
        "ruff": ["ruff", "check", *(["--fix"] if fix else []), *sources],
        "ruff format": ["ruff", "format", *([] if fix else ["--check", "-q"]), *sources],
        "pylint-odoo": ["pylint", *PYLINT_OPTIONS, *addons],
        "oca-checks-odoo-module": ["oca-checks-odoo-module", *manifests],
        "oca-checks-po": ["oca-checks-po", *_files(data_files, ".po", ".pot")],
    }
    return {name: [str(binaries / command[0]), *command[1:]] for name, command in checks.items()}


def _files(paths: list[str], *suffixes: str) -> list[str]:
    return [path for path in paths if path.endswith(suffixes)]


def main(workspace: Workspace, fix: bool = False) -> int:
    failed = []
    for name, command in commands(workspace, fix).items():
        result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
        if result.returncode:
            failed.append(name)
            say(f"✗ {name}\n{result.stdout}{result.stderr}")
        else:
            say(f"✓ {name}")
    return 1 if failed else 0
