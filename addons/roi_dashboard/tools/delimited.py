"""Rows as comma-separated text that a spreadsheet opens rightly and cannot be tricked by."""

import csv
import io
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"
# What makes a spreadsheet take a text for a formula, or a command.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


def guard(value):
    """Texts that a spreadsheet would compute are kept from it; numbers are numbers.

    >>> guard("=1+1"), guard("Spring"), guard(-5.0), guard(" =A1")
    ("'=1+1", 'Spring', -5.0, "' =A1")
    >>> guard(None), guard(True)
    ('', 'True')
    """
    if value is None or value is False:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    text = str(value).replace("\x00", "")
    return f"'{text}" if text.lstrip(" \u00a0").startswith(DANGEROUS) else text


def lines(rows: Iterable[Sequence]) -> Iterable[str]:
    """Each row as a line of text, by RFC 4180."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in rows:
        writer.writerow([guard(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
