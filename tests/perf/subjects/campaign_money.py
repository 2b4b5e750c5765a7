"""Lists of campaigns with all their money, own and over the programme."""

from ..harness.line import Case, Line

SHOWN = 80  # campaigns of a page
FIGURES = [
    f"{name}{scope}"
    for name in (
        "cost_committed",
        "cost_draft",
        "cost_booked",
        "cost_accrued",
        "cost_actual",
        "cost_forecast",
        "budget_remaining",
        "budget_used_rate",
    )
    for scope in ("", "_total")
] + ["budget_amount", "budget_amount_total"]

# One currency, one company: what a person would write for a report of exactly these campaigns.
BARE = """
WITH fact AS (
    SELECT campaign_id, 'planned' AS state, amount FROM marketing_budget_line
     UNION ALL
    SELECT c.id, 'booked', -l.amount
      FROM account_analytic_line l
      JOIN utm_campaign c ON c.analytic_account_id = l.{column}
      LEFT JOIN account_account a ON a.id = l.general_account_id
     WHERE l.category IS DISTINCT FROM 'invoice'
       AND (l.category = 'vendor_bill' OR a.id IS NULL
            OR a.account_type NOT IN ('income', 'income_other'))
     UNION ALL
    SELECT c.id, 'draft', l.balance * share.value::numeric / 100
      FROM account_move_line l
      JOIN account_move m ON m.id = l.move_id
       AND m.move_type IN ('in_invoice', 'in_refund', 'in_receipt')
     CROSS JOIN LATERAL jsonb_each_text(l.analytic_distribution) share
      JOIN utm_campaign c ON c.analytic_account_id = share.key::int
     WHERE l.parent_state = 'draft' AND l.display_type = 'product'
     UNION ALL
    SELECT campaign_id, 'accrued', amount_company FROM marketing_cost_line
     WHERE state = 'accrued'
     UNION ALL
    SELECT c.id, 'committed',
           (l.product_qty - l.qty_invoiced) * l.price_unit * share.value::numeric / 100
      FROM purchase_order_line l
      JOIN purchase_order o ON o.id = l.order_id AND o.state = 'purchase'
     CROSS JOIN LATERAL jsonb_each_text(l.analytic_distribution) share
      JOIN utm_campaign c ON c.analytic_account_id = share.key::int
     WHERE l.qty_invoiced < l.product_qty
),
own AS (SELECT campaign_id, state, SUM(amount) AS amount FROM fact GROUP BY 1, 2)
SELECT c.id, own.state, SUM(own.amount) FILTER (WHERE own.campaign_id = c.id), SUM(own.amount)
  FROM utm_campaign c
  JOIN utm_campaign node ON node.parent_path LIKE c.parent_path || '%%'
  JOIN own ON own.campaign_id = node.id
 WHERE c.id = ANY(%s)
 GROUP BY c.id, own.state
"""


def _shown(env):
    return env["utm.campaign"].search([], limit=SHOWN, order="id")


def read_list(env, context):
    """What opening the list asks of the server, with every money column shown."""
    ids = _shown(env).ids
    env.invalidate_all()
    yield
    env["utm.campaign"].browse(ids).read(FIGURES)
    return len(ids)


def read_list_bare(env, context):
    ids = _shown(env).ids
    plan = env.ref("marketing_campaign_ext.analytic_plan_campaigns")
    statement = BARE.format(column=plan._column_name())
    env.invalidate_all()
    yield
    env.cr.execute(statement, [ids])
    env.cr.fetchall()
    return len(ids)


def read_one(env, context):
    """The form of one campaign."""
    campaign_id = _shown(env).ids[1]
    env.invalidate_all()
    yield
    env["utm.campaign"].browse(campaign_id).read(FIGURES)
    return 1


LINES = [
    Line(
        "List of 80 campaigns with all money columns",
        "campaigns",
        Case(read_list),
        {"bare SQL": Case(read_list_bare)},
        {"bare SQL": 3.0},
    ),
    Line("Form of one campaign, all money", "campaigns", Case(read_one)),
]
