"""Chapter seven: leads arrive, are given out, qualified, followed up and sometimes lost."""

from collections import defaultdict

from odoo import Command

from .people import _country_xmlid, job_of

STAGES = ("crm.stage_lead1", "crm.stage_lead2", "crm.stage_lead3", "crm.stage_lead4")
TITLES = {
    "leak": ("Leak detection", "漏水检测"),
    "quality": ("Water quality monitoring", "水质监测"),
    "metering": ("Consumption metering", "用水计量"),
    "service": ("Calibration contract", "校准服务合同"),
}


def tell(story):
    _publish_rules(story)
    _arrive(story)
    _qualify(story)
    _follow_up(story)
    _lose(story)


def _publish_rules(story):
    """The starter rules, and those of China, are in force before the first lead comes."""
    rules = story.env.ref("lead_scoring.model_b2b")
    china = rules.copy({"name": "China rules", "company_id": story.get("company", "cn").id})
    story.translate(china, "name", ["中国评分规则"])
    _suit_china(china)
    story.keep("rules", ("cn",), china)
    for published in rules | china:
        if published.state == "draft":
            published.action_publish()
        published.date_published = story.timeline.moment(-425)


def _suit_china(rules):
    """Business is done from private mailboxes and by telephone there."""
    points = {"Private email address": 0.0, "Valid phone number": 10.0}
    for rule in rules.rule_ids.filtered(lambda rule: rule.name in points):
        rule.points = points[rule.name]


def _arrive(story):
    leads = story.env["crm.lead"].create([_lead_vals(story, told) for told in story.plot.leads])
    story.keep("lead", [told.key for told in story.plot.leads], leads)
    _link_registrations(story)


def _lead_vals(story, told) -> dict:
    person, firm = told.person, told.person.firm
    words = TITLES[told.interest]
    vals = {
        "name": f"{words[1 if firm.lang == 'zh' else 0]} – {firm.name}",
        "type": "lead",
        "contact_name": person.name,
        "partner_name": firm.name,
        "email_from": person.email,
        "phone": person.phone,
        "function": job_of(person),
        "website": f"https://www.{firm.domain}",
        "city": firm.city,
        "country_id": story.env.ref(_country_xmlid(firm.country)).id,
        "company_id": story.get("company", firm.market).id,
        "team_id": story.get("team", "china" if firm.market == "cn" else "europe").id,
        "user_id": False if told.assign_by_rules else story.get("user", told.owner).id,
        "tag_ids": [
            Command.set([story.get("tag", key).id for key in (told.interest, firm.industry)])
        ],
        "expected_revenue": told.value,
        "priority": "2" if told.value > 6000 else "1" if told.value > 3000 else "0",
        "medium_id": story.get("medium", told.medium).id,
        "source_id": _source_of(story, told).id,
        "campaign_id": told.campaign and story.get("campaign", told.campaign).id,
    }
    if told.event:
        vals |= {
            "event_id": story.get("event", told.event).id,
            "referred": story.get("event", told.event).name,
        }
    return vals


def _source_of(story, told):
    if told.mailing:
        return story.get("mailing", told.mailing).source_id
    if told.source == "mailing":
        return story.env.ref("utm.utm_source_newsletter")
    return story.get("source", told.source)


def _link_registrations(story):
    for told in story.plot.registrations:
        if told.lead:
            registration = story.get("registration", f"{told.event}_{told.person.key}")
            registration.lead_ids = [Command.link(story.get("lead", told.lead.key).id)]


def _qualify(story):
    """Convert to opportunities the native way, then move them along the pipeline."""
    by_stage = defaultdict(lambda: story.env["crm.lead"])
    for told in story.plot.leads:
        if told.is_opportunity:
            lead = story.get("lead", told.key)
            lead.convert_opportunity(story.get("person", told.person.key))
            by_stage[told.stage] |= lead
    for stage, leads in sorted(by_stage.items()):
        if stage > 1:
            leads.write({"stage_id": story.env.ref(STAGES[stage - 1]).id})


def _follow_up(story):
    """Calls and meetings that took place, and what is planned for open opportunities."""
    _log_calls(story, [told for told in story.plot.contacts if told.kind == "call"])
    _log_meetings(story, [told for told in story.plot.contacts if told.kind == "meeting"])
    _plan_next_steps(story)


def _log_calls(story, calls):
    log_calls(
        story,
        {
            story.get("lead", told.lead.key): (
                story.get("user", told.lead.owner),
                story.timeline.moment(told.day),
            )
            for told in calls
        },
    )


def log_calls(story, calls):
    """Calls that took place: ``{lead: (who called, when)}``, done in the caller's name."""
    call = story.env.ref("mail.mail_activity_data_call")
    model = story.env["ir.model"]._get("crm.lead")
    activities = story.env["mail.activity"].create(
        [
            {
                "activity_type_id": call.id,
                "summary": call.name,
                "res_model_id": model.id,
                "res_id": lead.id,
                "user_id": user.id,
                "date_deadline": moment.date(),
            }
            for lead, (user, moment) in calls.items()
        ]
    )
    for user, mine in activities.grouped("user_id").items():
        moments = [calls[story.env["crm.lead"].browse(a.res_id)][1] for a in mine]
        messages, _next = mine.with_user(user).sudo()._action_done()
        story.backdate(dict(zip(mine, moments, strict=True)))
        story.backdate(dict(zip(mine, moments, strict=True)), "date_done")
        story.backdate(dict(zip(messages, moments, strict=True)), "date", "create_date")


def _log_meetings(story, meetings):
    events = (
        story.env["calendar.event"]
        .with_context(no_mail_to_attendees=True, dont_notify=True)
        .create(
            [
                {
                    "name": story.get("lead", told.lead.key).name,
                    "opportunity_id": story.get("lead", told.lead.key).id,
                    "res_model_id": story.env["ir.model"]._get_id("crm.lead"),
                    "res_id": story.get("lead", told.lead.key).id,
                    "user_id": story.get("user", told.lead.owner).id,
                    "partner_ids": [Command.set(story.get("user", told.lead.owner).partner_id.ids)],
                    "start": story.timeline.moment(told.day),
                    "stop": story.timeline.moment(told.day + 1 / 24),
                }
                for told in meetings
            ]
        )
    )
    story.backdate(
        {
            event: story.timeline.moment(told.day - 2)
            for event, told in zip(events, meetings, strict=True)
        }
    )


def _plan_next_steps(story):
    """Offers and decisions, and visits; some of each are overdue."""
    todo = story.env.ref("mail.mail_activity_data_todo")
    meeting = story.env.ref("mail.mail_activity_data_meeting")
    model = story.env["ir.model"]._get("crm.lead")
    still_open = [told for told in story.plot.leads if told.outcome == "open"]
    story.env["mail.activity"].create(
        [
            {
                "activity_type_id": (meeting if number % 5 == 0 else todo).id,
                "summary": _next_step(number, told),
                "res_model_id": model.id,
                "res_id": story.get("lead", told.key).id,
                "user_id": story.get("user", told.owner).id,
                "date_deadline": story.timeline.day(number % 19 - 6),
            }
            for number, told in enumerate(still_open)
            if number % 3
        ]
    )


def _next_step(number, told) -> str:
    if number % 5 == 0:
        return "Visit the site"
    return "Send the offer" if told.stage == 2 else "Ask for the decision"


def _lose(story):
    by_reason = defaultdict(lambda: story.env["crm.lead"])
    for told in story.plot.leads:
        if told.outcome == "lost":
            by_reason[told.lost_reason] |= story.get("lead", told.key)
    for key, leads in sorted(by_reason.items()):
        leads.action_set_lost(lost_reason_id=story.get("reason", key).id)
