from odoo import fields, models

from .marketing_attribution_credit import DerivedMany2one


class MarketingAttributionRevenue(models.Model):
    """The money of a conversion, one row per order line and invoice line, dated.

    Ordered: what the order lines say. Invoiced: posted customer invoice lines, found through
    their order lines and never through the header of the invoice; credit notes are negative
    rows at their own date. All in the currency of the company at the date of the document.

    Rows of a frozen period are never changed. What happens to their documents later is a
    difference on the first open day.

    Documents are foreign keys, so that a deleted one is noticed; what only describes a row is none.
    """

    _name = "marketing.attribution.revenue"
    _description = "Attributed Revenue"
    _order = "date desc, id desc"
    _log_access = False

    kind = fields.Selection(
        [("ordered", "Ordered"), ("invoiced", "Invoiced")], required=True, readonly=True
    )
    conversion_id = DerivedMany2one(
        "marketing.attribution.conversion", required=True, readonly=True, index=True
    )
    position = fields.Integer(
        readonly=True, help="Number of the row within its conversion; makes report ids unique."
    )
    line_id = fields.Integer(
        readonly=True,
        required=True,
        help="Number of the order line or journal item; kept when the document is deleted.",
    )
    order_line_id = fields.Many2one(
        "sale.order.line", readonly=True, ondelete="set null", index="btree_not_null"
    )
    move_line_id = fields.Many2one(
        "account.move.line", readonly=True, ondelete="set null", index="btree_not_null"
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, ondelete="set null", index="btree_not_null"
    )
    date = fields.Date(required=True, readonly=True)
    date_document = fields.Date(readonly=True)
    is_refund = fields.Boolean(readonly=True, string="Credit Note")
    is_delta = fields.Boolean(
        readonly=True,
        string="Later Difference",
        help="A change of something already frozen, booked on the first open day.",
    )
    amount = fields.Monetary(readonly=True)
    collected_amount = fields.Monetary(
        readonly=True, help="The share of the invoice that has been paid or offset so far."
    )
    cost_amount = fields.Monetary(
        string="Cost of Goods",
        readonly=True,
        groups="marketing_campaign_ext.group_campaign_finance",
        help="Cost of the product when the line was first seen.",
    )
    product_id = DerivedMany2one("product.product", readonly=True)
    product_categ_id = DerivedMany2one("product.category", string="Product Category", readonly=True)
    company_id = DerivedMany2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")

    _line_index = models.Index("(kind, line_id)")

    def action_open_document(self):
        self.ensure_one()
        document = self.move_id or self.order_line_id.order_id
        return document.get_formview_action() if document else False
