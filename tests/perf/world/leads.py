"""Leads: one in five won, a quarter lost, the others open; the youngest wait for a salesperson."""

from .campaigns import LENGTH, campaign_start


def build_leads(world) -> None:
    """Lead g came through campaign ``pick(g)`` while that ran; one in five has no campaign.

    Won are those divisible by five: `sales` gives each its order. Three in five are contacts
    already. The last ``unassigned`` ones arrived today and have neither team nor salesperson.
    """
    size, setting = world.size, world.setting
    values = _Expressions(world)
    columns = {
        "id": "g",
        "name": "'Lead ' || g",
        "type": f"CASE WHEN {values.fresh} OR (NOT {values.won} AND g % 2 = 0) "
        "THEN 'lead' ELSE 'opportunity' END",
        "contact_name": "'Person ' || g",
        "partner_name": "'Company ' || (g % 1000)",
        "partner_id": values.partner,
        "email_from": values.address,
        "email_normalized": values.address,
        "email_domain_criterion": f"'@' || SPLIT_PART({values.address}, '@', 2)",
        "email_state": "'correct'",
        "phone": "'+49 30 ' || (100000 + g)",
        "phone_sanitized": "'+4930' || (100000 + g)",
        "phone_state": "'correct'",
        "function": "(ARRAY['Buyer', 'Director', 'Engineer', 'Assistant'])"
        "[1 + pg_temp.pick(g, 20, 4)]",
        "city": "(ARRAY['Berlin', 'Paris', 'Shanghai', 'London'])[1 + pg_temp.pick(g, 21, 4)]",
        "country_id": f"(ARRAY{setting.countries})"
        f"[1 + pg_temp.pick(g, 22, {len(setting.countries)})]",
        "lang_id": str(setting.language),
        "campaign_id": values.campaign_id,
        "source_id": f"CASE WHEN {values.campaign_id} IS NOT NULL THEN "
        f"{world.block('utm_source')} + {values.campaign} END",
        "medium_id": f"CASE WHEN {values.campaign_id} IS NOT NULL "
        f"THEN {setting.mailing_medium} END",
        "company_id": str(setting.company),
        "team_id": f"CASE WHEN NOT {values.fresh} THEN {values.team} END",
        "user_id": f"CASE WHEN NOT {values.fresh} THEN {values.user} END",
        "date_open": f"CASE WHEN NOT {values.fresh} THEN {values.created} + INTERVAL '1 day' END",
        "day_open": f"CASE WHEN NOT {values.fresh} THEN 1 END",
        "stage_id": values.stage,
        "active": f"NOT {values.lost}",
        "won_status": f"CASE WHEN {values.won} THEN 'won' WHEN {values.lost} THEN 'lost' "
        "ELSE 'pending' END",
        "lost_reason_id": f"CASE WHEN {values.lost} THEN {_lost_reason(world)} END",
        "probability": values.probability,
        "automated_probability": values.probability,
        "date_conversion": f"CASE WHEN {values.won} THEN {values.created} + INTERVAL '1 day' END",
        "date_closed": f"CASE WHEN {values.won} OR {values.lost} "
        f"THEN {values.created} + INTERVAL '20 days' END",
        "day_close": f"CASE WHEN {values.won} OR {values.lost} THEN 20 END",
        "date_last_stage_update": values.created,
        "priority": "pg_temp.pick(g, 23, 4)::varchar",
        "expected_revenue": "100 * pg_temp.pick(g, 24, 200)",
        "prorated_revenue": f"pg_temp.pick(g, 24, 200) * {values.probability}",
        "recurring_revenue": "0",
        "recurring_revenue_monthly": "0",
        "recurring_revenue_monthly_prorated": "0",
        "recurring_revenue_prorated": "0",
        "message_bounce": "0",
        "color": "0",
        "create_date": values.created,
    }
    world.insert("crm_lead", columns, f"generate_series(1, {size.leads}) g")
    _follow(world)


def _follow(world) -> None:
    """Salespeople follow their leads, told of what Odoo tells followers unasked."""
    first = world.block("mail_followers")
    world.insert(
        "mail_followers",
        {
            "id": f"lead.id - {world.block('crm_lead')}",
            "res_model": "'crm.lead'",
            "res_id": "lead.id",
            "partner_id": "owner.partner_id",
        },
        "crm_lead lead JOIN res_users owner ON owner.id = lead.user_id "
        f"WHERE lead.id > {world.block('crm_lead')}",
        logged=False,
    )
    subtypes = world.env["mail.message.subtype"].default_subtypes("crm.lead")[0]
    world.tables.add("mail_followers_mail_message_subtype_rel")
    world.run(
        f"""
        INSERT INTO mail_followers_mail_message_subtype_rel
               (mail_followers_id, mail_message_subtype_id)
        SELECT follower.id, subtype
          FROM mail_followers follower CROSS JOIN UNNEST(ARRAY{subtypes.ids}) subtype
         WHERE follower.id > {first}
        """
    )


class _Expressions:
    """SQL expressions over the number g of a lead that several columns share."""

    def __init__(self, world):
        size, setting = world.size, world.setting
        self.fresh = f"(g > {size.leads - size.unassigned})"
        self.won = f"(g % 5 = 0 AND NOT {self.fresh})"
        self.lost = f"(g % 5 <> 0 AND pg_temp.pick(g, 25, 16) < 5 AND NOT {self.fresh})"
        self.campaign = campaign_of(world)
        self.campaign_id = (
            f"CASE WHEN g % 5 <> 1 THEN {world.block('utm_campaign')} + {self.campaign} END"
        )
        self.created = (
            f"(CASE WHEN {self.fresh} THEN {world.end} - INTERVAL '1 second' * (1 + g % 3600) "
            f"ELSE {campaign_start(world, self.campaign)} "
            f"+ INTERVAL '1 minute' * pg_temp.pick(g, 26, {LENGTH * 1440}) END)"
        )
        people = size.partners - size.companies
        number = f"({size.companies} + 1 + g % {people})"
        self.partner = (
            f"CASE WHEN g % 5 IN (0, 2, 3) AND NOT {self.fresh} "
            f"THEN {world.block('res_partner')} + {number} END"
        )
        self.address = (
            f"CASE WHEN g % 5 IN (0, 2, 3) AND NOT {self.fresh} THEN (SELECT p.email_normalized "
            f"FROM res_partner p WHERE p.id = {world.block('res_partner')} + {number}) "
            "ELSE 'lead' || g || '@prospect' || (g % 977) || '.example.net' END"
        )
        index = f"pg_temp.pick(g, 27, {len(setting.salespeople)})"
        share = len(setting.salespeople) // len(setting.teams)
        self.user = f"(ARRAY{setting.salespeople})[1 + {index}]"
        self.team = f"(ARRAY{setting.teams})[1 + {index} / {share}]"
        self.stage = (
            f"CASE WHEN {self.won} THEN {setting.stage_won} WHEN {self.fresh} "
            f"THEN {setting.stage_new} ELSE (ARRAY{setting.stages_open})"
            f"[1 + pg_temp.pick(g, 28, {len(setting.stages_open)})] END"
        )
        self.probability = (
            f"(CASE WHEN {self.won} THEN 100 WHEN {self.lost} THEN 0 "
            "ELSE 5 + pg_temp.pick(g, 29, 90) END)"
        )


def campaign_of(world) -> str:
    """SQL: the number of the campaign lead g met, some being far more popular than others."""
    n = world.size.campaigns
    return f"(1 + LEAST(pg_temp.pick(g, 30, {n}), pg_temp.pick(g, 31, {n})))"


def _lost_reason(world) -> int:
    return world.env["crm.lost.reason"].search([], limit=1).id or "NULL::int"
