"""How unusual a value is beside its own history, undisturbed by single outliers."""

from collections.abc import Sequence

from .kpi import quantile

# Fewer values than these are no history.
MINIMUM = 6
# Scale of a normal distribution from its median and from its mean absolute deviation.
MAD_SCALE, MEAN_SCALE = 1.4826022185056018, 1.2533141373155003


def median(values: Sequence[float]) -> float | None:
    """
    >>> median([3, 1, 2]), median([]) is None
    (2.0, True)
    """
    middle = quantile(values, 0.5)
    return None if middle is None else float(middle)


def absolute_deviation(values: Sequence[float]) -> float | None:
    """Median absolute deviation from the median (MAD).

    >>> absolute_deviation([1, 1, 2, 2, 4, 6, 9])
    1.0
    """
    middle = median(values)
    return None if middle is None else median([abs(value - middle) for value in values])


def robust_z(value: float, history: Sequence[float]) -> float | None:
    """Modified z-score of Iglewicz and Hoaglin: distance from the median in robust scales.

    When more than half of the history is one value the MAD is zero, and the mean absolute
    deviation gives the scale. A history without any spread gives none: nothing says what is
    usual.

    >>> round(robust_z(10, [1, 1, 2, 2, 4, 6, 9]), 4)
    5.3959
    >>> robust_z(5, [1, 2, 3]) is None, robust_z(5, [2] * 8) is None
    (True, True)
    """
    if len(history) < MINIMUM:
        return None
    middle = median(history)
    deviations = [abs(item - middle) for item in history]
    scale = MAD_SCALE * median(deviations) or MEAN_SCALE * sum(deviations) / len(deviations)
    return (value - middle) / scale if scale else None
