"""Cost curves: what a month of spend brings, learned from past months. No Odoo import.

A curve says ``base + scale * log(1 + spend / half)``: something comes without money, more money
never brings less, and each further unit brings less than the one before. With a large ``half``
the curve is a straight line, with a small one it saturates early. The three numbers are fitted by
least squares under ``base >= 0`` and ``scale >= 0``; for a given ``half`` the best base and scale
are known in closed form, so only one dimension is searched.

How sure the answer is comes from a wild bootstrap: the residuals of the fit, widened for the
three numbers that were fitted, get random signs, and every such past is fitted again.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

PARAMETERS = 3
# Where ``half`` is looked for, in units of the largest month seen: from early saturation to
# what is a straight line within the range of the data.
HALVES = np.geomspace(0.03, 30.0, 61)


class NoCurveError(ValueError):
    """The past does not carry a curve; ``reason`` names why, ``found`` is what there is."""

    def __init__(self, reason, found):
        super().__init__(reason)
        self.reason = reason
        self.found = found


@dataclass(frozen=True)
class CostCurve:
    """A fitted curve with the other curves that the data could as well have shown.

    >>> curve = CostCurve(2.0, 10.0, 100.0)
    >>> float(curve.expected(0.0)), round(float(curve.expected(100.0)), 3)
    (2.0, 8.931)
    >>> float(curve.marginal(100.0))
    0.05
    """

    base: float
    scale: float
    half: float
    draws: tuple = ()
    fit: float = 1.0
    month_count: int = 0
    spend_max: float = 0.0

    def expected(self, spend):
        """What a month with this spend brings."""
        return self.base + self.scale * np.log1p(np.asarray(spend) / self.half)

    def marginal(self, spend):
        """What the next unit of money brings."""
        return self.scale / (self.half + np.asarray(spend))

    def sample(self, spend):
        """The expectation under each of the other curves, one row per spend."""
        base, scale, half = self._draw_columns
        return base + scale * np.log1p(np.asarray(spend, dtype=float)[..., None] / half)

    def interval(self, spend, level=0.8):
        """The range in which the expectation lies with this confidence."""
        return interval(self.sample(spend), level)

    @cached_property
    def _draw_columns(self):
        return np.array(self.draws or [(self.base, self.scale, self.half)], dtype=float).T


def interval(sample, level=0.8):
    """The central part of a sample, along its last axis.

    >>> [float(bound) for bound in interval(np.arange(5.0), 0.5)]
    [1.0, 3.0]
    """
    tail = (1 - level) / 2
    low, high = np.quantile(sample, [tail, 1 - tail], axis=-1)
    return low, high


def fit_cost_curve(
    spends,
    results,
    *,
    min_months=6,
    min_variation=0.2,
    min_fit=0.1,
    draw_count=400,
    seed=0,
) -> CostCurve:
    """Fit a curve to months, or refuse and name the reason.

    ``few_months``: fewer than ``min_months`` months with spend. ``same_spend``: the spend hardly
    varies (standard deviation / mean below ``min_variation``), so nothing can be learned about
    other amounts. ``no_results``: nothing ever came. ``no_effect``: months with more spend did not
    bring more (the curve explains less than ``min_fit`` of the differences).
    """
    x, y = np.asarray(spends, dtype=float), np.asarray(results, dtype=float)
    # A credit from a supplier can make a month negative: it is no spend.
    x = np.maximum(x, 0.0)
    _check_months(x, y, min_months, min_variation)
    bases, scales, halves, errors = _fit_many(x, y[:, None])
    total = float(((y - y.mean()) ** 2).sum())
    quality = 1.0 - float(errors[0]) / total if total else 0.0
    if scales[0] <= 0 or quality < min_fit:
        raise NoCurveError("no_effect", max(quality, 0.0))
    curve = CostCurve(float(bases[0]), float(scales[0]), float(halves[0]))
    return CostCurve(
        curve.base,
        curve.scale,
        curve.half,
        draws=_other_curves(x, y, curve, draw_count, seed),
        fit=quality,
        month_count=int((x > 0).sum()),
        spend_max=float(x.max()),
    )


def _check_months(x, y, min_months, min_variation):
    paid = x[x > 0]
    if len(paid) < min_months or len(x) <= PARAMETERS:
        raise NoCurveError("few_months", len(paid))
    variation = float(x.std() / x.mean())
    if variation < min_variation:
        raise NoCurveError("same_spend", variation)
    if y.sum() <= 0:
        raise NoCurveError("no_results", 0)


def _other_curves(x, y, curve, draw_count, seed):
    expected = curve.expected(x)
    freedom = len(x) / (len(x) - PARAMETERS)
    residuals = (y - expected) * np.sqrt(freedom)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(len(x), draw_count))
    bases, scales, halves, _errors = _fit_many(x, expected[:, None] + residuals[:, None] * signs)
    return tuple(zip(bases.tolist(), scales.tolist(), halves.tolist(), strict=True))


def _fit_many(x, outcomes):
    """The best base, scale and half for each column of outcomes, and its squared error."""
    candidates = HALVES * x.max()
    best = np.full((4, outcomes.shape[1]), np.inf)
    for half in candidates:
        shape = np.log1p(x / half)
        base, scale = _fit_line(shape, outcomes)
        errors = ((outcomes - base - shape[:, None] * scale) ** 2).sum(axis=0)
        better = errors < best[3]
        best[:, better] = np.vstack([base, scale, np.full_like(base, half), errors])[:, better]
    return best


def _fit_line(shape, outcomes):
    """Least squares of ``base + scale * shape`` with neither below zero, column by column."""
    mean = outcomes.mean(axis=0)
    spread = shape - shape.mean()
    scale = spread @ outcomes / (spread @ spread)
    base = mean - scale * shape.mean()
    flat = scale < 0
    base, scale = np.where(flat, np.maximum(mean, 0.0), base), np.where(flat, 0.0, scale)
    through_zero = base < 0
    steep = np.maximum(shape @ outcomes / (shape @ shape), 0.0)
    return np.where(through_zero, 0.0, base), np.where(through_zero, steep, scale)


def valued_curve(curve, counts, values, *, draw_count=400, seed=0) -> CostCurve:
    """Turn a curve of results into one of their value: results times value per result.

    The value is the ratio of sums over past months; what it could as well have been comes from
    drawing the same months with replacement. Refuses when nothing was worth anything.

    >>> curve = CostCurve(2.0, 10.0, 100.0, fit=0.5)
    >>> valued_curve(curve, [1, 3], [100.0, 300.0], draw_count=2).scale
    1000.0
    """
    counts, values = np.asarray(counts, dtype=float), np.asarray(values, dtype=float)
    if counts.sum() <= 0 or values.sum() <= 0:
        raise NoCurveError("no_results", 0)
    value = values.sum() / counts.sum()
    drawn = np.random.default_rng(seed).integers(len(counts), size=(draw_count, len(counts)))
    sums = counts[drawn].sum(axis=1)
    worth = np.where(sums > 0, values[drawn].sum(axis=1) / np.where(sums > 0, sums, 1), value)
    worth = np.maximum(worth, 0.0)
    base, scale, half = (np.resize(column, draw_count) for column in curve._draw_columns)
    draws = np.column_stack([base * worth, scale * worth, half])
    return replace(
        curve,
        base=float(curve.base * value),
        scale=float(curve.scale * value),
        draws=tuple(map(tuple, draws.tolist())),
    )
