"""Sharing a budget between channels with diminishing returns. No Odoo import.

The best split has equal marginal returns: as long as the next euro brings more in one channel than
the last one does in another, it is worth moving. Channels that reach their limit stay there. For
``scale * log(1 + spend / half)`` the spend with marginal return ``r`` is ``scale / r - half``, so
one number, the common marginal return, decides the whole split; it is found by halving.
"""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from .cost_curve import CostCurve, interval

_EPSILON = 1e-6


@dataclass(frozen=True)
class Share:
    """One channel of a split: how its return grows, and what it may get.

    Where nothing is known of the return, ``low`` and ``high`` are what the channel has.
    """

    scale: float
    half: float
    low: float
    high: float

    def spend_at(self, marginal):
        """What the channel gets when a further unit has to bring at least ``marginal``."""
        if self.scale <= 0:
            return self.low
        return min(max(self.scale / marginal - self.half, self.low), self.high)


@dataclass(frozen=True)
class Gain:
    """What a change brings: the expectation, its range, and how likely it is above zero."""

    expected: float
    low: float
    high: float
    probability: float


def allocate(total, shares, digits=2):
    """Split ``total`` for the largest sum of returns; the parts add up to it exactly.

    >>> allocate(100.0, [Share(10, 5, 0, 100), Share(10, 5, 0, 100)])
    [50.0, 50.0]
    >>> allocate(100.0, [Share(30, 5, 0, 100), Share(10, 5, 40, 100), Share(0, 1, 7, 7)])
    [53.0, 40.0, 7.0]
    """
    unit = 10**digits
    lows = [ceil(share.low * unit - _EPSILON) for share in shares]
    highs = [floor(share.high * unit + _EPSILON) for share in shares]
    wanted = round(total * unit)
    if not sum(lows) <= wanted <= sum(max(pair) for pair in zip(lows, highs, strict=True)):
        raise ValueError("out_of_range")
    marginal = _common_marginal(wanted / unit, shares)
    exact = [share.spend_at(marginal) * unit for share in shares]
    parts = [
        min(max(floor(value + _EPSILON), low), max(low, high))
        for value, low, high in zip(exact, lows, highs, strict=True)
    ]
    _settle(parts, wanted, lows, highs, exact)
    return [round(part / unit, digits) for part in parts]


def _common_marginal(total, shares):
    """The marginal return at which the channels together spend the total."""
    growing = [share for share in shares if share.scale > 0]
    if not growing:
        return 1.0
    most = max(share.scale / (share.half + share.low) for share in growing)
    least = min(share.scale / (share.half + share.high) for share in growing)
    low, high = least / 2, most * 2
    for _step in range(200):
        middle = (low + high) / 2
        if sum(share.spend_at(middle) for share in shares) > total:
            low = middle
        else:
            high = middle
    return high


def _settle(parts, wanted, lows, highs, exact):
    """Give what rounding left to the channels that rounding took most from."""
    rest = wanted - sum(parts)
    step = 1 if rest > 0 else -1
    while rest:
        free = [
            number
            for number in range(len(parts))
            if (parts[number] < highs[number] if step > 0 else parts[number] > lows[number])
        ]
        number = max(free, key=lambda number: step * (exact[number] - parts[number]))
        room = (highs[number] - parts[number]) if step > 0 else (parts[number] - lows[number])
        # Whole channels without a curve may have room for much more than a cent.
        taken = min(abs(rest), room, max(1, abs(rest) // len(parts)))
        parts[number] += step * taken
        rest -= step * taken


def gain_of_move(
    giver: CostCurve, receiver: CostCurve, spends, amount, months=1, level=0.8
) -> Gain:
    """What moving ``amount`` from one channel to the other brings over ``months`` months.

    ``spends`` are what both have now over these months; the money is spread evenly over them.
    """
    given, received = spends
    monthly = np.array([given, given - amount, received, received + amount]) / months

    def change(left, right):
        return months * (left[1] - left[0] + right[1] - right[0])

    expected = change(giver.expected(monthly[:2]), receiver.expected(monthly[2:]))
    sample = change(giver.sample(monthly[:2]), receiver.sample(monthly[2:]))
    low, high = interval(sample, level)
    return Gain(float(expected), float(low), float(high), float(np.mean(sample > 0)))


def pair_changes(changes, digits=2):
    """Turn changes per channel into moves from one to another; what does not pair is left over.

    Answers the moves ``(giver, receiver, amount)`` and the rest ``{channel: change}``.

    >>> pair_changes({"ads": -100.0, "fairs": 70.0, "mail": 30.0})
    ([('ads', 'fairs', 70.0), ('ads', 'mail', 30.0)], {})
    >>> pair_changes({"ads": -100.0, "fairs": 130.0})
    ([('ads', 'fairs', 100.0)], {'fairs': 30.0})
    """
    unit = 10**digits
    rest = {key: round(change * unit) for key, change in changes.items()}
    moves = []
    for giver in [key for key, change in rest.items() if change < 0]:
        for receiver in [key for key, change in rest.items() if change > 0]:
            amount = min(-rest[giver], rest[receiver])
            if amount > 0:
                moves.append((giver, receiver, amount / unit))
                rest[giver] += amount
                rest[receiver] -= amount
    return moves, {key: change / unit for key, change in rest.items() if change}
