"""Ratios: no basis, no number; sums before division."""

import doctest
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.roi_dashboard.tools import kpi

money = st.floats(0, 1e6).map(lambda value: round(value, 2))
cost = st.floats(1, 1e6).map(lambda value: round(value, 2))
periods = st.builds(kpi.Period, cost=cost, invoiced=money, refunded=money.map(lambda x: -x))


def test_examples_in_the_docstrings():
    assert doctest.testmod(kpi).failed == 0


def test_the_published_ifood_case():
    assert f"{kpi.roi(3674, 6720):.2%}" == "-45.33%"
    assert f"{kpi.cost_per(6720, 334):.2f}" == "20.12"


@given(money)
def test_without_cost_nothing_is_known(revenue):
    assert kpi.roi(revenue, 0) is None
    assert kpi.romi(revenue, 0) is None
    assert kpi.roas(revenue, 0) is None
    assert kpi.cost_per(0, revenue) is None
    assert kpi.expected_roi(revenue, 1, 1, 0).expected is None


@given(money, cost)
def test_roi_is_roas_less_one(revenue, spent):
    assert kpi.roi(revenue, spent) == pytest.approx(kpi.roas(revenue, spent) - 1, abs=1e-9)


@given(periods, periods, money)
def test_the_steps_of_a_bridge_add_up(before, after, moved):
    bridge = kpi.roi_bridge(before, after, moved)
    steps = (bridge.before, bridge.new_revenue, bridge.refunds, bridge.cost, bridge.reattribution)
    assert sum(steps) == pytest.approx(bridge.after, rel=1e-9, abs=1e-6)


@given(periods)
def test_a_bridge_between_equal_periods_has_no_steps(period):
    bridge = kpi.roi_bridge(period, period)
    assert bridge.new_revenue == bridge.refunds == bridge.cost == bridge.reattribution == 0


def test_a_bridge_without_basis_has_no_steps():
    bridge = kpi.roi_bridge(kpi.Period(0, 10, 0), kpi.Period(10, 20, 0))
    assert (bridge.before, bridge.new_revenue, bridge.after) == (None, None, 1.0)


@given(st.lists(st.tuples(st.integers(0, 300), money, money), max_size=8))
def test_after_break_even_the_balance_never_falls_below_zero(rows):
    start = date(2026, 1, 1)
    facts = [(start + timedelta(days), spent, earned) for days, spent, earned in rows]
    reached = kpi.break_even(facts)
    if reached is None:
        return
    for day in {fact[0] for fact in facts if fact[0] >= reached}:
        so_far = [fact for fact in facts if fact[0] <= day]
        assert round(sum(f[2] for f in so_far) - sum(f[1] for f in so_far), 4) >= 0


@given(money, money, money, cost)
def test_expected_roi_lies_within_its_range(revenue, weighted, rest, spent):
    answer = kpi.expected_roi(revenue, weighted + rest, weighted, spent)
    assert answer.low <= answer.expected <= answer.high


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.floats(0, 1))
def test_quantiles_stay_between_the_extremes(values, share):
    slack = 1e-6 * (1 + max(map(abs, values)))
    assert min(values) - slack <= kpi.quantile(values, share) <= max(values) + slack
