"""Chapter five: mailing lists, mailings, and who opened and clicked what."""

from odoo import Command
from odoo.tools import html_escape

from ..tools import programme

LISTS = {
    "de": ("Brimwell contacts Europe", "欧洲联系人"),
    "cn": ("Brimwell contacts China", "中国联系人"),
}
PAGES = ("story", "product", "contact")


def tell(story):
    _collect_contacts(story)
    _write_mailings(story)
    _track_links(story)
    _record_traces(story)


def _market(mailing) -> str:
    campaign = programme.MAILINGS[mailing][0]
    return next(c.company for c in programme.CAMPAIGNS if c.key == campaign)


def _collect_contacts(story):
    for key, (name, _name_zh) in LISTS.items():
        mailing_list = story.env["mailing.list"].create({"name": name, "is_public": True})
        story.keep("list", (key,), mailing_list)
    people = [person for person in story.plot.people if person.subscribed is not None]
    contacts = story.env["mailing.contact"].create(
        [
            {
                "name": person.name,
                "email": person.email,
                "company_name": person.firm.name,
                "list_ids": [Command.link(story.get("list", person.firm.market).id)],
            }
            for person in people
        ]
    )
    story.keep("contact", [person.key for person in people], contacts)
    since = {
        contact: story.timeline.moment(person.subscribed)
        for contact, person in zip(contacts, people, strict=True)
    }
    story.backdate(since)
    story.backdate({c.subscription_ids[0]: moment for c, moment in since.items()})


def _write_mailings(story):
    medium = story.get("medium", "email")
    model = story.env["ir.model"]._get("mailing.list")
    mailings = story.env["mailing.mailing"].create(
        [
            {
                "subject": subject_zh if _market(key) == "cn" else subject,
                "campaign_id": story.get("campaign", campaign).id,
                "medium_id": medium.id,
                "mailing_model_id": model.id,
                "contact_list_ids": [Command.link(story.get("list", _market(key)).id)],
                "user_id": story.get("campaign", campaign).user_id.id,
                "email_from": story.get("campaign", campaign).user_id.email_formatted,
                "body_arch": _body(subject_zh if _market(key) == "cn" else subject, key),
                "body_html": _body(subject_zh if _market(key) == "cn" else subject, key),
                "keep_archives": True,
                "state": "done",
                "sent_date": story.timeline.moment(day + 0.33),
                "kpi_mail_required": False,
            }
            for key, (campaign, subject, subject_zh, day, _o, _c) in programme.MAILINGS.items()
        ]
    )
    story.keep("mailing", programme.MAILINGS, mailings)
    story.backdate(
        {
            story.get("mailing", key): story.timeline.moment(mailing[3] - 3.4)
            for key, mailing in programme.MAILINGS.items()
        }
    )


def _body(subject, key) -> str:
    links = " · ".join(f'<a href="{_url(key, page)}">{page}</a>' for page in PAGES)
    return (
        f"<div><h1>{html_escape(subject)}</h1><p>Water finds its way. Tidewatch tells you "
        f"before it does.</p><p>{links}</p></div>"
    )


def _url(mailing, page) -> str:
    return f"https://www.brimwell.example/{mailing.replace('_', '-')}/{page}"


def _track_links(story):
    """The links of each mailing, as Odoo shortens them when it sends."""
    pairs = [(key, page) for key in programme.MAILINGS for page in PAGES]
    links = story.env["link.tracker"].create(
        [
            {
                "url": _url(key, page),
                "title": page,
                "campaign_id": story.get("mailing", key).campaign_id.id,
                "source_id": story.get("mailing", key).source_id.id,
                "medium_id": story.get("mailing", key).medium_id.id,
                "mass_mailing_id": story.get("mailing", key).id,
            }
            for key, page in pairs
        ]
    )
    story.keep("link", [f"{key}_{page}" for key, page in pairs], links)


def _record_traces(story):
    traces = story.env["mailing.trace"].create([_trace_vals(story, t) for t in story.plot.traces])
    story.backdate(
        {
            trace: story.timeline.moment(told.sent)
            for trace, told in zip(traces, story.plot.traces, strict=True)
        }
    )
    clicks = [
        (trace, told, page, moment)
        for trace, told in zip(traces, story.plot.traces, strict=True)
        for page, moment in _clicked_pages(told)
    ]
    records = story.env["link.tracker.click"].create(
        [
            {
                "link_id": story.get("link", f"{told.mailing}_{page}").id,
                "mailing_trace_id": trace.id,
                "mass_mailing_id": trace.mass_mailing_id.id,
                "ip": f"192.0.2.{1 + told.person.firm.employees % 250}",
            }
            for trace, told, page, _moment in clicks
        ]
    )
    story.backdate(
        {
            record: story.timeline.moment(moment)
            for record, (_trace, _told, _page, moment) in zip(records, clicks, strict=True)
        }
    )


def _clicked_pages(told):
    """What the reader followed, after a machine that followed everything within seconds."""
    if told.scanned is not None:
        for number, page in enumerate(PAGES):
            yield page, told.scanned + number / 86_400
    yield from zip(PAGES, told.clicks, strict=False)


def _trace_vals(story, told) -> dict:
    moment = story.timeline.moment
    vals = {
        "mass_mailing_id": story.get("mailing", told.mailing).id,
        "model": "mailing.contact",
        "res_id": story.get("contact", told.person.key).id,
        "email": told.person.email,
        "message_id": f"<{told.mailing}.{told.person.key}@brimwell.example>",
        "sent_datetime": moment(told.sent),
        "trace_status": "sent",
    }
    if told.bounced:
        vals |= {"trace_status": "bounce", "failure_type": "mail_bounce"}
    if told.opened:
        vals |= {"trace_status": "open", "open_datetime": moment(told.opened)}
    elif told.scanned is not None:
        vals |= {"trace_status": "open", "open_datetime": moment(told.scanned)}
    if told.clicks or told.scanned is not None:
        vals["links_click_datetime"] = moment(told.clicks[-1] if told.clicks else told.scanned)
    if told.replied:
        vals |= {"trace_status": "reply", "reply_datetime": moment(told.replied)}
    return vals
