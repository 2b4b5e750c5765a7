"""The Marketing ROI dashboard: every panel, for questions nobody asked before.

Each opening asks for another period or filter, so that its figures are read and not remembered;
what a worker knows anyway after its first minute (fields, rights, rules) it knows here too.
"""

import time
from datetime import date, timedelta

from ..harness.line import Case, Line
from ..harness.measure import Samples

OPENINGS = 21  # the first is not measured
# The same answer by hand: figures now and before, over time, the funnel, campaigns, channels.
FACTS = """
    SELECT l.date, c.id AS campaign_id, NULL::int AS medium_id, 'cost' AS measure,
           -l.amount AS amount
      FROM account_analytic_line l
      JOIN utm_campaign c ON c.analytic_account_id = l.{column}
      LEFT JOIN account_account a ON a.id = l.general_account_id
     WHERE (l.category = 'vendor_bill' OR a.id IS NULL
            OR a.account_type NOT IN ('income', 'income_other'))
       AND l.category IS DISTINCT FROM 'invoice' AND l.date BETWEEN %(since)s AND %(until)s
     UNION ALL
    SELECT date, campaign_id, NULL, 'cost', amount_company
      FROM marketing_cost_line
     WHERE state = 'accrued' AND date BETWEEN %(since)s AND %(until)s
     UNION ALL
    SELECT date_from, campaign_id, NULL, 'budget', amount
      FROM marketing_budget_line
     WHERE date_from BETWEEN %(since)s AND %(until)s
     UNION ALL
    SELECT o.date_order::date, c.id, NULL, 'committed',
           (l.product_qty - l.qty_invoiced) * l.price_unit * share.value::numeric / 100
      FROM purchase_order_line l
      JOIN purchase_order o ON o.id = l.order_id AND o.state = 'purchase'
     CROSS JOIN LATERAL jsonb_each_text(l.analytic_distribution) share
      JOIN utm_campaign c ON c.analytic_account_id = share.key::int
     WHERE l.qty_invoiced < l.product_qty
       AND o.date_order BETWEEN %(since)s AND %(until)s
     UNION ALL
    SELECT r.date, k.campaign_id, k.medium_id,
           CASE WHEN k.model_id = %(model)s THEN 'revenue' ELSE 'revenue2' END,
           r.amount * k.weight
      FROM marketing_attribution_revenue r
      JOIN marketing_attribution_credit k
        ON k.conversion_id = r.conversion_id AND k.model_id IN (%(model)s, %(model2)s)
     WHERE r.kind = 'invoiced' AND r.date BETWEEN %(since)s AND %(until)s
     UNION ALL
    SELECT v.date_booked, k.campaign_id, k.medium_id,
           CASE WHEN v.kind = 'pipeline' THEN 'pipeline' ELSE 'won' END,
           CASE WHEN v.kind = 'pipeline' THEN v.amount * k.weight ELSE k.weight END
      FROM marketing_attribution_conversion v
      JOIN marketing_attribution_credit k
        ON k.conversion_id = v.id AND k.model_id = %(model)s
     WHERE v.date_booked BETWEEN %(since)s AND %(until)s
     UNION ALL
    SELECT create_date::date, campaign_id, medium_id, 'lead', 1
      FROM crm_lead
     WHERE create_date BETWEEN %(since)s AND %(until)s
     UNION ALL
    SELECT date::date, campaign_id, medium_id, 'touch', 1
      FROM marketing_touchpoint
     WHERE NOT is_bot AND kind <> 'mail_sent' AND date BETWEEN %(since)s AND %(until)s
"""
STATEMENTS = {
    "figures": "SELECT measure, SUM(amount) FROM ({facts}) f {where} GROUP BY 1",
    "months": "SELECT DATE_TRUNC('month', date), measure, SUM(amount) FROM ({facts}) f {where}"
    " GROUP BY 1, 2",
    "campaigns": "SELECT campaign_id, measure, SUM(amount) FROM ({facts}) f {where} GROUP BY 1, 2",
    "channels": "SELECT medium_id, measure, SUM(amount) FROM ({facts}) f {where} GROUP BY 1, 2",
}
WHERE = "WHERE campaign_id = ANY(%(campaigns)s)"
TIMES = """
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY date_conversion - create_date),
       PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY date_closed - create_date)
  FROM crm_lead
 WHERE create_date BETWEEN %(since)s AND %(until)s
"""


def _questions(env):
    """Periods from a month to two years, every third one for some campaigns only.

    Under the models that the screen opens with.
    """
    setup = env["marketing.dashboard"].get_setup()
    campaigns = env["utm.campaign"].search([], limit=60, order="id").ids
    for number in range(OPENINGS):
        until = date.today() - timedelta(days=11 * number)
        length = 30 + (number * 37) % 700
        yield {
            "since": until - timedelta(days=length),
            "until": until,
            "before": until - timedelta(days=2 * length + 1),
            "model": setup["default_model_id"],
            "model2": setup["default_model2_id"],
            "campaigns": campaigns[number : number + 40] if number % 3 == 2 else None,
        }


def open_dashboard(env, context):
    first, *questions = _questions(env)
    _open(env, first)
    yield
    samples = Samples()
    for question in questions:
        env.invalidate_all()
        begun = time.perf_counter()
        _open(env, question)
        samples.append(time.perf_counter() - begun)
    return samples


def _open(env, question):
    """What the screen asks for, one call a panel."""
    dashboard = env["marketing.dashboard"]
    wanted = question["campaigns"]
    domain = [["campaign_id", "in", wanted]] if wanted else []
    options = {
        "date_from": question["since"].isoformat(),
        "date_to": question["until"].isoformat(),
        "compare": "previous_period",
        "model_id": question["model"],
        "model2_id": question["model2"],
    }
    for panel in dashboard.get_setup()["panels"]:
        getattr(dashboard, f"get_{panel}")(domain, options)


def answer_by_hand(env, context):
    """By hand everything is read each time: of a large company, every seventh question will do."""
    _first, *questions = _questions(env)
    if context["leads"] > 100_000:
        questions = questions[::7]
    plan = env.ref("marketing_campaign_ext.analytic_plan_campaigns")
    facts = FACTS.format(column=plan._column_name())
    yield
    samples = Samples()
    for question in questions:
        begun = time.perf_counter()
        where = WHERE if question["campaigns"] else ""
        earlier = question | {
            "since": question["before"],
            "until": question["since"] - timedelta(days=1),
        }
        for name, statement in STATEMENTS.items():
            statement = statement.format(facts=facts, where=where)
            for period in (question, earlier) if name in ("figures", "months") else (question,):
                env.cr.execute(statement, period)
                env.cr.fetchall()
        env.cr.execute(TIMES, question)
        env.cr.fetchall()
        samples.append(time.perf_counter() - begun)
    return samples


LINES = [
    Line(
        "Dashboard, all panels, never asked before",
        "openings",
        Case(open_dashboard),
        {"bare SQL": Case(answer_by_hand)},
        {"bare SQL": 3.0},
        limit_p95=1.0,
    ),
]
