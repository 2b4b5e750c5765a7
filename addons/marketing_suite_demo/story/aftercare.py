"""Chapter eleven: leads are answered in time or not, and budgets change in the open."""

from datetime import timedelta

from .leads import log_calls

# Working hours a salesperson has for a new lead.
ANSWER_HOURS = 8.0
# Every so many leads nobody answers, and every so many are answered on the next day only.
FORGOTTEN, SLOW = 11, 4

# campaign, category, more money, who asks, who approves, when, why
REVISIONS = (
    (
        "search",
        "search",
        2500.0,
        "marketer",
        "manager",
        -48.0,
        "Clicks cost more since October, and the leads of the search ads are worth it.",
    ),
)
# from, category, to, category, amount, who asks, why: waits for the manager
TRANSFERS = (
    (
        "content",
        "content",
        "search",
        "search",
        1200.0,
        "marketer",
        "The winter articles are written; the search ads run dry before Christmas.",
    ),
)


def tell(story):
    _give_out_in_time(story)
    _answer(story)
    _watch_the_clock(story)
    _revise_budgets(story)
    _ask_for_transfers(story)


def _newest(story):
    """Leads that the rules gave to somebody, with their owner, in the order they came."""
    for told in story.plot.leads:
        lead = story.get("lead", told.key)
        if told.assign_by_rules and lead.user_id:
            yield told, lead


def _given(told) -> float:
    """The rules look at a new lead within the hour."""
    return min(told.day + 0.03, -0.01)


def _give_out_in_time(story):
    """The rules ran when the leads came, not on the day of installation."""
    moments = {lead: story.timeline.moment(_given(told)) for told, lead in _newest(story)}
    story.backdate(moments, "date_open")
    taken_on = {lead: moment for lead, moment in moments.items() if lead.type == "opportunity"}
    story.backdate(taken_on, "date_conversion", "date_sql")
    decisions = story.env["lead.assignment.decision"].search(
        [("lead_id", "in", [lead.id for lead in moments])]
    )
    story.backdate({decision: moments[decision.lead_id] for decision in decisions}, "date")


def _answer(story):
    """Most are called within hours, some on the next day, a few not at all."""
    calls = {}
    for number, (told, lead) in enumerate(_newest(story)):
        if number % FORGOTTEN == FORGOTTEN - 1:
            continue
        hours = 27.5 if number % SLOW == SLOW - 1 else 0.6 + (number * 0.7) % 5
        day = _given(told) + hours / 24
        if day < -0.02:
            calls[lead] = (lead.user_id, story.timeline.moment(day))
    # The answer counts for the person who has the lead.
    log_calls(story, calls)


def _watch_the_clock(story):
    """A policy that was in force before the newest leads came, and its clocks."""
    policy = story.env["lead.followup.policy"].create(
        {
            "name": "New leads are answered within a working day",
            "company_id": story.get("company", "de").id,
            "domain": f"[('create_date', '>=', '{story.timeline.day(-17)}')]",
            "date_start": story.timeline.moment(-60.0),
            "response_hours": ANSWER_HOURS,
            "reminder_hours": 2.0,
            "max_hops": 0,
            "manager_id": story.get("user", "sales.manager").id,
        }
    )
    story.translate(policy, "name", ["新线索须在一个工作日内响应"])
    story.keep("policy", ("answer",), policy)
    story.env["lead.followup.engine"]._run_clocks()
    _forget_notices(story)


def _forget_notices(story):
    """The people of the story were told on the day: nothing is left to send."""
    story.env["lead.followup.notice"].search([]).is_sent = True


def _revise_budgets(story):
    for key, category, more, asks, approves, day, reason in REVISIONS:
        campaign = story.as_user(asks, story.get("campaign", key))
        revision = campaign.env["marketing.budget.revision"]._draft_for(campaign)
        line = revision.line_ids.filtered(
            lambda line, category=category: line.category_id == story.get("category", category)
        )[-1]
        line.amount_after += more
        revision.reason = reason
        revision.action_submit()
        if revision.state == "pending":
            story.as_user(approves, revision).action_approve()
        moment = story.timeline.moment(day)
        record = revision.sudo().with_env(story.env)
        story.backdate({record: moment}, "create_date", "date")
        story.backdate({record: moment + timedelta(hours=5)}, "date_decided")
        story.keep("revision", (key,), record)


def _ask_for_transfers(story):
    for source, taken, target, given, amount, asks, reason in TRANSFERS:
        transfer = story.as_user(asks, story.env["marketing.budget.transfer"]).create(
            {
                "source_campaign_id": story.get("campaign", source).id,
                "source_category_id": story.get("category", taken).id,
                "target_campaign_id": story.get("campaign", target).id,
                "target_category_id": story.get("category", given).id,
                "amount": amount,
                "reason": reason,
            }
        )
        transfer.action_submit()
        story.keep("transfer", (f"{source}_{target}",), transfer.sudo().with_env(story.env))
