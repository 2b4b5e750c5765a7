"""Properties of the money functions: no cent is lost, no unknown is taken for zero."""

import doctest
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketing_campaign_ext.tools import money

ROUNDINGS = st.sampled_from([0.01, 0.05, 1.0, 0.001])
CENTS = st.integers(-(10**9), 10**9)
WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=30).filter(any)


def exact_sum(amounts):
    return sum(Decimal(str(amount)) for amount in amounts)


def test_examples_in_docstrings():
    assert doctest.testmod(money).failed == 0
    assert doctest.testmod(money).attempted > 10


@given(units=CENTS, weights=WEIGHTS, rounding=ROUNDINGS)
def test_apportioned_shares_add_up_exactly(units, weights, rounding):
    amount = money.from_units(units, rounding)
    assert exact_sum(money.apportion(amount, weights, rounding)) == Decimal(str(amount))


@given(units=CENTS, weights=WEIGHTS, rounding=ROUNDINGS)
def test_no_share_is_a_unit_away_from_its_exact_value(units, weights, rounding):
    amount = money.from_units(units, rounding)
    for share, weight in zip(money.apportion(amount, weights, rounding), weights, strict=True):
        exact = Decimal(str(amount)) * weight / sum(weights)
        assert abs(Decimal(str(share)) - exact) <= Decimal(str(rounding))


@given(units=CENTS, weights=WEIGHTS)
def test_a_weight_of_zero_gets_nothing(units, weights):
    shares = money.apportion(money.from_units(units, 0.01), [*weights, 0], 0.01)
    assert shares[-1] == 0


@given(
    units=CENTS,
    cuts=st.lists(st.integers(0, 10_000), max_size=12),
    rounding=ROUNDINGS,
)
def test_percentages_that_reach_one_hundred_give_the_whole_amount(units, cuts, rounding):
    edges = [0, *sorted(cuts), 10_000]
    percents = [(high - low) / 100 for low, high in zip(edges, edges[1:], strict=False)]
    amount = money.from_units(units, rounding)
    assert exact_sum(money.split_percent(amount, percents, rounding)) == Decimal(str(amount))


@given(units=CENTS, percents=st.lists(st.integers(1, 5000), min_size=1, max_size=12))
def test_splitting_the_opposite_gives_the_opposite(units, percents):
    percents = [percent / 100 for percent in percents]
    amount = money.from_units(units, 0.01)
    shares = money.split_percent(amount, percents, 0.01)
    assert money.split_percent(-amount, percents, 0.01) == [-share for share in shares]


@pytest.mark.parametrize("weights", [[0], [-1, 2], [0, 0]])
def test_weights_that_say_nothing_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        money.apportion(1.0, weights, 0.01)


@given(
    ordered=st.floats(0.01, 1e6),
    bills=st.lists(st.floats(0, 1e5), max_size=10),
)
def test_billing_never_reopens_what_is_billed(ordered, bills):
    fractions, billed = [1.0], 0.0
    for quantity in bills:
        billed += quantity
        fractions.append(money.open_fraction(ordered, billed))
    assert fractions == sorted(fractions, reverse=True)
    assert all(0.0 <= fraction <= 1.0 for fraction in fractions)


@given(planned=st.integers(0, 10**9), committed=st.integers(0, 10**9), actual=st.integers(0, 10**9))
def test_forecast_is_never_below_what_is_spent_or_promised(planned, committed, actual):
    forecast = money.forecast_at_completion(planned, committed, actual)
    assert forecast >= actual + committed
    assert forecast >= planned
    assert forecast in (planned, actual + committed)


@given(budget=st.integers(1, 10**7), actual=st.integers(0, 10**7), day=st.integers(1, 365))
def test_pace_of_one_means_spending_keeps_up_with_the_calendar(budget, actual, day):
    elapsed = money.elapsed_rate(1, 365, day)
    value = money.pace(actual, budget, elapsed)
    assert (value > 1) == (actual / budget > elapsed)


def test_a_campaign_that_has_not_started_has_no_pace():
    assert money.pace(10, 100, money.elapsed_rate(10, 20, 3)) is None
    assert money.elapsed_rate(20, 10, 15) is None


@given(
    budget=st.integers(0, 10**8),
    spent=st.integers(-(10**8), 10**9),
    tolerance=st.sampled_from([0.0, 0.05, 0.1, 0.5]),
)
def test_excess_is_zero_exactly_when_the_money_fits(budget, spent, tolerance):
    excess = money.budget_excess(budget / 100, spent / 100, tolerance, 0.01)
    fits = money.to_units(spent / 100, 0.01) <= money.to_units(budget / 100 * (1 + tolerance), 0.01)
    assert (excess == 0) == fits
    assert excess >= 0


@given(rate=st.floats(0, 5))
def test_alert_levels_only_rise_with_the_rate(rate):
    assert money.alert_level(rate) <= money.alert_level(rate + 0.5)
