from odoo import api, fields, models
from odoo.tools import SQL

from .marketing_roi_report import COMPOSED, DIMENSIONS, MONEY


class MarketingRoiReport(models.Model):
    """Where the rows of the ROI report come from: one SELECT per source."""

    _inherit = "marketing.roi.report"

    # ------------------------------------------------------------------ the table

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
                "credit.weight"
                " * GREATEST(1, (%s::date - conversion.date_new_customer) * 12 / 365.25)",
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
        """Touches of campaigns; without company they are the campaign's, else the first's."""
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
