"""Channel attribution on aggregated paths: the heuristics, Markov chains and Shapley values.

A path is ``(channels, conversions, value, nulls)``: the channels in order, how often the path
ended in a conversion, what those conversions were worth, and how often it ended without one.
``channel_credit`` answers ``{channel: (conversions, value)}``; the credits of all channels sum to
the conversions and the value of all paths.

Markov chains are solved, not simulated. Shapley values are exact for the game in which a
coalition earns the conversions that need no other channel (a closed form), and for the
conversion-rate game exact up to ten channels, sampled with a seed above.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

from .markov import both_removal_effects
from .weights import SCHEMES, Scheme, position_weights, time_decay_weights

EXACT_CHANNELS = 10
SAMPLES = 2000


class TooFewPathsError(ValueError):
    """Raised when a data-driven model would only describe noise: what was found and is needed."""

    def __init__(self, message: str, found: float, needed: float):
        super().__init__(message)
        self.found = found
        self.needed = needed


def channel_credit(
    paths: Iterable[tuple], method: str, **options
) -> dict[object, tuple[float, float]]:
    """Credit conversions and value to channels.

    >>> channel_credit([(("a", "b"), 2, 10.0, 0)], "linear")
    {'a': (1.0, 5.0), 'b': (1.0, 5.0)}

    Options: ``scheme`` (custom positions), ``half_life`` in touches (time decay), ``direct``
    (channels that last non-direct passes over), ``order`` 1 to 3 (markov), ``game`` conversions
    or rate, ``samples`` and ``seed`` (shapley), ``min_conversions`` and ``min_paths`` (both).
    """
    paths = checked_paths(paths)
    if method == "markov":
        return markov_credit(paths, **options)
    if method == "shapley":
        return shapley_credit(paths, **options)
    return heuristic_credit(paths, method, **options)


def checked_paths(paths: Iterable[tuple]) -> list[tuple]:
    """Drop empty paths and refuse negative numbers, naming the path."""
    checked = []
    for channels, conversions, value, nulls in paths:
        if conversions < 0 or nulls < 0:
            raise ValueError(f"Negative count on path {' > '.join(map(str, channels))}.")
        if channels:
            checked.append((tuple(channels), conversions, value, nulls))
    return checked


def require_sample(paths: Sequence[tuple], min_conversions: float = 0, min_paths: int = 0):
    """Refuse, and say why, when there is too little to learn from."""
    conversions = sum(path[1] for path in paths)
    distinct = len({path[0] for path in paths})
    if conversions < min_conversions:
        raise TooFewPathsError(
            f"{conversions:g} conversions, at least {min_conversions:g} are needed",
            conversions,
            min_conversions,
        )
    if distinct < min_paths:
        raise TooFewPathsError(
            f"{distinct} different paths, at least {min_paths} are needed", distinct, min_paths
        )


def heuristic_credit(
    paths: Sequence[tuple],
    method: str,
    *,
    scheme: Scheme | None = None,
    half_life: float = 1.0,
    direct: frozenset = frozenset(),
) -> dict:
    """Share each path's conversions by position; a channel met twice adds its shares."""
    if method in ("w_shaped", "full_path"):
        raise ValueError(f"The model {method} needs lead milestones; paths have none.")
    credit = defaultdict(lambda: [0.0, 0.0])
    known = {}  # paths of one length share their weights, unless the channels matter
    for channels, conversions, value, _nulls in paths:
        alike = channels if method == "last_non_direct" else len(channels)
        if alike not in known:
            known[alike] = path_weights(channels, method, scheme, half_life, direct)
        for channel, weight in zip(channels, known[alike], strict=True):
            share = credit[channel]
            share[0] += conversions * weight
            share[1] += value * weight
    return as_tuples(credit)


def path_weights(channels, method, scheme, half_life, direct) -> list[float]:
    count = len(channels)
    if method == "time_decay":
        return time_decay_weights([count - 1 - index for index in range(count)], half_life)
    if method == "last_non_direct":
        index = max(range(count), key=lambda i: (channels[i] not in direct, i))
        return [float(i == index) for i in range(count)]
    return position_weights(count, scheme or SCHEMES[method])


def as_tuples(credit: dict) -> dict:
    return {channel: (conversions, value) for channel, (conversions, value) in credit.items()}


# Markov -----------------------------------------------------------------------------------------


def markov_credit(
    paths: Sequence[tuple], *, order: int = 1, min_conversions: float = 0, min_paths: int = 0
) -> dict:
    """Share conversions and value by removal effect.

    Conversions follow the effect on the probability of converting, value the effect on the
    expected value, in which every last state is worth its own mean.
    """
    require_sample(paths, min_conversions, min_paths)
    conversions = sum(path[1] for path in paths)
    value = sum(path[2] for path in paths)
    effects, worth = both_removal_effects(paths, order=order)
    by_conversion = shares(effects)
    by_value = shares(worth if value else effects)
    return {
        channel: (conversions * by_conversion[channel], value * by_value[channel])
        for channel in effects
    }


def shares(effects: dict) -> dict:
    """Scale effects to one; when no channel has an effect, all share equally."""
    total = sum(effects.values())
    if total <= 0:
        return {channel: 1.0 / len(effects) for channel in effects}
    return {channel: effect / total for channel, effect in effects.items()}


# Shapley ----------------------------------------------------------------------------------------


def shapley_credit(
    paths: Sequence[tuple],
    *,
    game: str = "conversions",
    exact_channels: int = EXACT_CHANNELS,
    samples: int = SAMPLES,
    seed: int = 0,
    min_conversions: float = 0,
    min_paths: int = 0,
) -> dict:
    """Share conversions and value by Shapley value.

    Game ``conversions``: a coalition earns the conversions of the paths inside it. Each path is
    then shared equally by its distinct channels, exactly, however many channels there are.
    Game ``rate``: a coalition is worth the conversion rate of the paths inside it, so nulls
    count; the values are scaled to the observed conversions.
    """
    require_sample(paths, min_conversions, min_paths)
    if game == "conversions":
        return distinct_credit(paths)
    if game != "rate":
        raise ValueError(f"Unknown game {game}; it is 'conversions' or 'rate'.")
    channels = sorted({channel for path in paths for channel in path[0]}, key=str)
    worth = rate_game(paths)
    if len(channels) <= exact_channels:
        values = exact_shapley(channels, worth)
    else:
        values = sampled_shapley(channels, worth, samples, seed)
    positive = shares({channel: max(0.0, value) for channel, value in values.items()})
    conversions = sum(path[1] for path in paths)
    value = sum(path[2] for path in paths)
    return {channel: (conversions * share, value * share) for channel, share in positive.items()}


def distinct_credit(paths: Sequence[tuple]) -> dict:
    """Each path's credit, equally over its distinct channels."""
    credit = defaultdict(lambda: [0.0, 0.0])
    for channels, conversions, value, _nulls in paths:
        members = set(channels)
        for channel in members:
            credit[channel][0] += conversions / len(members)
            credit[channel][1] += value / len(members)
    return as_tuples(credit)


def coalition_game(paths: Sequence[tuple]):
    """Worth of a coalition: conversions of the paths that need no other channel."""
    sets = Counter()
    for channels, conversions, _value, _nulls in paths:
        sets[frozenset(channels)] += conversions
    return lambda coalition: sum(
        conversions for members, conversions in sets.items() if members <= coalition
    )


def rate_game(paths: Sequence[tuple]):
    """Worth of a coalition: conversion rate of the paths that need no other channel."""
    sets = defaultdict(lambda: [0.0, 0.0])
    for channels, conversions, _value, nulls in paths:
        entry = sets[frozenset(channels)]
        entry[0] += conversions
        entry[1] += conversions + nulls
    known = {}

    def worth(coalition: frozenset) -> float:
        if coalition not in known:
            inside = [entry for members, entry in sets.items() if members <= coalition]
            ended = sum(entry[1] for entry in inside)
            known[coalition] = sum(entry[0] for entry in inside) / ended if ended else 0.0
        return known[coalition]

    return worth


def exact_shapley(channels: Sequence, worth) -> dict:
    """Mean marginal worth of each channel over all orders of joining.

    >>> game = lambda coalition: float({"a", "b"} <= set(coalition))
    >>> exact_shapley(["a", "b"], game)
    {'a': 0.5, 'b': 0.5}
    """
    count = len(channels)
    values = dict.fromkeys(channels, 0.0)
    for size in range(count):
        factor = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
        for members in combinations(channels, size):
            coalition = frozenset(members)
            base = worth(coalition)
            for channel in channels:
                if channel not in coalition:
                    values[channel] += factor * (worth(coalition | {channel}) - base)
    return values


def sampled_shapley(channels: Sequence, worth, samples: int, seed: int) -> dict:
    """The same over random orders, each taken forwards and backwards; a seed repeats it."""
    generator = random.Random(seed)
    values = dict.fromkeys(channels, 0.0)
    orders = max(1, samples // 2)
    for _sample in range(orders):
        order = list(channels)
        generator.shuffle(order)
        for sequence in (order, order[::-1]):
            coalition, base = frozenset(), worth(frozenset())
            for channel in sequence:
                coalition = coalition | {channel}
                reached = worth(coalition)
                values[channel] += reached - base
                base = reached
    return {channel: value / (2 * orders) for channel, value in values.items()}


# Files ------------------------------------------------------------------------------------------


def read_paths(lines: Iterable[str], delimiter: str = ";", separator: str = ">") -> list[tuple]:
    """Read ``path;conversions;value;nulls`` rows; the first row is the heading.

    >>> read_paths(["path;total_conversions;total_conversion_value;total_null", "a > b;1;2.5;3"])
    [(('a', 'b'), 1.0, 2.5, 3.0)]
    """
    paths = []
    for number, line in enumerate(lines, start=1):
        if number == 1 or not line.strip():
            continue
        cells = [cell.strip().strip('"') for cell in line.strip().split(delimiter)]
        if len(cells) < 2:
            raise ValueError(f"Line {number}: at least a path and a number of conversions.")
        try:
            numbers = [float(cell or 0) for cell in cells[1:4]]
        except ValueError as error:
            raise ValueError(f"Line {number}: {error}.") from error
        numbers += [0.0] * (3 - len(numbers))
        channels = tuple(part.strip() for part in cells[0].split(separator) if part.strip())
        paths.append((channels, *numbers))
    return paths
