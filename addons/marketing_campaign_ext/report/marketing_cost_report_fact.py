from odoo import api, models
from odoo.tools import SQL

FACT_COLUMNS = {
    "part": SQL("0"),
    "product_id": SQL("NULL"),
    "account_id": SQL("NULL"),
    "partner_id": SQL("NULL"),
    "category_id": SQL("NULL"),
    "is_people_cost": SQL("FALSE"),
    "paid_rate": SQL("0"),
}


class MarketingCostReport(models.Model):
    """Where the rows of the cost report come from: one SELECT per source.

    The statement is written so that PostgreSQL leaves out what a question does not ask for:
    joins that only say more about a row are outer joins on a key, which its planner removes when
    nobody reads them. What it cannot know is left out here: sources that cannot have an answer,
    and the category unless it is read, see ``marketing_cost_report_scope``.
    """

    _inherit = "marketing.cost.report"
    _vendor_documents = ("in_invoice", "in_refund", "in_receipt")

    @api.model
    def _facts_sql(self) -> SQL:
        """The facts of all sources in scope, each with its category and currency."""
        scope = self._get_scope()
        sources = self._fact_sources().items()
        queries = [make() for number, (_states, make) in sources if number in scope.sources]
        return SQL(
            """
            SELECT fact.id, fact.name, fact.date, fact.campaign_id, %(category_id)s AS category_id,
                   fact.state, fact.partner_id, fact.product_id, fact.account_id,
                   fact.company_id, owner.currency_id, fact.amount, fact.is_people_cost,
                   fact.paid_rate, fact.res_model, fact.res_id
              FROM (%(facts)s) AS fact
         LEFT JOIN res_company owner ON owner.id = fact.company_id
            %(category_joins)s
            %(flushed)s
            """,
            facts=SQL(" UNION ALL ").join(SQL("(%s)", query) for query in queries),
            flushed=self._sql_flush(),
            category_id=self._sql_category() if scope.has_category else SQL("NULL::int"),
            category_joins=self._sql_category_joins() if scope.has_category else SQL(),
        )

    @api.model
    def _sql_flush(self) -> SQL:
        """No text, but what must be written before the facts are read, wherever they are."""
        return SQL("").join(
            SQL(to_flush=self.env[model]._fields[fname])
            for model, fnames in self._depends.items()
            for fname in fnames
        )

    @api.model
    def _sql_category(self) -> SQL:
        """Category of a fact: its own, its product's, its account's, none."""
        return SQL("COALESCE(fact.category_id, product_map.category_id, account_map.category_id)")

    @api.model
    def _sql_category_joins(self) -> SQL:
        return SQL(
            """
            LEFT JOIN (%s) AS product_map ON product_map.product_id = fact.product_id
            LEFT JOIN marketing_cost_category_account_rel account_map
                   ON account_map.account_id = fact.account_id
            """,
            self._product_map_sql(),
        )

    @api.model
    def _product_map_sql(self) -> SQL:
        """Category of each product that has one: its own, else its nearest mapped family's."""
        return SQL(
            """
            SELECT DISTINCT ON (mapped.product_id) mapped.product_id, mapped.category_id
              FROM (
                    SELECT product_id, category_id, 2147483647 AS nearness
                      FROM marketing_cost_category_product_rel
                     UNION ALL
                    SELECT product.id, rel.category_id, LENGTH(above.parent_path)
                      FROM marketing_cost_category_family_rel rel
                      JOIN product_category above ON above.id = rel.family_id
                      JOIN product_category family
                        ON family.parent_path LIKE above.parent_path || '%%'
                      JOIN product_template template ON template.categ_id = family.id
                      JOIN product_product product ON product.product_tmpl_id = template.id
                   ) AS mapped
          ORDER BY mapped.product_id, mapped.nearness DESC
            """
        )

    @api.model
    def _fact_sources(self):
        """Hook for bridges: number -> (states of its rows, function that makes its SELECT).

        Numbers are given once and for all, the ids of the rows end on them: 0 planned, 1 booked,
        2 draft bills, 3 accrued, 4 purchase orders, 5 expenses, 6 down payments; 7 to 15 are free.
        """
        return {
            0: ({"planned"}, self._planned_facts),
            1: ({"booked"}, self._booked_facts),
            2: ({"draft"}, self._draft_bill_facts),
            3: ({"accrued"}, self._accrued_facts),
        }

    @api.model
    def _fact_query(
        self, source_no: int, cost_state: str, res_model: str, body: SQL, **columns
    ) -> SQL:
        """One source as a SELECT of the columns that all sources share.

        ``cost_state`` holds for every row unless ``columns`` has a ``state``;
        ``columns`` names at least ``record_id, name, date, campaign_id, company_id, amount``. A
        document split over campaigns also gives ``part``, which keeps ids unique. The category of
        a document is found from its ``product_id`` and ``account_id``.

        All sources give the same types: only then does PostgreSQL look into each of them with the
        conditions of the question, and drop what it does not read.
        """
        values = FACT_COLUMNS | {"state": SQL("%s", cost_state)} | columns
        return SQL(
            """
            SELECT (%(record_id)s::bigint * 4096 + %(part)s) * 16 + %(source_no)s AS id,
                   (%(name)s)::text AS name, (%(date)s)::date AS date,
                   (%(campaign_id)s)::int AS campaign_id, (%(category_id)s)::int AS category_id,
                   (%(state)s)::text AS state, (%(partner_id)s)::int AS partner_id,
                   (%(product_id)s)::int AS product_id, (%(account_id)s)::int AS account_id,
                   (%(company_id)s)::int AS company_id, (%(amount)s)::numeric AS amount,
                   (%(is_people_cost)s)::boolean AS is_people_cost,
                   (%(paid_rate)s)::numeric AS paid_rate, %(res_model)s AS res_model,
                   (%(record_id)s)::int AS res_id
              %(body)s
            """,
            source_no=SQL(str(int(source_no))),
            res_model=SQL("%s::text", res_model),
            body=body,
            **values,
        )

    # ------------------------------------------------------------------ sources

    @api.model
    def _planned_facts(self) -> SQL:
        return self._fact_query(
            0,
            "planned",
            "marketing.budget.line",
            SQL(
                """
                FROM marketing_budget_line line
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
            amount=SQL("line.amount"),
        )

    @api.model
    def _booked_facts(self) -> SQL:
        """What reached the campaign's analytic account and is not revenue.

        Vendor documents count on any account; other entries count unless they are income. A
        customer invoice is never a cost, nor is the cost of the goods it delivers.
        """
        return self._fact_query(
            1,
            "booked",
            "account.analytic.line",
            SQL(
                """
                FROM account_analytic_line line
                JOIN utm_campaign node ON node.analytic_account_id = %(account)s
                LEFT JOIN account_account account ON account.id = line.general_account_id
                LEFT JOIN account_move_line item ON item.id = line.move_line_id
                LEFT JOIN account_move move ON move.id = item.move_id
                WHERE line.category IS DISTINCT FROM 'invoice'
                  AND (line.category = 'vendor_bill'
                       OR account.id IS NULL
                       OR account.account_type NOT IN ('income', 'income_other'))
                """,
                account=self._sql_campaign_account(),
            ),
            **self._sql_analytic_line(),
            amount=SQL("-line.amount"),
            is_people_cost=SQL("(line.move_line_id IS NULL)"),
            paid_rate=SQL(
                """
                CASE WHEN move.move_type NOT IN %s
                          OR move.id IS NULL
                          OR COALESCE(move.amount_total_signed, 0) = 0 THEN 1
                     ELSE 1 - move.amount_residual_signed / move.amount_total_signed
                END
                """,
                self._vendor_documents,
            ),
        )

    @api.model
    def _sql_analytic_line(self) -> dict[str, SQL]:
        """Columns of a fact that is an analytic line, ``line``, of the campaign ``node``."""
        return {
            "record_id": SQL("line.id"),
            "name": SQL("line.name"),
            "date": SQL("line.date"),
            "campaign_id": SQL("node.id"),
            "partner_id": SQL("line.partner_id"),
            "product_id": SQL("line.product_id"),
            "account_id": SQL("line.general_account_id"),
            "company_id": SQL("line.company_id"),
        }

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
                %(shares)s
                WHERE line.parent_state = 'draft'
                  AND line.display_type = 'product'
                  AND move.move_type IN %(vendor_documents)s
                  AND %(in_scope)s
                """,
                shares=self._sql_share_joins(SQL("line.analytic_distribution")),
                vendor_documents=self._vendor_documents,
                in_scope=self._sql_in_scope("account.move.line"),
            ),
            record_id=SQL("line.id"),
            part=SQL("share.part"),
            name=SQL("COALESCE(line.name, move.ref, move.name)"),
            date=SQL("COALESCE(move.invoice_date, move.date)"),
            campaign_id=SQL("node.id"),
            partner_id=SQL("line.partner_id"),
            product_id=SQL("line.product_id"),
            account_id=SQL("line.account_id"),
            company_id=SQL("line.company_id"),
            amount=self._sql_share(SQL("line.balance"), self._sql_rounding(SQL("line.company_id"))),
        )

    @api.model
    def _accrued_facts(self) -> SQL:
        return self._fact_query(
            3,
            "accrued",
            "marketing.cost.line",
            SQL("FROM marketing_cost_line line WHERE line.state = 'accrued'"),
            record_id=SQL("line.id"),
            name=SQL("line.name"),
            date=SQL("line.date"),
            campaign_id=SQL("line.campaign_id"),
            category_id=SQL("line.category_id"),
            partner_id=SQL("line.partner_id"),
            company_id=SQL("line.company_id"),
            amount=SQL("line.amount_company"),
        )
