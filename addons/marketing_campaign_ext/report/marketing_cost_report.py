from odoo import api, fields, models
from odoo.tools import SQL

COST_STATES = [
    ("planned", "Planned"),
    ("committed", "Committed"),
    ("draft", "Draft"),
    ("booked", "Booked"),
    ("accrued", "Accrued"),
]
FACT_COLUMNS = {
    "part": SQL("0"),
    "product_id": SQL("NULL::int"),
    "account_id": SQL("NULL::int"),
    "partner_id": SQL("NULL::int"),
    "category_id": SQL("NULL::int"),
    "is_people_cost": SQL("FALSE"),
    "paid_rate": SQL("0::numeric"),
}


class MarketingCostReport(models.Model):
    """Every planned, promised, drafted, booked or accrued amount of a campaign, as one dated row.

    A row is one document's share of one campaign. Sources are SELECTs given by ``_fact_queries``,
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
        "marketing.budget.line": ["amount", "campaign_id", "category_id", "date_from"],
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
        "utm.campaign": ["analytic_account_id", "company_id"],
    }

    @property
    def _table_query(self) -> SQL:
        reporting = self.env.company.currency_id
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
                   ROUND(entry.amount_reporting * entry.paid_rate, 2) AS amount_paid
              FROM (
                    SELECT fact.id, fact.name, fact.date, fact.campaign_id, fact.category_id,
                           fact.state, fact.partner_id, fact.product_id, fact.account_id,
                           fact.company_id, fact.currency_id, fact.amount, fact.is_people_cost,
                           fact.paid_rate, fact.res_model, fact.res_id,
                           node_currency.id AS campaign_currency_id,
                           %(reporting_id)s::int AS reporting_currency_id,
                           %(amount_campaign)s AS amount_campaign,
                           %(amount_reporting)s AS amount_reporting
                      FROM (%(facts)s) AS fact
                      JOIN utm_campaign node ON node.id = fact.campaign_id
                 LEFT JOIN res_company node_company ON node_company.id = node.company_id
                      JOIN res_currency node_currency
                        ON node_currency.id = COALESCE(node_company.currency_id, %(reporting_id)s)
                   ) AS entry
            """,
            reporting_id=reporting.id,
            facts=self._facts_sql(),
            amount_campaign=self._sql_convert(
                SQL("fact.amount"),
                SQL("fact.currency_id"),
                SQL("node_currency.id"),
                SQL("node_currency.rounding"),
                SQL("COALESCE(node.company_id, %s)", self.env.company.id),
                SQL("fact.date"),
            ),
            amount_reporting=self._sql_convert(
                SQL("fact.amount"),
                SQL("fact.currency_id"),
                SQL("%s::int", reporting.id),
                SQL("%s::numeric", reporting.rounding),
                SQL("%s::int", self.env.company.id),
                SQL("fact.date"),
            ),
        )

    @api.model
    def _facts_sql(self) -> SQL:
        """All facts as one UNION of SELECTs with the same columns."""
        return SQL(" UNION ALL ").join(SQL("(%s)", query) for query in self._fact_queries())

    @api.model
    def _fact_queries(self) -> list[SQL]:
        """Hook for bridges: one SELECT per source, made with ``_fact_query``.

        Sources are numbered once and for all: 0 planned, 1 booked, 2 draft bills, 3 accrued,
        4 purchase orders, 5 expenses; 6 to 15 are free.
        """
        return [
            self._planned_facts(),
            self._booked_facts(),
            self._draft_bill_facts(),
            self._accrued_facts(),
        ]

    @api.model
    def _fact_query(
        self, source_no: int, cost_state: str, res_model: str, body: SQL, **columns
    ) -> SQL:
        """One source as a SELECT of the columns that all sources share.

        ``cost_state`` holds for every row unless ``columns`` has a ``state``;
        ``columns`` names at least ``record_id, name, date, campaign_id, company_id, currency_id,
        amount``. A document split over campaigns also gives ``part``, which keeps ids unique.
        """
        values = FACT_COLUMNS | {"state": SQL("%s::varchar", cost_state)} | columns
        return SQL(
            """
            SELECT (%(record_id)s::bigint * 4096 + %(part)s) * 16 + %(source_no)s AS id,
                   %(name)s AS name, %(date)s AS date, %(campaign_id)s AS campaign_id,
                   %(category_id)s AS category_id, %(state)s AS state,
                   %(partner_id)s AS partner_id, %(product_id)s AS product_id,
                   %(account_id)s AS account_id, %(company_id)s AS company_id,
                   %(currency_id)s AS currency_id, (%(amount)s)::numeric AS amount,
                   %(is_people_cost)s AS is_people_cost, (%(paid_rate)s)::numeric AS paid_rate,
                   %(res_model)s AS res_model,
                   %(record_id)s AS res_id
              %(body)s
            """,
            source_no=SQL(str(int(source_no))),
            res_model=SQL("%s::varchar", res_model),
            body=body,
            **values,
        )

    @api.model
    def _planned_facts(self) -> SQL:
        return self._fact_query(
            0,
            "planned",
            "marketing.budget.line",
            SQL(
                """
                FROM marketing_budget_line line
                JOIN res_company company ON company.id = line.company_id
                JOIN utm_campaign campaign
                  ON campaign.id = line.campaign_id AND campaign.is_template IS NOT TRUE
                """
            ),
            record_id=SQL("line.id"),
            name=SQL("line.name"),
            date=SQL("line.date_from"),
            campaign_id=SQL("line.campaign_id"),
            category_id=SQL("line.category_id"),
            company_id=SQL("line.company_id"),
            currency_id=SQL("company.currency_id"),
            amount=SQL("line.amount"),
        )

    @api.model
    def _booked_facts(self) -> SQL:
        """What reached the campaign's analytic account and is not revenue.

        Vendor documents count on any account; other entries count unless they are income. A
        customer invoice is never a cost, nor is the cost of the goods it delivers.
        """
        plan = self.env.ref("marketing_campaign_ext.analytic_plan_campaigns").sudo()
        column = self.env["account.analytic.line"]._fields[plan._column_name()]
        return self._fact_query(
            1,
            "booked",
            "account.analytic.line",
            SQL(
                """
                FROM account_analytic_line line
                JOIN utm_campaign node ON node.analytic_account_id = %(column)s
                JOIN res_company company ON company.id = line.company_id
                LEFT JOIN account_account account ON account.id = line.general_account_id
                LEFT JOIN account_move_line item ON item.id = line.move_line_id
                LEFT JOIN account_move move ON move.id = item.move_id
                %(category_joins)s
                WHERE line.category IS DISTINCT FROM 'invoice'
                  AND (line.category = 'vendor_bill'
                       OR account.id IS NULL
                       OR account.account_type NOT IN ('income', 'income_other'))
                """,
                column=SQL.identifier("line", column.name, to_flush=column),
                category_joins=self._sql_category_joins(
                    SQL("line.product_id"), SQL("line.general_account_id")
                ),
            ),
            record_id=SQL("line.id"),
            name=SQL("line.name"),
            date=SQL("line.date"),
            campaign_id=SQL("node.id"),
            category_id=self._sql_category(),
            partner_id=SQL("line.partner_id"),
            product_id=SQL("line.product_id"),
            account_id=SQL("line.general_account_id"),
            company_id=SQL("line.company_id"),
            currency_id=SQL("company.currency_id"),
            amount=SQL("-line.amount"),
            is_people_cost=SQL("(line.move_line_id IS NULL)"),
            paid_rate=SQL(
                """
                CASE WHEN move.move_type NOT IN ('in_invoice', 'in_refund', 'in_receipt')
                          OR move.id IS NULL
                          OR COALESCE(move.amount_total_signed, 0) = 0 THEN 1
                     ELSE 1 - move.amount_residual_signed / move.amount_total_signed
                END
                """
            ),
        )

    @api.model
    def _draft_bill_facts(self) -> SQL:
        return self._fact_query(
            2,
            "draft",
            "account.move.line",
            SQL(
                """
                FROM account_move_line line
                JOIN account_move move ON move.id = line.move_id
                JOIN res_company company ON company.id = line.company_id
                JOIN res_currency currency ON currency.id = company.currency_id
                CROSS JOIN LATERAL (%(shares)s) AS share
                %(category_joins)s
                WHERE line.parent_state = 'draft'
                  AND line.display_type = 'product'
                  AND line.analytic_distribution IS NOT NULL
                  AND move.move_type IN ('in_invoice', 'in_refund', 'in_receipt')
                """,
                shares=self._sql_campaign_shares(
                    SQL("line.analytic_distribution"),
                    SQL("line.balance"),
                    SQL("currency.rounding"),
                ),
                category_joins=self._sql_category_joins(
                    SQL("line.product_id"), SQL("line.account_id")
                ),
            ),
            record_id=SQL("line.id"),
            part=SQL("share.part"),
            name=SQL("COALESCE(line.name, move.ref, move.name)"),
            date=SQL("COALESCE(move.invoice_date, move.date)"),
            campaign_id=SQL("share.campaign_id"),
            category_id=self._sql_category(),
            partner_id=SQL("line.partner_id"),
            product_id=SQL("line.product_id"),
            account_id=SQL("line.account_id"),
            company_id=SQL("line.company_id"),
            currency_id=SQL("company.currency_id"),
            amount=SQL("share.amount"),
        )

    @api.model
    def _accrued_facts(self) -> SQL:
        return self._fact_query(
            3,
            "accrued",
            "marketing.cost.line",
            SQL(
                """
                FROM marketing_cost_line line
                JOIN res_company company ON company.id = line.company_id
                WHERE line.state = 'accrued'
                """
            ),
            record_id=SQL("line.id"),
            name=SQL("line.name"),
            date=SQL("line.date"),
            campaign_id=SQL("line.campaign_id"),
            category_id=SQL("line.category_id"),
            partner_id=SQL("line.partner_id"),
            company_id=SQL("line.company_id"),
            currency_id=SQL("company.currency_id"),
            amount=SQL("line.amount_company"),
        )

    @api.model
    def _sql_category(self) -> SQL:
        """Category of a document: its product's, its product category's, its account's, none."""
        return SQL(
            "COALESCE(product_map.category_id, family_map.category_id, account_map.category_id)"
        )

    @api.model
    def _sql_category_joins(self, product_id: SQL, account_id: SQL) -> SQL:
        """Joins that make ``_sql_category`` available to a fact query."""
        return SQL(
            """
            LEFT JOIN marketing_cost_category_product_rel product_map
                   ON product_map.product_id = %(product_id)s
            LEFT JOIN product_product mapped_product ON mapped_product.id = %(product_id)s
            LEFT JOIN product_template mapped_template
                   ON mapped_template.id = mapped_product.product_tmpl_id
            LEFT JOIN (
                    SELECT DISTINCT ON (family.id)
                           family.id AS family_id, rel.category_id
                      FROM product_category family
                      JOIN product_category above
                        ON family.parent_path LIKE above.parent_path || '%%'
                      JOIN marketing_cost_category_family_rel rel ON rel.family_id = above.id
                  ORDER BY family.id, LENGTH(above.parent_path) DESC
                 ) AS family_map ON family_map.family_id = mapped_template.categ_id
            LEFT JOIN marketing_cost_category_account_rel account_map
                   ON account_map.account_id = %(account_id)s
            """,
            product_id=product_id,
            account_id=account_id,
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
