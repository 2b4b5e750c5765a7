"""Chapter three: the programme tree, planned by marketers and approved by their manager."""

from odoo import Command

from ..tools import programme

TYPES = {
    "programme": "campaign_type_programme",
    "email": "campaign_type_newsletter",
    "ads": "campaign_type_ads",
    "content": "campaign_type_content",
    "partner": "campaign_type_partner",
    "brand": "campaign_type_ads",
}
OBJECTIVES = {
    "programme": "lead_generation",
    "email": "retention",
    "ads": "lead_generation",
    "content": "lead_generation",
    "event": "event",
    "partner": "partner",
    "brand": "awareness",
}
SEARCHES = {"search_ads": "search", "social_ads": "social"}
# How far each campaign went on its way, step by step.
PATHS = {
    "draft": (),
    "submitted": ("submit",),
    "refused": ("submit", "refuse"),
    "approved": ("submit", "approve"),
    "running": ("submit", "approve", "start"),
    "done": ("submit", "approve", "start", "done"),
    "cancelled": ("submit", "approve", "cancel"),
}


def tell(story):
    _name_sources(story)
    _plan(story)
    _walk_lifecycle(story)
    _set_dates(story)


def _name_sources(story):
    sources = story.env["utm.source"].create(
        [{"name": name} for name in programme.SOURCES.values()]
    )
    story.keep("source", programme.SOURCES, sources)
    mediums = story.env["utm.medium"].create(
        [{"name": name} for name in programme.MEDIUMS.values()]
    )
    story.keep("medium", programme.MEDIUMS, mediums)
    native = [
        story.env["utm.medium"]._fetch_or_create_utm_medium(key) for key in programme.NATIVE_MEDIUMS
    ]
    story.keep("medium", programme.NATIVE_MEDIUMS, native)


def _plan(story):
    for campaign in programme.CAMPAIGNS:
        record = story.as_user(campaign.owner, story.env["utm.campaign"]).create(
            _campaign_vals(story, campaign)
        )
        story.keep("campaign", (campaign.key,), record.sudo().with_env(story.env))
    records = [story.get("campaign", c.key) for c in programme.CAMPAIGNS]
    story.translate(records, "title", [c.title_zh for c in programme.CAMPAIGNS])


def _campaign_vals(story, campaign) -> dict:
    return {
        "title": campaign.title,
        "user_id": story.get("user", campaign.owner).id,
        "company_id": story.get("company", campaign.company).id,
        "type_id": _type_of(story, campaign).id,
        "objective": "launch" if campaign.key == "launch" else OBJECTIVES[campaign.type],
        "audience": campaign.audience,
        "date_start": story.timeline.day(campaign.start),
        "date_end": story.timeline.day(campaign.end),
        "parent_id": campaign.parent and story.get("campaign", campaign.parent).id,
        "team_id": story.get("team", "china" if campaign.company == "cn" else "europe").id,
        "budget_line_ids": [Command.create(vals) for vals in _budget_vals(story, campaign)],
        "target_ids": [Command.create(vals) for vals in _target_vals(story, campaign)],
    }


def _target_vals(story, campaign) -> list[dict]:
    """Goals, as far as the database knows how to measure them."""
    known = dict(story.env["marketing.campaign.target"]._fields["metric"].selection)
    return [
        {"metric": metric, "target_value": value}
        for metric, value in campaign.goals
        if metric in known
    ]


def _type_of(story, campaign):
    xmlid = TYPES.get(campaign.type)
    if campaign.key == "launch":
        xmlid = "campaign_type_launch"
    elif campaign.type == "event":
        is_webinar = campaign.source == "webinar"
        xmlid = "campaign_type_webinar" if is_webinar else "campaign_type_trade_show"
    return story.env.ref(f"marketing_campaign_ext.{xmlid}")


def _budget_vals(story, campaign) -> list[dict]:
    """Half a year is one budget line; longer campaigns get one per half."""
    periods = _periods(campaign)
    vals_list = []
    for group, amount in campaign.budget:
        key = SEARCHES.get(campaign.source, group) if group == "ads" else group
        for number, (first, last) in enumerate(periods):
            share = round(amount / len(periods), 2)
            if number == len(periods) - 1:
                share = round(amount - share * number, 2)
            vals_list.append(
                {
                    "category_id": story.get("category", key).id,
                    "date_from": story.timeline.day(first),
                    "date_to": story.timeline.day(last),
                    "amount": share,
                }
            )
    return vals_list


def _periods(campaign) -> list[tuple[int, int]]:
    """Quarters of about ninety days."""
    days = campaign.end - campaign.start
    count = max(1, round(days / 91))
    marks = [campaign.start + days * number // count for number in range(count + 1)]
    return [
        (first, last - 1 if number < count - 1 else last)
        for number, (first, last) in enumerate(zip(marks, marks[1:], strict=False))
    ]


def _walk_lifecycle(story):
    for campaign in programme.CAMPAIGNS:
        for step in PATHS[campaign.state]:
            _STEPS[step](story, campaign)


def _submit(story, campaign):
    story.as_user(campaign.owner, story.get("campaign", campaign.key)).action_submit()


def _approve(story, campaign):
    story.as_user("manager", story.get("campaign", campaign.key)).action_approve()


def _start(story, campaign):
    story.as_user(campaign.owner, story.get("campaign", campaign.key)).action_start()


def _finish(story, campaign):
    story.as_user(campaign.owner, story.get("campaign", campaign.key)).action_done()


def _cancel(story, campaign):
    story.as_user("manager", story.get("campaign", campaign.key)).action_cancel()


def _refuse(story, campaign):
    record = story.as_user("manager", story.get("campaign", campaign.key))
    action = record.action_refuse()
    record.env[action["res_model"]].with_context(**action["context"]).create(
        {"reason": "Nobody at a football match manages a building. Please propose trade media."}
    ).action_refuse()


_STEPS = {
    "submit": _submit,
    "approve": _approve,
    "start": _start,
    "done": _finish,
    "cancel": _cancel,
    "refuse": _refuse,
}


def _set_dates(story):
    """Approvals and starts happened when the campaign did, not today."""
    day = story.timeline.day
    for campaign in programme.CAMPAIGNS:
        record, steps = story.get("campaign", campaign.key), PATHS[campaign.state]
        vals = {}
        if "approve" in steps:
            vals["date_approved"] = day(min(campaign.start - 9, -1))
        if "start" in steps:
            vals["date_started"] = day(campaign.start)
        if "done" in steps:
            vals["date_done"] = day(campaign.end + 1)
        record.write(vals)
    story.backdate(
        {
            story.get("campaign", c.key): story.timeline.moment(min(c.start - 20, -2) + 0.4)
            for c in programme.CAMPAIGNS
        }
    )
