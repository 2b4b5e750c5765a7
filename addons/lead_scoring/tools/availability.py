"""When somebody can receive leads: pure functions of dates.

Dates are naive UTC datetimes. Working time is a sorted list of ``(start, end)`` pairs.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pytz import timezone, utc

Intervals = list[tuple[datetime, datetime]]


@dataclass
class Presence:
    """A person's time as far as leads are concerned."""

    away: list[tuple[datetime, datetime, int | None]] = field(default_factory=list)
    working: Intervals | None = None  # None: working hours do not matter

    def at(self, moment: datetime, within: timedelta) -> tuple[str | None, int | None]:
        """Why nothing can be given at that moment, and who takes the turns meanwhile.

        >>> hour = lambda h: datetime(2026, 1, 5, h)
        >>> office = [(hour(9), hour(17))]
        >>> Presence(working=office).at(hour(8), timedelta(0))
        ('off_hours', None)
        >>> Presence(working=office).at(hour(8), timedelta(hours=2))
        (None, None)
        >>> Presence(away=[(hour(8), hour(12), 7)], working=office).at(hour(9), timedelta(0))
        (None, 7)
        """
        covering = [who for start, end, who in self.away if start <= moment < end]
        substitute = next((who for who in reversed(covering) if who), None)
        if substitute:
            return None, substitute
        if covering:
            return "absent", None
        if self.working is not None and not self._works(moment, moment + within):
            return "off_hours", None
        return None, None

    def _works(self, start: datetime, end: datetime) -> bool:
        return any(begin <= end and stop > start for begin, stop in self.working)

    def changes(self, within: timedelta) -> set[datetime]:
        """Moments at which :meth:`at` may answer differently than just before."""
        moments = {moment for start, end, _who in self.away for moment in (start, end)}
        for begin, stop in self.working or ():
            moments |= {begin - within, stop}
        return moments


def period_starts(moment: datetime, tz_name: str | None) -> tuple[datetime, datetime, datetime]:
    """First moments of the day, week (Monday) and month around a moment, in that time zone.

    >>> period_starts(datetime(2026, 3, 18, 20), "Asia/Shanghai")[0]
    datetime.datetime(2026, 3, 18, 16, 0)
    """
    day = utc.localize(moment).astimezone(timezone(tz_name or "UTC")).date()
    return tuple(
        local_midnight(start, tz_name)
        for start in (day, day - timedelta(days=day.weekday()), day.replace(day=1))
    )


def local_midnight(day, tz_name: str | None) -> datetime:
    """The beginning of a date in a time zone, in UTC."""
    midnight = datetime(day.year, day.month, day.day)
    return timezone(tz_name or "UTC").localize(midnight).astimezone(utc).replace(tzinfo=None)


def midnights(start: datetime, end: datetime, tz_name: str | None) -> list[datetime]:
    """Beginnings of the days after one moment, up to another."""
    day = utc.localize(start).astimezone(timezone(tz_name or "UTC")).date()
    result = []
    while True:
        day += timedelta(days=1)
        moment = local_midnight(day, tz_name)
        if moment > end:
            return result
        result.append(moment)


def renewed_limits(moment: datetime, tz_name: str | None) -> list[str]:
    """Limits that start anew at this moment, if it is the beginning of somebody's day.

    >>> renewed_limits(datetime(2026, 6, 1), "UTC")
    ['capacity_day', 'capacity_week', 'capacity_month']
    """
    starts = period_starts(moment, tz_name)
    names = ("capacity_day", "capacity_week", "capacity_month")
    return [name for name, start in zip(names, starts, strict=True) if start == moment]


def merged(moments: Iterable[set[datetime]], start: datetime, end: datetime) -> list[datetime]:
    """All moments strictly inside a period, in order, each once."""
    return sorted({moment for some in moments for moment in some if start < moment <= end})
