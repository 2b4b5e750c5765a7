from odoo import api, fields, models
from odoo.tools import SQL

from ..models.utm_campaign import OBJECTIVES

COST_STATES = [
    ("planned", "Planned"),
    ("committed", "Committed"),
    ("draft", "Draft"),
    ("booked", "Booked"),
    ("accrued", "Accrued"),
]


class MarketingCostReport(models.Model):
    """Every planned, promised, drafted, booked or accrued amount of a campaign, as one dated row.

    A row is one document's share of one campaign. Sources are SELECTs given by ``_fact_sources``,
    which bridges extend; the analytic column of the plan "Campaigns" differs from database to
    database, so the query is built when it runs. The states add up as follows: actual = booked +
    accrued; remaining = planned - committed - actual. Drafts are shown and never added.

    Three amounts, one value: in the currency of the document's company, of the campaign, and of
    the company one works in, each converted at the row's own date.
    """

    _name = "marketing.cost.report"
    _description = "Campaign Cost"
    _inherit = ["marketing.money.sql"]
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "name"

    name = fields.Char(string="Description", readonly=True)
    date = fields.Date(readonly=True)
    campaign_id = fields.Many2one("utm.campaign", string="Campaign", readonly=True)
    programme_id = fields.Many2one(
        "utm.campaign",
        string="Programme",
        readonly=True,
        help="The campaign at the top of the tree.",
    )
    type_id = fields.Many2one("marketing.campaign.type", string="Campaign Type", readonly=True)
    objective = fields.Selection(OBJECTIVES, readonly=True)
    category_id = fields.Many2one("marketing.cost.category", string="Cost Category", readonly=True)
    state = fields.Selection(COST_STATES, string="Cost State", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Vendor", readonly=True)
    product_id = fields.Many2one("product.product", string="Product", readonly=True)
    account_id = fields.Many2one("account.account", string="Account", readonly=True)
    company_id = fields.Many2one("res.company", string="Company", readonly=True)
    currency_id = fields.Many2one("res.currency", string="Company Currency", readonly=True)
    campaign_currency_id = fields.Many2one(
        "res.currency", string="Campaign Currency", readonly=True
    )
    reporting_currency_id = fields.Many2one(
        "res.currency", string="Reporting Currency", readonly=True
    )
    amount = fields.Monetary(string="Amount of the Document's Company", readonly=True)
    amount_campaign = fields.Monetary(
        string="Amount in Campaign Currency",
        currency_field="campaign_currency_id",
        readonly=True,
        help="The amount in the currency of the campaign, at the rate of the row's own date.",
    )
    amount_reporting = fields.Monetary(
        string="Amount",
        currency_field="reporting_currency_id",
        readonly=True,
        help="The amount in the currency of the company you work in, at the rate of the row's "
        "own date.",
    )
    amount_planned = fields.Monetary(
        string="Planned", currency_field="reporting_currency_id", readonly=True
    )
    amount_committed = fields.Monetary(
        string="Committed", currency_field="reporting_currency_id", readonly=True
    )
    amount_draft = fields.Monetary(
        string="Draft Bills", currency_field="reporting_currency_id", readonly=True
    )
    amount_actual = fields.Monetary(
        string="Actual Cost", currency_field="reporting_currency_id", readonly=True
    )
    amount_remaining = fields.Monetary(
        string="Remaining",
        currency_field="reporting_currency_id",
        readonly=True,
        help="Planned less committed and actual.",
    )
    amount_paid = fields.Monetary(
        string="Paid",
        currency_field="reporting_currency_id",
        readonly=True,
        help="The part of booked costs that is paid, as far as their bills are.",
    )
    amount_remaining_campaign = fields.Monetary(
        string="Effect on the Remaining Budget",
        currency_field="campaign_currency_id",
        readonly=True,
        help="Planned amounts add to what remains; committed and actual ones take from it.",
    )
    amount_paid_campaign = fields.Monetary(
        string="Paid in Campaign Currency",
        currency_field="campaign_currency_id",
        readonly=True,
        help="The part of the booked cost that is paid, in the currency of the campaign.",
    )
    is_people_cost = fields.Boolean(
        string="People Cost",
        readonly=True,
        help="Cost of hours worked, which only finance and campaign managers read line by line.",
    )
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Integer(string="Document ID", readonly=True)

    _depends = {
        "account.account": ["account_type"],
        "account.analytic.line": [
            "amount",
            "category",
            "company_id",
            "date",
            "general_account_id",
            "move_line_id",
            "name",
            "partner_id",
            "product_id",
        ],
        "account.move": [
            "amount_residual_signed",
            "amount_total_signed",
            "date",
            "invoice_date",
            "move_type",
            "state",
        ],
        "account.move.line": [
            "account_id",
            "analytic_distribution",
            "balance",
            "company_id",
            "display_type",
            "move_id",
            "name",
            "parent_state",
            "partner_id",
            "product_id",
        ],
        "marketing.budget.line": [
            "amount",
            "campaign_id",
            "category_id",
            "company_id",
            "date_from",
            "name",
        ],
        "marketing.cost.category": [
            "account_ids",
            "parent_path",
            "product_category_ids",
            "product_ids",
        ],
        "marketing.cost.line": [
            "amount_company",
            "campaign_id",
            "category_id",
            "company_id",
            "date",
            "name",
            "partner_id",
            "state",
        ],
        "product.category": ["parent_path"],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id"],
        "res.company": ["currency_id"],
        "res.currency": ["rounding"],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
        "utm.campaign": [
            "analytic_account_id",
            "company_id",
            "is_template",
            "objective",
            "parent_path",
            "type_id",
        ],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT entry.*,
                   CASE WHEN entry.state = 'planned' THEN entry.amount_reporting END
                       AS amount_planned,
                   CASE WHEN entry.state = 'committed' THEN entry.amount_reporting END
                       AS amount_committed,
                   CASE WHEN entry.state = 'draft' THEN entry.amount_reporting END
                       AS amount_draft,
                   CASE WHEN entry.state IN ('booked', 'accrued') THEN entry.amount_reporting END
                       AS amount_actual,
                   CASE WHEN entry.state = 'planned' THEN entry.amount_reporting
                        WHEN entry.state <> 'draft' THEN -entry.amount_reporting
                   END AS amount_remaining,
                   CASE WHEN entry.state = 'planned' THEN entry.amount_campaign
                        WHEN entry.state <> 'draft' THEN -entry.amount_campaign
                   END AS amount_remaining_campaign,
                   %(paid)s AS amount_paid,
                   %(paid_campaign)s AS amount_paid_campaign
              FROM (%(entries)s) AS entry
            """,
            paid=self._sql_round(
                SQL("entry.amount_reporting * entry.paid_rate"),
                SQL("%s::numeric", self.env.company.currency_id.rounding),
            ),
            paid_campaign=self._sql_round(
                SQL("entry.amount_campaign * entry.paid_rate"), SQL("entry.campaign_rounding")
            ),
            entries=self._entries_sql(),
        )

    @api.model
    def _entries_sql(self) -> SQL:
        """The facts with their campaign and their amounts in the three currencies.

        With ``marketing_cost_campaign`` in the context, rows of all campaigns count in the currency
        of that one: it is set where the total of a programme opens its rows.
        """
        currency = self.env.company.currency_id
        target_id = self.env.context.get("marketing_cost_campaign")
        amounts = SQL("fact.amount AS amount_campaign, fact.amount AS amount_reporting")
        joins = SQL()
        if not self._is_single_currency():
            # OFFSET 0: one conversion a row, however many measures are read from it
            joins = SQL(
                "CROSS JOIN LATERAL (SELECT %s AS amount OFFSET 0) AS reporting",
                self._sql_convert(
                    SQL("fact.amount"),
                    SQL("fact.currency_id"),
                    SQL("%s::int", currency.id),
                    SQL("%s::numeric", currency.rounding),
                    SQL("%s::int", self.env.company.id),
                    SQL("fact.date"),
                ),
            )
            amounts = SQL(
                "%s AS amount_campaign, reporting.amount AS amount_reporting",
                self._sql_convert(
                    SQL("fact.amount"),
                    SQL("fact.currency_id"),
                    SQL("node_currency.id"),
                    SQL("node_currency.rounding"),
                    SQL("COALESCE(target.company_id, %s)", self.env.company.id),
                    SQL("fact.date"),
                ),
            )
        return SQL(
            """
            SELECT fact.*,
                   SPLIT_PART(node.parent_path, '/', 1)::int AS programme_id,
                   node.type_id, node.objective,
                   node_currency.id AS campaign_currency_id,
                   node_currency.rounding AS campaign_rounding,
                   %(currency_id)s::int AS reporting_currency_id,
                   %(amounts)s
              FROM (%(facts)s) AS fact
         LEFT JOIN utm_campaign node ON node.id = fact.campaign_id
         LEFT JOIN utm_campaign target ON target.id = %(target_id)s
         LEFT JOIN res_company node_company ON node_company.id = target.company_id
         LEFT JOIN res_currency node_currency
                ON node_currency.id = COALESCE(node_company.currency_id, %(currency_id)s)
            %(joins)s
            """,
            currency_id=currency.id,
            amounts=amounts,
            facts=self._facts_sql(),
            joins=joins,
            target_id=SQL("%s::int", target_id) if target_id else SQL("node.id"),
        )

    def action_open_document(self):
        """Open the record behind the row, with the reader's own rights."""
        self.ensure_one()
        record = self._get_document_of(self.res_model, self.res_id, self.campaign_id)
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }

    @api.model
    def _get_document_of(self, model, record_id, campaign):
        """Hook: the record a person expects to see behind a row, the bill and not its line."""
        # Only links are read with more rights; opening the document is checked by the caller.
        record = self.env[model].browse(record_id)
        if model == "account.analytic.line":
            return record.sudo().move_line_id.move_id.sudo(False) or record
        if model == "account.move.line":
            return record.sudo().move_id.sudo(False)
        if model == "sale.order.line":
            return record.sudo().order_id.sudo(False)
        if model == "marketing.budget.line":
            return campaign
        return record
