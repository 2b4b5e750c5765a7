"""Databases that hold one addon of the suite and what its manifest names, nothing else."""

import ast
import json
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT / "scripts"))

from suite_tools.databases import copy_runner_database  # noqa: E402
from suite_tools.layout import Workspace  # noqa: E402
from suite_tools.odoo_run import OdooRunner, log_problems  # noqa: E402
from suite_tools.odoo_source import find_odoo  # noqa: E402
from suite_tools.postgres import database_names, drop_database, find_server  # noqa: E402

BARE = "suite_bare"


def depends(addon: str) -> list[str]:
    manifest = PROJECT / "addons" / addon / "__manifest__.py"
    return ast.literal_eval(manifest.read_text())["depends"]


class Databases:
    """Builds ``alone_<addon>`` on the database of a room it stands on, or on a bare one."""

    def __init__(self, runner: OdooRunner):
        self.runner = runner
        self.suite = set(runner.workspace.suite_addons())
        self.built: dict[str, Path] = {}

    def bare(self) -> str:
        if BARE not in database_names(self.runner.server):
            self.runner.update(BARE, self._log(BARE), install=["base", "web", "mail"])
        return BARE

    def alone(self, addon: str) -> tuple[str, Path]:
        """The database in which only this addon was asked for, and the log of installing it."""
        name = f"alone_{addon}"
        if addon not in self.built:
            rooms = [room for room in depends(addon) if room in self.suite]
            source = self.alone(rooms[0])[0] if rooms else self.bare()
            copy_runner_database(self.runner, source, name)
            self.built[addon] = self.runner.update(name, self._log(name), install=[addon])
        return name, self.built[addon]

    def native_problems(self) -> set[str]:
        """What Odoo's own apps say in the log when they are installed without the suite."""
        problems = set()
        for log in (self._log(BARE), self._log("suite_native")):
            if log.exists():
                problems |= set(log_problems(log))
        return problems

    def copy(self, source: str, target: str) -> str:
        copy_runner_database(self.runner, source, target)
        return target

    def run(self, database: str, script: str) -> dict:
        """Run a script in an Odoo shell; its last printed line is JSON."""
        return json.loads(self.runner.shell(database, script).strip().splitlines()[-1])

    def drop(self, *names: str) -> None:
        for name in names:
            drop_database(self.runner.server, name)

    def _log(self, name: str) -> Path:
        return self.runner.workspace.logs / f"{name}.log"


@pytest.fixture(scope="session")
def databases():
    workspace = Workspace()
    server = find_server(workspace, "test")
    runner = OdooRunner(workspace, find_odoo(workspace), server, "install")
    runner.write_config(port=8075)
    found = Databases(runner)
    yield found
    found.drop(*(f"alone_{addon}" for addon in found.built))
