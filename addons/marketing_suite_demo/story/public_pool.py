"""Chapter twelve: in China, leads nobody follows up return to a public pool (公海)."""

from datetime import timedelta

from odoo import Command

from .leads import log_calls

# Leads came back in the night before last; some were claimed on the morning after.
RETURNED, CLAIMED = -1.9, -1.3
CLAIMS = {"wanglei": 2, "liuyang": 1}


def tell(story):
    pool = _open_pool(story)
    _set_terms(story, pool)
    _take_back(story)
    _claim(story, pool)
    _watch_the_clock(story)


def _open_pool(story):
    pool = story.env["lead.assignment.pool"].create(
        {
            "name": "Public pool, China",
            "sequence": 20,
            "company_id": story.get("company", "cn").id,
            "team_id": story.get("team", "china").id,
            "method": "claim",
            "claims_per_day": 5,
            "held_max": 40,
            "cooling_hours": 24.0,
            "member_ids": [
                Command.create({"user_id": story.get("user", login).id}) for login in CLAIMS
            ],
        }
    )
    story.translate(pool, "name", ["中国区公海"])
    return story.keep("pool", ("public",), pool)


def _set_terms(story, pool):
    policy = story.env["lead.followup.policy"].create(
        {
            "name": "China: answer within a day, or share the lead again",
            "sequence": 20,
            "company_id": story.get("company", "cn").id,
            "domain": "[('type', '=', 'lead')]",
            "date_start": story.timeline.moment(-60.0),
            "response_hours": 8.0,
            "reminder_hours": 2.0,
            "max_hops": 1,
            "recycle": True,
            "public_pool_id": pool.id,
        }
    )
    story.translate(policy, "name", ["中国区：一个工作日内响应，否则退回公海"])
    story.keep("policy", ("public",), policy)


def _take_back(story):
    """Protection ended for leads of long ago, whoever has them."""
    story.env["lead.followup.engine"]._recycle()
    _backdate_decisions(story, "recycle", RETURNED)


def _claim(story, pool):
    """Each takes leads the other had, and calls the first one."""
    calls = {}
    for login, count in CLAIMS.items():
        user = story.get("user", login)
        free = story.env["lead.assignment.decision"].search(
            [
                ("pool_id", "=", pool.id),
                ("trigger", "=", "recycle"),
                ("former_user_id", "!=", user.id),
                ("lead_id.user_id", "=", False),
            ],
            order="id desc",
            limit=count,
        )
        leads = free.lead_id
        story.as_user(login, leads).action_claim()
        story.backdate({lead: story.timeline.moment(CLAIMED) for lead in leads}, "date_open")
        calls[leads[0]] = (user, story.timeline.moment(CLAIMED) + timedelta(hours=2))
    _backdate_decisions(story, "claim", CLAIMED)
    log_calls(story, calls)


def _backdate_decisions(story, trigger, day):
    decisions = story.env["lead.assignment.decision"].search([("trigger", "=", trigger)])
    story.backdate(dict.fromkeys(decisions, story.timeline.moment(day)), "date")


def _watch_the_clock(story):
    """Who did not answer in time loses the lead to the colleague, whose clock starts now."""
    engine = story.env["lead.followup.engine"]
    engine._run_clocks()
    engine._run_clocks()
    # The people of the story were told on the day: nothing is left to send.
    story.env["lead.followup.notice"].search([]).is_sent = True
