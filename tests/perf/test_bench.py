"""The bench runs whole and says everything; how fast anything is, is not tested."""

import json

from tests.perf.harness import report
from tests.perf.harness.run import write_files


def test_every_line_runs_in_every_way(bench):
    problems = {
        f"{result['title']} ({name})": problem.strip().splitlines()[-1]
        for result in bench.answer["results"]
        for name, problem in result["problems"].items()
    }
    assert not problems
    silent = [
        (result["title"], name)
        for result in bench.answer["results"]
        for name, runs in [("ours", result["ours"]), *result["rivals"].items()]
        if not runs and not _is_library(name)
    ]
    assert not silent


def _is_library(name: str) -> bool:
    """Libraries are fetched for larger benches only."""
    return "attribution" in name


def test_every_subject_is_there(bench):
    subjects = {result["subject"] for result in bench.answer["results"]}
    assert subjects >= {
        "ingestion",
        "scoring",
        "assignment",
        "attribution",
        "paths",
        "campaign_money",
        "roi_report",
        "dashboard",
        "native_operations",
    }


def test_each_job_did_work(bench):
    idle = [
        result["title"]
        for result in bench.answer["results"]
        if not all(run["units"] and run["seconds"] for run in result["ours"])
    ]
    assert not idle


def test_writing_jobs_wrote_and_reading_jobs_did_not(bench):
    rows = {result["title"]: result["ours"][0]["rows"] for result in bench.answer["results"]}
    assert rows["Ingest the whole history"] >= 500
    assert rows["Assign fresh leads by rules"] > 0
    assert rows["List of 80 campaigns with all money columns"] == 0
    assert rows["ROI report by campaign"] == 0
    assert rows["Dashboard, all panels, never asked before"] == 0


def test_bare_sql_ingests_the_same_number_of_touches(bench):
    [result] = [
        result
        for result in bench.answer["results"]
        if result["title"] == "Ingest the whole history"
    ]
    assert result["rivals"]["bare SQL"][0]["units"] == result["ours"][0]["units"]


def test_bare_sql_credits_as_many(bench):
    for title in ("Attribute everything, one model", "Attribute what changed, one model"):
        [result] = [r for r in bench.answer["results"] if r["title"] == title]
        assert result["rivals"]["bare SQL"][0]["units"] == result["ours"][0]["units"], title


def test_table_and_file_hold_every_result(bench, tmp_path):
    data, table = write_files(bench.answer, tmp_path, "bench")
    assert json.loads(data.read_text())["results"] == bench.answer["results"]
    text = table.read_text()
    assert all(result["title"] in text for result in bench.answer["results"])
    rows = report.table_rows(bench.answer["results"])
    assert len(rows) >= len(bench.answer["results"])
    assert {len(row) for row in rows} == {len(report.HEADINGS)}
