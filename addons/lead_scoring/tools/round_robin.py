"""Whose turn is it: a fair rotation for any weights, exact and replayable.

Every seat carries a *credit*: the leads it was due so far minus the leads it was given.
A lead is worth ``LEAD`` units, shared among the eligible seats by weight; the seat that
takes it pays one lead. Credits therefore always add up to what they added up to before.

The turn goes to the seat that must be served soonest: among those to whom something is
owed, the one whose credit would reach a whole lead first (earliest deadline first).
As long as the same seats are eligible, nobody is ever a whole lead ahead of or behind
the share the weights give, however uneven the weights are. The plain rule "largest
credit first" does not hold that: with weights 100, 100, 100, 50, 10 x 5, 3, 1 it falls
1.27 leads behind.

Somebody who is away earns no credit and so cannot be flooded on return.

>>> credits = {"ann": 0, "bob": 0, "cai": 0}
>>> [give(credits, {"ann": 1, "bob": 1, "cai": 1}) for _ in range(6)]
['ann', 'bob', 'cai', 'ann', 'bob', 'cai']
>>> credits = {"ann": 0, "bob": 0}
>>> "".join(give(credits, {"ann": 3, "bob": 1})[0] for _ in range(8))
'aaabaaab'
"""

from collections.abc import Hashable, Mapping, MutableMapping

LEAD = 10**12  # one lead, in units small enough to be shared by any weights
DUST = LEAD // 10**6  # what rounding may leave behind after a million leads is owed to nobody


def shares(weights: Mapping[Hashable, int]) -> dict[Hashable, int]:
    """Split one lead by weight; the parts add up to one lead exactly.

    >>> shares({"a": 1, "b": 1, "c": 1})
    {'a': 333333333334, 'b': 333333333333, 'c': 333333333333}
    """
    total = sum(weights.values())
    parts = {seat: LEAD * weight // total for seat, weight in weights.items()}
    missing = LEAD - sum(parts.values())
    for seat in list(parts)[:missing]:
        parts[seat] += 1
    return parts


def next_turn(credits: Mapping[Hashable, int], weights: Mapping[Hashable, int]) -> Hashable:
    """The seat whose turn it is, credits already including the share of the next lead.

    Ties go to the seat named first in ``weights``.
    """
    owed = [seat for seat in weights if credits[seat] > DUST]
    if owed:
        return min(owed, key=lambda seat: (LEAD - credits[seat]) / weights[seat])
    # Everybody eligible is ahead (they served alone for a while): who is due again first.
    return min(weights, key=lambda seat: -credits[seat] / weights[seat])


def give(
    credits: MutableMapping[Hashable, int],
    weights: Mapping[Hashable, int],
    taker: Hashable | None = None,
) -> Hashable:
    """Give one lead to whose turn it is, or to ``taker``; update ``credits`` in place.

    ``weights`` holds the eligible seats in their order, each with a positive weight.
    Naming the taker is how a lead handed out by other means is counted.
    """
    for seat, part in shares(weights).items():
        credits[seat] = credits.get(seat, 0) + part
    if taker is None:
        taker = next_turn(credits, weights)
    credits[taker] = credits.get(taker, 0) - LEAD
    return taker


def to_leads(units: int) -> float:
    """Units as leads, for people and for storage; :func:`to_units` takes it back exactly.

    >>> to_units(to_leads(333333333334))
    333333333334
    """
    return units / LEAD


def to_units(leads: float) -> int:
    """Leads as units."""
    return round(leads * LEAD)
