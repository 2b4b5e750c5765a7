"""Run one job in this process and say what it took. Called in a forked child."""

import contextlib
import gc
import math
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

MB = 1024 * 1024


class Samples(list):
    """What a job returns that does one thing many times: the seconds each time took."""

    def p95(self) -> float:
        """Of a hundred times, ninety-five were no slower (nearest rank).

        >>> Samples([0.1] * 18 + [0.5, 9.0]).p95()
        0.5
        """
        return sorted(self)[math.ceil(0.95 * len(self)) - 1]


@dataclass
class Measurement:
    """What one run of a job took.

    ``cpu`` is the processor time of the process and of its database backend: what else runs on
    the machine hardly changes it. None when the database is on another machine. ``memory`` is
    the peak of the process above what an idle worker holds, in MB; ``rows`` are inserted,
    changed and deleted rows of real tables, not of temporary ones; ``p95`` is in seconds, of jobs
    that return samples.
    """

    seconds: float
    units: int
    cpu: float | None = None
    queries: int = 0
    rows: int = 0
    memory: float = 0.0
    tables: tuple[str, ...] = ()
    p95: float | None = None

    def as_dict(self) -> dict:
        return asdict(self)


def measure_plain(job, context) -> Measurement:
    """A job without a database."""
    idle = _start_memory()
    steps = job(context)
    next(steps)
    begun, cpu = time.perf_counter(), time.process_time()
    units, p95 = _finish(steps)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return Measurement(seconds, units, cpu, memory=_peak_memory() - idle, p95=p95)


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
        # one process does the work of a job, so that its time can be told
        cr.execute("SET max_parallel_workers_per_gather = 0")
        cr.execute("SET max_parallel_maintenance_workers = 0")
        steps = job(env, context)
        next(steps)
        env.flush_all()
        _reset_peak()
        before = _written(cr)
        queries = sql_db.sql_counter
        backend = _backend_clock(cr)
        begun, cpu = time.perf_counter(), time.process_time() + backend()
        units, p95 = _finish(steps)
        env.flush_all()
        cr.flush()
        seconds = time.perf_counter() - begun
        cpu = time.process_time() + backend() - cpu
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
    spent = None if math.isnan(cpu) else cpu
    return Measurement(seconds, units, spent, queries, rows, memory, changed, p95)


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


def _finish(steps) -> tuple[int, float | None]:
    """Units of work, and the slow end of its samples if it has any."""
    try:
        next(steps)
    except StopIteration as end:
        if isinstance(end.value, Samples):
            return len(end.value), end.value.p95()
        return end.value or 0, None
    raise AssertionError("A job has one yield: before it prepares, after it is measured.")


def _backend_clock(cr):
    """A function that says how long this connection's backend has been on a processor."""
    cr.execute("SELECT pg_backend_pid()")
    process = Path(f"/proc/{cr.fetchone()[0]}")

    def read() -> float:
        try:
            if (process / "comm").read_text().startswith("postgres"):
                return int((process / "schedstat").read_text().split()[0]) / 1e9
        except OSError:
            pass
        return math.nan

    return read


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
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


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
