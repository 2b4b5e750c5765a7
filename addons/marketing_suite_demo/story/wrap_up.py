"""Chapter ten: touches, scores and assignment, by the suite's own engines."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tools import SQL

# pool: (name, Chinese name, company, team, ((login, weight, countries), ...))
POOLS = {
    "europe": (
        "Europe direct",
        "欧洲直销",
        "de",
        (
            ("jonas", 2, ("de", "dk", "se")),
            ("amelie", 2, ("fr", "be", "nl", "uk", "us")),
            ("tomas", 1, ("at", "ch")),
        ),
    ),
    "china": ("China", "中国区", "cn", (("wanglei", 1, ("cn",)), ("liuyang", 1, ("cn",)))),
}

# rule: (name, Chinese name, pool, domain, further values)
RULES = (
    (
        "Qualified leads go to their territory",
        "合格线索按区域分配",
        "europe",
        "[('is_mql', '=', True)]",
        {"match_country": True, "when_nobody": "next", "activity": True, "convert": True},
    ),
    (
        "Other leads from fairs and webinars",
        "展会与研讨会线索",
        "europe",
        "[('event_id', '!=', False)]",
        {},
    ),
    (
        "Leads worth a call",
        "值得联系的线索",
        "europe",
        "[('score', '>=', 20)]",
        {"convert": True},
    ),
    (
        "All Chinese leads, turn by turn",
        "中国线索轮流分配",
        "china",
        "[('score', '>=', 25)]",
        {"activity": True},
    ),
)

# Days Liu Yang was not there: the leads of China came to the colleague.
AWAY = (-9.0, -5.0)


def tell(story):
    _forecast(story)
    ingest_touches(story)
    _score(story)
    _assign(story)


def _forecast(story):
    """Let Odoo's predictive score learn from the story too."""
    start = story.timeline.day(-430)
    story.env["ir.config_parameter"].sudo().set_param("crm.pls_start_date", str(start))
    pending = story.env["crm.lead"].search(
        [("won_status", "=", "pending"), ("type", "=", "opportunity")]
    )
    pending._compute_probabilities()


# What the engines read in sets: PostgreSQL has not counted rows of a story that is being told.
TABLES = (
    "crm.lead",
    "res.partner",
    "mailing.trace",
    "mailing.contact",
    "link.tracker.click",
    "event.registration",
    "website.visitor",
    "website.track",
    "calendar.event",
    "mail.activity",
    "sale.order",
    "sale.order.line",
    "account.move",
    "account.move.line",
    "account.analytic.line",
)


def ingest_touches(story):
    """Every mail opened, link clicked, event attended and meeting held becomes a touch."""
    story.env.flush_all()
    tables = [SQL.identifier(story.env[model]._table) for model in TABLES]
    story.env.cr.execute(SQL("ANALYZE %s", SQL(", ").join(tables)))
    story.env["marketing.touchpoint"]._ingest_all()
    touches = SQL.identifier(story.env["marketing.touchpoint"]._table)
    story.env.cr.execute(SQL("ANALYZE %s", touches))


def _score(story):
    """Score every lead twice: two days after it came, and as it was closed or stands today.

    The rules were published before the first lead came (see the chapter on leads), so that the
    dates on which leads qualified are spread over the story, and won and lost leads keep the
    score of their last day.
    """
    engine, now = story.env["lead.score.engine"], fields.Datetime.now()
    leads = story.env["crm.lead"].concat(*story.all("lead").values())
    china = story.get("rules", "cn")
    in_china = leads.filtered(lambda lead: lead.company_id == china.company_id)
    story.env.flush_all()
    for rules, scored in (
        (story.env.ref("lead_scoring.model_b2b"), leads - in_china),
        (china, in_china),
    ):
        for moment in (
            SQL("LEAST(lead.create_date + interval '2 days', %s)", now),
            SQL("COALESCE(lead.date_closed, %s)", now),
        ):
            engine._evaluate(
                rules,
                SQL(
                    "SELECT lead.id, %s FROM crm_lead lead WHERE lead.id = ANY(%s)",
                    moment,
                    scored.ids,
                ),
            )
            engine._apply(rules, "facts")


def _assign(story):
    """Salespeople share the newest leads by rules; what nobody may take stays waiting."""
    for key, (name, name_zh, company, members) in POOLS.items():
        pool = story.env["lead.assignment.pool"].create(
            {
                "name": name,
                "company_id": story.get("company", company).id,
                "team_id": story.get("team", key).id,
                "member_ids": [Command.create(_member_vals(story, *member)) for member in members],
            }
        )
        story.translate(pool, "name", [name_zh])
        story.keep("pool", (key,), pool)
        story.get("team", key).assignment_engine = "rules"
    rules = story.env["lead.assignment.rule"].create(
        [_rule_vals(story, number, *rule) for number, rule in enumerate(RULES, start=1)]
    )
    story.translate(rules, "name", [rule[1] for rule in RULES])
    story.keep("rule", [str(number) for number in range(1, len(RULES) + 1)], rules)
    newest = [told for told in story.plot.leads if told.assign_by_rules]
    china = [told for told in newest if told.person.firm.market == "cn"]
    start, end = AWAY
    europe = [told for told in newest if told.person.firm.market != "cn"]
    _give_out(story, europe + [told for told in china if told.day < start])
    absence = _send_away(story)
    _give_out(story, [told for told in china if start <= told.day < end])
    moments = {"date_from": story.timeline.moment(start), "date_to": story.timeline.moment(end)}
    absence.write(moments)
    _give_out(story, [told for told in china if told.day >= end])
    _plan_holiday(story)


def _give_out(story, newest):
    """The manager lets the rules share these leads, which are nobody's yet."""
    leads = story.env["crm.lead"].concat(*(story.get("lead", told.key) for told in newest))
    story.as_user("sales.manager", leads).action_assign_by_rules()


def _send_away(story):
    """While the leads of those days are given out, Liu Yang is at a trade fair."""
    now = fields.Datetime.now()
    return story.env["lead.assignment.absence"].create(
        {
            "user_id": story.get("user", "liuyang").id,
            "date_from": now - timedelta(days=1),
            "date_to": now + timedelta(days=1),
        }
    )


def _plan_holiday(story):
    """Tomas will be away; his turns go to Amélie."""
    story.env["lead.assignment.absence"].create(
        {
            "user_id": story.get("user", "tomas").id,
            "date_from": story.timeline.moment(6.0),
            "date_to": story.timeline.moment(13.0),
            "substitute_id": story.get("user", "amelie").id,
        }
    )


def _member_vals(story, login, weight, countries) -> dict:
    return {
        "user_id": story.get("user", login).id,
        "weight": weight,
        "country_ids": [Command.set([story.env.ref(f"base.{code}").id for code in countries])],
    }


def _rule_vals(story, number, name, _name_zh, pool, domain, options) -> dict:
    vals = {
        "name": name,
        "sequence": number * 10,
        "pool_id": story.get("pool", pool).id,
        "company_id": story.get("pool", pool).company_id.id,
        "domain": domain,
        "match_country": options.get("match_country", False),
        "when_nobody": options.get("when_nobody", "wait"),
        "convert": options.get("convert", False),
        "partner_action": "create",
    }
    if options.get("activity"):
        vals["activity_type_id"] = story.env.ref("mail.mail_activity_data_call").id
    return vals
