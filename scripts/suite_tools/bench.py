"""`make bench`: how fast the suite is, beside what one would use instead.

make bench                        the small worlds: does the harness work, what is the order
make bench SIZE=medium            10 000 and 100 000 leads, half an hour
make bench SIZE=full              up to a million leads
make bench ONLY="scoring paths"   some subjects; and before them what they stand on
make bench REPEAT=5 SEED=1        more turns; another world
"""

import os
import platform
import re
import shutil
import sys
from datetime import date, datetime
from pathlib import Path

from .console import SetupError, say, step
from .databases import NATIVE, TEMPLATE, copy_runner_database, ensure_template
from .layout import PROJECT, Workspace
from .odoo_run import OdooRunner
from .odoo_source import find_odoo
from .postgres import drop_database, find_server
from .python_env import install_packages, venv_python

LIBRARIES = PROJECT / "config/requirements-bench.txt"
#: Seconds a line may take turns for, where there is time for more than one.
PATIENCE = 30.0


def main(workspace: Workspace, arguments: list[str]) -> int:
    """Print the table and write it; an exit code of 1 says that something did not run, never
    that it was slow."""
    sys.path.insert(0, str(PROJECT))
    from tests.perf.harness import report
    from tests.perf.harness.run import run_plan, write_files

    size = os.environ.get("SIZE") or "small"
    plan = _prepare_plan(workspace, size)
    answer = {"machine": _describe_machine(plan), "size": size, "seed": plan.seed}
    answer |= run_plan(plan)
    results = answer["results"]
    say("\n" + report.plain(report.HEADINGS, report.table_rows(results)))
    growth = report.growth_rows(results)
    if growth:
        say("\n" + report.plain(report.GROWTH_HEADINGS, growth))
    stamp = datetime.now().strftime("%Y-%m-%d-%H%M%S")
    data, table = write_files(answer, workspace.home / "bench", f"{stamp}-{size}")
    say(f"\n{data}\n{table}")
    problems = [problem for result in results for problem in result["problems"].values()]
    for problem in problems:
        say(f"\n{problem}")
    return 1 if problems else 0


def _prepare_plan(workspace: Workspace, size: str):
    from tests.perf.harness.run import Plan, environment_for
    from tests.perf.world.size import LEADS, SIZES

    if size not in SIZES:
        raise SetupError(f"There is no size {size}.", f"Choose one of {', '.join(SIZES)}.")
    source = find_odoo(workspace)
    server = find_server(workspace, "test")
    templates = OdooRunner(workspace, source, server, "test")
    templates.write_config(port=8079)
    ensure_template(templates)
    runner = OdooRunner(workspace, source, server, "bench")
    runner.write_config(port=8081, data_dir=str(templates.data_dir), max_cron_threads="0")

    def copy(where: str, leads: int) -> str:
        name = f"suite_bench_{where}_{leads}_{os.getpid()}"
        copy_runner_database(templates, TEMPLATE if where == "suite" else NATIVE, name)
        return name

    def drop(name: str) -> None:
        drop_database(server, name)
        shutil.rmtree(templates.data_dir / "filestore" / name, ignore_errors=True)

    return Plan(
        worlds=[LEADS[name] for name in SIZES[size]],
        copy=copy,
        drop=drop,
        python=venv_python(workspace),
        environment=environment_for(source.environment),
        config=runner.config_file,
        log=workspace.logs / "bench.log",
        until=date.today().isoformat(),
        seed=int(os.environ.get("SEED") or 2026),
        repeat=int(os.environ.get("REPEAT") or (3 if size == "medium" else 1)),
        patience=0.0 if size == "small" else PATIENCE,
        only=re.split(r"[ ,]+", os.environ["ONLY"].strip()) if os.environ.get("ONLY") else [],
        context={"libraries": _find_libraries(workspace, size)},
        say=say,
    )


def _find_libraries(workspace: Workspace, size: str) -> str | None:
    """The libraries our path engine is compared with; the small bench does without them unless
    they are there already."""
    folder = workspace.home / "bench/libraries"
    mark = folder / ".ready"
    wanted = LIBRARIES.read_text()
    if mark.exists() and mark.read_text() == wanted:
        return str(folder)
    if size == "small":
        return None
    with step("Libraries to compare the path engine with"):
        install_packages(workspace, LIBRARIES, target=folder)
    mark.write_text(wanted)
    return str(folder)


def _describe_machine(plan) -> dict:
    """What the figures were measured on."""
    processor = platform.processor()
    memory = None
    if Path("/proc/cpuinfo").exists():
        models = re.findall(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
        processor = models[0] if models else processor
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        memory = round(pages / 2**30, 1)
    return {
        "date": datetime.now().isoformat(timespec="minutes"),
        "processor": processor,
        "cores": os.cpu_count(),
        "memory_gib": memory,
        "load": [round(value, 1) for value in os.getloadavg()],
        "python": platform.python_version(),
        "until": plan.until,
        "repeat": plan.repeat,
    }
