"""Where a campaign stands in time, and where its figures will end: pure functions.

``None`` means "cannot be said" and is never the same thing as zero.
"""

from datetime import date, timedelta

from . import money


def ratio(numerator: float, denominator: float) -> float | None:
    """Divide, or say that the ratio does not exist.

    >>> ratio(1.0, 4.0)
    0.25
    >>> ratio(1.0, 0.0) is None
    True
    """
    return numerator / denominator if denominator else None


def elapsed_rate(start: date | None, end: date | None, today: date) -> float | None:
    """Share of the period that has passed, counting today as a whole day.

    >>> elapsed_rate(date(2026, 1, 1), date(2026, 1, 10), date(2026, 1, 5))
    0.5
    >>> elapsed_rate(date(2026, 1, 1), date(2026, 1, 10), date(2025, 12, 31))
    0.0
    >>> elapsed_rate(date(2026, 1, 1), date(2026, 1, 10), date(2026, 2, 1))
    1.0
    >>> elapsed_rate(None, date(2026, 1, 10), date(2026, 1, 5)) is None
    True
    """
    if not start or not end or end < start:
        return None
    return money.elapsed_rate(start.toordinal(), end.toordinal(), today.toordinal())


def forecast_at_pace(actual: float, elapsed: float | None) -> float | None:
    """What a figure will be at the end if it goes on as it went until now.

    >>> forecast_at_pace(30.0, 0.5)
    60.0
    >>> forecast_at_pace(30.0, 0.0) is None
    True
    """
    return actual / elapsed if elapsed else None


def progress_rate(actual: float | None, target: float, lower_is_better: bool) -> float | None:
    """How far the target is reached; 1.0 is reached, more is better than the target.

    Of figures that should be low (a cost per lead), half the target is twice as good.

    >>> progress_rate(30.0, 40.0, lower_is_better=False)
    0.75
    >>> progress_rate(25.0, 50.0, lower_is_better=True)
    2.0
    >>> progress_rate(None, 50.0, lower_is_better=True) is None
    True
    """
    if actual is None or not target:
        return None
    if not lower_is_better:
        return actual / target
    return target / actual if actual > 0 else None


def months_between(start: date, end: date) -> list[tuple[date, date]]:
    """The period cut at month ends.

    >>> months_between(date(2026, 1, 20), date(2026, 3, 5))[0]
    (datetime.date(2026, 1, 20), datetime.date(2026, 1, 31))
    >>> len(months_between(date(2026, 1, 20), date(2026, 3, 5)))
    3
    """
    months = []
    while start <= end:
        next_month = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        last = min(end, next_month - timedelta(days=1))
        months.append((start, last))
        start = next_month
    return months
