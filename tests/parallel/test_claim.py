"""People claim leads of a public pool at the same moment, each in an Odoo process of its own."""

import json
import time

import pytest

PEOPLE = 3


@pytest.fixture
def world(env, hire, add_leads):
    """Three salespeople, their pool to claim from, and six leads in it."""
    stamp = f"Claim {time.time_ns()}"
    users = hire(stamp, PEOPLE)
    team = env["crm.team"].create({"name": stamp, "member_ids": [(6, 0, users.ids)]})
    members = [(0, 0, {"user_id": user.id}) for user in users]
    pool = env["lead.assignment.pool"].create(
        {"name": stamp, "method": "claim", "member_ids": members}
    )
    env.cr.commit()
    queued = {"assignment_pool_id": pool.id, "assignment_reason": "waiting_claim"}
    leads = add_leads(team, 6, **queued)
    return users, pool, leads


def _race(start, *windows):
    """``(user, leads)`` each in a process; all begin at the same word. What each was told."""
    processes = [start("claim_worker.py", user.id, *leads.ids) for user, leads in windows]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.stdout.readline()) for process in processes]


def _refusals(answers):
    return [message for answer in answers for message in answer.values() if message]


def test_a_lead_three_people_click_on_goes_to_exactly_one_and_the_others_are_told(
    env, world, start
):
    users, pool, leads = world
    lead = leads[0]
    refusals = _refusals(_race(start, *((user, lead) for user in users)))
    env.cr.rollback()
    env.invalidate_all()
    assert lead.user_id in users
    assert len(refusals) == PEOPLE - 1
    for message in refusals:
        assert (
            f"is already taken by {lead.user_id.name}" in message
            or "Somebody else is claiming" in message
        )
    decisions = env["lead.assignment.decision"].search([("lead_id", "=", lead.id)])
    assert [d.user_id for d in decisions if d.reason == "claimed"] == [lead.user_id]


def test_claims_a_day_are_kept_by_somebody_with_three_windows(env, world, start):
    users, pool, leads = world
    pool.claims_per_day = 3
    env.cr.commit()
    user = users[0]
    windows = [(user, leads[number : number + 2]) for number in range(0, 6, 2)]
    refusals = _refusals(_race(start, *windows))
    env.cr.rollback()
    env.invalidate_all()
    assert len(leads.filtered(lambda lead: lead.user_id == user)) == 3
    assert any("3 leads a day" in message for message in refusals)


def test_the_maximum_held_is_kept_across_windows_and_pools(env, world, start):
    users, pool, leads = world
    other = pool.copy({"name": "Second pool"})
    leads[3:].write({"assignment_pool_id": other.id, "assignment_reason": "waiting_claim"})
    (pool | other).held_max = 2
    env.cr.commit()
    user = users[1]
    refusals = _refusals(_race(start, *((user, lead) for lead in leads[2:5])))
    env.cr.rollback()
    env.invalidate_all()
    assert len(leads.filtered(lambda lead: lead.user_id == user)) == 2
    assert len(refusals) == 1
    assert all("You hold 2 open leads" in message for message in refusals)
