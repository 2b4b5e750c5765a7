"""Who gets which lead: the whole decision on plain data, without a database.

First eligibility, then choice. Every verdict keeps what it was decided on, so that it can
be explained to the people concerned and replayed (:func:`replayed_owner`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .round_robin import give, next_turn, shares

SMOOTH, LEAST_LOADED, TERRITORY, STICKY, CLAIM = (
    "smooth",
    "least_loaded",
    "territory",
    "sticky",
    "claim",
)
# Which kind of obstacle decides what is said about a lead that found nobody, in this order:
# the obstacle that came last is the one to remove.
_OBSTACLES = {
    "inactive": "nobody_available",
    "opted_out": "nobody_available",
    "absent": "nobody_available",
    "off_hours": "nobody_available",
    "company": "nobody_matches",
    "country": "nobody_matches",
    "state": "nobody_matches",
    "language": "nobody_matches",
    "skill": "nobody_matches",
    "former_owner": "nobody_left",
    "capacity_day": "nobody_with_capacity",
    "capacity_week": "nobody_with_capacity",
    "capacity_month": "nobody_with_capacity",
    "backlog": "nobody_with_capacity",
}
_SEVERITY = ("nobody_with_capacity", "nobody_left", "nobody_available", "nobody_matches")


@dataclass
class Seat:
    """One salesperson in a pool, as known at the moment of the decision."""

    user: int
    weight: int
    credit: int = 0
    obstacle: str | None = None  # why nothing can be given at all right now
    substitute: int | None = None  # takes the leads of this turn while the person is away
    room: dict[str, int] = field(default_factory=dict)  # leads still allowed, by limit
    load: int = 0  # open leads held
    companies: frozenset[int] = frozenset()
    countries: frozenset[int] = frozenset()
    states: frozenset[int] = frozenset()
    languages: frozenset[int] = frozenset()
    skills: frozenset[int] = frozenset()


@dataclass
class Pool:
    """Seats in their order and the way to choose among them."""

    id: int
    method: str
    seats: list[Seat]


@dataclass(frozen=True)
class Lead:
    """What routing needs to know about a lead."""

    id: int
    rule: int
    matching: frozenset[str] = frozenset()  # dimensions the rule wants the person to match
    company: int | None = None
    country: int | None = None
    state: int | None = None
    language: int | None = None
    tags: frozenset[int] = frozenset()
    account_owner: int | None = None
    former_owners: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """One decision with everything it rests on. Owners and seats are user ids."""

    lead: int
    rule: int
    pool: int
    method: str
    reason: str
    owner: int | None = None
    seat: int | None = None
    eligible: dict[int, int] = field(default_factory=dict)  # seat -> weight, in order
    excluded: dict[int, str] = field(default_factory=dict)  # seat -> reason code
    before: dict[int, int] = field(default_factory=dict)  # seat -> credit
    after: dict[int, int] = field(default_factory=dict)
    loads: dict[int, int] = field(default_factory=dict)  # only for the least loaded
    preferred: tuple[int, ...] = ()  # seats with a better claim (territory, account)


def route(pool: Pool, leads: Iterable[Lead]) -> list[Verdict]:
    """Decide the leads one after the other; seats are updated as they receive."""
    static = {}
    return [_decide(pool, lead, static) for lead in leads]


def _decide(pool: Pool, lead: Lead, static: dict) -> Verdict:
    base = {"lead": lead.id, "rule": lead.rule, "pool": pool.id, "method": pool.method}
    if pool.method == CLAIM:
        return Verdict(**base, reason="waiting_claim")
    excluded = exclusions(pool, lead, static)
    seats = {seat.user: seat for seat in pool.seats if seat.user not in excluded}
    if not seats:
        return Verdict(**base, reason=summary_reason(excluded), excluded=excluded)
    eligible = {user: seat.weight for user, seat in seats.items()}
    before = {user: seat.credit for user, seat in seats.items()}
    preferred = _preferred(pool, lead, seats)
    loads = {u: s.load for u, s in seats.items()} if pool.method == LEAST_LOADED else {}
    turn, after = choose(pool.method, eligible, before, loads, preferred)
    for user, credit in after.items():
        seats[user].credit = credit
    seat = seats[turn]
    _receive(pool, seat)
    owner = seat.substitute or turn
    reason = _reason(pool.method, lead, turn, owner, preferred)
    return Verdict(
        **base,
        reason=reason,
        owner=owner,
        seat=turn,
        eligible=eligible,
        excluded=excluded,
        before=before,
        after=after,
        loads=loads,
        preferred=preferred,
    )


def count(pool: Pool, lead: Lead, taker: int) -> Verdict:
    """Book a lead that reached a member of the pool by other means."""
    eligible = {seat.user: seat.weight for seat in pool.seats if not seat.obstacle}
    credits = {seat.user: seat.credit for seat in pool.seats}
    eligible.setdefault(taker, next(s.weight for s in pool.seats if s.user == taker))
    before = {user: credits[user] for user in eligible}
    give(credits, eligible, taker=taker)
    for seat in pool.seats:
        seat.credit = credits[seat.user]
    return Verdict(
        lead=lead.id,
        rule=lead.rule,
        pool=pool.id,
        method=pool.method,
        reason="manual",
        owner=taker,
        seat=taker,
        eligible=eligible,
        before=before,
        after={user: credits[user] for user in eligible},
    )


def choose(
    method: str,
    eligible: dict[int, int],
    before: dict[int, int],
    loads: dict[int, int],
    preferred: tuple[int, ...],
) -> tuple[int, dict[int, int]]:
    """Whose turn it is and everybody's credit afterwards. Reads nothing else.

    >>> choose("smooth", {7: 1, 8: 1}, {7: 0, 8: 0}, {}, ())[0]
    7
    >>> choose("least_loaded", {7: 1, 8: 1}, {7: 0, 8: 0}, {7: 3, 8: 2}, ())[0]
    8
    >>> choose("sticky", {7: 1, 8: 1}, {7: 0, 8: 0}, {}, (8,))[0]
    8
    """
    candidates = {user: eligible[user] for user in preferred} or eligible
    credits = dict(before)
    if method == LEAST_LOADED:
        lightest = min(loads[user] / weight for user, weight in candidates.items())
        candidates = {u: w for u, w in candidates.items() if loads[u] / w == lightest}
    if len(candidates) == len(eligible):
        turn = give(credits, eligible)
    else:
        parts = shares(eligible)
        turn = next_turn({user: before[user] + parts[user] for user in candidates}, candidates)
        give(credits, eligible, taker=turn)
    return turn, credits


def replayed_owner(verdict: Verdict) -> int | None:
    """Whose turn the stored facts give: equal to ``verdict.seat`` unless they were changed."""
    if not verdict.eligible:
        return None
    turn, after = choose(
        verdict.method, verdict.eligible, verdict.before, verdict.loads, verdict.preferred
    )
    return turn if after == verdict.after else None


def exclusions(pool: Pool, lead: Lead, static: dict | None = None) -> dict[int, str]:
    """Who cannot take this lead, and the first reason why."""
    static = {} if static is None else static
    key = (lead.matching, lead.company, lead.country, lead.state, lead.language, lead.tags)
    if key not in static:
        static[key] = {seat.user: _mismatch(seat, lead) for seat in pool.seats}
    result = {}
    for seat in pool.seats:
        keeper = _keeper(pool, seat)
        reason = (
            static[key][seat.user]
            or (not lead.former_owners.isdisjoint((seat.user, keeper.user)) and "former_owner")
            or seat.obstacle
            or keeper.obstacle
            or next((limit for limit, room in keeper.room.items() if room <= 0), None)
        )
        if reason:
            result[seat.user] = reason
    return result


def _mismatch(seat: Seat, lead: Lead) -> str | None:
    """The first thing in which the person does not fit the lead; unknown fits nobody's claim."""
    if lead.company and seat.companies and lead.company not in seat.companies:
        return "company"
    checks = (
        ("country", lead.country in seat.countries),
        ("state", lead.state in seat.states),
        ("language", lead.language in seat.languages),
        ("skill", bool(lead.tags) and lead.tags <= seat.skills),
    )
    return next((name for name, fits in checks if name in lead.matching and not fits), None)


def _preferred(pool: Pool, lead: Lead, seats: dict[int, Seat]) -> tuple[int, ...]:
    """Eligible seats with a better claim on the lead than the others."""
    if pool.method == STICKY and lead.account_owner in seats:
        return (lead.account_owner,)
    if pool.method == TERRITORY:
        for dimension, value in (("states", lead.state), ("countries", lead.country)):
            owners = tuple(u for u, seat in seats.items() if value in getattr(seat, dimension))
            if owners:
                return owners
        return tuple(u for u, seat in seats.items() if not seat.states and not seat.countries)
    return ()


def _receive(pool: Pool, seat: Seat) -> None:
    """The lead counts for whom it is kept by: the substitute of who is away, else the seat."""
    keeper = _keeper(pool, seat)
    keeper.load += 1
    for limit in keeper.room:
        keeper.room[limit] -= 1


def _keeper(pool: Pool, seat: Seat) -> Seat:
    """Who keeps what comes in this seat's turn."""
    if not seat.substitute:
        return seat
    return next((s for s in pool.seats if s.user == seat.substitute), Seat(seat.substitute, 1))


def _reason(method, lead: Lead, turn: int, owner: int, preferred: tuple[int, ...]) -> str:
    if owner != turn:
        return "substitute"
    if turn in preferred:
        return "account_owner" if method == STICKY else "territory_owner"
    return "least_loaded" if method == LEAST_LOADED else "next_in_turn"


def summary_reason(excluded: dict[int, str]) -> str:
    """Why a lead found nobody: what stopped those who came closest to receiving it.

    >>> summary_reason({7: "country", 8: "capacity_day"})
    'nobody_with_capacity'
    >>> summary_reason({})
    'empty_pool'
    """
    kinds = {_OBSTACLES[reason] for reason in excluded.values()}
    return next((kind for kind in _SEVERITY if kind in kinds), "empty_pool")
