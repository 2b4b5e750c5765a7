"""A process with one database's registry: forks a child for every job it is asked to measure.

Reads JSON requests from standard input, one a line, and answers on standard output after a mark;
whatever Odoo says goes to standard error.
"""

import argparse
import json
import sys

import odoo.init  # noqa: F401  (subjects import names that it provides)

from .line import NO_DATABASE, load_lines
from .measure import clean_up, in_child, measure_on, measure_plain
from .run import MARK
from .twin import TWIN


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config")
    parser.add_argument("--database")
    options = parser.parse_args()
    registry = open_registry(options.config, options.database) if options.database else None
    lines = load_lines()
    _answer({"ready": True})
    for text in sys.stdin:
        _answer(_serve(registry, lines, json.loads(text)))


def open_registry(config: str, database: str):
    import odoo.sql_db
    from odoo.modules.registry import Registry
    from odoo.tools import config as settings

    settings.parse_config(["-c", config, "-d", database, "--log-level=error"], setup_logging=True)
    registry = Registry(database)
    with registry.cursor() as cr:
        _warm(registry, cr)
    odoo.sql_db.close_all()
    return registry


def _warm(registry, cr) -> None:
    """What an idle worker has in memory after its first requests."""
    from odoo import SUPERUSER_ID, api

    env = api.Environment(cr, SUPERUSER_ID, {})
    for model in ("crm.lead", "sale.order", "account.move", "utm.campaign", "mailing.trace"):
        env[model].search([], limit=1).read()
    cr.rollback()


def _serve(registry, lines, request: dict) -> dict:
    if request.get("do") == "describe":
        return {
            "lines": [
                {"key": key, "subject": subject, **line.describe()}
                for key, (subject, line) in lines.items()
            ]
        }
    if request.get("do") == "build":
        return in_child(_build, registry, request)
    case = lines[request["line"]][1].cases()[request["case"]]
    if case.where == NO_DATABASE:
        return in_child(lambda: measure_plain(case.job, request["context"]).as_dict())
    return in_child(_measure, registry, case, request)


def _measure(registry, case, request) -> dict:
    measurement = measure_on(registry, case.job, request["context"], request["keep"])
    clean_up(registry, [name for name in measurement.tables if not name.startswith(TWIN)])
    return measurement.as_dict()


def _build(registry, request) -> dict:
    """Fill the database with a world; the sizes of its tables come back."""
    from datetime import date

    from odoo import SUPERUSER_ID, api

    from tests.perf.world.build import build_world

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        build_world(
            env,
            request["leads"],
            date.fromisoformat(request["until"]),
            request["seed"],
            say=lambda text: print(text, file=sys.stderr, flush=True),
        )
        cr.execute("SELECT pg_database_size(current_database())")
        return {"bytes": cr.fetchone()[0]}


def _answer(answer: dict) -> None:
    print(MARK + json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
