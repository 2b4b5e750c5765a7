"""How much of what was won is lost without a channel: removal effects in a chain of paths.

Paths are read as a Markov chain: from the start over states, which are the last ``order``
channels somebody met, to a conversion or to nothing. To remove a channel is to let every way
through it end in nothing.

Whoever meets a channel for the first time goes on as anybody who is there. So what is lost
without it is the chance of coming to one of its states first, times what is earned from there on
(the strong Markov property). Both follow from the expected numbers of visits between states, the
inverse of one matrix, for all channels at once. Chains with very many states are followed step
by step instead, once for each channel.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

MAX_ORDER = 3
#: States up to which the matrix of visits is computed: 32 MB.
MAX_DENSE = 2000
#: People left on their way, as a share of all, of whom nothing more is expected.
NOBODY = 1e-14


class Chain(NamedTuple):
    """States by number, 0 is the start.

    ``last`` is the number of each state's latest channel, -1 for the start. ``origins``,
    ``targets`` and ``shares`` are the ways between states and how large a part takes them.
    ``gains`` are the conversions and the value that a visit to a state earns.
    """

    channels: list
    last: np.ndarray
    origins: np.ndarray
    targets: np.ndarray
    shares: np.ndarray
    gains: np.ndarray


def removal_effects(paths: Sequence[tuple], *, order: int = 1) -> dict:
    """The share of the conversions that is lost without each channel.

    >>> removal_effects([(("a",), 1, 1.0, 0), (("a", "b"), 1, 1.0, 0)])
    {'a': 1.0, 'b': 0.5}
    """
    return both_removal_effects(paths, order=order)[0]


def both_removal_effects(paths: Sequence[tuple], *, order: int = 1) -> tuple[dict, dict]:
    """The effects on conversions and those on value."""
    chain = build_chain(paths, order)
    lose = solve_losses if len(chain.last) <= MAX_DENSE else follow_losses
    lost, total = lose(chain)
    with np.errstate(divide="ignore", invalid="ignore"):
        effects = np.where(total != 0, np.maximum(lost / total, 0.0), 0.0)
    by_conversion, by_value = effects.T.tolist()
    return (
        dict(zip(chain.channels, by_conversion, strict=True)),
        dict(zip(chain.channels, by_value, strict=True)),
    )


def build_chain(paths: Sequence[tuple], order: int) -> Chain:
    """Count the ways. Every path counts as often as it ended, in a conversion or in nothing."""
    if not 1 <= order <= MAX_ORDER:
        raise ValueError(f"The order must be 1 to {MAX_ORDER}, not {order}.")
    numbers, flows = {(): 0}, defaultdict(float)
    ended = defaultdict(lambda: [0.0, 0.0, 0.0])
    for channels, conversions, value, nulls in paths:
        times = conversions + nulls
        if not times:
            continue
        here = 0
        for end in range(1, len(channels) + 1):
            state = channels[end - order if end > order else 0 : end]
            there = numbers.setdefault(state, len(numbers))
            flows[here, there] += times
            here = there
        end_of_way = ended[here]
        end_of_way[0] += times
        end_of_way[1] += conversions
        end_of_way[2] += value
    channels = sorted(set().union(*(path[0] for path in paths)), key=str)
    ranks = {channel: rank for rank, channel in enumerate(channels)}
    ways = np.array(list(flows), dtype=np.int64).reshape(-1, 2)
    times = np.array(list(flows.values()))
    count = len(numbers)
    ends = np.zeros((count, 3))
    ends[list(ended)] = list(ended.values()) or np.zeros((0, 3))
    visits = np.bincount(ways[:, 0], weights=times, minlength=count) + ends[:, 0]
    visits[visits == 0] = 1.0  # the start, where nobody set out
    return Chain(
        channels,
        np.array([ranks[state[-1]] if state else -1 for state in numbers]),
        ways[:, 0],
        ways[:, 1],
        times / visits[ways[:, 0]],
        ends[:, 1:] / visits[:, None],
    )


def solve_losses(chain: Chain) -> tuple[np.ndarray, np.ndarray]:
    """What is lost without each channel and what is earned in all, per person who sets out.

    With ``N = (I - P)^-1``, the expected visits, people come to the states of a channel first
    with the chances ``N[start, states] N[states, states]^-1`` (Kemeny and Snell, Finite Markov
    Chains, 3.2).
    """
    count = len(chain.last)
    ways = np.zeros((count, count))
    ways[chain.origins, chain.targets] = -chain.shares
    ways.flat[:: count + 1] += 1.0
    visits = np.linalg.inv(ways)
    worth = visits @ chain.gains
    lost = np.zeros((len(chain.channels), 2))
    for rank in range(len(chain.channels)):
        states = np.flatnonzero(chain.last == rank)
        if len(states):
            first = np.linalg.solve(visits[np.ix_(states, states)].T, visits[0, states])
            lost[rank] = first @ worth[states]
    return lost, worth[0]


def follow_losses(chain: Chain) -> tuple[np.ndarray, np.ndarray]:
    """The same, by following the people until nobody is left on the way."""
    total = follow(chain)
    lost = [total - follow(chain, rank) for rank in range(len(chain.channels))]
    return np.array(lost).reshape(-1, 2), total


def follow(chain: Chain, removed: int | None = None) -> np.ndarray:
    """Conversions and value per person who sets out, where a channel ends every way."""
    count = len(chain.last)
    here, earned = np.zeros(count), np.zeros(2)
    here[0] = 1.0
    while here.sum() > NOBODY:
        earned += here @ chain.gains
        here = np.bincount(chain.targets, here[chain.origins] * chain.shares, minlength=count)
        if removed is not None:
            here[chain.last == removed] = 0.0
    return earned
