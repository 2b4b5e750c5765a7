"""A long report does not fill the worker that makes it.

Memory, unlike time, is the same on a busy machine. Held in memory, the rows of the workbook here
would take more than its bound: see `constant_memory` in the workbook writer.
"""

import pytest

ROWS = 20_000  # as many as the subject makes in a small world
MOST = {"Export 100,000 rows, XLSX": 60, "Export 100,000 rows, CSV": 60}  # MB above an idle worker


@pytest.mark.parametrize("title", MOST)
def test_rows_are_written_and_forgotten(bench, title):
    [result] = [result for result in bench.answer["results"] if result["title"] == title]
    [run] = result["ours"]
    assert run["units"] >= ROWS
    assert run["memory"] <= MOST[title]
