"""Two transactions meet at one lead: what waits for whom, and what people are told.

Who assigns a lead holds it against change until the end. What only refers to the lead (touches,
scores, ledger rows) neither waits for that nor looks like somebody who handles it.
"""

import time

import pytest

PATIENCE = "SET LOCAL lock_timeout = '3s'"


@pytest.fixture
def world(env, hire, add_leads):
    """One salesperson in a pool, one rule, three leads."""
    env["lead.assignment.rule"].search([]).active = False
    stamp = f"Locks {time.time_ns()}"
    (user,) = hire(stamp, 1)
    team = env["crm.team"].create(
        {"name": stamp, "assignment_engine": "rules", "member_ids": [(6, 0, user.ids)]}
    )
    members = [(0, 0, {"user_id": user.id})]
    pool = env["lead.assignment.pool"].create({"name": stamp, "member_ids": members})
    env["lead.assignment.rule"].create(
        {"name": stamp, "pool_id": pool.id, "domain": f"[('team_id', '=', {team.id})]"}
    )
    leads = add_leads(team, 3)
    yield user, pool, leads
    env.cr.rollback()
    leads.active = False  # who assigns all that waits in this database shall not meet them


def _refer_to(env, lead, pool):
    """A row that names the lead and its pool, as scoring and claims write them."""
    env["lead.assignment.decision"]._record(
        [{"lead_id": lead.id, "pool_id": pool.id, "trigger": "cron", "reason": "no_rule"}]
    )


def test_what_refers_to_a_lead_does_not_wait_for_its_assignment(env, world, other):
    user, pool, leads = world
    env["lead.assignment.engine"]._assign(leads, "cron")
    assert leads.user_id == user
    for lead in leads:
        _refer_to(other, lead, pool)


def test_a_lead_something_refers_to_at_this_moment_is_assigned_all_the_same(env, world, other):
    user, pool, leads = world
    for lead in leads:
        _refer_to(other, lead, pool)
    env.cr.execute(PATIENCE)
    env["lead.assignment.engine"]._assign(leads, "cron")
    assert leads.user_id == user


def test_a_lead_something_refers_to_is_claimed_at_once(env, world, other):
    user, pool, leads = world
    pool.method = "claim"
    leads.write({"assignment_pool_id": pool.id, "assignment_reason": "waiting_claim"})
    env.cr.commit()
    _refer_to(other, leads[0], pool)
    env.cr.execute(PATIENCE)
    leads[0].with_user(user).action_claim()
    assert leads[0].user_id == user


def test_a_lead_somebody_changes_is_left_alone_and_the_button_says_so(env, world, other):
    _user, _pool, leads = world
    mine = other["crm.lead"].browse(leads[0].id)
    mine.contact_name = "Somebody is typing"
    mine.flush_recordset()
    env.cr.execute(PATIENCE)
    answer = leads.action_assign_by_rules()
    assert "Given by the rules: 2" in answer["params"]["message"]
    assert "Being handled elsewhere at this moment: 1" in answer["params"]["message"]
    latest = env["lead.assignment.decision"].search([("lead_id", "=", leads[0].id)], limit=1)
    assert (latest.reason, leads[0].user_id.id) == ("locked", False)


def test_two_who_assign_at_once_never_both_have_the_lead(env, world, other):
    _user, _pool, leads = world
    assert env["lead.assignment.engine"]._lock_leads(leads).keys() == set(leads.ids)
    assert not other["lead.assignment.engine"]._lock_leads(other["crm.lead"].browse(leads.ids))
