from odoo import api, fields, models
from odoo.tools import SQL

LEDGER_KINDS = [
    ("committed", "Committed"),
    ("accrued", "Accrued"),
    ("booked", "Booked Cost"),
    ("ordered", "Ordered"),
    ("invoiced", "Invoiced"),
]


class MarketingCampaignLedger(models.Model):
    """Costs and revenue of campaigns side by side, as dated rows that open their documents.

    Costs are the rows of ``marketing.cost.report``. Orders are the untaxed lines of confirmed
    sales orders that carry the campaign; invoices are posted customer invoice lines net of credit
    notes, and belong to the campaign of the order line they bill (an invoice may merge orders of
    several campaigns), else to that of the invoice itself. What an order line was once invoiced
    is no reason to leave it out: ordered and invoiced are two views of one business and are never
    added. ``amount_result`` is invoiced revenue less actual cost.
    """

    _name = "marketing.campaign.ledger"
    _description = "Campaign Ledger"
    _inherit = ["marketing.money.sql"]
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "name"

    name = fields.Char(string="Description", readonly=True)
    date = fields.Date(readonly=True)
    side = fields.Selection([("cost", "Costs"), ("revenue", "Revenue")], readonly=True)
    kind = fields.Selection(LEDGER_KINDS, readonly=True)
    campaign_id = fields.Many2one("utm.campaign", string="Campaign", readonly=True)
    category_id = fields.Many2one("marketing.cost.category", string="Cost Category", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Partner", readonly=True)
    product_id = fields.Many2one("product.product", string="Product", readonly=True)
    company_id = fields.Many2one("res.company", string="Company", readonly=True)
    currency_id = fields.Many2one("res.currency", string="Company Currency", readonly=True)
    reporting_currency_id = fields.Many2one(
        "res.currency", string="Reporting Currency", readonly=True
    )
    amount = fields.Monetary(string="Amount of the Document's Company", readonly=True)
    amount_reporting = fields.Monetary(
        string="Amount", currency_field="reporting_currency_id", readonly=True, aggregator=None
    )
    amount_committed = fields.Monetary(
        string="Committed", currency_field="reporting_currency_id", readonly=True
    )
    amount_cost = fields.Monetary(
        string="Actual Cost", currency_field="reporting_currency_id", readonly=True
    )
    amount_ordered = fields.Monetary(
        string="Ordered", currency_field="reporting_currency_id", readonly=True
    )
    amount_invoiced = fields.Monetary(
        string="Invoiced", currency_field="reporting_currency_id", readonly=True
    )
    amount_result = fields.Monetary(
        string="Invoiced less Cost", currency_field="reporting_currency_id", readonly=True
    )
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Integer(string="Document ID", readonly=True)

    _depends = {
        "marketing.cost.report": ["amount"],
        "account.move": ["campaign_id", "move_type", "state"],
        "account.move.line": [
            "balance",
            "company_id",
            "date",
            "display_type",
            "move_id",
            "name",
            "parent_state",
            "partner_id",
            "product_id",
            "sale_line_ids",
        ],
        "sale.order": ["campaign_id", "currency_rate", "date_order", "name", "partner_id", "state"],
        "sale.order.line": [
            "company_id",
            "display_type",
            "name",
            "order_id",
            "price_subtotal",
            "product_id",
        ],
    }

    @property
    def _table_query(self) -> SQL:
        company = self._get_reporting_company()
        reporting = company.currency_id
        return SQL(
            """
            SELECT entry.*,
                   CASE WHEN entry.kind = 'committed' THEN entry.amount_reporting END
                       AS amount_committed,
                   CASE WHEN entry.kind IN ('booked', 'accrued') THEN entry.amount_reporting END
                       AS amount_cost,
                   CASE WHEN entry.kind = 'ordered' THEN entry.amount_reporting END
                       AS amount_ordered,
                   CASE WHEN entry.kind = 'invoiced' THEN entry.amount_reporting END
                       AS amount_invoiced,
                   CASE WHEN entry.kind = 'invoiced' THEN entry.amount_reporting
                        WHEN entry.kind IN ('booked', 'accrued') THEN -entry.amount_reporting
                   END AS amount_result
              FROM (
                    SELECT fact.*, %(reporting_id)s::int AS reporting_currency_id,
                           %(converted)s AS amount_reporting
                      FROM (%(facts)s) AS fact
                   ) AS entry
            """,
            reporting_id=reporting.id,
            facts=SQL(" UNION ALL ").join(SQL("(%s)", query) for query in self._entry_queries()),
            converted=self._sql_convert(
                SQL("fact.amount"),
                SQL("fact.currency_id"),
                SQL("%s::int", reporting.id),
                SQL("%s::numeric", reporting.rounding),
                SQL("%s::int", company.id),
                SQL("fact.date"),
            ),
        )

    @api.model
    def _entry_queries(self) -> list[SQL]:
        """Hook: one SELECT per source; ids end on the number of their source (costs 0 to 15)."""
        return [self._cost_entries(), self._order_entries(), self._invoice_entries()]

    @api.model
    def _cost_entries(self) -> SQL:
        return SQL(
            """
            SELECT cost.id * 4 AS id, cost.name, cost.date, 'cost'::varchar AS side,
                   cost.state AS kind, cost.campaign_id, cost.category_id, cost.partner_id,
                   cost.product_id, cost.company_id, cost.currency_id, cost.amount,
                   cost.res_model, cost.res_id
              FROM (%s) AS cost
             WHERE cost.state IN ('committed', 'accrued', 'booked')
            """,
            self.env["marketing.cost.report"]._facts_sql(),
        )

    @api.model
    def _order_entries(self) -> SQL:
        return SQL(
            """
            SELECT line.id::bigint * 4 + 1 AS id, so.name || ': ' || line.name AS name,
                   so.date_order::date AS date, 'revenue'::varchar AS side,
                   'ordered'::varchar AS kind, so.campaign_id, NULL::int AS category_id,
                   so.partner_id, line.product_id, line.company_id, company.currency_id,
                   ROUND(line.price_subtotal / COALESCE(NULLIF(so.currency_rate, 0), 1)::numeric
                         / currency.rounding) * currency.rounding AS amount,
                   'sale.order.line'::varchar AS res_model, line.id AS res_id
              FROM sale_order_line line
              JOIN sale_order so ON so.id = line.order_id
              JOIN res_company company ON company.id = line.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
             WHERE so.state = 'sale'
               AND so.campaign_id IS NOT NULL
               AND line.display_type IS NULL
               AND line.price_subtotal <> 0
               AND line.is_downpayment IS NOT TRUE
            """
        )

    @api.model
    def _invoice_entries(self) -> SQL:
        return SQL(
            """
            SELECT line.id::bigint * 4 + 2 AS id, COALESCE(line.name, move.name) AS name,
                   line.date, 'revenue'::varchar AS side, 'invoiced'::varchar AS kind,
                   COALESCE(origin.campaign_id, move.campaign_id) AS campaign_id,
                   NULL::int AS category_id, line.partner_id, line.product_id, line.company_id,
                   company.currency_id, -line.balance AS amount,
                   'account.move.line'::varchar AS res_model, line.id AS res_id
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN res_company company ON company.id = line.company_id
         LEFT JOIN LATERAL (
                    SELECT so.campaign_id
                      FROM sale_order_line_invoice_rel rel
                      JOIN sale_order_line sold ON sold.id = rel.order_line_id
                      JOIN sale_order so ON so.id = sold.order_id
                     WHERE rel.invoice_line_id = line.id
                  ORDER BY sold.id LIMIT 1
                   ) AS origin ON TRUE
             WHERE line.parent_state = 'posted'
               AND line.display_type = 'product'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND COALESCE(origin.campaign_id, move.campaign_id) IS NOT NULL
            """
        )

    def action_open_document(self):
        self.ensure_one()
        record = self.env["marketing.cost.report"]._get_document_of(
            self.res_model, self.res_id, self.campaign_id
        )
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }
