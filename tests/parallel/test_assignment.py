"""Several real Odoo processes assign the same leads at once; one of them is killed in between.

Needs a database with lead_scoring that may be filled (PARALLEL_DB) and Odoo's configuration
(ODOO_CONF); skipped without. LEADS and WORKERS can be set as well.
"""

import os
import signal
import time
from collections import Counter

import pytest

LEADS = int(os.environ.get("LEADS", "5000"))
WORKERS = int(os.environ.get("WORKERS", "4"))
WEIGHTS = (3, 2, 2, 1, 1)


@pytest.fixture
def world(env, hire, add_leads):
    """Five salespeople in one pool, one rule, and the leads."""
    stamp = int(time.time())
    env["lead.assignment.rule"].search([]).active = False
    users = hire(f"Parallel {stamp}", len(WEIGHTS))
    team = env["crm.team"].create(
        {
            "name": f"Parallel {stamp}",
            "assignment_engine": "rules",
            "member_ids": [(6, 0, users.ids)],
        }
    )
    pool = env["lead.assignment.pool"].create(
        {
            "name": f"Parallel {stamp}",
            "member_ids": [
                (0, 0, {"user_id": user.id, "weight": weight})
                for user, weight in zip(users, WEIGHTS, strict=True)
            ],
        }
    )
    env["lead.assignment.rule"].create(
        {"name": "All", "pool_id": pool.id, "domain": f"[('team_id', '=', {team.id})]"}
    )
    add_leads(team, LEADS)
    return team, pool


def test_no_lead_is_lost_doubled_or_unfair_when_processes_race_and_one_dies(env, world, start):
    team, pool = world
    workers = [start("assign_worker.py", 100) for _ in range(WORKERS)]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    while _count(env, team) < LEADS // 5:
        time.sleep(0.05)
    killed_at = _count(env, team)
    workers[0].send_signal(signal.SIGKILL)
    codes = [worker.wait() for worker in workers]
    assert codes == [-signal.SIGKILL] + [0] * (WORKERS - 1)
    assert killed_at < LEADS, "it died in between"
    _check(env, team, pool)


def _count(env, team):
    env.cr.rollback()
    env.cr.execute(
        "SELECT count(*) FROM crm_lead WHERE team_id = %s AND user_id IS NOT NULL", [team.id]
    )
    return env.cr.fetchone()[0]


def _check(env, team, pool):
    env.cr.rollback()
    env.invalidate_all()
    decisions = env["lead.assignment.decision"].search([("pool_id", "=", pool.id)], order="id")
    leads = env["crm.lead"].search([("team_id", "=", team.id)])
    assert len(leads) == LEADS
    assert all(lead.user_id for lead in leads), "none lost"
    assert len(decisions) == len(decisions.lead_id) == LEADS, "none doubled"
    assert {d.lead_id.id: d.user_id.id for d in decisions} == {
        lead.id: lead.user_id.id for lead in leads
    }
    given = Counter(decision.user_id.id for decision in decisions)
    for seat in pool.member_ids:
        due = LEADS * seat.weight / sum(WEIGHTS)
        assert abs(given[seat.user_id.id] - due) < 1, "under one lead"
    assert not decisions._replay()
    credits = {seat.user_id.id: 0 for seat in pool.member_ids}
    for decision in decisions.sorted("id"):
        before = {row[0]: row[2] for row in decision.eligible}
        assert before == credits, "no turn was used twice or skipped"
        credits = {row[0]: row[3] for row in decision.eligible}
