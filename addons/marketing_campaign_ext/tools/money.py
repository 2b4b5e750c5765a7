"""Campaign money as pure functions: numbers in, numbers out, no Odoo import.

``None`` means "cannot be computed" and is never the same thing as zero.
Amounts are plain floats of one currency; ``rounding`` is the smallest unit of that currency.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal


def to_units(amount: float, rounding: float) -> int:
    """Count the smallest units of a currency in an amount, halves away from zero.

    >>> to_units(1.005, 0.01), to_units(-2.5, 1.0), to_units(0.07, 0.05)
    (101, -3, 1)
    """
    units = Decimal(str(amount)) / Decimal(str(rounding))
    return int(units.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_units(units: int, rounding: float) -> float:
    """Turn a count of smallest units back into an amount."""
    return float(units * Decimal(str(rounding)))


def split_percent(amount: float, percents: Sequence[float], rounding: float) -> list[float]:
    """Split an amount by percentages without losing or inventing a cent.

    Each share is the difference of two rounded running totals, so the shares always add up to
    the rounded total, whatever their number and order. Percentages need not reach 100.

    >>> split_percent(100.0, [33.33, 33.33, 33.34], 0.01)
    [33.33, 33.33, 33.34]
    >>> split_percent(0.05, [50, 50], 0.01)
    [0.03, 0.02]
    >>> split_percent(1000.0, [60], 0.01)
    [600.0]
    """
    exact = Decimal(str(amount)) / Decimal(str(rounding)) / 100
    shares, running, previous = [], Decimal(0), 0
    for percent in percents:
        running += Decimal(str(percent))
        reached = int((exact * running).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        shares.append(from_units(reached - previous, rounding))
        previous = reached
    return shares


def apportion(amount: float, weights: Sequence[float], rounding: float) -> list[float]:
    """Apportion a rounded amount by weights; the shares add up to the amount exactly.

    >>> apportion(100.0, [1, 1, 1], 0.01)
    [33.33, 33.34, 33.33]
    >>> apportion(10.0, [0, 3, 1], 0.01)
    [0.0, 7.5, 2.5]
    >>> apportion(10.0, [0, 0], 0.01)
    Traceback (most recent call last):
    ...
    ValueError: weights must be positive and not all zero
    """
    exact_weights = [Decimal(str(weight)) for weight in weights]
    total = sum(exact_weights)
    if total <= 0 or min(exact_weights) < 0:
        raise ValueError("weights must be positive and not all zero")
    units = to_units(amount, rounding)
    shares, running, previous = [], Decimal(0), 0
    for weight in exact_weights:
        running += weight
        reached = int((units * running / total).quantize(Decimal(1), rounding=ROUND_HALF_UP))
        shares.append(from_units(reached - previous, rounding))
        previous = reached
    return shares


def open_fraction(ordered: float, billed: float) -> float:
    """Say which part of an ordered quantity may still be billed, between 0 and 1.

    >>> open_fraction(10, 4), open_fraction(10, 11), open_fraction(10, 0)
    (0.6, 0.0, 1.0)
    >>> open_fraction(0, 0)
    0.0
    """
    if not ordered:
        return 0.0
    return min(1.0, max(0.0, (ordered - billed) / ordered))


def forecast_at_completion(planned: float, committed: float, actual: float) -> float:
    """Expect what is planned, unless more is already spent or promised.

    >>> forecast_at_completion(1000, 300, 500), forecast_at_completion(1000, 700, 500)
    (1000, 1200)
    """
    return actual + committed + max(0, planned - actual - committed)


def used_rate(budget: float, committed: float, actual: float) -> float | None:
    """Share of the budget that is spent or promised; unknown without a budget.

    >>> used_rate(1000, 100, 400), used_rate(0, 0, 10)
    (0.5, None)
    """
    return (committed + actual) / budget if budget else None


def elapsed_rate(start: int, end: int, today: int) -> float | None:
    """Share of the days of a period that have passed, days as ordinals, both ends included.

    >>> elapsed_rate(1, 10, 5), elapsed_rate(1, 10, 0), elapsed_rate(1, 10, 99)
    (0.5, 0.0, 1.0)
    """
    if end < start:
        return None
    return min(1.0, max(0.0, (today - start + 1) / (end - start + 1)))


def pace(actual: float, budget: float, elapsed: float | None) -> float | None:
    """Compare spending with time: 1 is on plan, 2 is twice as fast as the calendar.

    >>> pace(500, 1000, 0.5), pace(500, 1000, 0.25), pace(500, 0, 0.5), pace(5, 10, 0.0)
    (1.0, 2.0, None, None)
    """
    if not budget or not elapsed:
        return None
    return (actual / budget) / elapsed


def alert_level(rate: float | None, levels: Sequence[int] = (80, 100)) -> int:
    """Highest level in percent that a rate has reached, 0 when none.

    >>> alert_level(0.79), alert_level(0.8), alert_level(1.3), alert_level(None)
    (0, 80, 100, 0)
    """
    if rate is None:
        return 0
    return max((level for level in levels if rate * 100 >= level - 1e-9), default=0)


def budget_excess(budget: float, spent: float, tolerance: float, rounding: float) -> float:
    """Money above the budget and its tolerance (0.1 = ten percent), 0 when it fits.

    >>> budget_excess(1000, 1100, 0.1, 0.01), budget_excess(1000, 1100.01, 0.1, 0.01)
    (0.0, 0.01)
    """
    over = to_units(spent, rounding) - to_units(budget * (1 + tolerance), rounding)
    return from_units(max(0, over), rounding)
