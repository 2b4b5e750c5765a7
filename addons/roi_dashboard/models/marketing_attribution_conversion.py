from odoo import api, fields, models

from .marketing_attribution_credit import DerivedMany2one


class MarketingAttributionConversion(models.Model):
    """Something that was won and can be credited: a confirmed order, or a won opportunity
    without one. Open opportunities are kept here too, so that the pipeline is shared over
    campaigns by the same rules.

    The rows are computed by the attribution run and written by nobody else.
    """

    _name = "marketing.attribution.conversion"
    _description = "Attributed Conversion"
    _order = "date desc, id desc"
    _log_access = False

    name = fields.Char(readonly=True)
    kind = fields.Selection(
        [
            ("order", "Confirmed Order"),
            ("opportunity", "Won Opportunity"),
            ("pipeline", "Open Opportunity"),
        ],
        required=True,
        readonly=True,
    )
    # A deleted order leaves its conversion to the next run, which takes its figures off first.
    order_id = fields.Many2one("sale.order", readonly=True, ondelete="set null")
    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", readonly=True, ondelete="set null", index="btree_not_null"
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, index=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Company of the Customer", readonly=True, index=True
    )
    country_id = DerivedMany2one("res.country", readonly=True)
    company_id = DerivedMany2one("res.company", readonly=True, required=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = DerivedMany2one("res.users", string="Salesperson", readonly=True)
    team_id = DerivedMany2one("crm.team", string="Sales Team", readonly=True)
    date = fields.Datetime(
        string="Converted on", readonly=True, required=True, help="Touches after it do not count."
    )
    date_booked = fields.Date(
        string="Counted on",
        readonly=True,
        required=True,
        help="The day of the conversion, or the first open day when it came to light later.",
    )
    date_lead = fields.Datetime(string="Lead Created on", readonly=True)
    date_opportunity = fields.Datetime(string="Opportunity since", readonly=True)
    date_first_touch = fields.Datetime(string="First Touch", readonly=True)
    date_new_customer = fields.Date(
        string="New Customer on",
        readonly=True,
        help="Date of the first invoice this customer ever got, when it is of this conversion.",
    )
    customer_margin = fields.Monetary(
        string="Margin of the New Customer",
        readonly=True,
        groups="marketing_campaign_ext.group_campaign_finance",
        help="All margin so far of the customer this conversion won, whatever led to later orders.",
    )
    amount = fields.Monetary(
        string="Expected or Ordered",
        readonly=True,
        help="Untaxed order amount, or expected revenue of an opportunity without order.",
    )
    weighted_amount = fields.Monetary(
        readonly=True, help="Expected revenue times probability, for open opportunities."
    )
    recurring_amount = fields.Monetary(
        string="Recurring per Month", readonly=True, help="Monthly recurring revenue of the lead."
    )
    credit_ids = fields.One2many(
        "marketing.attribution.credit", "conversion_id", string="Credits", readonly=True
    )
    revenue_ids = fields.One2many("marketing.attribution.revenue", "conversion_id", readonly=True)

    _order_unique = models.UniqueIndex("(order_id) WHERE order_id IS NOT NULL")
    _lead_unique = models.UniqueIndex("(lead_id) WHERE kind != 'order' AND lead_id IS NOT NULL")

    def action_open_document(self):
        """Open the order or opportunity behind the conversion."""
        self.ensure_one()
        document = self.order_id or self.lead_id
        return document.get_formview_action() if document else False

    @api.depends("name", "kind")
    def _compute_display_name(self):
        for conversion in self:
            conversion.display_name = conversion.name or self.env._("Deleted document")
