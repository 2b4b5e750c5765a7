"""Cost curves: more money never brings less, ever less more, and the past decides how much."""

import doctest

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from odoo.addons.roi_dashboard.tools import cost_curve
from odoo.addons.roi_dashboard.tools.cost_curve import CostCurve, NoCurveError, fit_cost_curve

spends = st.floats(1, 50_000).map(lambda value: round(value, 2))
# A result that follows the spend, more or less, on top of what comes anyway.
pasts = st.lists(
    st.tuples(spends, st.floats(0, 1), st.floats(0, 500)).map(
        lambda month: (month[0], month[0] * month[1] / 50 + month[2])
    ),
    min_size=6,
    max_size=30,
)


def months(curve, count, noise=0.0, seed=1):
    """A past of ``count`` months under a curve, each result off by a normal error."""
    random = np.random.default_rng(seed)
    spend = random.uniform(0, 10_000, count)
    expected = curve.expected(spend)
    return spend, np.maximum(expected + random.normal(0, noise, count), 0.0)


def test_examples_in_the_docstrings():
    assert doctest.testmod(cost_curve).failed == 0


@settings(deadline=None, max_examples=60)
@given(pasts)
def test_every_fitted_curve_rises_and_flattens(past):
    try:
        curve = fit_cost_curve(
            *zip(*past, strict=True), min_variation=0.01, min_fit=0.0, draw_count=20
        )
    except NoCurveError:
        assume(False)
    spend = np.linspace(0, 2 * curve.spend_max, 200)
    for values in (curve.expected(spend)[:, None].T, curve.sample(spend).T):
        steps = np.diff(values, axis=1)
        slack = 1e-7 * max(1.0, float(np.abs(values).max()))
        assert (values >= -slack).all(), "never less than nothing"
        assert (steps >= -slack).all(), "monotone"
        assert (np.diff(steps, axis=1) <= slack).all(), "concave"


@settings(deadline=None, max_examples=40)
@given(
    st.floats(0, 50),
    st.floats(5, 200),
    st.sampled_from([500.0, 1500.0, 4000.0, 12_000.0]),
)
def test_known_curves_are_found_again(base, scale, half):
    truth = CostCurve(base, scale, half)
    spend, result = months(truth, 24)
    curve = fit_cost_curve(spend, result, draw_count=1)
    seen = np.linspace(spend.min(), spend.max(), 50)
    rise = float(truth.expected(spend.max()) - truth.expected(0))
    assert np.abs(curve.expected(seen) - truth.expected(seen)).max() < 0.02 * rise
    assert curve.fit > 0.99
    assert curve.half == pytest.approx(half, rel=0.25)


def test_the_interval_holds_what_it_promises():
    """Of 200 pasts with 18 months, about four in five intervals hold the truth."""
    truth = CostCurve(5.0, 30.0, 3000.0)
    places = np.array([2000.0, 5000.0, 9000.0])
    held = []
    for seed in range(200):
        spend, result = months(truth, 18, noise=6.0, seed=seed)
        try:
            curve = fit_cost_curve(spend, result, draw_count=200, seed=seed)
        except NoCurveError:
            continue
        low, high = curve.interval(places, level=0.8)
        held.append((low <= truth.expected(places)) & (truth.expected(places) <= high))
    assert len(held) > 190
    coverage = np.mean(held, axis=0)
    assert (coverage > 0.72).all() and (coverage < 0.92).all(), coverage


def test_the_same_past_and_seed_give_the_same_answer():
    spend, result = months(CostCurve(5, 30, 3000), 15, noise=5)
    first, again, other = (
        fit_cost_curve(spend, result, draw_count=50, seed=seed) for seed in (7, 7, 8)
    )
    assert first == again
    assert (first.base, first.scale, first.half) == (other.base, other.scale, other.half)
    assert first.draws != other.draws


def test_more_noise_means_a_wider_interval():
    truth = CostCurve(5, 30, 3000)
    widths = []
    for noise in (1.0, 8.0):
        curve = fit_cost_curve(*months(truth, 20, noise=noise), seed=3)
        low, high = curve.interval(5000.0)
        widths.append(float(high - low))
    assert widths[0] * 3 < widths[1]


@pytest.mark.parametrize(
    ("spend", "result", "reason"),
    [
        ([0, 0, 0, 0, 100, 200, 300, 400, 500], [1] * 9, "few_months"),
        ([100, 101, 100, 99, 100, 102], [3, 5, 2, 8, 6, 4], "same_spend"),
        ([100, 200, 300, 400, 500, 600], [0] * 6, "no_results"),
        ([100, 200, 300, 400, 500, 600], [60, 50, 40, 30, 20, 10], "no_effect"),
        ([100, 200, 300, 400, 500, 600], [7, 7, 7, 7, 7, 7], "no_effect"),
    ],
)
def test_too_little_data_is_refused_with_a_reason(spend, result, reason):
    with pytest.raises(NoCurveError) as refusal:
        fit_cost_curve(spend, result)
    assert refusal.value.reason == reason


def test_a_month_with_a_supplier_credit_is_a_month_without_spend():
    spend, result = months(CostCurve(5, 30, 3000), 12)
    credited = np.append(spend, -400.0), np.append(result, 5.0)
    curve = fit_cost_curve(*credited, draw_count=1)
    assert curve.month_count == 12
    assert float(curve.expected(0)) == pytest.approx(5, abs=0.5)
