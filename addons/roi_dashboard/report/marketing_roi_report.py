from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, Query

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

# Numerator and denominator as signed sums of measures. Nothing is divided by nothing.
ACTUAL = "cost_actual"
RATIOS = {
    "roi": ("revenue_invoiced - cost_actual", ACTUAL),
    "romi": ("revenue_margin - cost_actual", ACTUAL),
    "roas": ("revenue_invoiced", ACTUAL),
    "cost_per_touch": (ACTUAL, "touch_count"),
    "cost_per_lead": (ACTUAL, "lead_count"),
    "cost_per_opportunity": (ACTUAL, "opportunity_count"),
    "cost_per_win": (ACTUAL, "conversion_count"),
    "cac": (ACTUAL, "new_customer_count"),
    "win_rate": ("won_count", "won_count + lost_count"),
    "cycle_days": ("cycle_days_total", "cycle_count"),
    "deal_amount": ("revenue_ordered + revenue_won", "conversion_count"),
    "customer_monthly_margin": ("customer_margin", "customer_months"),
}
# Ratios of ratios: how each is put together from the ones above.
COMPOSED = ("velocity", "ltv", "ltv_cac", "cac_payback_months")


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
    partner_id = fields.Many2one("res.partner", string="Partner", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    product_categ_id = fields.Many2one(
        "product.category", string="Product Category", readonly=True
    )
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
    win_rate = fields.Float(string="Win Rate", readonly=True, aggregator="avg")
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
    def _get_counts(self):
        """Hook for bridges: names of the measures that count something."""
        return COUNTS

    @api.model
    def _get_ratios(self):
        """Hook for bridges: name of a ratio -> numerator and denominator, sums of measures."""
        return RATIOS

    # ------------------------------------------------------------------ one model at a time

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Show the model chosen for ROI unless the reader asks for others.

        Without this, every fact would be counted once per model.
        """
        domain = Domain(domain)
        asked = {
            condition.field_expr.split(".")[0] for condition in domain.iter_conditions()
        }
        self._flush_costs()
        if not asked & {"id", "model_id"}:
            model = self.env["marketing.attribution.model"]._get_default_model()
            domain &= Domain("model_id", "=", model.id)
        return super()._search(domain, *args, **kwargs)

    def _flush_costs(self):
        """The cost report knows which pending writes it depends on; bridges add to it."""
        for model, names in self.env["marketing.cost.report"]._depends.items():
            self.env[model].flush_model(names)

    # ------------------------------------------------------------------ ratios of sums

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        """A ratio of a group is a ratio of sums; a mean of ratios means nothing."""
        name, _colon, function = aggregate_spec.partition(":")
        ratios = self._get_ratios()
        if function == "avg" and name in ratios:
            numerator, denominator = ratios[name]
            return SQL(
                "((%s)::float8 / NULLIF(%s, 0)::float8)",
                self._sums_sql(numerator, query, keep_zero=name in ("roi", "romi", "roas")),
                self._sums_sql(denominator, query),
            )
        if function == "avg" and name in COMPOSED:
            return getattr(self, f"_{name}_sql")(query)
        return super()._read_group_select(aggregate_spec, query)

    def _sums_sql(self, expression, query, keep_zero=True):
        """Turn "a - b" into SUM(a) - SUM(b); a cost of zero is no basis for a unit cost."""
        terms = []
        for token in expression.split():
            if token in "+-":
                terms.append(SQL(token))
            else:
                measure = self._field_to_sql(self._table, token, query)
                terms.append(SQL("COALESCE(SUM(%s), 0)", measure))
        sums = SQL(" ").join(terms)
        if not keep_zero and expression == ACTUAL:
            return SQL("NULLIF(%s, 0)", sums)
        return sums

    def _ltv_sql(self, query):
        return SQL(
            "%s * %s",
            self._read_group_select("customer_monthly_margin:avg", query),
            self.env.company.customer_life_months,
        )

    def _ltv_cac_sql(self, query):
        return SQL(
            "(%s) / NULLIF(%s, 0)", self._ltv_sql(query), self._read_group_select("cac:avg", query)
        )

    def _cac_payback_months_sql(self, query):
        """A customer without margin never pays back: the answer is unknown, not negative."""
        margin = self._read_group_select("customer_monthly_margin:avg", query)
        return SQL(
            "CASE WHEN %(margin)s > 0 THEN %(cac)s / %(margin)s END",
            margin=margin,
            cac=self._read_group_select("cac:avg", query),
        )

    def _velocity_sql(self, query):
        def total(expression):
            return self._sums_sql(expression, query)

        return SQL(
            "(%(opportunities)s * %(won)s * %(amount)s)::float8"
            " / NULLIF((%(closed)s) * (%(conversions)s) * (%(days)s), 0)::float8"
            " * (%(cycles)s)::float8",
            opportunities=total("opportunity_count"),
            won=total("won_count"),
            amount=SQL("(%s)", total("revenue_ordered + revenue_won")),
            closed=total("won_count + lost_count"),
            conversions=total("conversion_count"),
            days=total("cycle_days_total"),
            cycles=total("cycle_count"),
        )

    # ------------------------------------------------------------------ the table

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

    @property
    def _table_query(self) -> SQL:
        reporting = self.env.company.currency_id
        money = [
            SQL("fact.%s AS %s", SQL.identifier(name), SQL.identifier(name))
            if self._is_single_currency()
            else SQL(
                "ROUND(fact.%s * rate.factor, %s) AS %s",
                SQL.identifier(name),
                reporting.decimal_places,
                SQL.identifier(name),
            )
            for name in MONEY
        ]
        plain = [
            SQL("fact.%s", SQL.identifier(name)) for name in [*DIMENSIONS, *self._get_counts()]
        ]
        ratios = [
            SQL("NULL::float8 AS %s", SQL.identifier(name))
            for name in [*self._get_ratios(), *COMPOSED]
        ]
        return SQL(
            """
            SELECT fact.id, fact.fact, fact.date, fact.model_id, fact.company_id,
                   %(reporting)s::integer AS currency_id,
                   campaign.type_id,
                   SPLIT_PART(campaign.parent_path, '/', 1)::integer AS programme_id,
                   %(columns)s
              FROM (%(facts)s) AS fact
              LEFT JOIN utm_campaign campaign ON campaign.id = fact.campaign_id
              %(rate)s
            """,
            reporting=reporting.id,
            columns=SQL(", ").join([*plain, *money, *ratios]),
            facts=SQL(" UNION ALL ").join(SQL("(%s)", query) for query in self._fact_queries()),
            rate=SQL() if self._is_single_currency() else self._rate_join_sql(reporting),
        )

    def _is_single_currency(self):
        # sudo: whether rows of other companies need converting does not depend on the reader
        companies = self.env["res.company"].sudo().search([])
        return companies.currency_id == self.env.company.currency_id

    def _rate_join_sql(self, reporting):
        """Rate from the company of the fact to the reporting currency, at the fact's date.

        OFFSET 0 keeps the look-up from being repeated for every measure of the row.
        """
        return SQL(
            """
            JOIN res_company own_company ON own_company.id = fact.company_id
            CROSS JOIN LATERAL (
                SELECT CASE WHEN own_company.currency_id = %(reporting)s THEN 1.0
                            ELSE %(target)s / %(source)s END AS factor
                OFFSET 0
            ) AS rate
            """,
            reporting=reporting.id,
            target=self._sql_rate(
                SQL("%s::integer", reporting.id),
                SQL("%s::integer", self.env.company.id),
                SQL("fact.date"),
            ),
            source=self._sql_rate(
                SQL("own_company.currency_id"),
                SQL("%s::integer", self.env.company.id),
                SQL("fact.date"),
            ),
        )

    @api.model
    def _fact_queries(self) -> list[SQL]:
        """Hook for bridges: one SELECT per source, made with ``_fact_query``.

        Source numbers: 0 cost, 1 invoiced, 2 ordered, 3 conversions, 4 touches, 5 leads,
        6 opportunities, 7 won and lost, 8 new customers; 9 to 15 are free.
        """
        return [
            self._cost_facts(),
            self._revenue_facts(1, "invoiced"),
            self._revenue_facts(2, "ordered"),
            self._conversion_facts(),
            self._touch_facts(),
            self._lead_facts(),
            self._opportunity_facts(),
            self._closed_facts(),
            self._new_customer_facts(),
        ]

    @api.model
    def _fact_query(self, source_no, fact, record_id, body, **columns) -> SQL:
        """One source as a SELECT of the columns that all sources share.

        ``columns`` gives ``date``, ``company_id``, ``model_id`` and what the source knows.
        """
        known = {name: SQL("NULL::%s", SQL(kind)) for name, kind in DIMENSIONS.items()}
        known |= {name: SQL("0::numeric") for name in MONEY}
        counts = self._get_counts()
        known |= {name: SQL("0::float8") for name in counts}
        for name, kind in {"date": "date", "company_id": "integer", "model_id": "integer"}.items():
            columns[name] = SQL("(%s)::%s", columns[name], SQL(kind))
        for name, value in columns.items():
            if name in MONEY:
                columns[name] = SQL("(%s)::numeric", value)
            elif name in counts:
                columns[name] = SQL("(%s)::float8", value)
            elif name in DIMENSIONS:
                columns[name] = SQL("(%s)::%s", value, SQL(DIMENSIONS[name]))
        known |= columns
        return SQL(
            "SELECT (%(record_id)s) * 16 + %(source_no)s AS id, %(fact)s AS fact, %(columns)s "
            "%(body)s",
            record_id=record_id,
            source_no=SQL(str(int(source_no))),
            fact=fact if isinstance(fact, SQL) else SQL("%s::varchar", fact),
            columns=SQL(", ").join(
                SQL("%s AS %s", value, SQL.identifier(name)) for name, value in known.items()
            ),
            body=body,
        )

    def _any_model_sql(self):
        """Facts that do not depend on attribution exist under every model."""
        return SQL("CROSS JOIN (SELECT id FROM marketing_attribution_model WHERE active) AS model")

    def _model_row_id_sql(self, record_id):
        return SQL("(%s)::bigint * 128 + model.id", record_id)

    # ------------------------------------------------------------------ sources

    def _cost_facts(self):
        def amount(*states):
            return SQL("CASE WHEN cost.state IN %s THEN cost.amount ELSE 0 END", states)

        return self._fact_query(
            0,
            "cost",
            self._model_row_id_sql(SQL("cost.id")),
            SQL(
                "FROM (%s) AS cost %s",
                self.env["marketing.cost.report"]._facts_sql(),
                self._any_model_sql(),
            ),
            date=SQL("cost.date"),
            company_id=SQL("cost.company_id"),
            model_id=SQL("model.id"),
            res_model=SQL("cost.res_model"),
            res_id=SQL("cost.res_id"),
            name=SQL("cost.name"),
            campaign_id=SQL("cost.campaign_id"),
            partner_id=SQL("cost.partner_id"),
            cost_category_id=SQL("cost.category_id"),
            cost_planned=amount("planned"),
            cost_committed=amount("committed"),
            cost_draft=amount("draft"),
            cost_booked=amount("booked"),
            cost_accrued=amount("accrued"),
            cost_actual=amount("booked", "accrued"),
        )

    def _revenue_facts(self, source_no, kind):
        invoiced = kind == "invoiced"
        amount = self._shared_sql("amount")
        columns = {"revenue_ordered": amount}
        if invoiced:
            columns = {
                "revenue_invoiced": amount,
                "revenue_refunded": SQL("CASE WHEN revenue.is_refund THEN %s ELSE 0 END", amount),
                "revenue_collected": self._shared_sql("collected_amount"),
                "revenue_margin": SQL("%s - %s", amount, self._shared_sql("cost_amount")),
            }
        return self._fact_query(
            source_no,
            kind,
            SQL("credit.id::bigint * 16384 + revenue.position %% 16384"),
            SQL(
                """
                FROM marketing_attribution_revenue revenue
                JOIN marketing_attribution_conversion conversion
                  ON conversion.id = revenue.conversion_id
                JOIN marketing_attribution_credit credit
                  ON credit.conversion_id = revenue.conversion_id
                JOIN res_company company ON company.id = revenue.company_id
                JOIN res_currency currency ON currency.id = company.currency_id
                LEFT JOIN account_move move ON move.id = revenue.move_id
                LEFT JOIN LATERAL (
                    SELECT %(rest)s
                      FROM marketing_attribution_credit other
                     WHERE other.conversion_id = credit.conversion_id
                       AND other.model_id = credit.model_id AND other.id != credit.id
                ) AS rest ON credit.is_residual
                WHERE revenue.kind = %(kind)s
                """,
                rest=SQL(", ").join(
                    SQL(
                        "SUM(ROUND(revenue.%(name)s * other.weight::numeric,"
                        " currency.decimal_places)) AS %(name)s",
                        name=SQL.identifier(name),
                    )
                    for name in ("amount", "collected_amount", "cost_amount")
                ),
                kind=kind,
            ),
            date=SQL("revenue.date"),
            company_id=SQL("revenue.company_id"),
            model_id=SQL("credit.model_id"),
            res_model=SQL("'account.move'" if invoiced else "'sale.order'"),
            res_id=SQL("revenue.move_id") if invoiced else SQL("conversion.order_id"),
            name=SQL("COALESCE(move.name, conversion.name)"),
            product_categ_id=SQL("revenue.product_categ_id"),
            touch_date=SQL("credit.touch_date"),
            months_since_touch=SQL(
                """(EXTRACT(YEAR FROM revenue.date) - EXTRACT(YEAR FROM credit.touch_date)) * 12
                   + EXTRACT(MONTH FROM revenue.date) - EXTRACT(MONTH FROM credit.touch_date)"""
            ),
            **self._credit_columns(),
            **columns,
        )

    def _shared_sql(self, name):
        """The touch's share of an amount, to the cent; the largest share takes the rest."""
        return SQL(
            """(CASE WHEN credit.is_residual
                     THEN revenue.%(name)s - COALESCE(rest.%(name)s, 0)
                     ELSE ROUND(revenue.%(name)s * credit.weight::numeric,
                                currency.decimal_places) END)""",
            name=SQL.identifier(name),
        )

    def _credit_columns(self):
        return {
            "campaign_id": SQL("credit.campaign_id"),
            "source_id": SQL("credit.source_id"),
            "medium_id": SQL("credit.medium_id"),
            "mailing_id": SQL("credit.mailing_id"),
            "partner_id": SQL("conversion.partner_id"),
            "user_id": SQL("conversion.user_id"),
            "team_id": SQL("conversion.team_id"),
            "country_id": SQL("conversion.country_id"),
            "is_new_customer": SQL("conversion.date_new_customer IS NOT NULL"),
        }

    def _credit_body(self):
        return SQL(
            """
            FROM marketing_attribution_conversion conversion
            JOIN marketing_attribution_credit credit ON credit.conversion_id = conversion.id
            """
        )

    def _conversion_facts(self):
        is_open = SQL("conversion.kind = 'pipeline'")

        def weighted(value, condition):
            return SQL("CASE WHEN %s THEN credit.weight * %s ELSE 0 END", condition, value)

        return self._fact_query(
            3,
            SQL("CASE WHEN %s THEN 'pipeline' ELSE 'conversion' END", is_open),
            SQL("credit.id::bigint"),
            self._credit_body(),
            date=SQL("conversion.date_booked"),
            company_id=SQL("conversion.company_id"),
            model_id=SQL("credit.model_id"),
            res_model=SQL(
                "CASE WHEN conversion.kind = 'order' THEN 'sale.order' ELSE 'crm.lead' END"
            ),
            res_id=SQL("COALESCE(conversion.order_id, conversion.lead_id)"),
            name=SQL("conversion.name"),
            conversion_count=weighted(SQL("1"), SQL("NOT %s", is_open)),
            revenue_won=weighted(SQL("conversion.amount"), SQL("conversion.kind = 'opportunity'")),
            recurring_amount=weighted(SQL("conversion.recurring_amount"), SQL("NOT %s", is_open)),
            pipeline_amount=weighted(SQL("conversion.amount"), is_open),
            pipeline_weighted=weighted(SQL("conversion.weighted_amount"), is_open),
            cycle_days_total=weighted(
                SQL(
                    "COALESCE(EXTRACT(EPOCH FROM conversion.date - conversion.date_first_touch)"
                    " / 86400, 0)::float8"
                ),
                SQL("NOT %s", is_open),
            ),
            cycle_count=weighted(
                SQL("1"), SQL("NOT %s AND conversion.date_first_touch IS NOT NULL", is_open)
            ),
            **self._credit_columns(),
        )

    def _new_customer_facts(self):
        return self._fact_query(
            8,
            "conversion",
            SQL("credit.id::bigint"),
            SQL("%s WHERE conversion.date_new_customer IS NOT NULL", self._credit_body()),
            date=SQL("conversion.date_new_customer"),
            company_id=SQL("conversion.company_id"),
            model_id=SQL("credit.model_id"),
            res_model=SQL("'res.partner'"),
            res_id=SQL("conversion.commercial_partner_id"),
            name=SQL("conversion.name"),
            new_customer_count=SQL("credit.weight"),
            customer_months=SQL(
                "credit.weight * GREATEST(1, (%s::date - conversion.date_new_customer) * 12 / 365.25)",
                fields.Date.context_today(self),
            ),
            customer_margin=SQL(
                """credit.weight::numeric * (
                    SELECT SUM(earned.amount - earned.cost_amount)
                      FROM marketing_attribution_conversion sale
                      JOIN marketing_attribution_revenue earned
                        ON earned.conversion_id = sale.id AND earned.kind = 'invoiced'
                     WHERE sale.commercial_partner_id = conversion.commercial_partner_id
                       AND sale.company_id = conversion.company_id)"""
            ),
            **self._credit_columns(),
        )

    def _touch_facts(self):
        """Touches of campaigns; one without company belongs to its campaign's, else to the first."""
        return self._fact_query(
            4,
            "touch",
            self._model_row_id_sql(SQL("touch.id")),
            SQL(
                """
                FROM marketing_touchpoint touch
                JOIN utm_campaign node ON node.id = touch.campaign_id
                %s
                WHERE touch.is_bot IS NOT TRUE AND touch.kind != 'mail_sent'
                """,
                self._any_model_sql(),
            ),
            date=SQL("touch.date"),
            company_id=SQL("COALESCE(touch.company_id, node.company_id, %s)", self._main_company()),
            model_id=SQL("model.id"),
            res_model=SQL("'marketing.touchpoint'"),
            res_id=SQL("touch.id"),
            name=SQL("touch.name"),
            campaign_id=SQL("touch.campaign_id"),
            source_id=SQL("touch.source_id"),
            medium_id=SQL("touch.medium_id"),
            mailing_id=SQL("touch.mailing_id"),
            partner_id=SQL("touch.partner_id"),
            person_key=SQL(
                "COALESCE(touch.email_normalized, 'p' || touch.partner_id, 'l' || touch.lead_id)"
            ),
            touch_count=SQL("1"),
        )

    def _main_company(self):
        return SQL("(SELECT MIN(id) FROM res_company)")

    def _lead_columns(self):
        return {
            "company_id": SQL(
                "COALESCE(lead.company_id, team.company_id, node.company_id, %s)",
                self._main_company(),
            ),
            "model_id": SQL("model.id"),
            "res_model": SQL("'crm.lead'"),
            "res_id": SQL("lead.id"),
            "name": SQL("lead.name"),
            "campaign_id": SQL("lead.campaign_id"),
            "source_id": SQL("lead.source_id"),
            "medium_id": SQL("lead.medium_id"),
            "partner_id": SQL("lead.partner_id"),
            "user_id": SQL("lead.user_id"),
            "team_id": SQL("lead.team_id"),
            "country_id": SQL("lead.country_id"),
        }

    def _lead_body(self, condition):
        return SQL(
            """
            FROM crm_lead lead
            LEFT JOIN crm_team team ON team.id = lead.team_id
            LEFT JOIN utm_campaign node ON node.id = lead.campaign_id
            %s
            WHERE %s
            """,
            self._any_model_sql(),
            condition,
        )

    def _lead_facts(self):
        """Every lead counts once, by its creation; merged ones as the one they became."""
        return self._fact_query(
            5,
            "lead",
            self._model_row_id_sql(SQL("lead.id")),
            self._lead_body(SQL("TRUE")),
            date=SQL("lead.create_date"),
            lead_count=SQL("1"),
            **self._lead_columns(),
        )

    def _opportunity_facts(self):
        return self._fact_query(
            6,
            "opportunity",
            self._model_row_id_sql(SQL("lead.id")),
            self._lead_body(SQL("lead.type = 'opportunity'")),
            date=SQL("COALESCE(lead.date_conversion, lead.create_date)"),
            opportunity_count=SQL("1"),
            **self._lead_columns(),
        )

    def _closed_facts(self):
        return self._fact_query(
            7,
            SQL("lead.won_status"),
            self._model_row_id_sql(SQL("lead.id")),
            self._lead_body(
                SQL("lead.type = 'opportunity' AND lead.won_status IN ('won', 'lost')")
            ),
            date=SQL("COALESCE(lead.date_closed, lead.write_date)"),
            won_count=SQL("(lead.won_status = 'won')::int"),
            lost_count=SQL("(lead.won_status = 'lost')::int"),
            **self._lead_columns(),
        )

    # ------------------------------------------------------------------ documents

    def action_open_document(self):
        """Open the record behind the row, with the reader's own rights."""
        self.ensure_one()
        if not self.res_id:
            return False
        if self.fact == "cost":
            cost = self.env["marketing.cost.report"].new(
                {"res_model": self.res_model, "res_id": self.res_id, "campaign_id": self.campaign_id}
            )
            return cost.action_open_document()
        record = self.env[self.res_model].browse(self.res_id)
        record.check_access("read")
        return record.get_formview_action()
