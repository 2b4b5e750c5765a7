"""The table, from made-up measurements."""

import doctest

from tests.perf.harness import report
from tests.perf.harness.measure import Samples
from tests.perf.world import size


def _run(seconds, units=100, cpu=None, memory=1.0, p95=None):
    return {
        "seconds": seconds,
        "cpu": cpu,
        "units": units,
        "queries": 3,
        "rows": 0,
        "memory": memory,
        "p95": p95,
    }


def _result(ours, leads=1000, bounds=None, limit=None, **rivals):
    return {
        "title": "Job",
        "unit": "leads",
        "leads": leads,
        "ours": ours,
        "rivals": rivals,
        "bounds": bounds or {},
        "limit_p95": limit,
        "problems": {},
    }


def test_best_run_is_the_one_with_least_processor_time():
    disturbed, quiet = _run(9.0, cpu=1.2), _run(10.0, cpu=1.0)
    assert report.best([disturbed, quiet]) is quiet


def test_within_and_over_the_bound_are_told_apart():
    results = [
        _result([_run(1.0)], bounds={"bare": 2.0}, bare=[_run(0.6)]),
        _result([_run(1.0)], bounds={"bare": 2.0}, bare=[_run(0.4)]),
        _result([_run(1.0)], bare=[_run(0.4)]),
    ]
    assert [row[-1] for row in report.table_rows(results)] == ["✓", "over", ""]


def test_rivals_that_did_less_work_are_compared_per_unit():
    [row] = report.table_rows([_result([_run(2.0)], native=[_run(2.0, units=10)])])
    assert row[11] == "10 × faster"
    assert row[9] == "2 s for 10"


def test_limit_looks_at_the_slow_end_of_the_slowest_run():
    [row] = report.table_rows([_result([_run(9.0, p95=0.5), _run(9.0, p95=1.5)], limit=1.0)])
    assert row[-1] == "over"
    [row] = report.table_rows([_result([_run(9.0, p95=0.5)], limit=1.0)])
    assert row[-1] == "✓"


def test_slow_end_is_what_95_of_100_samples_do_not_pass():
    assert Samples([0.1] * 95 + [7.0] * 5).p95() == 0.1
    assert Samples([0.1] * 94 + [7.0] * 6).p95() == 7.0


def test_failed_job_has_no_row():
    assert report.table_rows([_result([])]) == []


def test_growth_compares_neighbouring_worlds():
    results = [
        _result([_run(1.0, units=1000)], leads=1000),
        _result([_run(12.0, units=10_000, memory=7)], leads=10_000),
    ]
    [row] = report.growth_rows(results)
    assert row == ["Job", "1,000 → 10,000", "10 ×", "12 ×", "1 → 7"]


def test_table_of_a_terminal_is_aligned():
    text = report.plain(["A", "Long heading"], [["value", "1"], ["v", "2"]])
    lines = text.splitlines()
    assert lines[2].index("1") == lines[3].index("2")


def test_examples_in_the_documentation_of_the_code_hold():
    for module in (report, size):
        assert doctest.testmod(module).failed == 0, module
