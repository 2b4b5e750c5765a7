"""Mailings, what became of each mail, and the clicks."""

from .campaigns import LENGTH, campaign_start


def build_mailings(world) -> None:
    """Two mailings a campaign, each with a source of its own and one tracked link."""
    size, setting = world.size, world.setting
    numbers = f"generate_series(1, {size.mailings}) g"
    campaign = f"(1 + (g - 1) % {size.campaigns})"
    sent = (
        f"({campaign_start(world, campaign)} + pg_temp.pick(g, 10, {LENGTH // 2}) + TIME '09:00')"
    )
    world.insert("utm_source", {"id": "g", "name": "'Newsletter ' || g"}, numbers)
    is_lead = "g % 3 = 0"
    world.insert(
        "mailing_mailing",
        {
            "id": "g",
            "subject": "'Newsletter ' || g",
            "source_id": f"{world.block('utm_source')} + g",
            "campaign_id": f"{world.block('utm_campaign')} + {campaign}",
            "medium_id": str(setting.mailing_medium),
            "user_id": "2",
            "mailing_model_id": f"CASE WHEN {is_lead} THEN {setting.lead_model} "
            f"ELSE {setting.partner_model} END",
            "mailing_type": "'mail'",
            "schedule_type": "'now'",
            "state": "'done'",
            "email_from": "'news@ourselves.example.com'",
            "reply_to": "'news@ourselves.example.com'",
            "reply_to_mode": "'new'",
            "mailing_domain": "'[]'",
            "body_html": "'<p>News</p>'",
            "ab_testing_pc": "10",
            "ab_testing_enabled": "FALSE",
            "active": "TRUE",
            "use_exclusion_list": "TRUE",
            "sent_date": sent,
            "calendar_date": sent,
            "create_date": sent,
        },
        numbers,
    )
    links = world.block("link_tracker") + size.campaigns
    world.insert(
        "link_tracker",
        {
            "id": f"{size.campaigns} + g",
            "url": "'https://www.example.com/offer/' || g",
            "title": "'Offer ' || g",
            "campaign_id": f"{world.block('utm_campaign')} + {campaign}",
            "source_id": f"{world.block('utm_source')} + g",
            "medium_id": str(setting.mailing_medium),
            "mass_mailing_id": f"{world.block('mailing_mailing')} + g",
            "count": "0",
            "create_date": sent,
        },
        numbers,
    )
    world.insert(
        "link_tracker_code",
        {"id": f"{size.campaigns} + g", "link_id": f"{links} + g", "code": "'m' || g"},
        numbers,
    )


def build_traces(world) -> None:
    """Of 100 mails 3 bounce, 1 is cancelled, 22 are opened, 5 clicked, 1 answered.

    Every third mailing goes to leads, the others to contacts.
    """
    size = world.size
    mailing = f"(1 + (g - 1) % {size.mailings})"
    person = f"(1 + pg_temp.pick(g, 11, {size.partners}))"
    lead = f"(1 + pg_temp.pick(g, 11, {size.leads}))"
    fate = "pg_temp.pick(g, 12, 100)"
    opened = "m.sent_date + INTERVAL '1 minute' * (5 + pg_temp.pick(g, 13, 4000))"
    world.insert(
        "mailing_trace",
        {
            "id": "g",
            "trace_type": "'mail'",
            "mass_mailing_id": "m.id",
            "campaign_id": "m.campaign_id",
            "model": f"CASE WHEN {mailing} % 3 = 0 THEN 'crm.lead' ELSE 'res.partner' END",
            "res_id": "COALESCE(l.id, p.id)",
            "email": "COALESCE(l.email_normalized, p.email_normalized)",
            "message_id": "'<' || g || '@ourselves.example.com>'",
            "is_test_trace": "FALSE",
            "trace_status": f"CASE WHEN {fate} < 3 THEN 'bounce' WHEN {fate} = 3 THEN 'cancel' "
            f"WHEN {fate} = 4 THEN 'reply' WHEN {fate} < 26 THEN 'open' ELSE 'sent' END",
            "failure_type": f"CASE WHEN {fate} < 3 THEN 'mail_bounce' "
            f"WHEN {fate} = 3 THEN 'mail_optout' END",
            "sent_datetime": f"CASE WHEN {fate} <> 3 THEN m.sent_date END",
            "open_datetime": f"CASE WHEN {fate} BETWEEN 4 AND 25 THEN {opened} END",
            "links_click_datetime": f"CASE WHEN {fate} BETWEEN 5 AND 9 "
            f"THEN {opened} + INTERVAL '1 minute' END",
            "reply_datetime": f"CASE WHEN {fate} = 4 THEN {opened} + INTERVAL '20 minutes' END",
            "create_date": "m.sent_date",
            "write_date": "m.sent_date",
        },
        f"""generate_series(1, {size.traces}) g
  JOIN mailing_mailing m ON m.id = {world.block("mailing_mailing")} + {mailing}
  LEFT JOIN crm_lead l ON {mailing} % 3 = 0 AND l.id = {world.block("crm_lead")} + {lead}
  LEFT JOIN res_partner p ON {mailing} % 3 <> 0
       AND p.id = {world.block("res_partner")} + {person}""",
    )
    _build_clicks(world)


def _build_clicks(world) -> None:
    """A click for each trace that has one, and anonymous clicks on the campaigns' own links."""
    size = world.size
    link = world.block("link_tracker") + size.campaigns
    columns = {
        "link_id": f"{link} + t.mass_mailing_id - {world.block('mailing_mailing')}",
        "campaign_id": "t.campaign_id",
        "mass_mailing_id": "t.mass_mailing_id",
        "mailing_trace_id": "t.id",
        "create_date": "t.links_click_datetime",
        "ip": "'192.0.2.' || (t.id % 250)",
    }
    world.insert(
        "link_tracker_click",
        columns,
        f"mailing_trace t WHERE t.id > {world.block('mailing_trace')} "
        "AND t.links_click_datetime IS NOT NULL ORDER BY t.id",
    )
    campaign = f"(1 + pg_temp.pick(g, 14, {size.campaigns}))"
    world.insert(
        "link_tracker_click",
        {
            "link_id": f"{world.block('link_tracker')} + {campaign}",
            "campaign_id": f"{world.block('utm_campaign')} + {campaign}",
            "create_date": f"{campaign_start(world, campaign)} "
            f"+ INTERVAL '1 minute' * pg_temp.pick(g, 15, {LENGTH * 1440})",
            "ip": "'198.51.100.' || (g % 250)",
        },
        f"generate_series(1, {size.leads // 10}) g",
    )
    world.run(
        "UPDATE link_tracker l SET count = c.count FROM ("
        "SELECT link_id, COUNT(*) AS count FROM link_tracker_click GROUP BY 1) c "
        "WHERE c.link_id = l.id"
    )
