"""Whose turn is it: smooth weighted round robin that is fair for any weights, exact and replayable.

Every seat carries a *credit*: the leads it was due so far minus the leads it was given. A lead
is worth ``LEAD`` units, shared among the eligible seats by weight; the seat that takes it pays
one lead. Credits therefore always add up to what they added up to before.

The turn goes to the largest credit, as in the smooth weighted round robin of nginx. That alone
lets people fall more than a lead behind: 1.27 leads with the weights 100, 100, 100, 50, 10 x 5,
3, 1. So a turn is only used if it *keeps quota*: since these people came together (the
*window*), nobody may be a whole lead ahead of or behind the share the weights give, neither
now nor at any later turn. That is the condition of Balinski and Young's quota method for
dividing seats of a parliament (1975; Still, 1979): whenever all turns kept it, some seat keeps
it at the next turn, so the rotation never gets stuck. See :func:`keeps_quota`.

What follows, for any weights and whatever happened before:

* since the window began, given and due differ by less than one lead for everybody;
* between any two moments of a window, by less than two; with equal weights by less than one.
  For some weights no rotation at all can promise "less than one" there: with 3, 2, 1 none
  gets beyond four turns.

Somebody who is away earns no credit and so cannot be flooded on return.

>>> credits = {"ann": 0, "bob": 0, "cai": 0}
>>> [give(credits, {"ann": 1, "bob": 1, "cai": 1}) for _ in range(6)]
['ann', 'bob', 'cai', 'ann', 'bob', 'cai']
>>> credits, given = {"ann": 0, "bob": 0}, {}
>>> "".join(give(credits, {"ann": 5, "bob": 2}, given)[0] for _ in range(7))
'abaaaba'
"""

from collections.abc import Hashable, Mapping, MutableMapping

LEAD = 10**12  # one lead, in units small enough to be shared by any weights
DUST = LEAD // 10**6  # what rounding may leave behind after a million leads decides nothing


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


def keeps_quota(
    given: Mapping[Hashable, int], weights: Mapping[Hashable, int], seat: Hashable
) -> bool:
    """Can this seat take the next lead of the window and nobody ever be a whole lead off?

    Two things must hold. The seat itself is not a whole lead ahead afterwards. And at every
    later turn there are enough turns left for all who would by then be a whole lead behind.

    >>> keeps_quota({}, {"ann": 3, "bob": 1}, "bob")
    True
    >>> keeps_quota({"bob": 1}, {"ann": 3, "bob": 1}, "bob")
    False
    """
    total = sum(weights.values())
    turn = sum(given.get(other, 0) for other in weights) + 1
    had = given.get(seat, 0)
    if had * total >= weights[seat] * turn:
        return False
    after = [(given.get(other, 0), weight) for other, weight in weights.items() if other != seat]
    after.append((had + 1, weights[seat]))
    later = turn
    while True:
        needed = ahead = 0
        for count, weight in after:
            surplus = count * total - weight * later
            if surplus > 0:
                ahead += surplus
            else:
                needed += -surplus // total
        if needed > later - turn:
            return False
        if ahead < total:  # together less than one lead ahead: from here on it always holds
            return True
        later += 1


def next_turn(
    credits: Mapping[Hashable, int],
    weights: Mapping[Hashable, int],
    given: Mapping[Hashable, int] | None = None,
) -> Hashable:
    """The seat whose turn it is, credits already including the share of the next lead.

    ``given`` counts the leads of the window. Ties go to the seat named first in ``weights``.
    """
    given = given or {}
    left = list(weights)
    while left:
        largest = max(credits[seat] for seat in left)
        seat = next(seat for seat in left if credits[seat] >= largest - DUST)
        if keeps_quota(given, weights, seat):
            return seat
        left.remove(seat)
    # Leads given by other means have broken the quota: who is due the next one first.
    return min(weights, key=lambda seat: (given.get(seat, 0) + 1) / weights[seat])


def give(
    credits: MutableMapping[Hashable, int],
    weights: Mapping[Hashable, int],
    given: MutableMapping[Hashable, int] | None = None,
    taker: Hashable | None = None,
) -> Hashable:
    """Give one lead to whose turn it is, or to ``taker``; update ``credits`` and ``given``.

    ``weights`` holds the eligible seats in their order, each with a positive weight.
    Naming the taker is how a lead handed out by other means is counted.
    """
    for seat, part in shares(weights).items():
        credits[seat] = credits.get(seat, 0) + part
    if taker is None:
        taker = next_turn(credits, weights, given)
    credits[taker] = credits.get(taker, 0) - LEAD
    if given is not None:
        given[taker] = given.get(taker, 0) + 1
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
