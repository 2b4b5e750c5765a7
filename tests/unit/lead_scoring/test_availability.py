"""Who is there when: absences, working hours, and the beginnings of days."""

import doctest
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.lead_scoring.tools import availability
from odoo.addons.lead_scoring.tools.availability import (
    Presence,
    midnights,
    period_starts,
    renewed_limits,
)
from odoo.addons.lead_scoring.tools.eligibility import Pool, Seat

MONDAY = datetime(2026, 3, 2)
OFFICE = [(MONDAY + timedelta(d, 9 * 3600), MONDAY + timedelta(d, 17 * 3600)) for d in range(5)]
MOMENTS = st.integers(-600, 7 * 1440).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
SPANS = st.tuples(MOMENTS, st.integers(1, 3000)).map(
    lambda span: (span[0], span[0] + timedelta(minutes=span[1]))
)


def test_doctests():
    assert doctest.testmod(availability).failed == 0


@given(
    st.lists(st.tuples(SPANS, st.none() | st.just(7)), max_size=4),
    st.booleans(),
    st.integers(0, 24),
    SPANS,
)
def test_between_two_changes_nothing_changes(absences, in_office, within, span):
    """What lets a month be simulated by looking at the moments of change only."""
    away = [(start, end, who) for (start, end), who in absences]
    presence = Presence(away, OFFICE if in_office else None)
    within = timedelta(hours=within)
    start, end = span
    changes = presence.changes(within)
    if not any(start < moment <= end for moment in changes):
        assert presence.at(start, within) == presence.at(end, within)


@given(st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", None]), MOMENTS)
def test_days_begin_at_midnight_of_the_person(tz, moment):
    day, week, month = period_starts(moment, tz)
    assert day <= moment < day + timedelta(days=1, hours=1)
    assert week <= day and month <= day
    for midnight in midnights(moment, moment + timedelta(days=40), tz):
        assert "capacity_day" in renewed_limits(midnight, tz)
        assert not renewed_limits(midnight + timedelta(minutes=1), tz)


def test_a_person_without_presence_is_always_there():
    pool = Pool(1, "smooth", [Seat(1, 1), Seat(2, 1, barred="opted_out")])
    pool.set_clock(MONDAY)
    assert [seat.obstacle for seat in pool.seats] == [None, "opted_out"]


def test_the_people_of_a_team_have_clocks_of_their_own():
    away = Presence([(MONDAY, MONDAY + timedelta(days=1), None)])
    team = Seat(-9, 1, people=Pool(1, "smooth", [Seat(1, 1, presence=away), Seat(2, 1)]))
    pool = Pool(1, "smooth", [team])
    pool.set_clock(MONDAY)
    assert [seat.obstacle for seat in team.people.seats] == ["absent", None]


def test_limits_renew_where_a_day_begins():
    limits = {"capacity_day": 2, "capacity_month": 9, "backlog": 5}
    room = {"capacity_day": 0, "capacity_month": 0, "backlog": 0}
    shanghai = Seat(1, 1, tz="Asia/Shanghai", limits=dict(limits), room=dict(room))
    london = Seat(2, 1, tz="UTC", limits=dict(limits), room=dict(room))
    pool = Pool(1, "smooth", [shanghai, london])
    pool.renew_limits(datetime(2026, 2, 28, 16))  # 1 March in Shanghai
    assert shanghai.room == {"capacity_day": 2, "capacity_month": 9, "backlog": 0}
    assert london.room == room
