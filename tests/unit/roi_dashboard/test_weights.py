"""The shares of one conversion: identities that must hold for every journey."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.roi_dashboard.tools import weights
from odoo.addons.roi_dashboard.tools.weights import (
    SCHEMES,
    Scheme,
    Touch,
    apportion,
    journey_weights,
    position_weights,
    rounded_to_sum,
    time_decay_weights,
)

RULES = [*SCHEMES, "time_decay", "last_non_direct", "shapley", "markov"]


@st.composite
def journeys(draw):
    hours = sorted(draw(st.lists(st.floats(0, 5000), min_size=1, max_size=9)))
    count = len(hours)
    lead = draw(st.one_of(st.none(), st.integers(0, count - 1)))
    opportunity = draw(st.one_of(st.none(), st.integers(0, count - 1)))
    return [
        Touch(
            hours=hour,
            channel=draw(st.sampled_from("abc")),
            is_direct=draw(st.booleans()),
            is_lead=index == lead,
            is_opportunity=index == opportunity,
        )
        for index, hour in enumerate(hours)
    ]


def test_examples_in_the_docstrings():
    assert doctest.testmod(weights).failed == 0


@pytest.mark.parametrize("method", RULES)
@given(touches=journeys())
def test_weights_sum_to_one(method, touches):
    effects = {"a": 0.5, "b": 0.2}
    shares = journey_weights(method, touches, converted_at=6000, effects=effects)
    assert len(shares) == len(touches)
    assert min(shares) >= 0
    assert sum(shares) == pytest.approx(1, abs=1e-12)


@given(st.integers(1, 9))
def test_a_single_touch_gets_all_under_every_scheme(count):
    for scheme in SCHEMES.values():
        assert position_weights(1, scheme) == [1.0]
        assert sum(position_weights(count, scheme)) == pytest.approx(1)


def test_no_touch_no_shares():
    for method in RULES:
        assert journey_weights(method, []) == []


def test_missing_milestones_leave_their_share_to_those_present():
    assert position_weights(3, SCHEMES["w_shaped"]) == pytest.approx([0.9, 0.05, 0.05])
    assert position_weights(3, SCHEMES["full_path"]) == pytest.approx([0.45, 0.1, 0.45])


def test_a_touch_that_is_several_milestones_adds_their_shares():
    """First and lead on touch 0, opportunity and last on touch 2, one in between."""
    shares = position_weights(3, SCHEMES["full_path"], lead=0, opportunity=2)
    assert shares == pytest.approx([0.45, 0.1, 0.45])


def test_without_touches_between_the_middle_share_goes_to_the_milestones():
    assert position_weights(2, SCHEMES["u_shaped"]) == pytest.approx([0.5, 0.5])
    assert position_weights(2, SCHEMES["j_shaped"]) == pytest.approx([0.25, 0.75])
    assert position_weights(2, SCHEMES["inverse_j"]) == pytest.approx([0.75, 0.25])


def test_custom_scheme_without_basis_shares_equally():
    assert position_weights(2, Scheme(lead=1.0)) == [0.5, 0.5]


@given(st.lists(st.floats(0, 400), min_size=2, max_size=6), st.floats(0.5, 60))
def test_time_decay_halves_per_half_life(ages, half_life):
    shares = time_decay_weights([*ages, max(ages) + half_life], half_life)
    oldest, before = shares[-1], shares[ages.index(max(ages))]
    assert oldest == pytest.approx(before / 2, rel=1e-6, abs=1e-12)


def test_time_decay_needs_a_half_life():
    with pytest.raises(ValueError):
        time_decay_weights([1.0], 0)


@given(
    st.integers(-10_000_000, 10_000_000),
    st.lists(st.floats(0.01, 10), min_size=1, max_size=12),
)
def test_apportioning_loses_no_cent(amount, raw):
    shares = [value / sum(raw) for value in raw]
    parts = apportion(amount, shares)
    assert sum(parts) == amount
    assert apportion(-amount, shares) == [-part for part in parts]
    largest = max(range(len(shares)), key=lambda index: (round(shares[index], 12), index))
    for index, part in enumerate(parts):
        slack = len(parts) if index == largest else 1
        assert abs(part - amount * shares[index]) <= slack


@given(st.lists(st.floats(0, 10_000), max_size=12), st.integers(0, 6))
def test_rounded_values_add_up_to_the_rounded_sum(values, decimals):
    rounded = rounded_to_sum(values, decimals)
    assert len(rounded) == len(values)
    assert sum(rounded) == pytest.approx(round(sum(values), decimals), abs=1e-7)
    for value, near in zip(values, rounded, strict=True):
        assert abs(near - value) < 10**-decimals * 1.001 + 1e-9
