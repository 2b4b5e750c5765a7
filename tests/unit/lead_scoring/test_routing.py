"""The decision on plain data: eligibility, choice, limits, replay."""

import doctest
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.lead_scoring.tools import routing
from odoo.addons.lead_scoring.tools.routing import Lead, Pool, Seat, replayed_owner, route


def _pool(*seats, method="smooth"):
    return Pool(1, method, list(seats))


def _leads(count, **values):
    return [Lead(index, 1, **values) for index in range(count)]


def _owners(verdicts):
    return [verdict.owner for verdict in verdicts]


def test_doctests():
    assert doctest.testmod(routing).failed == 0


def test_three_equal_people_take_turns():
    pool = _pool(Seat(1, 1), Seat(2, 1), Seat(3, 1))
    assert _owners(route(pool, _leads(6))) == [1, 2, 3, 1, 2, 3]


def test_the_pointer_survives_between_runs():
    """One lead at a time, thirty times: 10/10/10 and not 30/0/0."""
    pool = _pool(Seat(1, 1), Seat(2, 1), Seat(3, 1))
    owners = Counter(route(pool, [lead])[0].owner for lead in _leads(30))
    assert owners == {1: 10, 2: 10, 3: 10}


def test_a_limit_is_kept_to_the_lead():
    pool = _pool(Seat(1, 1, room={"capacity_month": 14}), Seat(2, 1))
    verdicts = route(pool, _leads(40))
    assert Counter(_owners(verdicts)) == {1: 14, 2: 26}
    assert verdicts[-1].excluded == {1: "capacity_month"}


def test_nobody_left_says_why():
    pool = _pool(Seat(1, 1, obstacle="absent"), Seat(2, 1, room={"backlog": 0}))
    (verdict,) = route(pool, _leads(1))
    assert verdict.owner is None
    assert verdict.reason == "nobody_with_capacity"
    assert verdict.excluded == {1: "absent", 2: "backlog"}


def test_one_rule_serves_all_countries():
    pool = _pool(Seat(1, 1, countries=frozenset({10, 11})), Seat(2, 1, countries=frozenset({12})))
    leads = [Lead(c, 1, frozenset({"country"}), country=c) for c in (10, 12, 11, 13)]
    verdicts = route(pool, leads)
    assert _owners(verdicts) == [1, 2, 1, None]
    assert verdicts[-1].reason == "nobody_matches"


def test_an_unknown_country_matches_nobody():
    pool = _pool(Seat(1, 1, countries=frozenset({10})))
    assert _owners(route(pool, _leads(1, matching=frozenset({"country"})))) == [None]


def test_all_skills_are_needed():
    pool = _pool(Seat(1, 1, skills=frozenset({5})), Seat(2, 1, skills=frozenset({5, 6})))
    leads = _leads(3, matching=frozenset({"skill"}), tags=frozenset({5, 6}))
    assert _owners(route(pool, leads)) == [2, 2, 2]


def test_the_owner_of_the_territory_comes_first_and_the_generalist_takes_the_rest():
    pool = _pool(
        Seat(1, 1, countries=frozenset({10})),
        Seat(2, 1, states=frozenset({100})),
        Seat(3, 1),
        method="territory",
    )
    leads = [
        Lead(1, 1, country=10),
        Lead(2, 1, country=10, state=100),
        Lead(3, 1, country=99),
        Lead(4, 1),
    ]
    verdicts = route(pool, leads)
    assert _owners(verdicts) == [1, 2, 3, 3]
    assert [verdict.reason for verdict in verdicts][:2] == ["territory_owner"] * 2


def test_the_account_stays_with_its_owner():
    pool = _pool(Seat(1, 1), Seat(2, 1), method="sticky")
    verdicts = route(pool, _leads(2, account_owner=2) + _leads(2))
    assert _owners(verdicts) == [2, 2, 1, 1]
    assert verdicts[0].reason == "account_owner"


def test_the_least_loaded_receives_in_proportion_to_weight():
    pool = _pool(Seat(1, 2, load=4), Seat(2, 1, load=0), method="least_loaded")
    assert Counter(_owners(route(pool, _leads(5)))) == {2: 3, 1: 2}


def test_a_substitute_works_for_the_turn_of_the_absent():
    pool = _pool(Seat(1, 1, substitute=2), Seat(2, 1), Seat(3, 1))
    verdicts = route(pool, _leads(6))
    assert Counter(_owners(verdicts)) == {2: 4, 3: 2}
    assert Counter(verdict.seat for verdict in verdicts) == {1: 2, 2: 2, 3: 2}
    assert verdicts[0].reason == "substitute"


def test_a_substitute_who_is_full_or_away_takes_nothing():
    full = _pool(Seat(1, 1, substitute=2), Seat(2, 1, room={"backlog": 0}), Seat(3, 1))
    assert _owners(route(full, _leads(2))) == [3, 3]
    away = _pool(Seat(1, 1, substitute=2), Seat(2, 1, obstacle="absent"), Seat(3, 1))
    assert _owners(route(away, _leads(2))) == [3, 3]


def test_a_former_owner_is_not_asked_again():
    pool = _pool(Seat(1, 1), Seat(2, 1))
    assert _owners(route(pool, _leads(2, former_owners=frozenset({1})))) == [2, 2]
    (verdict,) = route(pool, _leads(1, former_owners=frozenset({1, 2})))
    assert verdict.reason == "nobody_left"


def test_a_claim_pool_gives_nothing_away():
    (verdict,) = route(_pool(Seat(1, 1), method="claim"), _leads(1))
    assert verdict.owner is None
    assert verdict.reason == "waiting_claim"


SEATS = st.lists(
    st.builds(
        dict,
        weight=st.integers(1, 9),
        room=st.just({}) | st.integers(0, 9).map(lambda room: {"capacity_day": room}),
        obstacle=st.none() | st.just("absent"),
        load=st.integers(0, 9),
        countries=st.frozensets(st.integers(1, 3)),
    ),
    min_size=1,
    max_size=6,
)
LEADS = st.lists(
    st.builds(
        dict,
        country=st.none() | st.integers(1, 3),
        matching=st.sampled_from([frozenset(), frozenset({"country"})]),
        account_owner=st.none() | st.integers(0, 5),
    ),
    max_size=40,
)
METHODS = st.sampled_from(["smooth", "least_loaded", "territory", "sticky"])


def _seat(user, room, **values):
    return Seat(user, room=dict(room), **values)


@given(SEATS, LEADS, METHODS)
def test_whatever_the_world_the_decisions_hold(seats, leads, method):
    pool = _pool(*(_seat(user, **values) for user, values in enumerate(seats)), method=method)
    verdicts = route(pool, [Lead(number, 1, **values) for number, values in enumerate(leads)])
    received = Counter(_owners(verdicts))
    assert len(verdicts) == len(leads)
    for user, values in enumerate(seats):
        if values["obstacle"]:
            assert not received[user]
        assert received[user] <= values["room"].get("capacity_day", len(leads))
    assert sum(seat.credit for seat in pool.seats) == 0
    for lead, verdict in zip(leads, verdicts, strict=True):
        assert verdict.eligible.keys().isdisjoint(verdict.excluded)
        assert len(verdict.eligible) + len(verdict.excluded) == len(seats)
        assert bool(verdict.owner is not None) == bool(verdict.eligible)
        assert verdict.eligible == {} or replayed_owner(verdict) == verdict.seat
        if lead["matching"] and verdict.owner is not None:
            assert lead["country"] in seats[verdict.owner]["countries"]


def test_a_changed_ledger_row_is_noticed():
    pool = _pool(Seat(1, 1), Seat(2, 1))
    (verdict,) = route(pool, _leads(1))
    forged = routing.Verdict(**{**vars(verdict), "before": {1: -5, 2: 5}})
    assert replayed_owner(forged) != verdict.seat
