from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_amount, formatLang

# Metric, its number in row ids (below 32), and its value from the sums of one campaign.
METRICS = [
    ("roi", 1, "(revenue - cost) / NULLIF(cost, 0)"),
    ("roas", 2, "revenue / NULLIF(cost, 0)"),
    ("cost_per_lead", 3, "NULLIF(cost, 0) / NULLIF(leads, 0)"),
    ("cost_per_opportunity", 4, "NULLIF(cost, 0) / NULLIF(opportunities, 0)"),
    ("cost_per_win", 5, "NULLIF(cost, 0) / NULLIF(conversions, 0)"),
    ("cac", 6, "NULLIF(cost, 0) / NULLIF(new_customers, 0)"),
    ("win_rate", 7, "won / NULLIF(won + lost, 0)"),
    ("cycle_days", 8, "cycle_days / NULLIF(cycles, 0)"),
    ("cost_per_touch", 9, "NULLIF(cost, 0) / NULLIF(touches, 0)"),
    ("deal_amount", 10, "(ordered + won_amount) / NULLIF(conversions, 0)"),
    (
        "velocity",
        11,
        "opportunities * won / NULLIF(won + lost, 0)"
        " * (ordered + won_amount) / NULLIF(conversions, 0)"
        " * cycles / NULLIF(cycle_days, 0)",
    ),
    ("romi", 12, "(margin - cost) / NULLIF(cost, 0)"),
    ("ltv", 13, "customer_margin / NULLIF(customer_months, 0) * life_months"),
    (
        "ltv_cac",
        14,
        "customer_margin / NULLIF(customer_months, 0) * life_months"
        " * new_customers / NULLIF(cost, 0)",
    ),
    (
        "cac_payback_months",
        15,
        "CASE WHEN customer_margin > 0 THEN NULLIF(cost, 0) / NULLIF(new_customers, 0)"
        " * customer_months / customer_margin END",
    ),
]
MEASURES = {
    "cost": "cost_actual",
    "revenue": "revenue_invoiced",
    "leads": "lead_count",
    "opportunities": "opportunity_count",
    "conversions": "conversion_count",
    "new_customers": "new_customer_count",
    "won": "won_count",
    "lost": "lost_count",
    "cycle_days": "cycle_days_total",
    "cycles": "cycle_count",
    "touches": "touch_count",
    "ordered": "revenue_ordered",
    "won_amount": "revenue_won",
    "margin": "revenue_margin",
    "customer_margin": "customer_margin",
    "customer_months": "customer_months",
}
RATES = ("roi", "romi", "win_rate")
TIMES = ("roas", "ltv_cac")


class MarketingRoiBenchmark(models.Model):
    """What is usual: median and quartiles of each ratio over the campaigns so far.

    Over all campaigns of a company, by type, and by the channel most of a campaign's touches came
    over. Only campaigns count that are old enough to be judged: their first fact is older than
    the median time from first touch to order. Under the model chosen for ROI. What margins can
    be read from is for finance only, by record rule.
    """

    _name = "marketing.roi.benchmark"
    _description = "Marketing Benchmark"
    _auto = False
    _order = "metric, dimension, campaign_count desc"
    _rec_name = "metric"

    metric = fields.Selection(
        [
            ("roi", "ROI"),
            ("roas", "ROAS"),
            ("cost_per_lead", "Cost per Lead"),
            ("cost_per_opportunity", "Cost per Opportunity"),
            ("cost_per_win", "Cost per Conversion"),
            ("cac", "CAC"),
            ("win_rate", "Win Rate"),
            ("cycle_days", "Days to Convert"),
            ("cost_per_touch", "Cost per Touch"),
            ("deal_amount", "Average Deal"),
            ("velocity", "Pipeline Velocity per Day"),
            ("romi", "ROMI"),
            ("ltv", "LTV"),
            ("ltv_cac", "LTV : CAC"),
            ("cac_payback_months", "CAC Payback (months)"),
        ],
        readonly=True,
    )
    dimension = fields.Selection(
        [("all", "All Campaigns"), ("type", "By Type"), ("channel", "By Channel")],
        string="Over",
        readonly=True,
    )
    type_id = fields.Many2one("marketing.campaign.type", string="Campaign Type", readonly=True)
    medium_id = fields.Many2one("utm.medium", string="Channel", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    campaign_count = fields.Integer(
        string="Campaigns", readonly=True, aggregator=None, help="How many campaigns are behind it."
    )
    lower_quartile = fields.Float(readonly=True, aggregator=None)
    median = fields.Float(readonly=True, aggregator=None)
    upper_quartile = fields.Float(readonly=True, aggregator=None)
    lower_quartile_text = fields.Char(string="Lower Quartile with Unit", compute="_compute_texts")
    median_text = fields.Char(string="Median with Unit", compute="_compute_texts")
    upper_quartile_text = fields.Char(string="Upper Quartile with Unit", compute="_compute_texts")

    @api.depends("metric", "lower_quartile", "median", "upper_quartile")
    @api.depends_context("company", "lang")
    def _compute_texts(self):
        for row in self:
            for name in ("lower_quartile", "median", "upper_quartile"):
                row[f"{name}_text"] = row._format(row[name])

    def _format(self, value):
        """A value with its unit: percent, times, days, or the reader's money."""
        self.ensure_one()
        if self.metric in RATES:
            return self.env["utm.campaign"]._format_rate(value)
        if self.metric in TIMES:
            return f"{formatLang(self.env, value, digits=2)} ×"
        if self.metric == "cac_payback_months":
            return formatLang(self.env, value, digits=1)
        if self.metric == "cycle_days":
            return self.env._("%s days", formatLang(self.env, value, digits=0))
        return format_amount(self.env, value, self.env.company.currency_id)

    @api.model
    def _get_metrics(self):
        """Hook for bridges: metric, its number in row ids, its value from the sums."""
        return METRICS

    @api.model
    def _get_sums(self):
        """Hook for bridges: names of the sums that metrics are made of -> measures."""
        return MEASURES

    @api.model
    def _search(self, *args, **kwargs):
        self.env["marketing.roi.report"]._flush_costs()
        return super()._search(*args, **kwargs)

    _depends = {
        "crm.lead": ["campaign_id", "won_status", "type"],
        "utm.campaign": ["type_id", "is_template"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            WITH campaign AS (%(campaigns)s),
            value AS (
                SELECT campaign.company_id, campaign.type_id, campaign.medium_id,
                       metric.name, metric.number, metric.value
                  FROM campaign
                 CROSS JOIN LATERAL (VALUES %(metrics)s) AS metric(name, number, value)
                 WHERE metric.value IS NOT NULL
            ),
            scope AS (
                SELECT company_id, name, number, value, 'all' AS dimension,
                       NULL::integer AS type_id, NULL::integer AS medium_id FROM value
                 UNION ALL
                SELECT company_id, name, number, value, 'type', type_id, NULL FROM value
                 WHERE type_id IS NOT NULL
                 UNION ALL
                SELECT company_id, name, number, value, 'channel', NULL, medium_id FROM value
                 WHERE medium_id IS NOT NULL
            )
            SELECT ((company_id::bigint * 32 + number) * 4096 + COALESCE(type_id, 0)) * 65536
                       + COALESCE(medium_id, 0) AS id,
                   name AS metric, dimension, type_id, medium_id, company_id,
                   COUNT(*) AS campaign_count,
                   PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY value) AS lower_quartile,
                   PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY value) AS median,
                   PERCENTILE_CONT(0.75) WITHIN GROUP (ORDER BY value) AS upper_quartile
              FROM scope
             GROUP BY company_id, name, number, dimension, type_id, medium_id
            """,
            campaigns=self._campaign_query(),
            metrics=SQL(", ").join(
                SQL("(%s, %s, (%s)::float8)", name, number, SQL(formula))
                for name, number, formula in self._get_metrics()
            ),
        )

    def _campaign_query(self):
        """Sums of each campaign that is old enough, in the currency of the report."""
        model = self.env["marketing.attribution.model"].sudo()._get_default_model()
        cycle = self.env["utm.campaign"]._get_median_cycle_days() or 0
        return SQL(
            """
            SELECT fact.company_id, fact.campaign_id, node.type_id,
                   MODE() WITHIN GROUP (ORDER BY fact.medium_id)
                       FILTER (WHERE fact.fact = 'touch' AND fact.medium_id IS NOT NULL)
                       AS medium_id,
                   %(life)s AS life_months, %(sums)s
              FROM (%(report)s) AS fact
              JOIN utm_campaign node ON node.id = fact.campaign_id
             WHERE fact.model_id = %(model)s AND node.is_template IS NOT TRUE
             GROUP BY fact.company_id, fact.campaign_id, node.type_id
            HAVING SUM(fact.cost_actual) > 0
               AND MIN(fact.date) FILTER (WHERE fact.fact != 'cost' OR fact.cost_actual != 0)
                   <= %(today)s::date - %(cycle)s::float8 * INTERVAL '1 day'
            """,
            sums=SQL(", ").join(
                SQL("SUM(fact.%s) AS %s", SQL.identifier(source), SQL.identifier(name))
                for name, source in self._get_sums().items()
            ),
            report=self.env["marketing.roi.report"]._table_query,
            life=self.env.company.customer_life_months,
            model=model.id or 0,
            today=fields.Date.context_today(self),
            cycle=cycle,
        )
