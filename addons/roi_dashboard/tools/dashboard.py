"""Judgements a dashboard makes, as pure functions: change, leak, evidence, ranking."""

from collections.abc import Sequence

# Fewer conversions than this say nothing about a campaign.
ENOUGH_CONVERSIONS = 5


def change(value: float | None, before: float | None, is_rate: bool = False) -> float | None:
    """How much a figure changed: in points for a rate, else as a share of what it was.

    Unknown figures have no change, and nothing has grown from zero by a percentage.

    >>> change(150, 100), change(50, 100)
    (0.5, -0.5)
    >>> change(0.3, 0.25, is_rate=True)
    0.05
    >>> change(3, 0) is None, change(None, 3) is None
    (True, True)
    """
    if value is None or before is None:
        return None
    if is_rate:
        return round(value - before, 10)
    return (value - before) / abs(before) if before else None


def step_rates(counts: Sequence[float]) -> list[float | None]:
    """Share of each stage that reached the next one.

    >>> step_rates([100, 50, 0, 3])
    [0.5, 0.0, None]
    """
    return [
        after / before if before else None
        for before, after in zip(counts, counts[1:], strict=False)
    ]


def share_of_step(count: float, before: float | None) -> float | None:
    """The share of a stage that the next one is, unless leads skipped the stage.

    >>> share_of_step(50, 100), share_of_step(3, 0), share_of_step(3, None)
    (0.5, None, None)
    >>> share_of_step(172, 23) is None
    True
    """
    return count / before if before and count <= before else None


def leak(counts: Sequence[float], before: Sequence[float] | None = None) -> int | None:
    """Index of the stage at whose end most is lost.

    With a comparison it is the step whose rate fell most. Without one, or when none fell, it is
    the step with the lowest rate; the first step, from touches to leads, is low by its nature and
    never counts in this.

    >>> leak([1000, 100, 50, 40, 10])
    3
    >>> leak([1000, 100, 50, 40, 10], [1000, 100, 90, 40, 2])
    1
    >>> leak([5, 0, 0]) is None
    True
    """
    rates = step_rates(counts)
    if before:
        falls = [
            (now - then, index)
            for index, (now, then) in enumerate(zip(rates, step_rates(before), strict=True))
            if now is not None and then is not None and now < then
        ]
        if falls:
            return min(falls)[1]
    known = [(rate, index) for index, rate in enumerate(rates) if index and rate is not None]
    return min(known)[1] if known and min(known)[0] < 1 else None


def evidence(is_too_young: bool, conversions: float) -> str | None:
    """Why a campaign cannot be judged yet, if it cannot.

    >>> evidence(True, 100), evidence(False, 2), evidence(False, 5)
    ('too_young', 'too_little', None)
    """
    if is_too_young:
        return "too_young"
    if round(conversions, 6) < ENOUGH_CONVERSIONS:
        return "too_little"
    return None


def rank_key(roi: float | None, flag: str | None, revenue: float) -> tuple:
    """Best return first; campaigns that cannot be judged after those that can, unknown last.

    >>> rows = [(None, None, 9.0), (0.5, "too_little", 1.0), (0.2, None, 5.0), (0.9, None, 1.0)]
    >>> [row[0] for row in sorted(rows, key=lambda row: rank_key(*row))]
    [0.9, 0.2, 0.5, None]
    """
    return (roi is None, flag is not None, -(roi or 0.0), -revenue)
