"""The decision on plain data: eligibility, choice, limits, replay."""

import doctest
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.lead_scoring.tools import eligibility, routing
from odoo.addons.lead_scoring.tools.eligibility import Lead, Pool, Seat
from odoo.addons.lead_scoring.tools.routing import replayed_turn, route


def _pool(*seats, method="smooth"):
    return Pool(1, method, list(seats))


def _leads(count, **values):
    return [Lead(index, 1, **values) for index in range(count)]


def _owners(verdicts):
    return [verdict.owner for verdict in verdicts]


def test_doctests():
    assert doctest.testmod(routing).failed == 0
    assert doctest.testmod(eligibility).failed == 0


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
        assert verdict.eligible == {} or replayed_turn(verdict) == verdict.seat
        if lead["matching"] and verdict.owner is not None:
            assert lead["country"] in seats[verdict.owner]["countries"]


def test_a_changed_ledger_row_is_noticed():
    pool = _pool(Seat(1, 1), Seat(2, 1))
    (verdict,) = route(pool, _leads(1))
    forged = routing.Verdict(**{**vars(verdict), "before": {1: -5, 2: 5}})
    assert replayed_turn(forged) != verdict.seat


def _team(team, weight, *people, **values):
    return Seat(-team, weight, people=_pool(*people), **values)


def test_a_team_takes_its_turn_and_its_people_take_turns_inside():
    pool = _pool(Seat(1, 1), _team(9, 2, Seat(2, 1), Seat(3, 1)))
    verdicts = route(pool, _leads(12))
    assert Counter(verdict.seat for verdict in verdicts) == {1: 4, -9: 8}
    assert Counter(_owners(verdicts)) == {1: 4, 2: 4, 3: 4}
    assert {verdict.team for verdict in verdicts} == {None, 9}
    assert all(replayed_turn(verdict) == verdict.seat for verdict in verdicts)


def test_a_team_is_passed_over_for_the_reason_of_those_who_came_closest():
    people = Seat(2, 1, obstacle="absent"), Seat(3, 1, room={"capacity_month": 0})
    (verdict,) = route(_pool(_team(9, 1, *people)), _leads(1))
    assert verdict.excluded == {-9: "capacity_month"}
    assert verdict.reason == "nobody_with_capacity"
    (verdict,) = route(_pool(_team(9, 1)), _leads(1))
    assert (verdict.excluded, verdict.reason) == ({-9: "empty_team"}, "empty_pool")


def test_what_the_rule_wants_to_match_is_matched_by_the_team():
    team = _team(9, 1, Seat(2, 1), countries=frozenset({10}))
    verdicts = route(_pool(team), _leads(1, matching=frozenset({"country"}), country=10))
    assert _owners(verdicts) == [2]


def test_a_former_owner_in_a_team_is_not_asked_again():
    pool = _pool(_team(9, 1, Seat(2, 1), Seat(3, 1)))
    assert _owners(route(pool, _leads(3, former_owners=frozenset({2})))) == [3, 3, 3]


def test_a_forged_turn_inside_a_team_is_noticed():
    (verdict,) = route(_pool(_team(9, 1, Seat(2, 1), Seat(3, 1))), _leads(1))
    inner = routing.Verdict(**{**vars(verdict.inner), "before": {2: -5, 3: 5}})
    assert replayed_turn(routing.Verdict(**{**vars(verdict), "inner": inner})) is None


def test_a_lead_given_by_hand_to_somebody_in_a_team_is_booked_for_both():
    pool = _pool(Seat(1, 1), _team(9, 1, Seat(2, 1), Seat(3, 1)))
    verdict = routing.count(pool, Lead(1, 1), taker=2)
    assert (verdict.seat, verdict.person, verdict.reason) == (-9, 2, "manual")
    assert _owners(route(pool, _leads(3))) == [1, 1, 3]


def test_leads_that_need_different_people_are_each_shared_fairly():
    """Two territories in one pool: each is a rotation of its own, nobody loses a turn."""
    germans = [Seat(n, weight, countries=frozenset({10})) for n, weight in ((1, 3), (2, 1))]
    french = [Seat(n, 1, countries=frozenset({20})) for n in (3, 4)]
    leads = [
        Lead(number, 1, matching=frozenset({"country"}), country=(10, 20, 10)[number % 3])
        for number in range(60)
    ]
    given_to = Counter(_owners(route(_pool(*germans, *french), leads)))
    assert given_to == {1: 30, 2: 10, 3: 10, 4: 10}


def test_a_new_window_begins_when_somebody_comes_back():
    pool = _pool(Seat(1, 1), Seat(2, 1, obstacle="absent"))
    route(pool, _leads(7))
    pool.seats[1].obstacle = None
    back = _owners(route(pool, _leads(6)))
    assert Counter(back) == {1: 3, 2: 3}
