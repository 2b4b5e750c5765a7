"""Comma-separated rows: what goes in comes out, and nothing is computed on the way."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.roi_dashboard.tools.delimited import DANGEROUS, guard, lines

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@given(st.lists(TEXTS, min_size=1))
def test_no_cell_begins_like_a_formula(values):
    [row] = csv.reader(io.StringIO("".join(lines([values])), newline=""), strict=True)
    assert len(row) == len(values)
    for value, cell in zip(values, row, strict=True):
        assert cell in (value, f"'{value}")
        assert not cell.lstrip(" \u00a0").startswith(DANGEROUS)


def test_negative_numbers_stay_numbers():
    assert list(lines([[-1.5, "-1.5", None]])) == ["-1.5,'-1.5,\r\n"]


def test_wide_signs_are_guarded_too():
    assert guard("＝1") == "'＝1"
