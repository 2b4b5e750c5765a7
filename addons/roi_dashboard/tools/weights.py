"""How one conversion is shared over the touches that led to it.

Pure arithmetic: numbers in, numbers out. The database engine computes the same shares in SQL
for whole sets; what is written here is the definition both must meet.

A journey is the list of eligible touches in order of time. Three moments besides the first and
the last touch can matter: the touch that brought the lead in and the one that made it an
opportunity. They are called milestones, and a journey may lack them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HOURS_PER_DAY = 24.0


@dataclass(frozen=True)
class Scheme:
    """Shares of a position model: what each milestone gets, and what the others divide.

    >>> SCHEMES["u_shaped"]
    Scheme(first=0.4, lead=0.0, opportunity=0.0, last=0.4, middle=0.2)
    """

    first: float = 0.0
    lead: float = 0.0
    opportunity: float = 0.0
    last: float = 0.0
    middle: float = 0.0


SCHEMES = {
    "first": Scheme(first=1.0),
    "last": Scheme(last=1.0),
    "linear": Scheme(middle=1.0),
    "u_shaped": Scheme(first=0.4, last=0.4, middle=0.2),
    "w_shaped": Scheme(first=0.3, lead=0.3, opportunity=0.3, middle=0.1),
    "full_path": Scheme(first=0.225, lead=0.225, opportunity=0.225, last=0.225, middle=0.1),
    "j_shaped": Scheme(first=0.2, last=0.6, middle=0.2),
    "inverse_j": Scheme(first=0.6, last=0.2, middle=0.2),
}


@dataclass(frozen=True)
class Touch:
    """One eligible touch: when, over which channel, and which milestones it is."""

    hours: float
    channel: object = None
    is_direct: bool = False
    is_lead: bool = False
    is_opportunity: bool = False


def normalised(raw: Iterable[float]) -> list[float]:
    """Scale non-negative numbers so that they sum to one; no basis gives an empty list.

    >>> normalised([1, 3])
    [0.25, 0.75]
    >>> normalised([])
    []
    """
    values = list(raw)
    total = sum(values)
    return [value / total for value in values] if total else []


def position_weights(
    count: int, scheme: Scheme, lead: int | None = None, opportunity: int | None = None
) -> list[float]:
    """Share one conversion over ``count`` touches by position.

    A missing milestone leaves its share to those present, a touch that is several milestones
    adds their shares, and without any touch in between the middle share goes to the milestones.

    >>> position_weights(1, SCHEMES["u_shaped"])
    [1.0]
    >>> position_weights(2, SCHEMES["u_shaped"])
    [0.5, 0.5]
    >>> position_weights(4, SCHEMES["u_shaped"])
    [0.4, 0.1, 0.1, 0.4]
    """
    if not count:
        return []
    shares = [0.0] * count
    milestones = (
        (0, scheme.first),
        (lead, scheme.lead),
        (opportunity, scheme.opportunity),
        (count - 1, scheme.last),
    )
    for index, share in milestones:
        if index is not None:
            shares[index] += share
    others = [index for index, share in enumerate(shares) if not share]
    held = sum(shares)
    if not held:
        return [1.0 / count] * count
    middle = scheme.middle if others else 0.0
    weights = [share / held * (1.0 - middle) for share in shares]
    for index in others:
        weights[index] = middle / len(others)
    return weights


def time_decay_weights(ages: Sequence[float], half_life: float) -> list[float]:
    """Halve a touch's share for every half-life between it and the conversion.

    Ages are taken relative to the youngest touch, so that very old journeys keep their shares.

    >>> time_decay_weights([7, 0], half_life=7)
    [0.3333333333333333, 0.6666666666666666]
    """
    if half_life <= 0:
        raise ValueError("The half-life must be positive.")
    youngest = min(ages, default=0.0)
    return normalised(2.0 ** (-(age - youngest) / half_life) for age in ages)


def last_non_direct_weights(touches: Sequence[Touch]) -> list[float]:
    """Give all to the last touch that is not a direct visit; to the last one if all are."""
    if not touches:
        return []
    chosen = max(range(len(touches)), key=lambda index: (not touches[index].is_direct, index))
    return [float(index == chosen) for index in range(len(touches))]


def distinct_channel_weights(channels: Sequence[object]) -> list[float]:
    """Share equally over the distinct channels, then over the touches of each channel.

    This is the Shapley value of the game in which a coalition of channels earns the conversions
    whose journeys need no other channel.

    >>> distinct_channel_weights(["a", "b", "a"])
    [0.25, 0.5, 0.25]
    """
    distinct = len(set(channels))
    times = {channel: channels.count(channel) for channel in set(channels)}
    return [1.0 / distinct / times[channel] for channel in channels]


def journey_weights(
    method: str,
    touches: Sequence[Touch],
    *,
    converted_at: float = 0.0,
    half_life: float = 7.0,
    scheme: Scheme | None = None,
    effects: dict | None = None,
) -> list[float]:
    """Weights of one journey under one model; they sum to one when there is any touch."""
    if method == "time_decay":
        ages = [(converted_at - touch.hours) / HOURS_PER_DAY for touch in touches]
        return time_decay_weights(ages, half_life)
    if method == "last_non_direct":
        return last_non_direct_weights(touches)
    if method == "shapley":
        return distinct_channel_weights([touch.channel for touch in touches])
    if method == "markov":
        return effect_weights([touch.channel for touch in touches], effects or {})
    scheme = scheme or SCHEMES[method]
    lead = next((i for i, touch in enumerate(touches) if touch.is_lead), None)
    opportunity = next((i for i, touch in enumerate(touches) if touch.is_opportunity), None)
    return position_weights(len(touches), scheme, lead, opportunity)


def effect_weights(channels: Sequence[object], effects: dict) -> list[float]:
    """Share by the channels' removal effects; equally when none of them has an effect.

    >>> effect_weights(["a", "b", "a"], {"a": 0.5, "b": 0.5})
    [0.25, 0.5, 0.25]
    """
    distinct = set(channels)
    if not channels:
        return []
    total = sum(effects.get(channel, 0.0) for channel in distinct)
    if total <= 0:
        return distinct_channel_weights(channels)
    return [effects.get(channel, 0.0) / total / channels.count(channel) for channel in channels]


def apportion(amount: int, weights: Sequence[float]) -> list[int]:
    """Split whole cents by weight without losing one: what rounding leaves goes to the largest.

    Among equal shares the latest touch takes it. A credit note splits exactly like the invoice
    it takes back.

    >>> apportion(100, [1 / 3, 1 / 3, 1 / 3])
    [33, 33, 34]
    >>> apportion(-100, [1 / 3, 1 / 3, 1 / 3])
    [-33, -33, -34]
    """
    if not weights:
        return []
    parts = [round_half_away(amount * weight) for weight in weights]
    largest = max(range(len(weights)), key=lambda index: (round(weights[index], 12), index))
    parts[largest] += amount - sum(parts)
    return parts


def round_half_away(value: float) -> int:
    """Round to a whole number, halves away from zero, as money is rounded.

    >>> round_half_away(2.5), round_half_away(-2.5)
    (3, -3)
    """
    return int(value + 0.5) if value >= 0 else -int(-value + 0.5)


def rounded_to_sum(values: Sequence[float], decimals: int) -> list[float]:
    """Round, so that the rounded values add up to their rounded sum.

    All are rounded down; what is missing goes, unit by unit, to those that lost most. No value
    differs from its own by a whole unit.

    >>> rounded_to_sum([1 / 3, 1 / 3, 1 / 3], 2)
    [0.33, 0.33, 0.34]
    """
    unit = 10**decimals
    # a float that is a hair below a whole number of units is that number
    exact = [round(value * unit, 3) for value in values]
    parts = [math.floor(value) for value in exact]
    missing = round(math.fsum(values) * unit) - sum(parts)
    lost = sorted(range(len(parts)), key=lambda index: (exact[index] - parts[index], index))
    for index in lost[len(lost) - missing :] if missing > 0 else ():
        parts[index] += 1
    return [part / unit for part in parts]
