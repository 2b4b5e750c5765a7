"""Who can take a lead: the seats of a pool, and the first reason why somebody cannot.

Plain data, no database. A seat is a salesperson, or a team whose people take turns.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .availability import Presence, renewed_limits

# Which kind of obstacle decides what is said about a lead that found nobody, in this order:
# the obstacle that came last is the one to remove.
_OBSTACLES = {
    "empty_team": "empty_pool",
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
    """A salesperson in a pool, or a team, as known at the moment of the decision."""

    id: int  # the user; for a team minus its id
    weight: int
    credit: int = 0
    barred: str | None = None  # why nothing can be given at all, whatever the time
    presence: Presence | None = None
    tz: str | None = None
    limits: dict[str, int] = field(default_factory=dict)
    # at the moment of the decision
    obstacle: str | None = None  # why nothing can be given at all right now
    substitute: int | None = None  # takes the leads of this turn while the person is away
    room: dict[str, int] = field(default_factory=dict)  # leads still allowed, by limit
    load: int = 0  # open leads held
    companies: frozenset[int] = frozenset()
    countries: frozenset[int] = frozenset()
    states: frozenset[int] = frozenset()
    languages: frozenset[int] = frozenset()
    skills: frozenset[int] = frozenset()
    people: "Pool | None" = None  # of a team: its salespeople, who take turns among themselves

    def holds(self, user: int) -> bool:
        """Is this the seat of the user, or of a team the user is in?"""
        return self.id == user or bool(self.people and self.people.find(user))


@dataclass
class Pool:
    """Seats in their order, the way to choose among them, and what was given since when."""

    id: int
    method: str
    seats: list[Seat]
    window: dict = field(default_factory=dict)  # see routing._since
    helpers: dict[int, Seat] = field(default_factory=dict)  # substitutes from outside
    within: timedelta = timedelta(0)  # how soon somebody has to be at work

    def all_seats(self) -> list[Seat]:
        """Seats, substitutes from outside and the people of teams."""
        people = [seat.people.all_seats() for seat in self.seats if seat.people]
        return sum(people, [*self.seats, *self.helpers.values()])

    def set_clock(self, moment: datetime) -> None:
        """Who is away or off work at that moment, and who stands in."""
        for seat in (*self.seats, *self.helpers.values()):
            if seat.people:
                seat.people.set_clock(moment)
            found = seat.presence.at(moment, self.within) if seat.presence else (None, None)
            seat.obstacle = seat.barred or found[0]
            seat.substitute = None if seat.barred else found[1]

    def renew_limits(self, moment: datetime) -> None:
        """Daily, weekly and monthly limits start anew where a day begins at that moment."""
        for seat in self.all_seats():
            for name in renewed_limits(moment, seat.tz):
                if name in seat.limits:
                    seat.room[name] = seat.limits[name]

    def find(self, user: int) -> Seat | None:
        """The seat of the user, else of a team the user is in."""
        own = (seat for seat in self.seats if seat.id == user)
        return next(own, None) or next((seat for seat in self.seats if seat.holds(user)), None)


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


def exclusions(pool: Pool, lead: Lead, static: dict | None = None) -> dict[int, str]:
    """Seats that cannot take this lead, each with the first reason why.

    ``static`` remembers between leads what does not change from one to the next.
    """
    static = {} if static is None else static
    key = (lead.matching, lead.company, lead.country, lead.state, lead.language, lead.tags)
    known = static.setdefault((id(pool), key), {})
    if not known:
        known.update({seat.id: _mismatch(seat, lead) for seat in pool.seats})
    reasons = {seat.id: known[seat.id] or _had_it(pool, seat, lead) or unavailable(pool, seat)
               for seat in pool.seats}  # fmt: skip
    for seat in pool.seats:
        if seat.people and not reasons[seat.id]:
            reasons[seat.id] = _nobody_in_team(seat.people, lead)
    return {seat: reason for seat, reason in reasons.items() if reason}


def unavailable(pool: Pool, seat: Seat) -> str | None:
    """Why the seat can take no lead at all at the moment: away, off work, or at a limit."""
    keeper = keeper_of(pool, seat)
    return (
        seat.obstacle
        or keeper.obstacle
        or next((limit for limit, room in keeper.room.items() if room <= 0), None)
    )


def keeper_of(pool: Pool, seat: Seat) -> Seat:
    """Who keeps what comes in this seat's turn: the substitute of who is away, else the seat."""
    if not seat.substitute:
        return seat
    colleague = next((s for s in pool.seats if s.id == seat.substitute), None)
    return colleague or pool.helpers.get(seat.substitute) or Seat(seat.substitute, 1)


def receive(pool: Pool, seat: Seat) -> None:
    """A lead in this seat's turn counts for whom it is kept by."""
    keeper = keeper_of(pool, seat)
    keeper.load += 1
    for limit in keeper.room:
        keeper.room[limit] -= 1


def summary_reason(excluded: dict[int, str]) -> str:
    """Why a lead found nobody: what stopped those who came closest to receiving it.

    >>> summary_reason({7: "country", 8: "capacity_day"})
    'nobody_with_capacity'
    >>> summary_reason({})
    'empty_pool'
    """
    kinds = {_OBSTACLES[reason] for reason in excluded.values()}
    return next((kind for kind in _SEVERITY if kind in kinds), "empty_pool")


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


def _had_it(pool: Pool, seat: Seat, lead: Lead) -> str | None:
    if lead.former_owners and not lead.former_owners.isdisjoint(
        (seat.id, keeper_of(pool, seat).id)
    ):
        return "former_owner"
    return None


def _nobody_in_team(people: Pool, lead: Lead) -> str | None:
    """The reason of those of the team who came closest, if none of them can take the lead."""
    if not people.seats:
        return "empty_team"
    excluded = exclusions(people, inside_team(lead))
    if len(excluded) < len(people.seats):
        return None
    closest = summary_reason(excluded)
    return next(reason for reason in excluded.values() if _OBSTACLES[reason] == closest)


def inside_team(lead: Lead) -> Lead:
    """What the rule wants to match is matched by the team, not by each of its people."""
    return Lead(
        lead.id,
        lead.rule,
        company=lead.company,
        account_owner=lead.account_owner,
        former_owners=lead.former_owners,
    )
