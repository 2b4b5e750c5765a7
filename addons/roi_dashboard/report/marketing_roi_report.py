from odoo import api, fields, models

FINANCE = "marketing_campaign_ext.group_campaign_finance"

FACTS = [
    ("cost", "Cost"),
    ("invoiced", "Invoiced Revenue"),
    ("ordered", "Ordered Revenue"),
    ("conversion", "Conversion"),
    ("pipeline", "Open Opportunity"),
    ("touch", "Touch"),
    ("lead", "Lead"),
    ("opportunity", "Opportunity"),
    ("won", "Won Opportunity"),
    ("lost", "Lost Opportunity"),
]

DIMENSIONS = {
    "res_model": "varchar",
    "res_id": "integer",
    "name": "varchar",
    "campaign_id": "integer",
    "source_id": "integer",
    "medium_id": "integer",
    "mailing_id": "integer",
    "link_id": "integer",
    "partner_id": "integer",
    "user_id": "integer",
    "team_id": "integer",
    "country_id": "integer",
    "product_categ_id": "integer",
    "cost_category_id": "integer",
    "is_new_customer": "boolean",
    "person_key": "varchar",
    "touch_date": "date",
    "months_since_touch": "integer",
}
MONEY = (
    "cost_planned",
    "cost_committed",
    "cost_draft",
    "cost_booked",
    "cost_accrued",
    "cost_actual",
    "revenue_ordered",
    "revenue_invoiced",
    "revenue_refunded",
    "revenue_collected",
    "revenue_margin",
    "revenue_won",
    "recurring_amount",
    "customer_margin",
    "pipeline_amount",
    "pipeline_weighted",
)
COUNTS = (
    "conversion_count",
    "new_customer_count",
    "customer_months",
    "cycle_days_total",
    "cycle_count",
    "touch_count",
    "lead_count",
    "opportunity_count",
    "won_count",
    "lost_count",
)


class MarketingRoiReport(models.Model):
    """Cost, revenue and results of campaigns: one row per fact, dated, in one currency.

    Costs are the campaign's own (``marketing.cost.report``). Revenue and conversions are shared
    over campaigns by the attribution credits; what no campaign can claim stands without
    campaign, so that the total is all revenue. Touches, leads and opportunities count where their
    own campaign says so.

    Every fact exists once per attribution model. Unless a model is asked for, the model chosen
    for ROI answers: see :meth:`_search`. Amounts are in the currency of the company one works
    in, converted at the date of the fact. Ratios are ratios of sums at every level and empty
    without a basis.
    """

    _name = "marketing.roi.report"
    _description = "Marketing ROI"
    _inherit = ["marketing.money.sql"]
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "name"

    # What
    fact = fields.Selection(FACTS, readonly=True)
    name = fields.Char(string="Document", readonly=True)
    date = fields.Date(readonly=True)
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Integer(string="Document ID", readonly=True, aggregator=None)

    # Whose
    model_id = fields.Many2one(
        "marketing.attribution.model", string="Attribution Model", readonly=True
    )
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    programme_id = fields.Many2one(
        "utm.campaign", string="Programme", readonly=True, help="The top of the programme tree."
    )
    type_id = fields.Many2one("marketing.campaign.type", string="Campaign Type", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    medium_id = fields.Many2one("utm.medium", string="Channel", readonly=True)
    mailing_id = fields.Many2one("mailing.mailing", string="Mailing", readonly=True)
    link_id = fields.Many2one(
        "link.tracker",
        string="Content",
        readonly=True,
        help="The tracked link that was clicked: which banner, button or text it was.",
    )
    partner_id = fields.Many2one("res.partner", string="Partner", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    product_categ_id = fields.Many2one("product.category", string="Product Category", readonly=True)
    cost_category_id = fields.Many2one(
        "marketing.cost.category", string="Cost Category", readonly=True
    )
    is_new_customer = fields.Boolean(string="New Customer", readonly=True)
    person_key = fields.Char(
        string="People", readonly=True, aggregator="count_distinct", help="Who was touched."
    )
    touch_date = fields.Date(
        string="Touched on", readonly=True, help="When the customer met the campaign: the cohort."
    )
    months_since_touch = fields.Integer(
        string="Months since the Touch",
        readonly=True,
        aggregator=None,
        help="Calendar months from the touch to the revenue.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)

    # Cost
    cost_planned = fields.Monetary(string="Planned Cost", readonly=True)
    cost_committed = fields.Monetary(string="Committed Cost", readonly=True)
    cost_draft = fields.Monetary(string="Draft Bills", readonly=True)
    cost_booked = fields.Monetary(string="Booked Cost", readonly=True)
    cost_accrued = fields.Monetary(string="Accrued Cost", readonly=True)
    cost_actual = fields.Monetary(
        string="Cost", readonly=True, help="Booked and accrued cost; what ROI is measured against."
    )

    # Revenue
    revenue_ordered = fields.Monetary(string="Ordered", readonly=True)
    revenue_invoiced = fields.Monetary(
        string="Invoiced Revenue",
        readonly=True,
        help="Posted customer invoice lines less credit notes, untaxed, at their dates.",
    )
    revenue_refunded = fields.Monetary(
        string="Credit Notes", readonly=True, help="The (negative) part that is credit notes."
    )
    revenue_collected = fields.Monetary(
        string="Collected", readonly=True, help="The paid share of the invoiced revenue."
    )
    revenue_margin = fields.Monetary(
        string="Gross Margin",
        readonly=True,
        groups=FINANCE,
        help="Invoiced revenue less the cost of the goods.",
    )
    revenue_won = fields.Monetary(
        string="Won without Order",
        readonly=True,
        help="Expected revenue of won opportunities that have no order.",
    )
    recurring_amount = fields.Monetary(
        string="Recurring per Month",
        readonly=True,
        help="Monthly recurring revenue of the opportunities that were won.",
    )
    customer_margin = fields.Monetary(
        string="Margin of the New Customers",
        readonly=True,
        groups=FINANCE,
        help="All margin so far of the customers that were won, whatever led to later orders.",
    )
    pipeline_amount = fields.Monetary(string="Open Pipeline", readonly=True)
    pipeline_weighted = fields.Monetary(
        string="Weighted Pipeline", readonly=True, help="Open pipeline times probability."
    )

    # Counts
    conversion_count = fields.Float(
        string="Conversions", readonly=True, help="Confirmed orders and won opportunities, shared."
    )
    new_customer_count = fields.Float(
        string="New Customers", readonly=True, help="By the first invoice ever, shared."
    )
    customer_months = fields.Float(
        string="Customer Months",
        readonly=True,
        help="Months since the first invoice of the customers that were won, at least one each.",
    )
    cycle_days_total = fields.Float(string="Days to Convert (sum)", readonly=True)
    cycle_count = fields.Float(string="Conversions with Touches", readonly=True)
    touch_count = fields.Integer(string="Touches", readonly=True)
    lead_count = fields.Integer(
        string="Leads", readonly=True, help="Leads of the campaign by creation date, lost included."
    )
    opportunity_count = fields.Integer(string="Opportunities", readonly=True)
    won_count = fields.Integer(string="Won", readonly=True)
    lost_count = fields.Integer(string="Lost", readonly=True)

    # Ratios
    roi = fields.Float(
        string="ROI",
        readonly=True,
        aggregator="avg",
        help="(Invoiced revenue - cost) / cost. Empty without cost.",
    )
    romi = fields.Float(
        string="ROMI",
        readonly=True,
        aggregator="avg",
        groups=FINANCE,
        help="(Gross margin - cost) / cost. Empty without cost.",
    )
    roas = fields.Float(
        string="ROAS", readonly=True, aggregator="avg", help="Invoiced revenue / cost."
    )
    cost_per_touch = fields.Monetary(string="Cost per Touch", readonly=True, aggregator="avg")
    cost_per_lead = fields.Monetary(string="Cost per Lead", readonly=True, aggregator="avg")
    cost_per_opportunity = fields.Monetary(
        string="Cost per Opportunity", readonly=True, aggregator="avg"
    )
    cost_per_win = fields.Monetary(string="Cost per Conversion", readonly=True, aggregator="avg")
    cac = fields.Monetary(
        string="CAC", readonly=True, aggregator="avg", help="Cost / new customers."
    )
    win_rate = fields.Float(readonly=True, aggregator="avg")
    cycle_days = fields.Float(
        string="Days to Convert",
        readonly=True,
        aggregator="avg",
        help="From the first touch to the conversion.",
    )
    deal_amount = fields.Monetary(string="Average Deal", readonly=True, aggregator="avg")
    velocity = fields.Monetary(
        string="Pipeline Velocity per Day",
        readonly=True,
        aggregator="avg",
        help="Opportunities x win rate x average deal / days to convert.",
    )

    customer_monthly_margin = fields.Monetary(
        string="Monthly Margin per Customer", readonly=True, aggregator="avg", groups=FINANCE
    )
    ltv = fields.Monetary(
        string="LTV",
        readonly=True,
        aggregator="avg",
        groups=FINANCE,
        help="Lifetime value: monthly margin per new customer x the expected life of a customer "
        "(in the settings).",
    )
    ltv_cac = fields.Float(
        string="LTV : CAC", readonly=True, aggregator="avg", groups=FINANCE, help="Sound from 3 up."
    )
    cac_payback_months = fields.Float(
        string="CAC Payback (months)",
        readonly=True,
        aggregator="avg",
        groups=FINANCE,
        help="Months until a new customer's margin has paid for winning the customer.",
    )

    _depends = {
        "crm.lead": [
            "campaign_id",
            "company_id",
            "country_id",
            "date_closed",
            "date_conversion",
            "medium_id",
            "name",
            "partner_id",
            "source_id",
            "team_id",
            "type",
            "user_id",
            "won_status",
        ],
        "marketing.attribution.model": ["active"],
        "marketing.touchpoint": ["campaign_id", "date", "is_bot", "kind", "name"],
        "res.company": ["currency_id"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "utm.campaign": ["company_id", "parent_path", "type_id"],
    }

    @api.model
    def _get_dimensions(self):
        """Hook for bridges: what rows can be grouped by, and the database type of each."""
        return DIMENSIONS

    @api.model
    def _get_lead_keys(self):
        """Hook for bridges: dimensions that only leads have -> SQL over ``lead``."""
        return {}

    @api.model
    def _get_counts(self):
        """Hook for bridges: names of the measures that count something."""
        return COUNTS

    # ------------------------------------------------------------------ documents

    def action_open_document(self):
        """Open the record behind the row, with the reader's own rights."""
        self.ensure_one()
        if not self.res_id:
            return False
        if self.fact == "cost":
            cost = self.env["marketing.cost.report"].new(
                {
                    "res_model": self.res_model,
                    "res_id": self.res_id,
                    "campaign_id": self.campaign_id,
                }
            )
            return cost.action_open_document()
        record = self.env[self.res_model].browse(self.res_id)
        record.check_access("read")
        return record.get_formview_action()
