"""One run of the bench on a tiny world, whose databases stay for the checks of the world."""

import os
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "scripts")]

from suite_tools.databases import (  # noqa: E402
    NATIVE,
    TEMPLATE,
    copy_runner_database,
    ensure_template,
)
from suite_tools.layout import Workspace  # noqa: E402
from suite_tools.odoo_run import OdooRunner  # noqa: E402
from suite_tools.odoo_source import find_odoo  # noqa: E402
from suite_tools.postgres import drop_database, find_server  # noqa: E402

from tests.perf.harness.run import Plan, environment_for, run_plan  # noqa: E402
from tests.perf.world.size import LEADS  # noqa: E402


@pytest.fixture(scope="session")
def bench():
    """What a run answers, and a way to look into the worlds it ran on."""
    workspace = Workspace()
    source, server = find_odoo(workspace), find_server(workspace, "test")
    runner = OdooRunner(workspace, source, server, "test")
    runner.write_config(port=8079)
    ensure_template(runner)
    databases = {}

    def copy(where: str, _leads: int) -> str:
        databases[where] = f"suite_bench_test_{where}_{os.getpid()}"
        template = TEMPLATE if where == "suite" else NATIVE
        copy_runner_database(runner, template, databases[where])
        return databases[where]

    plan = Plan(
        worlds=[LEADS["tiny"]],
        copy=copy,
        drop=lambda name: None,
        python=Path(sys.executable),
        environment=environment_for(source.environment),
        config=runner.config_file,
        log=workspace.logs / "test-bench.log",
        until=date.today().isoformat(),
        repeat=1,
    )
    try:
        answer = run_plan(plan)
        yield SimpleNamespace(answer=answer, databases=databases, shell=runner.shell)
    finally:
        for name in databases.values():
            drop_database(server, name)
