"""Conversions, their revenue and their credits: everything, and what changed since."""

from ..harness.line import Case, Line
from ..harness.twin import count_rows, make_twin

MIDDLE = 100_000  # the largest company that is attributed under every model
LINEAR = "roi_dashboard.model_linear"

CONVERSIONS = """
INSERT INTO {conversion} (name, kind, order_id, lead_id, partner_id, commercial_partner_id,
       country_id, company_id, user_id, team_id, date, date_booked, date_lead, date_opportunity,
       amount, weighted_amount, recurring_amount)
SELECT o.name, 'order', o.id, o.opportunity_id, o.partner_id, p.commercial_partner_id,
       p.country_id, o.company_id, o.user_id, o.team_id, o.date_order, o.date_order::date,
       l.create_date,
       CASE WHEN l.type = 'opportunity' THEN COALESCE(l.date_conversion, l.create_date) END,
       o.amount_untaxed / o.currency_rate, 0, COALESCE(l.recurring_revenue_monthly, 0)
  FROM sale_order o
  JOIN res_partner p ON p.id = o.partner_id
  LEFT JOIN crm_lead l ON l.id = o.opportunity_id
 WHERE o.state = 'sale';
INSERT INTO {conversion} (name, kind, lead_id, partner_id, commercial_partner_id, country_id,
       company_id, user_id, team_id, date, date_booked, date_lead, date_opportunity, amount,
       weighted_amount, recurring_amount)
SELECT l.name, CASE l.won_status WHEN 'won' THEN 'opportunity' ELSE 'pipeline' END, l.id,
       l.partner_id, p.commercial_partner_id, COALESCE(l.country_id, p.country_id), l.company_id,
       l.user_id, l.team_id,
       CASE l.won_status WHEN 'won' THEN l.date_closed ELSE CURRENT_DATE + 1 END,
       CASE l.won_status WHEN 'won' THEN l.date_closed::date
            ELSE COALESCE(l.date_conversion, l.create_date)::date END,
       l.create_date, COALESCE(l.date_conversion, l.create_date), l.expected_revenue,
       CASE l.won_status WHEN 'won' THEN 0 ELSE l.prorated_revenue END,
       l.recurring_revenue_monthly
  FROM crm_lead l
  LEFT JOIN res_partner p ON p.id = l.partner_id
 WHERE l.type = 'opportunity' AND (l.won_status = 'won' OR l.won_status = 'pending' AND l.active)
   AND NOT EXISTS (SELECT 1 FROM sale_order o WHERE o.opportunity_id = l.id AND o.state = 'sale');
ANALYZE {conversion};
"""

REVENUE = """
INSERT INTO {revenue} (kind, line_id, conversion_id, company_id, order_line_id, move_line_id,
       move_id, date, date_document, is_refund, is_delta, product_id, product_categ_id, amount,
       collected_amount, cost_amount, position)
SELECT found.*, ROW_NUMBER() OVER (PARTITION BY conversion_id ORDER BY kind, line_id)
  FROM (
    SELECT 'ordered' AS kind, l.id AS line_id, c.id AS conversion_id, c.company_id, l.id,
           NULL::int, NULL::int, o.date_order::date, o.date_order::date, FALSE, FALSE,
           l.product_id, t.categ_id, l.price_subtotal / o.currency_rate, 0::numeric, 0::numeric
      FROM {conversion} c
      JOIN sale_order o ON o.id = c.order_id
      JOIN sale_order_line l ON l.order_id = o.id
      JOIN product_product p ON p.id = l.product_id
      JOIN product_template t ON t.id = p.product_tmpl_id
     UNION ALL
    SELECT 'invoiced', i.id, c.id, c.company_id, l.id, i.id, m.id, m.date, m.date,
           m.move_type = 'out_refund', FALSE, i.product_id, t.categ_id, -i.balance,
           ROUND(-i.balance * (1 - m.amount_residual_signed / m.amount_total_signed), 2), 0
      FROM {conversion} c
      JOIN sale_order_line l ON l.order_id = c.order_id
      JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
      JOIN account_move_line i ON i.id = r.invoice_line_id AND i.parent_state = 'posted'
      JOIN account_move m ON m.id = i.move_id
      JOIN product_product p ON p.id = i.product_id
      JOIN product_template t ON t.id = p.product_tmpl_id
  ) AS found;
UPDATE {conversion} c SET date_new_customer = f.date
  FROM (SELECT DISTINCT ON (m.commercial_partner_id) r.conversion_id, m.date
          FROM account_move m JOIN {revenue} r ON r.move_id = m.id
         WHERE m.move_type = 'out_invoice' AND m.state = 'posted'
         ORDER BY m.commercial_partner_id, m.date, m.id) AS f
 WHERE f.conversion_id = c.id;
"""

CREDITS = """
CREATE TEMP TABLE bare_person ON COMMIT DROP AS
SELECT c.id AS conversion_id, c.date, {origin}, TRUE AS own, c.lead_id, p.id AS partner_id,
       p.email_normalized
  FROM {conversion} c LEFT JOIN res_partner p ON p.id = c.partner_id WHERE TRUE {only}
 UNION ALL
SELECT c.id, c.date, {origin}, TRUE, NULL, l.partner_id, l.email_normalized
  FROM {conversion} c JOIN crm_lead l ON l.id = c.lead_id WHERE TRUE {only}
 UNION ALL
SELECT c.id, c.date, {origin}, FALSE, NULL, p.id, p.email_normalized
  FROM {conversion} c JOIN res_partner p ON p.commercial_partner_id = c.commercial_partner_id
 WHERE {account} {only}
 UNION ALL
SELECT c.id, c.date, {origin}, FALSE, l.id, NULL, l.email_normalized
  FROM {conversion} c JOIN res_partner p ON p.commercial_partner_id = c.commercial_partner_id
  JOIN crm_lead l ON l.partner_id = p.id WHERE {account} {only};
ANALYZE bare_person;
CREATE TEMP TABLE bare_journey ON COMMIT DROP AS
WITH met AS (
    SELECT conversion_id, touch_id, BOOL_OR(own) AS own
      FROM ({matches}) AS found GROUP BY 1, 2),
spaced AS (
    SELECT met.conversion_id, t.id AS touch_id, t.date, t.campaign_id, t.source_id, t.medium_id,
           t.mailing_id,
           LAG(t.date) OVER (PARTITION BY met.conversion_id, t.campaign_id, t.kind,
               COALESCE(t.email_normalized, 'p' || t.partner_id, 'l' || t.lead_id)
               ORDER BY t.date, t.id) AS previous
      FROM (SELECT met.*, BOOL_OR(own) OVER (PARTITION BY conversion_id) AS any_own FROM met) met
      JOIN marketing_touchpoint t ON t.id = met.touch_id
     WHERE met.own OR {every_touch} OR NOT met.any_own)
SELECT s.*, ROW_NUMBER() OVER (PARTITION BY conversion_id ORDER BY date, touch_id) AS number,
       COUNT(*) OVER (PARTITION BY conversion_id) AS total
  FROM spaced s
 WHERE previous IS NULL OR date >= previous + {hours} * INTERVAL '1 hour';
ANALYZE bare_journey;
DELETE FROM {credit} credit USING {conversion} c
 WHERE c.id = credit.conversion_id AND credit.model_id = {model} {only};
INSERT INTO {credit} (conversion_id, model_id, model_version, run_id, touchpoint_id, campaign_id,
       source_id, medium_id, mailing_id, company_id, touch_date, weight, is_residual)
SELECT c.id, {model}, 1, NULL, j.touch_id, j.campaign_id, j.source_id, j.medium_id, j.mailing_id,
       c.company_id, j.date, COALESCE(1.0 / j.total, 1), COALESCE(j.number = j.total, TRUE)
  FROM {conversion} c LEFT JOIN bare_journey j ON j.conversion_id = c.id WHERE TRUE {only};
"""

FIRST_TOUCH = """
UPDATE {conversion} c SET date_first_touch = j.date
  FROM bare_journey j WHERE j.conversion_id = c.id AND j.number = 1;
"""

MATCH = """
SELECT p.conversion_id, t.id AS touch_id, p.own
  FROM bare_person p JOIN marketing_touchpoint t ON t.{key} = p.{key}
 WHERE t.date <= p.date {window} AND t.campaign_id IS NOT NULL AND NOT t.is_bot
   AND t.kind NOT IN ('mail_sent'{opens})
   AND NOT (t.kind = 'order' AND t.res_model = 'sale.order'
            AND t.res_id IS NOT DISTINCT FROM p.order_id
            AND t.campaign_id IS NOT DISTINCT FROM p.lead_campaign_id)
"""

# An order that has its campaign from its opportunity is no touch of its own conversion.
ORIGIN = """c.order_id,
       (SELECT origin.campaign_id FROM crm_lead origin WHERE origin.id = c.lead_id)
           AS lead_campaign_id"""


def attribute_linear(env, context):
    _only_linear(env)
    yield
    return _run(env, full=True)


def attribute_everything(env, context):
    yield
    return _run(env, full=True)


def attribute_two_models(env, context):
    """The model used for ROI and the one the dashboard puts beside it."""
    models = env["marketing.attribution.model"].search([])
    kept = models._get_default_model() | env.ref(LINEAR)
    (models - kept).write({"active": False})
    env.flush_all()
    yield
    return _run(env, full=True)


def attribute_again(env, context):
    """Nothing changed since the last full run, so nothing is written."""
    yield
    return env["marketing.attribution.run"]._run(full=True, with_sums=False).redone_count


def attribute_changes(env, context):
    _change_touches(env)
    yield
    return _redo(env)


def attribute_changes_linear(env, context):
    _only_linear(env)
    _change_touches(env)
    yield
    return _redo(env)


def sum_up(env, context):
    """The daily sums from which the report answers, of the models that have some."""
    yield
    env["marketing.attribution.run"]._sum_up()
    return count_rows(env, "marketing_roi_total")


def _run(env, full: bool) -> int:
    return env["marketing.attribution.run"]._run(full=full, with_sums=False).credit_count


def _redo(env) -> int:
    run = env["marketing.attribution.run"]._run(with_sums=False)
    assert run.credit_count, "another campaign is another credit"
    return run.redone_count


def _only_linear(env):
    linear = env.ref(LINEAR)
    others = env["marketing.attribution.model"].search([("id", "!=", linear.id)])
    others.write({"is_default": False, "active": False})
    env.flush_all()  # one default at a time
    linear.is_default = True
    env.flush_all()
    return linear


def _change_touches(env) -> None:
    """Since the last run one touch in a hundred was found to belong to another campaign."""
    env.cr.execute(
        """
        UPDATE marketing_attribution_run SET date_start = NOW() AT TIME ZONE 'UTC' + INTERVAL '1 h';
        UPDATE marketing_touchpoint
           SET write_date = NOW() AT TIME ZONE 'UTC' + INTERVAL '2 h',
               campaign_id = (SELECT MIN(other.id) FROM utm_campaign other
                               WHERE other.id != marketing_touchpoint.campaign_id)
         WHERE id % 100 = 0 AND campaign_id IS NOT NULL;
        """
    )
    env.invalidate_all(flush=False)


def attribute_linear_bare(env, context):
    model = _only_linear(env)
    tables = {
        name: make_twin(env, f"marketing_attribution_{name}")
        for name in ("conversion", "revenue", "credit")
    }
    # their foreign keys point at the real table of conversions
    env.cr.execute(_drop_foreign_keys(env, tables["revenue"]))
    env.cr.execute(_drop_foreign_keys(env, tables["credit"]))
    yield
    env.cr.execute(CONVERSIONS.format(**tables))
    env.cr.execute(REVENUE.format(**tables))
    count = _write_credits(env, model, tables, only="")
    env.cr.execute(FIRST_TOUCH.format(**tables))
    return count


def attribute_changes_bare(env, context):
    """Redo the credits of whoever a changed touch is about."""
    model = _only_linear(env)
    _change_touches(env)
    tables = {name: f"marketing_attribution_{name}" for name in ("conversion", "revenue", "credit")}
    yield
    env.cr.execute(
        """
        CREATE TEMP TABLE bare_dirty ON COMMIT DROP AS
        WITH changed AS (SELECT * FROM marketing_touchpoint
                          WHERE write_date >= NOW() AT TIME ZONE 'UTC' + INTERVAL '1 h'),
        account AS (
            SELECT p.commercial_partner_id AS id FROM changed t JOIN res_partner p
                ON p.id = t.partner_id
             UNION SELECT p.commercial_partner_id FROM changed t JOIN res_partner p
                ON p.email_normalized = t.email_normalized)
        SELECT id FROM marketing_attribution_conversion
         WHERE commercial_partner_id IN (SELECT id FROM account)
            OR lead_id IN (SELECT lead_id FROM changed);
        ANALYZE bare_dirty;
        """
    )
    _write_credits(env, model, tables, only="AND c.id IN (SELECT id FROM bare_dirty)")
    return count_rows(env, "bare_dirty")


def _write_credits(env, model, tables, only: str) -> int:
    window = f"AND t.date > p.date - {model.window_days} * INTERVAL '1 day'"
    matches = [
        MATCH.format(
            key=key,
            window=window if model.window_days else "",
            opens="" if model.with_opens else ", 'mail_open'",
        )
        for key in ("lead_id", "partner_id", "email_normalized")
    ]
    env.cr.execute(
        CREDITS.format(
            model=model.id,
            only=only,
            account="FALSE" if model.contact_scope == "contact" else "TRUE",
            every_touch="TRUE" if model.contact_scope == "account" else "FALSE",
            hours=model.dedup_hours,
            matches=" UNION ALL ".join(matches),
            origin=ORIGIN,
            **tables,
        )
    )
    return env.cr.rowcount


def _drop_foreign_keys(env, table: str) -> str:
    env.cr.execute(
        "SELECT conname FROM pg_constraint WHERE contype = 'f' "
        f"AND conrelid = '{table}'::regclass "
        "AND confrelid = 'marketing_attribution_conversion'::regclass"
    )
    drops = ", ".join(f"DROP CONSTRAINT {name}" for (name,) in env.cr.fetchall())
    return f"ALTER TABLE {table} {drops}" if drops else "SELECT 1"


LINES = [
    Line(
        "Attribute everything, one model",
        "credits",
        Case(attribute_linear, at_most=MIDDLE),
        {"bare SQL": Case(attribute_linear_bare, at_most=MIDDLE)},
        {"bare SQL": 2.0},
    ),
    Line(
        "Attribute everything, all models",
        "credits",
        Case(attribute_everything, at_most=MIDDLE),
        keep=True,
    ),
    Line(
        "Attribute everything, two models",
        "credits",
        Case(attribute_two_models, at_least=MIDDLE + 1),
        keep=True,
    ),
    Line("Make the daily sums of two models", "sums", Case(sum_up), keep=True),
    Line(
        "Attribute what changed, one model",
        "conversions",
        Case(attribute_changes_linear),
        {"bare SQL": Case(attribute_changes_bare)},
        {"bare SQL": 2.0},
    ),
    Line(
        "Attribute everything again, all models",
        "conversions",
        Case(attribute_again, at_most=MIDDLE),
    ),
    Line(
        "Attribute what changed, all models",
        "conversions",
        Case(attribute_changes, at_most=MIDDLE),
    ),
]
