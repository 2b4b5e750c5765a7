"""The ROI report by campaign and by month, against the sums written by hand."""

from ..harness.line import Case, Line

MEASURES = [
    "cost_actual:sum",
    "revenue_invoiced:sum",
    "conversion_count:sum",
    "lead_count:sum",
    "roi:avg",
]

# The same four sums, per campaign or per month.
BARE = """
SELECT key, SUM(cost), SUM(revenue), SUM(conversions), SUM(leads),
       (SUM(revenue) - SUM(cost)) / NULLIF(SUM(cost), 0)
  FROM (
    SELECT {cost_key} AS key, -l.amount AS cost, 0 AS revenue, 0 AS conversions, 0 AS leads
      FROM account_analytic_line l
      JOIN utm_campaign c ON c.analytic_account_id = l.{column}
      LEFT JOIN account_account a ON a.id = l.general_account_id
     WHERE l.category IS DISTINCT FROM 'invoice'
       AND (l.category = 'vendor_bill' OR a.id IS NULL
            OR a.account_type NOT IN ('income', 'income_other'))
     UNION ALL
    SELECT {accrued_key}, amount_company, 0, 0, 0 FROM marketing_cost_line c
     WHERE state = 'accrued'
     UNION ALL
    SELECT {revenue_key}, 0, r.amount * k.weight, 0, 0
      FROM marketing_attribution_revenue r
      JOIN marketing_attribution_credit k
        ON k.conversion_id = r.conversion_id AND k.model_id = {model}
     WHERE r.kind = 'invoiced'
     UNION ALL
    SELECT {conversion_key}, 0, 0, k.weight, 0
      FROM marketing_attribution_conversion v
      JOIN marketing_attribution_credit k
        ON k.conversion_id = v.id AND k.model_id = {model}
     WHERE v.kind <> 'pipeline'
     UNION ALL
    SELECT {lead_key}, 0, 0, 0, 1 FROM crm_lead l
  ) AS fact
 GROUP BY key
"""
BY_CAMPAIGN = {
    "cost_key": "c.id",
    "accrued_key": "c.campaign_id",
    "revenue_key": "k.campaign_id",
    "conversion_key": "k.campaign_id",
    "lead_key": "l.campaign_id",
}
BY_MONTH = {
    "cost_key": "DATE_TRUNC('month', l.date)",
    "accrued_key": "DATE_TRUNC('month', c.date)",
    "revenue_key": "DATE_TRUNC('month', r.date)",
    "conversion_key": "DATE_TRUNC('month', v.date_booked)",
    "lead_key": "DATE_TRUNC('month', l.create_date)",
}


def _report(groupby):
    def job(env, context):
        report = env["marketing.roi.report"]
        env.invalidate_all()
        yield
        return len(report._read_group([], [groupby], MEASURES))

    return job


def _bare(keys):
    def job(env, context):
        plan = env.ref("marketing_campaign_ext.analytic_plan_campaigns")
        model = env["marketing.attribution.model"]._get_default_model()
        statement = BARE.format(column=plan._column_name(), model=model.id, **keys)
        env.invalidate_all()
        yield
        env.cr.execute(statement)
        return len(env.cr.fetchall())

    return job


LINES = [
    Line(
        "ROI report by campaign",
        "groups",
        Case(_report("campaign_id")),
        {"bare SQL": Case(_bare(BY_CAMPAIGN))},
        {"bare SQL": 3.0},
    ),
    Line(
        "ROI report by month",
        "groups",
        Case(_report("date:month")),
        {"bare SQL": Case(_bare(BY_MONTH))},
        {"bare SQL": 3.0},
    ),
]
