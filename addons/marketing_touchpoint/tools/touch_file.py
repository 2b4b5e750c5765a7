"""Lists of people met somewhere, as files: bytes in, rows out, no Odoo import.

Badge scanners, fair organisers and colleagues deliver CSV in every flavour and spreadsheets. A file
is read whole, its columns are recognised by their headings, and every cell that cannot be
understood gives a named problem instead of a guess.
"""

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

HEADINGS = {
    "email": ("email", "e-mail", "mail", "email address", "邮箱", "电子邮件", "电子邮箱", "邮件"),
    "date": ("date", "time", "datetime", "date and time", "scanned at", "日期", "时间", "扫描时间"),
    "person": ("name", "contact", "contact name", "full name", "person", "姓名", "联系人"),
    "company": ("company", "company name", "organisation", "organization", "公司", "单位"),
    "phone": ("phone", "telephone", "mobile", "电话", "手机", "手机号"),
    "what": ("what", "title", "subject", "stand", "session", "内容", "主题", "展位"),
    "note": ("note", "notes", "comment", "comments", "remark", "备注", "说明"),
    "campaign": ("campaign", "utm_campaign", "营销活动", "活动"),
}
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%Y.%m.%d", "%Y年%m月%d日")
TIME_FORMATS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f")
EMAIL = re.compile(r"[^\s<>\",;]+@[^\s<>\",;@]+\.[^\s<>\",;@]+")
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(.*)$", re.DOTALL)


class TouchFileError(ValueError):
    """The file as a whole cannot be read; ``code`` says why."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class TouchRow:
    """One line of the file. ``problems`` are codes; a row with any of them is refused."""

    line: int
    email: str | None = None
    date: datetime | None = None
    person: str = ""
    company: str = ""
    phone: str = ""
    what: str = ""
    note: str = ""
    campaign: str = ""
    problems: tuple[str, ...] = field(default=())


def read_touches(content: bytes) -> list[TouchRow]:
    """Read a CSV or XLSX file. Empty lines are skipped; line numbers are those of the file.

    >>> [row] = read_touches(b"Email;Date\\nBob <BOB@x.com>;2026-03-02 10:30\\n")
    >>> row.line, row.email, row.date
    (2, 'bob@x.com', datetime.datetime(2026, 3, 2, 10, 30))
    """
    table = _read_xlsx(content) if content[:2] == b"PK" else _read_csv(content)
    filled = [(nr, cells) for nr, cells in enumerate(table, 1) if any(map(_text, cells))]
    if not filled:
        raise TouchFileError("empty")
    columns = find_columns(filled[0][1])
    if "email" not in columns:
        raise TouchFileError("no_email_column")
    return _mark_duplicates([_read_row(nr, cells, columns) for nr, cells in filled[1:]])


def find_columns(headings) -> dict[str, int]:
    """Which column holds what, by its heading; the first one that fits wins.

    >>> find_columns(["Name", "E-Mail", "时间"])
    {'person': 0, 'email': 1, 'date': 2}
    """
    columns = {}
    for index, heading in enumerate(headings):
        heading = _text(heading).lower().strip(" :*")
        for name, known in HEADINGS.items():
            if heading in known:
                columns.setdefault(name, index)
    return columns


def parse_email(value) -> str | None:
    """The address in a cell, in lower case, or None when there is not exactly one.

    >>> parse_email("Bob <BOB@x.com>")
    'bob@x.com'
    >>> parse_email("a@x.com, b@x.com") is None
    True
    """
    found = EMAIL.findall(_text(value))
    return found[0].lower() if len(found) == 1 else None


def parse_date(value) -> tuple[datetime | None, str | None]:
    """The moment in a cell and the problem with it, if any.

    Day and month of 03/04/2026 cannot be told apart, so nobody guesses:

    >>> parse_date("25/04/2026")
    (datetime.datetime(2026, 4, 25, 0, 0), None)
    >>> parse_date("03/04/2026")
    (None, 'ambiguous_date')
    >>> parse_date("soon")
    (None, 'bad_date')
    """
    if isinstance(value, datetime):
        return value.replace(tzinfo=None), None
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day), None
    text = re.sub(r"\s+", " ", _text(value).replace("T", " "))
    if not text:
        return None, None
    if slashed := SLASHED.match(text):
        return _parse_slashed(*slashed.groups())
    return _parse_formats(text)


def _parse_slashed(first, second, year, rest):
    if first == second or int(second) > 12:
        day, month = (first, second) if first == second else (second, first)
    elif int(first) > 12:
        day, month = first, second
    else:
        return None, "ambiguous_date"
    return _parse_formats(f"{year}-{int(month):02}-{int(day):02}{rest}")


def _parse_formats(text):
    for day in DATE_FORMATS:
        for time in TIME_FORMATS:
            try:
                return datetime.strptime(text, day + time), None
            except ValueError:
                continue
    return None, "bad_date"


def _read_row(line, cells, columns) -> TouchRow:
    values = {name: cells[index] for name, index in columns.items() if index < len(cells)}
    problems = []
    email = parse_email(values.get("email"))
    if email is None:
        problems.append("bad_email" if _text(values.get("email")) else "no_email")
    moment, problem = parse_date(values.get("date"))
    if problem:
        problems.append(problem)
    texts = {
        name: _text(values.get(name))
        for name in ("person", "company", "phone", "what", "note", "campaign")
    }
    return TouchRow(line=line, email=email, date=moment, problems=tuple(problems), **texts)


def _mark_duplicates(rows):
    """The same person at the same moment twice in one file is one touch: the first line."""
    seen, result = set(), []
    for row in rows:
        key = (row.email, row.date, row.what.lower(), row.campaign.lower())
        if not row.problems and key in seen:
            row = TouchRow(**{**row.__dict__, "problems": ("duplicate_line",)})
        elif not row.problems:
            seen.add(key)
        result.append(row)
    return result


def _text(value) -> str:
    return "" if value is None else str(value).strip()


def _read_xlsx(content):
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise TouchFileError("bad_xlsx") from error
    try:
        return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    finally:
        book.close()


def _read_csv(content):
    text = _decode(content)
    if "\0" in text:
        raise TouchFileError("not_text")
    first = text.lstrip("\n\r").split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise TouchFileError("bad_csv") from error


def _decode(content):
    """UTF-8 with or without mark, else the usual Chinese encoding, else Western."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("cp1252", errors="replace")
