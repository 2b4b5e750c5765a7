"""Calendar periods of any size, and what "last month" is on a given day."""

from datetime import date, timedelta

MONTHS = {"month": 1, "quarter": 3, "year": 12}


def first_of_month(day: date, months: int = 0) -> date:
    """First day of a month so many months away.

    >>> first_of_month(date(2026, 1, 31), -1)
    datetime.date(2025, 12, 1)
    """
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def period_start(day: date, unit: str, week_start: int = 1) -> date:
    """First day of the day, week, month, quarter or year a day lies in; weeks start on 1 = Monday.

    >>> period_start(date(2026, 11, 21), "week"), period_start(date(2026, 11, 21), "quarter")
    (datetime.date(2026, 11, 16), datetime.date(2026, 10, 1))
    """
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=(day.isoweekday() - week_start) % 7)
    months = MONTHS[unit]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def shift(start: date, unit: str, count: int) -> date:
    """The start of the period so many periods later, or earlier.

    >>> shift(date(2026, 1, 1), "quarter", -1), shift(date(2026, 1, 5), "week", 2)
    (datetime.date(2025, 10, 1), datetime.date(2026, 1, 19))
    """
    if unit in ("day", "week"):
        return start + timedelta(days=count * (7 if unit == "week" else 1))
    return first_of_month(start, count * MONTHS[unit])


def last_period(today: date, unit: str, week_start: int = 1) -> tuple[date, date]:
    """First and last day of the last complete period.

    >>> last_period(date(2026, 11, 21), "month")
    (datetime.date(2026, 10, 1), datetime.date(2026, 10, 31))
    """
    current = period_start(today, unit, week_start)
    return shift(current, unit, -1), current - timedelta(days=1)
