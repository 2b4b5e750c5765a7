"""Chapter six: webinars, fairs and the customer day, with registrations and attendance."""

from odoo import Command

from ..tools import programme


def tell(story):
    _announce(story)
    _register(story)


def _announce(story):
    campaigns = {campaign.key: campaign for campaign in programme.CAMPAIGNS}
    for key, (campaign, name, name_zh, day, days, seats, _share) in programme.EVENTS.items():
        company = story.get("company", campaigns[campaign].company)
        event = story.env["event.event"].create(
            {
                "name": name,
                "company_id": company.id,
                "user_id": story.get("campaign", campaign).user_id.id,
                "date_begin": story.timeline.moment(day + 8 / 24),
                "date_end": story.timeline.moment(day + days - 1 + 16 / 24),
                "date_tz": "Asia/Shanghai"
                if campaigns[campaign].company == "cn"
                else "Europe/Berlin",
                "seats_limited": True,
                "seats_max": seats,
                "address_id": company.partner_id.id,
                "event_mail_ids": [Command.clear()],
                "stage_id": _stage(story, day).id,
            }
        )
        story.translate(event, "name", [name_zh])
        story.keep("event", (key,), event)


def _stage(story, day):
    return story.env.ref("event.event_stage_done" if day < 0 else "event.event_stage_announced")


def _register(story):
    registrations = story.env["event.registration"].create(
        [_registration_vals(story, told) for told in story.plot.registrations]
    )
    pairs = list(zip(registrations, story.plot.registrations, strict=True))
    story.backdate({record: story.timeline.moment(told.day) for record, told in pairs})
    story.backdate(
        {
            record: story.timeline.moment(_event_day(told) + 9 / 24)
            for record, told in pairs
            if told.state == "done"
        },
        "date_closed",
    )
    story.keep(
        "registration",
        [f"{told.event}_{told.person.key}" for told in story.plot.registrations],
        registrations,
    )


def _event_day(told) -> float:
    return programme.EVENTS[told.event][3]


def _registration_vals(story, told) -> dict:
    campaign = story.get("campaign", programme.EVENTS[told.event][0])
    source = next(c for c in programme.CAMPAIGNS if c.key == programme.EVENTS[told.event][0])
    vals = {
        "event_id": story.get("event", told.event).id,
        "name": told.person.name,
        "email": told.person.email,
        "phone": told.person.phone,
        "company_name": told.person.firm.name,
        "state": told.state,
        "utm_campaign_id": campaign.id,
        "utm_medium_id": story.get("medium", "event").id,
    }
    if source.source != "mailing":
        vals["utm_source_id"] = story.get("source", source.source).id
    return vals
