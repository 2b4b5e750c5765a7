"""Who gets which lead: the whole decision on plain data, without a database.

First eligibility, then choice. Every verdict keeps what it was decided on, so that it can
be explained to the people concerned and replayed (:func:`replayed_turn`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .eligibility import (
    Lead,
    Pool,
    Seat,
    exclusions,
    inside_team,
    keeper_of,
    receive,
    summary_reason,
    unavailable,
)
from .round_robin import give, next_turn, shares

SMOOTH, LEAST_LOADED, TERRITORY, STICKY, CLAIM = (
    "smooth",
    "least_loaded",
    "territory",
    "sticky",
    "claim",
)


@dataclass(frozen=True)
class Verdict:
    """One decision with everything it rests on. A seat is a user, or minus a team."""

    lead: int
    rule: int | None
    pool: int | None
    method: str
    reason: str
    owner: int | None = None  # the user who gets the lead
    seat: int | None = None  # whose turn it was
    eligible: dict[int, int] = field(default_factory=dict)  # seat -> weight, in order
    excluded: dict[int, str] = field(default_factory=dict)  # seat -> reason code
    before: dict[int, int] = field(default_factory=dict)  # seat -> credit
    after: dict[int, int] = field(default_factory=dict)
    given: dict[int, int] = field(default_factory=dict)  # seat -> leads of the window, before
    loads: dict[int, int] = field(default_factory=dict)  # only for the least loaded
    preferred: tuple[int, ...] = ()  # seats with a better claim (territory, account)
    inner: "Verdict | None" = None  # of a team's turn: whose turn it was in the team

    @property
    def team(self) -> int | None:
        """The team in whose turn the lead was given."""
        return -self.seat if self.inner else None

    @property
    def person(self) -> int | None:
        """The user in whose turn the lead was given."""
        return self.inner.seat if self.inner else self.seat


def route(pool: Pool, leads: Iterable[Lead]) -> list[Verdict]:
    """Decide the leads one after the other; seats are updated as they receive."""
    static = {}
    return [_decide(pool, lead, static) for lead in leads]


def _decide(pool: Pool, lead: Lead, static: dict) -> Verdict:
    base = {"lead": lead.id, "rule": lead.rule, "pool": pool.id, "method": pool.method}
    if pool.method == CLAIM:
        return Verdict(**base, reason="waiting_claim")
    excluded = exclusions(pool, lead, static)
    seats = {seat.id: seat for seat in pool.seats if seat.id not in excluded}
    if not seats:
        return Verdict(**base, reason=summary_reason(excluded), excluded=excluded)
    eligible = {key: seat.weight for key, seat in seats.items()}
    before = {key: seat.credit for key, seat in seats.items()}
    preferred = _preferred(pool, lead, seats)
    loads = {key: seat.load for key, seat in seats.items()} if pool.method == LEAST_LOADED else {}
    window = _since(pool, eligible)
    given = {key: window.get(key, 0) for key in eligible}
    turn, after = choose(pool.method, eligible, before, given, loads, preferred)
    window[turn] = window.get(turn, 0) + 1
    for key, credit in after.items():
        seats[key].credit = credit
    seat = seats[turn]
    inner = _decide(seat.people, inside_team(lead), static) if seat.people else None
    owner = inner.owner if inner else keeper_of(pool, seat).id
    receive(pool, seat)
    return Verdict(
        **base,
        reason=_reason(pool.method, turn, owner, inner, preferred),
        owner=owner,
        seat=turn,
        eligible=eligible,
        excluded=excluded,
        before=before,
        after=after,
        given=given,
        loads=loads,
        preferred=preferred,
        inner=inner,
    )


def count(pool: Pool, lead: Lead, taker: int) -> Verdict:
    """Book a lead that reached a member of the pool, or of a team in it, by other means."""
    seat = pool.find(taker)
    eligible = {s.id: s.weight for s in pool.seats if s is seat or not unavailable(pool, s)}
    credits = {s.id: s.credit for s in pool.seats}
    before = {key: credits[key] for key in eligible}
    window = _since(pool, eligible)
    given = {key: window.get(key, 0) for key in eligible}
    give(credits, eligible, window, taker=seat.id)
    for other in pool.seats:
        other.credit = credits[other.id]
    return Verdict(
        lead=lead.id,
        rule=lead.rule,
        pool=pool.id,
        method=pool.method,
        reason="manual",
        owner=taker,
        seat=seat.id,
        eligible=eligible,
        before=before,
        after={key: credits[key] for key in eligible},
        given=given,
        inner=count(seat.people, lead, taker) if seat.people else None,
    )


def choose(
    method: str,
    eligible: dict[int, int],
    before: dict[int, int],
    given: dict[int, int],
    loads: dict[int, int],
    preferred: tuple[int, ...],
) -> tuple[int, dict[int, int]]:
    """Whose turn it is and everybody's credit afterwards. Reads nothing else.

    >>> choose("smooth", {7: 1, 8: 1}, {7: 0, 8: 0}, {}, {}, ())[0]
    7
    >>> choose("least_loaded", {7: 1, 8: 1}, {7: 0, 8: 0}, {}, {7: 3, 8: 2}, ())[0]
    8
    >>> choose("sticky", {7: 1, 8: 1}, {7: 0, 8: 0}, {}, {}, (8,))[0]
    8
    """
    candidates = {seat: eligible[seat] for seat in preferred} or eligible
    credits = dict(before)
    if method == LEAST_LOADED:
        lightest = min(loads[seat] / weight for seat, weight in candidates.items())
        candidates = {s: w for s, w in candidates.items() if loads[s] / w == lightest}
    if len(candidates) == len(eligible):
        turn = give(credits, eligible, dict(given))
    else:
        # A better claim goes before the rotation of all; among those who have it, take turns.
        parts = shares(eligible)
        turn = next_turn({seat: before[seat] + parts[seat] for seat in candidates}, candidates)
        give(credits, eligible, taker=turn)
    return turn, credits


def replayed_turn(verdict: Verdict) -> int | None:
    """Whose turn the stored facts give: equal to ``verdict.seat`` unless they were changed."""
    if not verdict.eligible or (verdict.inner and not _holds(verdict.inner)):
        return None
    turn, after = choose(
        verdict.method,
        verdict.eligible,
        verdict.before,
        verdict.given,
        verdict.loads,
        verdict.preferred,
    )
    return turn if after == verdict.after else None


def _holds(verdict: Verdict) -> bool:
    return replayed_turn(verdict) == verdict.seat


def _since(pool: Pool, eligible: dict[int, int]) -> dict[int, int]:
    """Leads given to these seats since everybody available in the pool came together.

    A new window begins when somebody becomes available or unavailable or a weight changes.
    Within it, leads that need different people are counted apart from each other.
    """
    present = {seat.id: seat.weight for seat in pool.seats if not _gone(pool, seat)}
    if pool.window.get("present") != present:
        pool.window.clear()
        pool.window.update(present=present, given={})
    return pool.window["given"].setdefault(tuple(eligible), {})


def _gone(pool: Pool, seat: Seat) -> bool:
    if unavailable(pool, seat):
        return True
    return seat.people is not None and all(
        unavailable(seat.people, person) for person in seat.people.seats
    )


def _preferred(pool: Pool, lead: Lead, seats: dict[int, Seat]) -> tuple[int, ...]:
    """Eligible seats with a better claim on the lead than the others."""
    if pool.method == STICKY and lead.account_owner:
        holding = (key for key, seat in seats.items() if _can_keep(seat, lead))
        return tuple(holding)[:1]
    if pool.method == TERRITORY:
        for dimension, value in (("states", lead.state), ("countries", lead.country)):
            owners = tuple(k for k, seat in seats.items() if value in getattr(seat, dimension))
            if owners:
                return owners
        return tuple(k for k, seat in seats.items() if not seat.states and not seat.countries)
    return ()


def _can_keep(seat: Seat, lead: Lead) -> bool:
    """Is this the account's owner, or a team where the owner can take the lead?"""
    if not seat.people:
        return seat.id == lead.account_owner
    owner = seat.people.find(lead.account_owner)
    return bool(owner) and owner.id not in exclusions(seat.people, inside_team(lead))


def _reason(method, turn: int, owner: int, inner: Verdict | None, preferred) -> str:
    if owner != (inner.seat if inner else turn):
        return "substitute"
    if turn in preferred:
        return "account_owner" if method == STICKY else "territory_owner"
    return "least_loaded" if method == LEAST_LOADED else "next_in_turn"
