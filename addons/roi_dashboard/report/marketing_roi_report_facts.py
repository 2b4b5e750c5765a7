from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .marketing_roi_report import MONEY
from .report_question import Question

# Which states of costs each measure adds up.
COST_STATES = {
    "cost_planned": ("planned",),
    "cost_committed": ("committed",),
    "cost_draft": ("draft",),
    "cost_booked": ("booked",),
    "cost_accrued": ("accrued",),
    "cost_actual": ("booked", "accrued"),
}


class MarketingRoiReport(models.Model):
    """Where the rows of the ROI report come from: one SELECT per source."""

    _inherit = "marketing.roi.report"

    @api.model
    def _fact_queries(self) -> list[SQL]:
        """Hook for bridges: one SELECT per source, made with ``_fact_query``.

        Source numbers: 0 cost, 1 invoiced, 2 ordered, 3 conversions, 4 touches, 5 leads,
        6 opportunities, 7 won and lost, 8 new customers; 9 to 15 are free. Totals have none.
        """
        question = self._get_question() or Question()
        by_totals = question.within(self._get_total_columns())
        if by_totals:
            shared = [
                *self._shared_totals(question),
                *self._touch_totals(question),
                *self._lead_totals(question),
            ]
        else:
            shared = [self._touch_facts(), *map(self._lead_facts, self._get_lead_sources())]
        if not (by_totals and self._is_summed(question)):
            shared += [
                *self._revenue_facts(1, "invoiced"),
                *self._revenue_facts(2, "ordered"),
                self._conversion_facts(),
                self._new_customer_facts(),
            ]
        return [self._cost_facts(), *shared]

    @api.model
    def _fact_query(
        self, source_no, fact, record_id, body, *, facts=None, many=False, extra=None, **columns
    ) -> SQL | None:
        """One source as a SELECT of the columns that all sources share.

        ``columns`` gives ``date``, ``company_id``, ``model_id`` and what the source knows;
        ``facts`` the kinds of its rows where ``fact`` is SQL. Rows of a source that has ``many``
        are counted where they are read, if nobody asks for single ones. ``extra`` are columns the
        question asks for itself. A source that a question does not need is ``None``.
        """
        question = self._get_question() or Question()
        measures = {*MONEY, *self._get_counts(), "person_key"}
        if not question.needs(facts or (fact,), measures & columns.keys()):
            return None
        many = many and question.within(self._get_total_columns())
        dimensions = self._get_dimensions()
        rows = columns.pop("row_count", SQL("1::bigint"))
        values = [
            SQL("SUM(%s)::bigint AS row_count" if many else "%s AS row_count", rows),
            SQL("%s AS fact", fact if isinstance(fact, SQL) else SQL("%s::varchar", fact)),
        ]
        if question.looks_at("id"):
            number = SQL(str(int(source_no)))
            values.append(SQL("(%s) * 16 + %s AS id", record_id, number))
        sums = []
        for name, kind in self._get_fact_columns(question).items():
            is_known = name in columns
            value = SQL(
                "(%s)::%s",
                columns.get(name, SQL("NULL") if name in dimensions else SQL("0")),
                SQL(kind),
            )
            if many and is_known and name in measures:
                value = SQL("SUM(%s)", value)
            is_sum = name in measures
            (sums if is_sum else values).append(SQL("%s AS %s", value, SQL.identifier(name)))
        groups = SQL()
        if many:
            numbers = range(2, len(values) + 1)
            groups = SQL("GROUP BY %s", SQL(", ").join(SQL(str(number)) for number in numbers))
        sums += [
            SQL("%s AS %s", value, SQL.identifier(key)) for key, value in (extra or {}).items()
        ]
        return SQL("SELECT %s %s %s", SQL(", ").join([*values, *sums]), body, groups)

    @api.model
    def _get_fact_columns(self, question):
        """Name and database type of the columns that a question looks at."""
        columns = {"date": "date", "company_id": "integer", "model_id": "integer"}
        wanted = set()
        if question.looks_at("type_id") or question.looks_at("programme_id"):
            wanted.add("campaign_id")
        columns |= {
            name: kind
            for name, kind in self._get_dimensions().items()
            if question.looks_at(name) or name in wanted
        }
        columns |= {name: "numeric" for name in MONEY if question.asks_measure(name)}
        columns |= {name: "float8" for name in self._get_counts() if question.asks_measure(name)}
        return columns

    def _no_facts(self):
        """No source has what was asked for."""
        question = self._get_question()
        return SQL(
            "SELECT %s WHERE FALSE",
            SQL(", ").join(
                SQL("NULL::%s AS %s", SQL(kind), SQL.identifier(name))
                for name, kind in {
                    "fact": "varchar",
                    "row_count": "bigint",
                    "id": "bigint",
                    **self._get_fact_columns(question),
                }.items()
            ),
        )

    def _in_period_sql(self, moment):
        """Moments on the days asked for, said so that an index on the moment can find them.

        The rows are filtered by their day in any case; a day that is computed from a moment has
        no index.
        """
        question = self._get_question() or Question()
        parts = [SQL("TRUE")]
        if question.date_from:
            parts.append(SQL("%s >= %s", moment, question.date_from))
        if question.date_to:
            parts.append(SQL("%s < %s", moment, question.date_to + timedelta(days=1)))
        return SQL(" AND ").join(parts)

    def _any_model_sql(self):
        """Facts that do not depend on attribution exist under every model."""
        return SQL("CROSS JOIN (SELECT id FROM marketing_attribution_model WHERE active) AS model")

    def _model_row_id_sql(self, record_id):
        return SQL("(%s)::bigint * 128 + model.id", record_id)

    # ------------------------------------------------------------------ sources

    def _cost_facts(self):
        question = self._get_question() or Question()
        asked = {
            state
            for name, states in COST_STATES.items()
            if question.every_row or question.asks_measure(name)
            for state in states
        }
        if not asked or not question.needs(("cost",), COST_STATES):
            return None
        costs = self.env["marketing.cost.report"]
        costs = costs._with_scope(
            costs._get_state_sources(asked),
            has_category=question.looks_at("cost_category_id"),
        )
        return self._fact_query(
            0,
            "cost",
            self._model_row_id_sql(SQL("cost.id")),
            SQL("FROM (%s) AS cost %s", costs._facts_sql(), self._any_model_sql()),
            date=SQL("cost.date"),
            company_id=SQL("cost.company_id"),
            model_id=SQL("model.id"),
            res_model=SQL("cost.res_model"),
            res_id=SQL("cost.res_id"),
            name=SQL("cost.name"),
            campaign_id=SQL("cost.campaign_id"),
            partner_id=SQL("cost.partner_id"),
            cost_category_id=SQL("cost.category_id"),
            **{
                name: SQL("CASE WHEN cost.state = ANY(%s) THEN cost.amount ELSE 0 END", [*states])
                for name, states in COST_STATES.items()
            },
        )

    def _credit_columns(self):
        return {
            "campaign_id": SQL("credit.campaign_id"),
            "source_id": SQL("credit.source_id"),
            "medium_id": SQL("credit.medium_id"),
            "mailing_id": SQL("credit.mailing_id"),
            "link_id": SQL("credit.link_id"),
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
            JOIN marketing_attribution_credit credit
              ON credit.conversion_id = conversion.id AND %s
            """,
            self._unsummed_sql(),
        )

    @api.model
    def _get_conversion_measures(self):
        """What a credit counts for, as SQL over a conversion and its credit."""
        is_open = SQL("conversion.kind = 'pipeline'")

        def weighted(value, condition):
            share = SQL("credit.weight * %s", value)
            return SQL("(CASE WHEN %s THEN %s ELSE 0 END)::numeric", condition, share)

        won = SQL("NOT %s", is_open)
        days = SQL(
            "COALESCE(EXTRACT(EPOCH FROM conversion.date - conversion.date_first_touch)"
            " / 86400, 0)::float8"
        )
        return {
            "conversion_count": weighted(SQL("1"), won),
            "revenue_won": weighted(
                SQL("conversion.amount"), SQL("conversion.kind = 'opportunity'")
            ),
            "recurring_amount": weighted(SQL("conversion.recurring_amount"), won),
            "pipeline_amount": weighted(SQL("conversion.amount"), is_open),
            "pipeline_weighted": weighted(SQL("conversion.weighted_amount"), is_open),
            "cycle_days_total": weighted(days, won),
            "cycle_count": weighted(
                SQL("1"), SQL("%s AND conversion.date_first_touch IS NOT NULL", won)
            ),
        }

    @api.model
    def _get_customer_measures(self):
        """What a credit counts for in winning a new customer."""
        return {
            "new_customer_count": SQL("credit.weight::numeric"),
            "customer_margin": SQL("credit.weight::numeric * conversion.customer_margin"),
        }

    def _conversion_facts(self):
        return self._fact_query(
            3,
            SQL("CASE WHEN conversion.kind = 'pipeline' THEN 'pipeline' ELSE 'conversion' END"),
            SQL("credit.id::bigint"),
            self._credit_body(),
            facts=("conversion", "pipeline"),
            date=SQL("conversion.date_booked"),
            company_id=SQL("conversion.company_id"),
            model_id=SQL("credit.model_id"),
            res_model=SQL(
                "CASE WHEN conversion.kind = 'order' THEN 'sale.order' ELSE 'crm.lead' END"
            ),
            res_id=SQL("COALESCE(conversion.order_id, conversion.lead_id)"),
            name=SQL("conversion.name"),
            **self._get_conversion_measures(),
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
            customer_months=SQL(
                "credit.weight"
                " * GREATEST(1, (%s::date - conversion.date_new_customer) * 12 / 365.25)",
                fields.Date.context_today(self),
            ),
            **self._get_customer_measures(),
            **self._credit_columns(),
        )
