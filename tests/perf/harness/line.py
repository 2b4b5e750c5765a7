"""What is measured. Subjects are files in `subjects/` that hold a list ``LINES``."""

import importlib
import pkgutil
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from .measure import Samples

SUITE, NATIVE, NO_DATABASE = "suite", "native", "none"

#: A job is a generator function: what comes before its ``yield`` prepares and is not measured,
#: what comes after is; it returns how many units of work it did, or the seconds of each.
Job = Callable[..., Generator[None, None, int | Samples]]


@dataclass(frozen=True)
class Case:
    """One way to do a job, and where: ``suite``, the world with the addons; ``native``, the same
    world in Odoo alone; ``none``, plain Python.

    ``at_most`` is the largest world, in leads, this case is run on: a native job of an hour tells
    no more than one of a minute. ``at_least`` is the smallest. ``needs`` names something of the
    context without which the case is left out.
    """

    job: Job
    where: str = SUITE
    at_most: int | None = None
    at_least: int | None = None
    needs: str | None = None


@dataclass(frozen=True)
class Line:
    """A row of the table.

    ``rivals`` maps a name to another way to the same result. ``bounds`` maps it to the largest
    time we allow ourselves, as a multiple of the rival's. ``keep``: later lines stand on what
    this job wrote, so the last run of ours stays in the database. ``limit_p95``: the seconds that
    95 of 100 samples of ours may take.
    """

    title: str
    unit: str
    ours: Case
    rivals: dict[str, Case] = field(default_factory=dict)
    bounds: dict[str, float] = field(default_factory=dict)
    keep: bool = False
    limit_p95: float | None = None

    def cases(self) -> dict[str, Case]:
        """All ways, ours last: what it keeps must not be there when the others run."""
        return {**self.rivals, "ours": self.ours}

    def describe(self) -> dict:
        """What the process that directs the run has to know; it does not import Odoo."""
        return {
            "title": self.title,
            "unit": self.unit,
            "bounds": self.bounds,
            "keep": self.keep,
            "limit_p95": self.limit_p95,
            "cases": {
                name: {key: getattr(case, key) for key in ("where", "at_most", "at_least", "needs")}
                for name, case in self.cases().items()
            },
        }


def on_native(job: Job) -> Case:
    """A job of Odoo alone. The largest world is made with the suite only: Odoo's time per record
    is known by then, and the world without the suite takes as long to make as the one with it.
    """
    return Case(job, NATIVE, at_most=100_000)


#: In this order, because some stand on what others keep.
SUBJECTS = [
    "ingestion",
    "scoring",
    "assignment",
    "attribution",
    "paths",
    "campaign_money",
    "roi_report",
    "dashboard",
    "native_operations",
]


def load_lines() -> dict[str, tuple[str, Line]]:
    """Every line by its key ``subject.number``: the listed subjects, then any other file."""
    from tests.perf import subjects

    found = [module.name for module in pkgutil.iter_modules(subjects.__path__)]
    ordered = [name for name in SUBJECTS if name in found]
    ordered += sorted(set(found) - set(SUBJECTS))
    lines = {}
    for name in ordered:
        module = importlib.import_module(f"tests.perf.subjects.{name}")
        for number, line in enumerate(getattr(module, "LINES", ())):
            lines[f"{name}.{number}"] = (name, line)
    return lines
