"""One run of the bench: worlds of growing size, every line on each, a table and a JSON file."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from . import report
from .line import NATIVE, NO_DATABASE, SUITE

MOST_TURNS = 9
MARK = "§ "  # before each answer of a worker: whatever else it prints is noise
PROJECT = Path(__file__).resolve().parents[3]


class Worker:
    """A measuring process on one database, or on none."""

    def __init__(self, python: Path, environment: dict, log: Path, config=None, database=None):
        command = [str(python), "-m", "tests.perf.harness.worker"]
        if database:
            command += ["--config", str(config), "--database", database]
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self.stream = log.open("a")
        self.process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.stream,
            text=True,
        )
        self._read()

    def ask(self, **request) -> dict:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict:
        for line in self.process.stdout:
            if line.startswith(MARK):
                return json.loads(line[len(MARK) :])
        raise RuntimeError(f"The measuring process ended; see {self.log}")

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.stream.close()


@dataclass
class Plan:
    """What to run and where.

    ``copy`` makes a database without a world, with the suite or without, for a number of leads,
    and gives its name. A line takes ``repeat`` turns, and more of them while it has taken less
    than ``patience`` seconds: what is over in a moment takes many turns to tell.
    """

    worlds: list[int]
    copy: Callable[[str, int], str]
    drop: Callable[[str], None]
    python: Path
    environment: dict
    config: Path
    log: Path
    until: str
    seed: int = 2026
    repeat: int = 3
    patience: float = 0.0
    only: list[str] = field(default_factory=list)
    context: dict = field(default_factory=dict)
    say: Callable[[str], None] = print


def run_plan(plan: Plan) -> dict:
    """Every world, every line. A line that fails is reported and does not stop the others.

    A job keeps one core busy. Where there are two, the largest world has one of them, and the
    smaller ones take turns on the other.
    """
    *smaller, largest = plan.worlds
    shares = [smaller, [largest]] if smaller and (os.cpu_count() or 1) > 1 else [plan.worlds]
    with ThreadPoolExecutor(len(shares)) as pool:
        answers = list(pool.map(lambda worlds: _run_worlds(plan, worlds), shares))
    return {key: [row for answer in answers for row in answer[key]] for key in answers[0]}


def _run_worlds(plan: Plan, worlds: list[int]) -> dict:
    answer = {"worlds": [], "results": []}
    for leads in worlds:
        plan.say(f"▸ World of {leads:,} leads …")
        _run_world(plan, leads, answer)
    return answer


def _run_world(plan: Plan, leads: int, answer: dict) -> None:
    workers = {NO_DATABASE: Worker(plan.python, plan.environment, plan.log)}
    databases = {}
    try:
        lines = _chosen_lines(plan, workers[NO_DATABASE].ask(do="describe")["lines"])
        wanted = {
            case["where"]
            for line in lines
            for case in line["cases"].values()
            if _is_possible(plan, case, leads)
        }
        for where in [name for name in (SUITE, NATIVE) if name in wanted]:
            databases[where] = plan.copy(where, leads)
            workers[where] = _open_world(plan, leads, where, databases[where], answer)
        for line in lines:
            if _is_possible(plan, line["cases"]["ours"], leads):
                answer["results"].append(_measure_line(plan, workers, leads, line))
                _say_result(plan, answer["results"][-1])
    finally:
        for worker in workers.values():
            worker.close()
        for database in databases.values():
            plan.drop(database)


def _chosen_lines(plan: Plan, lines: list[dict]) -> list[dict]:
    """The subjects asked for, and before them those whose results they stand on."""
    if not plan.only:
        return lines
    last = max((i for i, line in enumerate(lines) if line["subject"] in plan.only), default=-1)
    stand_on_others = any(
        case["where"] == SUITE
        for line in lines
        if line["subject"] in plan.only
        for case in line["cases"].values()
    )
    return [
        line
        for i, line in enumerate(lines)
        if line["subject"] in plan.only or (line["keep"] and i < last and stand_on_others)
    ]


def _open_world(plan, leads, where, database, answer) -> Worker:
    """Generate the world in one process and hand the database to a fresh one."""
    builder = Worker(plan.python, plan.environment, plan.log, plan.config, database)
    begun = time.monotonic()
    built = builder.ask(do="build", leads=leads, until=plan.until, seed=plan.seed)
    builder.close()
    if "error" in built:
        raise RuntimeError(built["error"])
    seconds = time.monotonic() - begun
    answer["worlds"].append(
        {"leads": leads, "where": where, "seconds": round(seconds, 1), "bytes": built["bytes"]}
    )
    size = f"{built['bytes'] / 2**20:,.0f} MB"
    plan.say(f"  ✓ {leads:,} leads ({where}) generated in {seconds:.0f} s, {size}")
    return Worker(plan.python, plan.environment, plan.log, plan.config, database)


def _measure_line(plan: Plan, workers, leads: int, line: dict) -> dict:
    """Take turns, so that what disturbs the machine disturbs all alike."""
    runs: dict[str, list[dict]] = {name: [] for name in line["cases"]}
    problems = {}
    begun, turn = time.monotonic(), 0
    while turn < plan.repeat or _is_worth_a_turn(plan, line, time.monotonic() - begun, turn):
        for name, case in line["cases"].items():
            if name in problems or not _is_possible(plan, case, leads):
                continue
            keep = line["keep"] and name == "ours" and turn == plan.repeat - 1
            context = plan.context | {"leads": leads}
            measured = workers[case["where"]].ask(
                line=line["key"], case=name, keep=keep, context=context
            )
            if "error" in measured:
                problems[name] = measured["error"]
            else:
                runs[name].append(measured)
        turn += 1
    kept = ("key", "subject", "title", "unit", "bounds", "limit_p95")
    return {name: line[name] for name in kept} | {
        "leads": leads,
        "ours": runs.pop("ours"),
        "rivals": runs,
        "problems": problems,
    }


def _is_worth_a_turn(plan: Plan, line: dict, seconds: float, turns: int) -> bool:
    """Whether another turn, as long as those before it, ends in time; the turn of a job whose
    work stays in the database was the last."""
    in_time = seconds / turns * (turns + 1) <= plan.patience
    return in_time and turns < MOST_TURNS and not line["keep"]


def _is_possible(plan: Plan, case: dict, leads: int) -> bool:
    fits = (case["at_least"] or 0) <= leads <= (case["at_most"] or leads)
    return fits and (not case["needs"] or bool(plan.context.get(case["needs"])))


def _say_result(plan: Plan, result: dict) -> None:
    for name, problem in result["problems"].items():
        last = problem.strip().splitlines()[-1]
        plan.say(f"  ✗ {result['title']} ({name}): {last}")
    for row in report.table_rows([result]):
        work = f"{row[0]}, {row[1]} leads: {row[4]} for {row[2]}"
        plan.say(f"  {work}; {row[8]} {row[9]}: {row[11]} {row[13]}")


def write_files(answer: dict, folder: Path, name: str) -> tuple[Path, Path]:
    """The measurements as JSON, and the table of the documentation as Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    data, table = folder / f"{name}.json", folder / f"{name}.md"
    data.write_text(json.dumps(answer, indent=1))
    text = report.markdown(report.HEADINGS, report.table_rows(answer["results"]))
    growth = report.growth_rows(answer["results"])
    if growth:
        text += "\n\n" + report.markdown(report.GROWTH_HEADINGS, growth)
    table.write_text(text + "\n")
    return data, table


def environment_for(odoo_environment: dict) -> dict:
    """Children find the project's packages and Odoo."""
    paths = [str(PROJECT), odoo_environment.get("PYTHONPATH", "")]
    return {
        **os.environ,
        **odoo_environment,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
    }


def this_python() -> Path:
    return Path(sys.executable)
