"""Splits of a budget: to the cent, within the limits, and no other split is better."""

import doctest
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.roi_dashboard.tools import allocation
from odoo.addons.roi_dashboard.tools.allocation import (
    Share,
    allocate,
    gain_of_move,
    pair_changes,
)
from odoo.addons.roi_dashboard.tools.cost_curve import CostCurve

cents = st.integers(0, 500_000).map(lambda value: value / 100)


@st.composite
def budgets(draw):
    """Channels, some without a curve, and a total they can spend."""
    shares = []
    for scale in draw(st.lists(st.floats(0, 500), min_size=1, max_size=6)):
        low, high = sorted((draw(cents), draw(cents)))
        known = scale > 0.01
        shares.append(
            Share(scale if known else 0.0, draw(st.floats(1, 5000)), low, high if known else low)
        )
    least = sum(round(share.low * 100) for share in shares)
    most = sum(round(share.high * 100) for share in shares)
    return draw(st.integers(least, most)) / 100, shares


def value(shares, parts):
    return sum(
        share.scale * np.log1p(part / share.half) for share, part in zip(shares, parts, strict=True)
    )


def test_examples_in_the_docstrings():
    assert doctest.testmod(allocation).failed == 0


@settings(deadline=None)
@given(budgets())
def test_the_budget_is_kept_to_the_cent_and_within_the_limits(case):
    total, shares = case
    parts = allocate(total, shares)
    assert sum(round(part * 100) for part in parts) == round(total * 100)
    for share, part in zip(shares, parts, strict=True):
        assert share.low <= part <= share.high


@settings(deadline=None)
@given(budgets())
def test_no_euro_is_better_off_elsewhere(case):
    total, shares = case
    parts = allocate(total, shares)
    for giver, receiver in itertools.permutations(range(len(shares)), 2):
        if shares[giver].scale <= 0 or shares[receiver].scale <= 0:
            continue
        amount = min(1.0, parts[giver] - shares[giver].low, shares[receiver].high - parts[receiver])
        if amount < 0.01:
            continue
        moved = list(parts)
        moved[giver] -= amount
        moved[receiver] += amount
        # Rounding to the cent may leave up to a cent on either side of the optimum.
        slack = 0.02 * sum(share.scale / share.half for share in (shares[giver], shares[receiver]))
        assert value(shares, moved) <= value(shares, parts) + slack + 1e-9


def test_the_split_is_as_good_as_trying_every_other():
    shares = [Share(40, 8, 0, 60), Share(25, 3, 5, 30), Share(60, 40, 0, 80)]
    for total in (5, 20, 47, 100, 150):
        parts = allocate(float(total), shares)
        best = max(
            value(shares, (first, second, total - first - second))
            for first in range(61)
            for second in range(5, 31)
            if 0 <= total - first - second <= 80
        )
        assert value(shares, parts) >= best - 1e-9
        assert value(shares, parts) == pytest.approx(best, rel=0.01), "and not out of reach"


def test_what_nobody_may_spend_is_refused():
    shares = [Share(40, 8, 10, 60), Share(25, 3, 5, 30)]
    for total in (14.99, 90.01):
        with pytest.raises(ValueError, match="out_of_range"):
            allocate(total, shares)


@given(st.dictionaries(st.integers(0, 9), st.integers(-100_000, 100_000), max_size=8))
def test_changes_become_moves_without_losing_a_cent(in_cents):
    moves, rest = pair_changes({key: change / 100 for key, change in in_cents.items()})
    sums = {key: round(change * 100) for key, change in rest.items()}
    for giver, receiver, amount in moves:
        assert amount > 0 and giver != receiver
        sums[giver] = sums.get(giver, 0) - round(amount * 100)
        sums[receiver] = sums.get(receiver, 0) + round(amount * 100)
    assert {key: change for key, change in sums.items() if change} == {
        key: change for key, change in in_cents.items() if change
    }
    assert len({change > 0 for change in rest.values()}) <= 1, "only one side is left over"


def test_a_move_gains_what_the_curves_say():
    giver, receiver = CostCurve(3.0, 20.0, 500.0), CostCurve(1.0, 60.0, 4000.0)
    gain = gain_of_move(giver, receiver, (3000.0, 3000.0), 300.0, months=3)
    by_hand = 3 * (
        20 * np.log1p(900 / 500)
        - 20 * np.log1p(1000 / 500)
        + 60 * np.log1p(1100 / 4000)
        - 60 * np.log1p(1000 / 4000)
    )
    assert gain.expected == pytest.approx(by_hand)
    assert gain.low == gain.high == pytest.approx(by_hand), "curves without doubt"
    assert gain.probability == (1.0 if by_hand > 0 else 0.0)


def test_doubt_about_a_curve_is_doubt_about_the_move():
    giver = CostCurve(0.0, 10.0, 1000.0)
    receiver = CostCurve(0.0, 20.0, 1000.0, draws=tuple((0.0, s, 1000.0) for s in (5, 15, 25, 35)))
    gain = gain_of_move(giver, receiver, (1000.0, 1000.0), 100.0)
    assert gain.low < 0 < gain.expected < gain.high
    assert gain.probability == 0.75
