"""Days of the story: counted from the day it is installed, which is day 0."""

from datetime import date, datetime, time, timedelta


class Timeline:
    """Turns the story's day numbers into dates.

    >>> Timeline(date(2026, 3, 1)).day(-1)
    datetime.date(2026, 2, 28)
    >>> Timeline(date(2026, 3, 1)).moment(-1.5)
    datetime.datetime(2026, 2, 27, 12, 0)
    """

    MONTHS = 14

    def __init__(self, today: date):
        self.today = today

    def day(self, number: float) -> date:
        return self.moment(number).date()

    def moment(self, number: float) -> datetime:
        """The point in time, UTC; the fraction is the time of day.

        0 is last midnight, so that every negative number lies in the past: -0.5 is
        yesterday noon.
        """
        midnight = datetime.combine(self.today, time())
        return (midnight + timedelta(days=number)).replace(microsecond=0)

    def month_starts(self) -> list[date]:
        """First days of the months the story touches, oldest first.

        >>> starts = Timeline(date(2026, 3, 15)).month_starts()
        >>> len(starts), starts[0], starts[-1]
        (15, datetime.date(2025, 1, 1), datetime.date(2026, 3, 1))
        """
        months = self.today.year * 12 + self.today.month - 1
        return [
            date(month // 12, month % 12 + 1, 1)
            for month in range(months - self.MONTHS, months + 1)
        ]
