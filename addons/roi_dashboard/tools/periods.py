"""Periods of a dashboard as pure functions: which days to compare with, and how to cut them up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

COMPARISONS = ("none", "previous_period", "previous_year")


@dataclass(frozen=True)
class Span:
    """Days from ``start`` to ``end``, both included.

    >>> Span(date(2026, 2, 1), date(2026, 2, 28)).days
    28
    """

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


def add_months(day: date, months: int) -> date:
    """The same day of another month, or its last day where there is no such day.

    >>> add_months(date(2026, 3, 31), -1)
    datetime.date(2026, 2, 28)
    >>> add_months(date(2026, 11, 15), 3)
    datetime.date(2027, 2, 15)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(1)).day
    return date(year, month + 1, min(day.day, last))


def whole_months(span: Span) -> int:
    """How many calendar months the span is made of; 0 when it is not.

    >>> whole_months(Span(date(2026, 1, 1), date(2026, 3, 31)))
    3
    >>> whole_months(Span(date(2026, 1, 1), date(2026, 3, 30)))
    0
    """
    after = span.end + timedelta(1)
    if span.start.day != 1 or after.day != 1:
        return 0
    return (after.year - span.start.year) * 12 + after.month - span.start.month


def compared(span: Span, comparison: str) -> Span | None:
    """The span to compare with.

    Whole months are compared with as many months before, other spans with as many days before.

    >>> compared(Span(date(2026, 3, 1), date(2026, 3, 31)), "previous_period")
    Span(start=datetime.date(2026, 2, 1), end=datetime.date(2026, 2, 28))
    >>> compared(Span(date(2026, 3, 10), date(2026, 3, 19)), "previous_period")
    Span(start=datetime.date(2026, 2, 28), end=datetime.date(2026, 3, 9))
    >>> compared(Span(date(2024, 2, 1), date(2024, 2, 29)), "previous_year")
    Span(start=datetime.date(2023, 2, 1), end=datetime.date(2023, 2, 28))
    >>> compared(Span(date(2024, 2, 1), date(2024, 2, 29)), "none") is None
    True
    """
    if comparison == "none":
        return None
    months = whole_months(span)
    if comparison == "previous_year":
        months = 12
    if months:
        start = add_months(span.start, -months)
        end = add_months(span.end + timedelta(1), -months) - timedelta(1)
        return Span(start, end)
    return Span(span.start - timedelta(span.days), span.start - timedelta(1))


def interval(span: Span) -> str:
    """Days for up to a month, weeks for up to half a year, months beyond.

    >>> interval(Span(date(2026, 1, 1), date(2026, 1, 31)))
    'day'
    >>> interval(Span(date(2026, 1, 1), date(2026, 12, 31)))
    'month'
    """
    if span.days <= 31:
        return "day"
    return "week" if span.days <= 184 else "month"


def bucket_start(day: date, size: str, week_start: int = 1) -> date:
    """First day of the bucket a day belongs to; ``week_start`` is 1 for Monday to 7.

    >>> bucket_start(date(2026, 11, 21), "week"), bucket_start(date(2026, 11, 21), "week", 7)
    (datetime.date(2026, 11, 16), datetime.date(2026, 11, 15))
    """
    if size == "month":
        return day.replace(day=1)
    if size == "week":
        return day - timedelta((day.isoweekday() - week_start) % 7)
    return day


def next_bucket(start: date, size: str) -> date:
    """First day of the bucket after the one that begins at ``start``."""
    if size == "month":
        return add_months(start, 1)
    return start + timedelta(7 if size == "week" else 1)


def buckets(span: Span, size: str, week_start: int = 1) -> Iterator[tuple[date, Span]]:
    """Every bucket of a span: its first day, and the part of it that lies in the span.

    Parts follow each other without gap or overlap, so sums over them are the sum over the span.

    >>> [part.days for _, part in buckets(Span(date(2026, 1, 30), date(2026, 3, 2)), "month")]
    [2, 28, 2]
    """
    start = bucket_start(span.start, size, week_start)
    while start <= span.end:
        following = next_bucket(start, size)
        yield (
            start,
            Span(max(start, span.start), min(following - timedelta(1), span.end)),
        )
        start = following
