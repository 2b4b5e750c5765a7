"""How well a score separates won from lost leads: pure numbers in, numbers out.

``None`` means "cannot be computed" and is never the same thing as zero. Equal scores are equal
everywhere: where a limit falls between them, each counts with the same fraction.
"""

import math
from dataclasses import dataclass

import numpy as np

#: Normal quantile of a two-sided 95 % interval.
Z95 = 1.959963984540054


def midranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1; equal values share the mean of their ranks.

    >>> midranks(np.array([10, 20, 20, 30])).tolist()
    [1.0, 2.5, 2.5, 4.0]
    """
    unique, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    del unique
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2.0)[inverse]


def auc(scores: np.ndarray, won: np.ndarray) -> float | None:
    """The chance that a won lead scores higher than a lost one; ties count half.

    >>> auc(np.array([1, 2, 3, 4]), np.array([False, False, True, True]))
    1.0
    >>> auc(np.array([1, 1, 1]), np.array([False, True, True]))
    0.5
    >>> auc(np.array([1, 2]), np.array([True, True])) is None
    True
    """
    wins = int(won.sum())
    losses = len(won) - wins
    if not wins or not losses:
        return None
    rank_sum = float(midranks(scores)[won].sum())
    return (rank_sum - wins * (wins + 1) / 2.0) / (wins * losses)


def auc_interval(scores: np.ndarray, won: np.ndarray) -> tuple[float, float, float] | None:
    """AUC with its 95 % confidence interval after DeLong (1988), from placement values.

    >>> low, middle, high = auc_interval(np.arange(40), np.arange(40) % 3 == 0)
    >>> low < middle < high
    True
    """
    middle = auc(scores, won)
    if middle is None:
        return None
    positive, negative = scores[won], scores[~won]
    wins, losses = len(positive), len(negative)
    if wins < 2 or losses < 2:
        return 0.0, middle, 1.0
    ranks = midranks(np.concatenate([positive, negative]))
    above = (ranks[:wins] - midranks(positive)) / losses
    below = 1.0 - (ranks[wins:] - midranks(negative)) / wins
    error = math.sqrt(above.var(ddof=1) / wins + below.var(ddof=1) / losses)
    return max(0.0, middle - Z95 * error), middle, min(1.0, middle + Z95 * error)


def cumulative_gains(scores: np.ndarray, value: np.ndarray, shares) -> list[float] | None:
    """The share of all value found when the best ``shares`` of the leads are taken.

    >>> cumulative_gains(np.array([4, 3, 2, 1]), np.array([1, 1, 0, 0]), [0.25, 0.5, 1.0])
    [0.5, 1.0, 1.0]
    >>> cumulative_gains(np.array([1, 1]), np.array([1, 0]), [0.5])  # a tie is shared
    [0.5]
    """
    total = float(value.sum())
    if not total:
        return None
    unique, inverse, counts = np.unique(-scores, return_inverse=True, return_counts=True)
    del unique
    value_by_score = np.bincount(inverse, weights=value)
    taken = np.concatenate([[0.0], np.cumsum(counts)]) / len(scores)
    found = np.concatenate([[0.0], np.cumsum(value_by_score)]) / total
    return [float(np.interp(share, taken, found)) for share in shares]


def deciles(scores: np.ndarray, value: np.ndarray) -> list[dict] | None:
    """Lift and cumulative gain of each tenth of the leads, best first."""
    shares = [step / 10 for step in range(11)]
    gains = cumulative_gains(scores, value, shares)
    if gains is None:
        return None
    return [
        {
            "decile": step,
            "gain": gains[step],
            "lift": (gains[step] - gains[step - 1]) * 10.0,
            "rate": (gains[step] - gains[step - 1]) * float(value.sum()) / (len(scores) / 10.0),
        }
        for step in range(1, 11)
    ]


def value_at_capacity(
    scores: np.ndarray, value: np.ndarray, period: np.ndarray, capacity: int
) -> tuple[float, float]:
    """Taking the best ``capacity`` leads of each period: how many are taken, what they hold.

    >>> value_at_capacity(np.array([3, 1, 2, 2]), np.array([1, 0, 1, 0]), np.array([1, 1, 2, 2]), 1)
    (2.0, 1.5)
    """
    taken = found = 0.0
    order = np.argsort(period, kind="stable")
    __, starts = np.unique(period[order], return_index=True)
    for own in np.split(order, starts[1:]):
        count = min(capacity, len(own))
        taken += count
        gains = cumulative_gains(scores[own], value[own], [count / len(own)])
        found += gains[0] * float(value[own].sum()) if gains else 0.0
    return taken, found


def wilson_interval(wins: int, size: int) -> tuple[float, float] | None:
    """95 % interval of a rate, sensible for few cases too (Wilson 1927).

    >>> wilson_interval(0, 10)[0]
    0.0
    >>> wilson_interval(1, 0) is None
    True
    """
    if not size:
        return None
    rate, z2 = wins / size, Z95 * Z95
    middle = (rate + z2 / (2 * size)) / (1 + z2 / size)
    half = Z95 * math.sqrt(rate * (1 - rate) / size + z2 / (4 * size * size)) / (1 + z2 / size)
    return max(0.0, round(middle - half, 12)), min(1.0, middle + half)


def quantile_bands(scores: np.ndarray, count: int) -> np.ndarray:
    """Band number of each score, 0 lowest; equal scores are always in the same band.

    >>> quantile_bands(np.array([1, 1, 1, 2, 3, 4]), 3).tolist()
    [0, 0, 0, 1, 2, 2]
    """
    share = (midranks(scores) - 0.5) / len(scores)
    return np.minimum((share * count).astype(int), count - 1)


@dataclass(frozen=True)
class RuleSetPoints:
    """Points per lead and rule, and how they are limited and added up."""

    points: np.ndarray  # leads x rules, each rule's own limit already applied
    group_of: np.ndarray  # the group of each rule
    group_limits: dict[int, tuple[int, int]]
    total_limit: tuple[int, int] | None

    def total(self, without: int | None = None) -> np.ndarray:
        """The score of each lead, with one rule left out if asked."""
        points = self.points
        if without is not None:
            points = points.copy()
            points[:, without] = 0
        total = np.zeros(len(points))
        for group in np.unique(self.group_of):
            group_sum = points[:, self.group_of == group].sum(axis=1)
            if group in self.group_limits:
                group_sum = np.clip(group_sum, *self.group_limits[group])
            total += group_sum
        return np.clip(total, *self.total_limit) if self.total_limit else total


def contributions(rule_set: RuleSetPoints, won: np.ndarray) -> list[dict]:
    """Per rule: how often it speaks, how those leads end, what is lost without it."""
    full = auc(rule_set.total(), won)
    rows = []
    for index in range(rule_set.points.shape[1]):
        hit = rule_set.points[:, index] != 0
        hits = int(hit.sum())
        without = auc(rule_set.total(without=index), won) if hits else full
        rows.append(
            {
                "hits": hits,
                "win_rate": float(won[hit].mean()) if hits else None,
                "contribution": None if full is None else full - without,
                "is_dead": not hits,
            }
        )
    return rows
