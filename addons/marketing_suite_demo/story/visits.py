"""Chapter eight: what visitors of the website read before and after they left a lead."""

import base64
from urllib.parse import urlencode

from odoo import Command
from odoo.tools import file_open

SITE = "https://www.brimwell.example"

# The contact page as somebody made it in the website builder: it creates an opportunity.
CONTACT_FORM = """
<data>
    <xpath expr="//form[@id='contactus_form']" position="attributes">
        <attribute name="data-model_name">crm.lead</attribute>
    </xpath>
    <xpath expr="//input[@id='contact1']" position="attributes">
        <attribute name="name">contact_name</attribute>
    </xpath>
    <xpath expr="//input[@id='contact4']" position="attributes">
        <attribute name="name">partner_name</attribute>
    </xpath>
    <xpath expr="//input[@id='contact5']" position="attributes">
        <attribute name="name">name</attribute>
    </xpath>
    <xpath expr="//input[@id='contact7']/../../.." position="replace"/>
    <xpath expr="//div[hasclass('col-lg-4')]" position="replace">
        <div class="col-lg-4 offset-lg-1 mt-4 mt-lg-0">
            <h5>Brimwell Instruments GmbH</h5>
            <ul class="list-unstyled mb-0 ps-2">
                <li><i class="fa fa-map-marker fa-fw me-2"/>Quellgasse 7, 10119 Berlin</li>
                <li><i class="fa fa-phone fa-fw me-2"/>+49 30 23125 100</li>
                <li><i class="fa fa-envelope fa-fw me-2"/>hello@brimwell.example</li>
            </ul>
        </div>
    </xpath>
</data>
"""


def tell(story):
    _open_website(story)
    _remember_visitors(story)


def _open_website(story):
    """Who writes to Brimwell becomes a lead of Europe direct, waiting for the rules."""
    website = _website(story)
    with file_open("marketing_suite_demo/static/img/brimwell.png", "rb") as stream:
        logo = base64.b64encode(stream.read())
    (story.get("company", "de") | story.get("company", "cn")).logo = logo
    website.write(
        {
            "name": "Brimwell",
            "logo": logo,
            "crm_default_team_id": story.get("team", "europe").id,
        }
    )
    view = story.env["ir.ui.view"].create(
        {
            "name": "Contact form of Brimwell",
            "type": "qweb",
            "key": "website.contactus_brimwell",
            "mode": "extension",
            "inherit_id": story.env.ref("website.contactus").id,
            "website_id": website.id,
            "arch": CONTACT_FORM,
        }
    )
    story.keep("view", ("contact",), view)
    story.env["ir.config_parameter"].sudo().set_param("crm.lead.auto.assignment", "True")


def _website(story):
    company = story.get("company", "de")
    websites = story.env["website"]
    return websites.search([("company_id", "=", company.id)], limit=1) or websites.search(
        [], limit=1
    )


def _remember_visitors(story):
    visitors = story.env["website.visitor"].create(
        [_visitor_vals(story, visit) for visit in story.plot.visits]
    )
    story.env["website.track"].create(
        [
            vals
            for visitor, visit in zip(visitors, story.plot.visits, strict=True)
            for vals in _track_vals(story, visitor, visit)
        ]
    )
    story.backdate(
        {
            visitor: story.timeline.moment(visit.pages[0][1])
            for visitor, visit in zip(visitors, story.plot.visits, strict=True)
        }
    )


def _visitor_vals(story, visit) -> dict:
    lead = story.get("lead", visit.lead.key)
    return {
        # Odoo's tokens are 32 hexadecimal digits
        "access_token": f"b41d{int(visit.lead.key[5:]):028x}",
        "website_id": _website(story).id,
        "country_id": lead.country_id.id,
        "lead_ids": [Command.link(lead.id)],
        "last_connection_datetime": story.timeline.moment(visit.pages[-1][1]),
        "visit_count": 2 if visit.pages[-1][1] > visit.lead.day + 0.5 else 1,
    }


def _track_vals(story, visitor, visit):
    query = _landing_query(story, visit.lead)
    for number, (page, moment) in enumerate(visit.pages):
        yield {
            "visitor_id": visitor.id,
            "url": f"{SITE}{page}{query if number == 0 else ''}",
            "visit_datetime": story.timeline.moment(moment),
        }


def _landing_query(story, told) -> str:
    """The address of an advert carries its campaign."""
    if not told.campaign:
        return ""
    lead = story.get("lead", told.key)
    return "?" + urlencode(
        {
            "utm_campaign": lead.campaign_id.name,
            "utm_source": lead.source_id.name,
            "utm_medium": lead.medium_id.name,
        }
    )
