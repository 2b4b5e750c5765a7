"""Protection of claimed leads and working-time clocks."""

import doctest
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.lead_scoring.tools import followup
from odoo.addons.lead_scoring.tools.followup import deadline, recycle_at, working_seconds

TERMS = (timedelta(10), timedelta(3), timedelta(20))
CLAIMED = datetime(2019, 3, 25)


def test_doctests():
    assert doctest.testmod(followup).failed == 0


def test_the_worked_example_of_the_public_pool():
    """Protection 10 days, extension 3, at most 20; claimed on 25 March 2019."""
    actions = []
    assert recycle_at(CLAIMED, actions, *TERMS) == datetime(2019, 4, 4)
    for action, expected in (
        (datetime(2019, 3, 28), datetime(2019, 4, 4)),
        (datetime(2019, 4, 2), datetime(2019, 4, 5)),
        (datetime(2019, 4, 5), datetime(2019, 4, 8)),
        (datetime(2019, 4, 8), datetime(2019, 4, 11)),
        (datetime(2019, 4, 11), datetime(2019, 4, 14)),
        (datetime(2019, 4, 13), datetime(2019, 4, 14)),
    ):
        actions.append(action)
        assert recycle_at(CLAIMED, actions, *TERMS) == expected


@given(st.lists(st.floats(0, 40)))
def test_only_the_last_action_matters(days):
    """What lets the database compute it from one maximum per lead."""
    actions = [CLAIMED + timedelta(day) for day in days]
    last = [max(actions)] if actions else []
    assert recycle_at(CLAIMED, actions, *TERMS) == recycle_at(CLAIMED, last, *TERMS)


@given(st.lists(st.floats(0, 40)), st.floats(0, 40))
def test_acting_never_shortens_protection_and_nothing_exceeds_the_longest(days, extra):
    actions = [CLAIMED + timedelta(day) for day in days]
    before = recycle_at(CLAIMED, actions, *TERMS)
    after = recycle_at(CLAIMED, [*actions, CLAIMED + timedelta(extra)], *TERMS)
    assert before <= after <= CLAIMED + TERMS[2]


WEEK = [(datetime(2026, 1, d, 9), datetime(2026, 1, d, 17)) for d in (5, 6, 7, 8, 9)]


@given(st.integers(0, 4 * 24 * 60), st.integers(60, 8 * 3600))
def test_the_deadline_is_so_much_working_time_away(minutes, seconds):
    start = datetime(2026, 1, 5) + timedelta(minutes=minutes)
    due = deadline(WEEK, start, seconds)
    if due:
        assert abs(working_seconds(WEEK, start, due) - seconds) < 1e-6
        assert any(begin <= due <= end for begin, end in WEEK)


def test_no_working_time_means_no_deadline():
    assert deadline([], CLAIMED, 3600) is None
