import doctest
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketing_campaign_ext.tools import pace

days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
amounts = st.floats(0.01, 1e9)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(pace).failed == 0


@given(days, st.integers(0, 3000), st.integers(-50, 4000))
def test_elapsed_rate_is_a_share_that_never_falls(start, length, offset):
    end, today = start + timedelta(length), start + timedelta(offset)
    rate = pace.elapsed_rate(start, end, today)
    assert 0.0 <= rate <= 1.0
    assert rate <= pace.elapsed_rate(start, end, today + timedelta(1))


@given(amounts, st.floats(0.01, 1.0))
def test_forecast_is_never_below_what_is_there(actual, elapsed):
    assert pace.forecast_at_pace(actual, elapsed) >= actual


@given(amounts, amounts)
def test_progress_is_whole_exactly_at_the_target(actual, target):
    for lower in (True, False):
        assert pace.progress_rate(target, target, lower) == 1.0
    if actual < target:
        assert pace.progress_rate(actual, target, False) <= 1.0
        assert pace.progress_rate(actual, target, True) >= 1.0


def test_unknown_stays_unknown():
    assert pace.progress_rate(None, 10.0, False) is None
    assert pace.progress_rate(5.0, 0.0, False) is None
    assert pace.forecast_at_pace(5.0, None) is None
    assert pace.elapsed_rate(date(2026, 1, 2), date(2026, 1, 1), date(2026, 1, 1)) is None


@given(days, st.integers(0, 900))
def test_months_cover_the_period_without_gap_or_overlap(start, length):
    end = start + timedelta(length)
    months = pace.months_between(start, end)
    assert months[0][0] == start and months[-1][1] == end
    for (_first, last), (following, _end) in zip(months, months[1:], strict=False):
        assert following == last + timedelta(1)
        assert following.day == 1
    assert all(first.month == last.month and first <= last for first, last in months)
