"""Run one job in this process and say what it took. Called in a forked child."""

import gc
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

MB = 1024 * 1024


@dataclass
class Measurement:
    """What one run of a job took.

    ``memory`` is the peak of the process above what an idle worker holds, in MB; ``rows`` are
    inserted, changed and deleted rows of real tables, not of temporary ones.
    """

    seconds: float
    units: int
    queries: int = 0
    rows: int = 0
    memory: float = 0.0
    tables: tuple[str, ...] = ()

    def as_dict(self) -> dict:
        return asdict(self)


def measure_plain(job, context) -> Measurement:
    """A job without a database."""
    idle = _start_memory()
    steps = job(context)
    next(steps)
    begun = time.perf_counter()
    units = _finish(steps)
    seconds = time.perf_counter() - begun
    return Measurement(seconds, units, memory=_peak_memory() - idle)


def measure_on(registry, job, context, keep: bool) -> Measurement:
    """A job on a database: its writes are rolled back afterwards, unless they are to stay.

    A job that commits on its way does not: a savepoint of our own would change what is measured,
    so the commit only flushes.
    """
    from odoo import SUPERUSER_ID, api, sql_db

    with registry.cursor() as cr:
        idle = _start_memory()
        env = api.Environment(cr, SUPERUSER_ID, {})
        commit = cr.commit
        cr.commit = lambda: (cr.flush(), cr.postcommit.clear())
        steps = job(env, context)
        next(steps)
        env.flush_all()
        _reset_peak()
        before = _written(cr)
        queries = sql_db.sql_counter
        begun = time.perf_counter()
        units = _finish(steps)
        env.flush_all()
        cr.flush()
        seconds = time.perf_counter() - begun
        queries = sql_db.sql_counter - queries
        memory = _peak_memory() - idle
        written = _written(cr)
        cr.postcommit.clear()
        if keep:
            commit()
        else:
            cr.rollback()
    changed = tuple(sorted(name for name in written if written[name] != before.get(name, 0)))
    rows = sum(written.values()) - sum(before.values())
    return Measurement(seconds, units, queries, rows, memory, changed)


def clean_up(registry, tables) -> None:
    """What autovacuum would do in the course of the day: no run pays for the one before."""
    if not tables:
        return
    with registry.cursor() as cr:
        cr._cnx.rollback()
        cr._cnx.autocommit = True
        for table in tables:
            cr.execute(f'VACUUM ANALYZE "{table}"')
        cr._cnx.autocommit = False


def _finish(steps) -> int:
    try:
        next(steps)
    except StopIteration as end:
        return end.value or 0
    raise AssertionError("A job has one yield: before it prepares, after it is measured.")


def _written(cr) -> dict[str, int]:
    """Rows written by this transaction so far, by table; tables made in it do not count twice."""
    cr.execute(
        """SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
            WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd + n_tup_del > 0"""
    )
    return dict(cr.fetchall())


def _start_memory() -> float:
    gc.collect()
    _reset_peak()
    return _status("VmRSS")


def _reset_peak() -> None:
    """Let the kernel forget the highest memory so far (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def _peak_memory() -> float:
    return _status("VmHWM")


def _status(key: str) -> float:
    """A value of this process in MB; where there is no /proc, the peak since it began."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(key):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (MB if sys.platform == "darwin" else 1024)


def in_child(function, *arguments) -> dict:
    """Call a function in a forked process and return its dict, or ``{"error": …}``."""
    import json
    import traceback

    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        os.close(reader)
        try:
            answer = function(*arguments)
        except BaseException:
            answer = {"error": traceback.format_exc()}
        with os.fdopen(writer, "w") as stream:
            stream.write(json.dumps(answer))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(process, 0)
    return json.loads(text) if text else {"error": "The measuring process died."}
