"""Reading the whole history of a company into the touchpoint log, and reading it again."""

from ..harness.line import Case, Line
from ..harness.twin import count_rows, make_twin

COLUMNS = """kind, date, name, campaign_id, source_id, medium_id, mailing_id, link_id,
    email_normalized, partner_id, lead_id, company_id, res_model, res_id, is_bot, source_deleted,
    create_date, write_date"""

# Who an address stands for: the oldest contact, the youngest lead, open ones first.
PEOPLE = """
CREATE TEMP TABLE bare_contact ON COMMIT DROP AS
    SELECT DISTINCT ON (email_normalized) email_normalized AS email, id
      FROM res_partner WHERE email_normalized IS NOT NULL
     ORDER BY email_normalized, active DESC, id;
CREATE TEMP TABLE bare_prospect ON COMMIT DROP AS
    SELECT DISTINCT ON (email_normalized) email_normalized AS email, id, partner_id, company_id
      FROM crm_lead WHERE email_normalized IS NOT NULL
     ORDER BY email_normalized, (active AND won_status = 'pending') DESC, create_date DESC,
              id DESC;
ANALYZE bare_contact, bare_prospect;
"""

# A trace or a click that came from one: what happened, and whom it was sent to.
FROM_TRACES = """
INSERT INTO {target} ({columns})
SELECT fact.kind, fact.date, fact.name, fact.campaign_id, fact.source_id, fact.medium_id,
       fact.mailing_id, fact.link_id, fact.email,
       COALESCE(p.id, l.partner_id, prospect.partner_id, contact.id),
       COALESCE(l.id, prospect.id),
       COALESCE(l.company_id, fact.company_id, prospect.company_id),
       fact.res_model, fact.res_id, FALSE, FALSE, NOW(), NOW()
  FROM ({facts}) AS fact
  LEFT JOIN crm_lead l ON fact.model = 'crm.lead' AND l.id = fact.record_id
  LEFT JOIN res_partner p ON fact.model = 'res.partner' AND p.id = fact.record_id
  LEFT JOIN bare_contact contact ON contact.email = fact.email
  LEFT JOIN bare_prospect prospect ON l.id IS NULL AND prospect.email = fact.email
        AND (prospect.partner_id = p.id OR prospect.partner_id IS NULL OR p.id IS NULL)
"""

MAILS = """
SELECT event.kind, event.date, m.subject AS name, m.campaign_id, m.source_id, m.medium_id,
       m.id AS mailing_id, NULL::int AS link_id, t.email, t.model, t.res_id AS record_id,
       c.company_id, 'mailing.trace' AS res_model, t.id AS res_id
  FROM mailing_trace t
  JOIN mailing_mailing m ON m.id = t.mass_mailing_id
  LEFT JOIN utm_campaign c ON c.id = m.campaign_id
 CROSS JOIN LATERAL (VALUES
       ('mail_sent', CASE WHEN t.trace_status NOT IN ('bounce', 'error', 'cancel')
                          THEN t.sent_datetime END),
       ('mail_open', t.open_datetime),
       ('mail_reply', t.reply_datetime)) AS event (kind, date)
 WHERE event.date IS NOT NULL AND t.trace_type = 'mail' AND t.is_test_trace IS NOT TRUE
"""

CLICKS = """
SELECT CASE WHEN t.id IS NULL THEN 'link_click' ELSE 'mail_click' END AS kind,
       k.create_date AS date, link.url AS name, link.campaign_id, link.source_id, link.medium_id,
       t.mass_mailing_id AS mailing_id, link.id AS link_id, t.email, t.model,
       t.res_id AS record_id, c.company_id, 'link.tracker.click' AS res_model, k.id AS res_id
  FROM link_tracker_click k
  JOIN link_tracker link ON link.id = k.link_id
  LEFT JOIN mailing_trace t ON t.id = k.mailing_trace_id
  LEFT JOIN utm_campaign c ON c.id = link.campaign_id
"""

FROM_LEADS = """
INSERT INTO {target} ({columns})
SELECT 'lead_created', l.create_date, l.name, l.campaign_id, l.source_id, l.medium_id, NULL, NULL,
       l.email_normalized, COALESCE(l.partner_id, contact.id), l.id, l.company_id, 'crm.lead',
       l.id, FALSE, FALSE, NOW(), NOW()
  FROM crm_lead l LEFT JOIN bare_contact contact ON contact.email = l.email_normalized
"""

FROM_ORDERS = """
INSERT INTO {target} ({columns})
SELECT 'order', o.date_order, o.name, o.campaign_id, o.source_id, o.medium_id, NULL, NULL,
       p.email_normalized, o.partner_id, o.opportunity_id, o.company_id, 'sale.order', o.id,
       FALSE, FALSE, NOW(), NOW()
  FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
 WHERE o.state = 'sale'
"""


def ingest(env, context):
    """As the scheduled job does it: up to a moment from which on nothing is missing, where every
    later pass starts.
    """
    env["marketing.touchpoint"]._prepare_sources()
    env["marketing.touchpoint.source"]._record_horizon()
    env.flush_all()
    yield
    env["marketing.touchpoint"]._ingest_all()
    return count_rows(env, "marketing_touchpoint")


def ingest_bare(env, context):
    target = make_twin(env, "marketing_touchpoint")
    yield
    env.cr.execute(PEOPLE)
    for statement, facts in (
        (FROM_TRACES, MAILS),
        (FROM_TRACES, CLICKS),
        (FROM_LEADS, ""),
        (FROM_ORDERS, ""),
    ):
        env.cr.execute(statement.format(target=target, columns=COLUMNS, facts=facts))
    return count_rows(env, target)


def ingest_again(env, context):
    """Every mail of one mailing in fifty was opened since: that is what an hour brings."""
    env.cr.execute(
        """
        UPDATE mailing_trace SET open_datetime = NOW() AT TIME ZONE 'UTC', trace_status = 'open',
               write_date = NOW() AT TIME ZONE 'UTC'
         WHERE mass_mailing_id % 50 = 0 AND open_datetime IS NULL AND trace_status = 'sent'
        """
    )
    changed = env.cr.rowcount
    yield
    env["marketing.touchpoint"]._ingest_all()
    return changed


LINES = [
    Line(
        "Ingest the whole history",
        "touches",
        Case(ingest),
        {"bare SQL": Case(ingest_bare)},
        {"bare SQL": 2.0},
        keep=True,
    ),
    Line("Ingest what an hour brings", "opens", Case(ingest_again)),
]
