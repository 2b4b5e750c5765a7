import doctest
import io
from datetime import datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketing_touchpoint.tools import touch_file
from odoo.addons.marketing_touchpoint.tools.touch_file import (
    TouchFileError,
    parse_date,
    parse_email,
    read_touches,
)


def xlsx(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_examples_in_the_documentation_hold():
    assert doctest.testmod(touch_file).failed == 0
    assert doctest.testmod(touch_file).attempted > 5


def test_a_spreadsheet_and_a_csv_say_the_same():
    rows = [
        ["Email", "Date", "Name", "Company"],
        ["bob@x.com", datetime(2026, 3, 2, 10, 30), "Bob", "X"],
    ]
    text = "Email,Date,Name,Company\nbob@x.com,2026-03-02 10:30,Bob,X\n"
    assert read_touches(xlsx(*rows)) == read_touches(text.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_chinese_files_are_read_in_the_usual_encodings(encoding, delimiter):
    text = f"姓名{delimiter}邮箱{delimiter}日期\n王芳{delimiter}wang@x.cn{delimiter}2026年3月2日\n"
    [row] = read_touches(text.encode(encoding))
    assert (row.person, row.email, row.date) == ("王芳", "wang@x.cn", datetime(2026, 3, 2))


def test_line_numbers_are_those_of_the_file():
    rows = read_touches(b"email\n\na@x.com\n\nb@x.com\n")
    assert [row.line for row in rows] == [3, 5]


def test_problems_are_named():
    rows = read_touches(
        b"email;date\nnobody;2026-01-01\n;2026-01-01\na@x.com;03/04/2026\nb@x.com;soon\n"
        b"c@x.com;2026-01-01\nC@x.com;2026-01-01\n"
    )
    assert [row.problems for row in rows] == [
        ("bad_email",),
        ("no_email",),
        ("ambiguous_date",),
        ("bad_date",),
        (),
        ("duplicate_line",),
    ]


def test_the_same_person_on_two_days_is_no_duplicate():
    rows = read_touches(b"email,date\na@x.com,2026-01-01\na@x.com,2026-01-02\n")
    assert not any(row.problems for row in rows)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"name;date\nBob;2026-01-01\n", "no_email_column"),
        (b"PK\x03\x04 not a spreadsheet", "bad_xlsx"),
        (b"\x00\x01\x02\x00", "not_text"),
    ],
)
def test_files_that_cannot_be_read_say_why(content, code):
    with pytest.raises(TouchFileError) as error:
        read_touches(content)
    assert error.value.code == code


def test_short_rows_are_padded():
    [row] = read_touches(b"name,email,date\nBob,bob@x.com\n")
    assert row.email == "bob@x.com"
    assert row.date is None
    assert not row.problems


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)))
def test_iso_dates_survive(moment):
    assert parse_date(moment.isoformat(sep=" ")) == (moment, None)
    assert parse_date(moment.isoformat()) == (moment, None)


@given(st.dates(min_value=datetime(1900, 1, 1).date(), max_value=datetime(2100, 1, 1).date()))
def test_a_slashed_date_is_right_or_refused(day):
    """Whichever way it was written, it never becomes another day."""
    for text in (day.strftime("%d/%m/%Y"), day.strftime("%m/%d/%Y")):
        found, problem = parse_date(text)
        assert problem == "ambiguous_date" or found.date() == day


@given(st.text())
def test_no_text_breaks_the_parsers(text):
    found, problem = parse_date(text)
    assert found is None or problem is None
    email = parse_email(text)
    assert email is None or "@" in email


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content):
    try:
        read_touches(content)
    except TouchFileError as error:
        assert error.code
