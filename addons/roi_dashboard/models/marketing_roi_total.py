from odoo import fields, models

from .marketing_attribution_credit import DerivedMany2one

# What the totals of each kind of row add up; the names are those of the ROI report.
FACT_MEASURES = {
    "invoiced": (
        "revenue_invoiced",
        "revenue_refunded",
        "revenue_collected",
        "revenue_margin",
    ),
    "ordered": ("revenue_ordered",),
    "conversion": (
        "revenue_won",
        "recurring_amount",
        "customer_margin",
        "conversion_count",
        "new_customer_count",
        "cycle_days_total",
        "cycle_count",
    ),
    "pipeline": ("pipeline_amount", "pipeline_weighted"),
    "touch": ("touch_count",),
}
MEASURES = tuple(name for names in FACT_MEASURES.values() for name in names)
# Counts are shares added up and taken off again: decimals, so that nothing is left of nothing.
EXACT = (32, 16)
# What tells two totals of a day apart.
KEYS = (
    "fact",
    "date",
    "model_id",
    "company_id",
    "campaign_id",
    "source_id",
    "medium_id",
    "mailing_id",
    "is_new_customer",
)


# What is told apart in the total of a campaign's month.
CAMPAIGN_KEYS = ("fact", "date", "model_id", "company_id", "campaign_id")


class MarketingRoiTotal(models.Model):
    """What the rows of the ROI report add up to: by day, by month, and by month and campaign.

    The report reads millions of credits and touches; a dashboard wants their sums. The attribution
    run keeps the sums: it takes off what a conversion contributed before it changes the conversion,
    and adds what it contributes afterwards, so several rows may be about the same day and campaign.
    Only models with ``has_totals`` have sums; the report reads the credits of the others.
    A sum over totals is always the sum of the rows that the report lists, to the cent.

    Amounts are in the company's currency. Touches and leads count under every model and have none;
    their totals are made anew for the days that changed, see ``marketing.roi.stale.day``. A lead
    counts one in each of its rows, so ``row_count`` is its measure.
    """

    _name = "marketing.roi.total"
    _description = "Marketing ROI Total"
    _order = "date desc, id desc"
    _log_access = False

    fact = fields.Char(required=True, readonly=True)
    is_month = fields.Boolean(
        readonly=True, help="The total of a month, dated on its first day; else of a day."
    )
    is_campaign = fields.Boolean(
        string="Is Campaign Month",
        readonly=True,
        help="The total of a month of a whole campaign, whatever the source, medium and mailing.",
    )
    is_change = fields.Boolean(
        readonly=True, help="Added to a total by a later run, until both are put together."
    )
    date = fields.Date(required=True, readonly=True)
    model_id = DerivedMany2one("marketing.attribution.model", string="Model", readonly=True)
    company_id = DerivedMany2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    campaign_id = DerivedMany2one("utm.campaign", readonly=True)
    source_id = DerivedMany2one("utm.source", readonly=True)
    medium_id = DerivedMany2one("utm.medium", readonly=True)
    mailing_id = DerivedMany2one("mailing.mailing", readonly=True)
    is_new_customer = fields.Boolean(readonly=True)
    row_count = fields.Integer(string="Rows", readonly=True, help="How many rows are added up.")

    revenue_invoiced = fields.Monetary(readonly=True)
    revenue_refunded = fields.Monetary(readonly=True)
    revenue_collected = fields.Monetary(readonly=True)
    revenue_margin = fields.Monetary(
        readonly=True, groups="marketing_campaign_ext.group_campaign_finance"
    )
    revenue_ordered = fields.Monetary(readonly=True)
    revenue_won = fields.Monetary(readonly=True)
    recurring_amount = fields.Monetary(readonly=True)
    customer_margin = fields.Monetary(
        readonly=True, groups="marketing_campaign_ext.group_campaign_finance"
    )
    pipeline_amount = fields.Monetary(readonly=True)
    pipeline_weighted = fields.Monetary(readonly=True)
    conversion_count = fields.Float(digits=EXACT, readonly=True)
    new_customer_count = fields.Float(digits=EXACT, readonly=True)
    cycle_days_total = fields.Float(digits=EXACT, readonly=True)
    cycle_count = fields.Float(digits=EXACT, readonly=True)
    touch_count = fields.Integer(readonly=True)

    _model_index = models.Index("(model_id, fact, is_month, is_campaign, date)")
    _campaign_index = models.Index("(campaign_id, model_id) WHERE campaign_id IS NOT NULL")
    _customer_index = models.Index(
        "(model_id, date) WHERE fact = 'conversion' AND NOT is_month AND new_customer_count != 0"
    )
    _change_index = models.Index("(id) WHERE is_change")
