"""Goals of a period: parts of a campaign's days add up, and nothing counts twice."""

import doctest
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.roi_dashboard.tools import goals, periods

days = st.dates(date(2001, 1, 1), date(2090, 12, 31))
lengths = st.integers(0, 900)
amounts = st.floats(1, 1e6)


def test_examples_in_the_docstrings():
    assert doctest.testmod(goals).failed == 0


@given(days, lengths, days, st.integers(1, 900), st.sampled_from(["day", "week", "month"]))
def test_the_parts_of_a_period_share_what_the_period_has(start, length, first, size, bucket):
    end = start + timedelta(length)
    span = periods.Span(first, first + timedelta(size))
    parts = [
        goals.share_of_days(start, end, part) for _first, part in periods.buckets(span, bucket, 1)
    ]
    whole = goals.share_of_days(start, end, span)
    assert 0 <= whole <= 1
    assert sum(parts) == pytest.approx(whole)
    assert goals.share_of_days(start, end, periods.Span(start, end)) == 1


trees = st.lists(
    st.lists(st.integers(1, 4), min_size=1, max_size=4), min_size=1, max_size=12, unique_by=tuple
).map(lambda paths: ["".join(f"{node}/" for node in path) for path in paths])


@given(trees)
def test_every_campaign_with_a_goal_is_below_exactly_one_that_counts(paths):
    chosen = [plan.path for plan in goals.topmost(goals.Plan(path, 1.0, {}) for path in paths)]
    for path in paths:
        assert sum(path.startswith(above) for above in chosen) == 1


@given(st.lists(st.tuples(st.floats(0.01, 1), amounts, amounts), min_size=1, max_size=6))
def test_a_planned_return_lies_between_the_plans(values):
    plans = [
        goals.Plan(f"{number}/", share, {"revenue": revenue}, budget)
        for number, (share, revenue, budget) in enumerate(values, 1)
    ]
    ratios = [revenue / budget for _share, revenue, budget in values]
    target = goals.roas(plans)
    assert min(ratios) * 0.999999 <= target.value <= max(ratios) * 1.000001
    assert goals.roi(plans).value == pytest.approx(target.value - 1)


@given(st.permutations(["1/", "1/2/", "3/", "3/4/5/"]))
def test_the_order_of_plans_says_nothing(paths):
    plans = [goals.Plan(path, 0.5, {"leads": len(path)}, 10.0 * len(path)) for path in paths]
    target = goals.unit_cost(plans, "leads", "cost_per_lead")
    assert target.value == pytest.approx(10.0)
    assert [plan.campaign for plan in target.plans] == [1, 3]
