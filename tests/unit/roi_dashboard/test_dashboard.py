"""Periods without gap or overlap, and judgements of the dashboard that hold for any data."""

import doctest
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.roi_dashboard.tools import dashboard, periods

days = st.dates(date(2001, 1, 1), date(2090, 12, 31))
spans = st.builds(
    lambda start, length: periods.Span(start, start + timedelta(length)), days, st.integers(0, 1500)
)
counts = st.lists(st.integers(0, 10_000), min_size=2, max_size=6)


def test_examples_in_the_docstrings():
    assert doctest.testmod(periods).failed == 0
    assert doctest.testmod(dashboard).failed == 0


@given(spans, st.sampled_from(["day", "week", "month"]), st.integers(1, 7))
def test_buckets_cover_every_day_once(span, size, week_start):
    parts = [part for _start, part in periods.buckets(span, size, week_start)]
    assert parts[0].start == span.start
    assert parts[-1].end == span.end
    for part, following in zip(parts, parts[1:], strict=False):
        assert following.start == part.end + timedelta(1)
    assert sum(part.days for part in parts) == span.days


@given(spans)
def test_the_previous_period_ends_the_day_before(span):
    before = periods.compared(span, "previous_period")
    assert before.end == span.start - timedelta(1)
    if not periods.whole_months(span):
        assert before.days == span.days


@given(spans)
def test_the_previous_year_is_about_as_long(span):
    before = periods.compared(span, "previous_year")
    assert abs(before.days - span.days) <= 1
    assert 365 <= (span.start - before.start).days <= 366


@given(days, st.integers(-600, 600))
def test_months_are_added_and_taken_back(day, months):
    moved = periods.add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day <= day.day


@given(counts)
def test_a_leak_is_a_step_and_never_the_first(stages):
    step = dashboard.leak(stages)
    assert step is None or 0 < step < len(stages) - 1


@given(counts.flatmap(lambda now: st.tuples(st.just(now), st.permutations(now))))
def test_a_fall_is_the_leak(pair):
    now, before = pair
    step = dashboard.leak(now, before)
    falls = [
        after - earlier
        for after, earlier in zip(
            dashboard.step_rates(now), dashboard.step_rates(before), strict=True
        )
        if after is not None and earlier is not None and after < earlier
    ]
    if falls:
        rates, old = dashboard.step_rates(now), dashboard.step_rates(before)
        assert rates[step] - old[step] == min(falls)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 1e-3))
def test_a_change_has_the_sign_of_the_difference(value, before):
    moved = dashboard.change(value, before)
    assert (moved > 0) == (value > before)
    assert dashboard.change(before, before) == 0
