"""A process dies in the middle of a full evaluation; another one finishes it.

Needs a database with lead_scoring that may be filled (PARALLEL_DB) and Odoo's configuration
(ODOO_CONF); skipped without. LEADS can be set as well.
"""

import os
import signal
import time

import pytest

LEADS = int(os.environ.get("LEADS", "5000"))
BATCH = 100


@pytest.fixture
def world(env, add_leads):
    """A team with rules of its own, its leads, and an evaluation that waits for a process."""
    team = env["crm.team"].create({"name": f"Scored {time.time():.0f}"})
    env["lead.score.run"].search([("state", "in", ("todo", "running"))]).action_cancel()
    rules = [
        (0, 0, {"name": "Has a name", "domain": "[('name', '!=', False)]", "points": 30}),
        (0, 0, {"name": "Has a website", "domain": "[('website', '!=', False)]", "points": 12}),
    ]
    model = env["lead.score.model"].create(
        {
            "name": team.name,
            "team_id": team.id,
            "group_ids": [(0, 0, {"name": "Fit", "axis": "fit", "rule_ids": rules})],
            "mql_enter": 42,
            "mql_leave": 42,
        }
    )
    model.action_publish()  # no leads yet: nothing to score
    leads = add_leads(team, LEADS, website="https://example.com")
    run = env["lead.score.run"]._start(model, "publish")
    env.cr.commit()
    yield leads, model, run
    env.cr.rollback()
    model.action_archive_set()
    env.cr.commit()


def test_an_evaluation_killed_in_the_middle_loses_nothing_and_doubles_nothing(env, world, start):
    leads, model, run = world
    first = start("score_worker.py", BATCH)
    assert first.stdout.readline() == "ready\n"
    while _scored(env, leads) < LEADS // 5:
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    killed_at = _scored(env, leads)
    assert killed_at < LEADS, "it died in between"
    assert run.state == "running"
    assert killed_at == run.done_count, "what is written is what is counted: no half batch"
    for worker in [start("score_worker.py", BATCH) for _process in range(2)]:
        assert worker.wait() == 0
    env.cr.rollback()
    env.invalidate_all()
    assert (run.state, run.done_count) == ("done", LEADS)
    assert set(leads.mapped("score")) == {42}
    assert all(leads.mapped("is_mql"))
    _check_once_each(env, leads, model)


def _scored(env, leads):
    env.cr.rollback()
    env.invalidate_all()
    env.cr.execute("SELECT count(*) FROM crm_lead WHERE id = ANY(%s) AND score > 0", [leads.ids])
    return env.cr.fetchone()[0]


def _check_once_each(env, leads, model):
    """One result, two lines that add up, one change and one crossing of each lead."""
    for table, count in (
        ("lead_score_result", 1),
        ("lead_score_line", 2),
        ("lead_score_history", 1),
        ("lead_score_crossing", 1),
    ):
        env.cr.execute(
            f"""SELECT count(*), count(DISTINCT lead_id) FROM {table}
                 WHERE lead_id = ANY(%s) AND model_id = %s""",
            [leads.ids, model.id],
        )
        assert env.cr.fetchone() == (count * LEADS, LEADS), table
    env.cr.execute("SELECT sum(points) FROM lead_score_line WHERE lead_id = ANY(%s)", [leads.ids])
    assert env.cr.fetchone()[0] == 42 * LEADS
