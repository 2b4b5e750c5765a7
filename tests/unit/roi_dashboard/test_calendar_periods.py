"""Periods follow each other without gap."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.roi_dashboard.tools.calendar_periods import last_period, period_start, shift

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
UNITS = st.sampled_from(["day", "week", "month", "quarter", "year"])


@given(DAYS, UNITS, st.integers(1, 7))
def test_a_day_lies_in_its_period(day, unit, week_start):
    start = period_start(day, unit, week_start)
    assert start <= day < shift(start, unit, 1)
    assert unit != "week" or start.isoweekday() == week_start


@given(DAYS, UNITS)
def test_the_last_period_ends_where_this_one_begins(day, unit):
    start, end = last_period(day, unit)
    assert end + timedelta(days=1) == period_start(day, unit)
    assert period_start(end, unit) == start
