"""When a lead is due back and when an answer is due: pure functions of dates.

Dates are naive UTC datetimes. Working time is a sorted list of ``(start, end)`` pairs.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

Intervals = list[tuple[datetime, datetime]]


def recycle_at(
    claimed: datetime,
    actions: Iterable[datetime],
    protect: timedelta,
    extend: timedelta,
    longest: timedelta,
) -> datetime:
    """When the lead goes back to the public pool, as its facts stand.

    A claim protects for ``protect``; each action protects for ``extend`` from then on, never
    less than before; whatever happens, protection ends ``longest`` after the claim.

    >>> day = lambda month, day: datetime(2019, month, day)
    >>> terms = (timedelta(10), timedelta(3), timedelta(20))
    >>> recycle_at(day(3, 25), [day(3, 28)], *terms)
    datetime.datetime(2019, 4, 4, 0, 0)
    >>> recycle_at(day(3, 25), [day(3, 28), day(4, 2)], *terms)
    datetime.datetime(2019, 4, 5, 0, 0)
    """
    end = claimed + protect
    for action in actions:
        end = max(end, action + extend)
    return min(end, claimed + longest)


def working_seconds(intervals: Intervals, start: datetime, end: datetime) -> float:
    """Working time between two moments.

    >>> nine, five = datetime(2026, 1, 5, 9), datetime(2026, 1, 5, 17)
    >>> working_seconds([(nine, five)], datetime(2026, 1, 5, 16), datetime(2026, 1, 6, 8)) / 3600
    1.0
    """
    return sum(
        (min(stop, end) - max(begin, start)).total_seconds()
        for begin, stop in intervals
        if begin < end and stop > start
    )


def deadline(intervals: Intervals, start: datetime, seconds: float) -> datetime | None:
    """The moment so much working time after ``start`` has passed; None when there is none.

    >>> days = [(datetime(2026, 1, d, 9), datetime(2026, 1, d, 17)) for d in (5, 6)]
    >>> deadline(days, datetime(2026, 1, 5, 16), 2 * 3600)
    datetime.datetime(2026, 1, 6, 10, 0)
    """
    for begin, stop in intervals:
        begin = max(begin, start)
        available = (stop - begin).total_seconds()
        if available <= 0:
            continue
        if available >= seconds:
            return begin + timedelta(seconds=seconds)
        seconds -= available
    return None
