from odoo import models
from odoo.tools import SQL

from ..models.marketing_attribution_run_totals import SHARED
from .report_question import Question

# Which measures of the report each amount of a revenue row is for.
MEASURES_OF = {
    "amount": ("revenue_ordered", "revenue_invoiced", "revenue_refunded", "revenue_margin"),
    "collected_amount": ("revenue_collected",),
    "cost_amount": ("revenue_margin",),
}


class MarketingRoiReport(models.Model):
    """Rows of revenue: each order line and invoice line, shared over the touches credited."""

    _inherit = "marketing.roi.report"

    def _revenue_facts(self, source_no, kind):
        """Shares of revenue, to the cent: the touch with the largest share takes what is left.

        A list shows each share with what it took. Where only sums are asked for, what is left comes
        as rows of its own, which is much less work.
        """
        question = self._get_question() or Question()
        if question.looks_at("id"):
            return [self._listed_revenue_facts(source_no, kind)]
        shared = [name for name in SHARED if self._is_shared_asked(question, name)]
        nothing = dict.fromkeys(SHARED, SQL("0"))
        rests = nothing | {
            name: SQL("revenue.%(name)s - rounded.%(name)s", name=SQL.identifier(name))
            for name in shared
        }
        shares = {name: self._rounded_sql(name) for name in SHARED}
        if not shared:  # rows are counted, and what is left is no row
            return [self._revenue_query(source_no, kind, shares, SQL())]
        return [
            self._revenue_query(source_no, kind, shares, SQL()),
            self._revenue_query(
                source_no,
                kind,
                rests,
                SQL(
                    """
                    JOIN (
                         SELECT revenue.id, credit.model_id, %(sums)s
                           FROM marketing_attribution_revenue revenue
                           JOIN marketing_attribution_credit credit
                             ON credit.conversion_id = revenue.conversion_id
                            AND credit.weight != 1
                           JOIN res_company company ON company.id = revenue.company_id
                           JOIN res_currency currency ON currency.id = company.currency_id
                          WHERE revenue.kind = %(kind)s AND %(unsummed)s
                          GROUP BY revenue.id, credit.model_id
                         ) AS rounded
                      ON rounded.id = revenue.id AND rounded.model_id = credit.model_id
                     AND credit.is_residual
                     AND (%(whole)s) IS DISTINCT FROM (%(parts)s)
                    """,
                    kind=kind,
                    unsummed=self._unsummed_sql(),
                    sums=SQL(", ").join(
                        SQL("SUM(%s) AS %s", self._rounded_sql(name), SQL.identifier(name))
                        for name in shared
                    ),
                    whole=SQL(", ").join(SQL.identifier("revenue", name) for name in shared),
                    parts=SQL(", ").join(SQL.identifier("rounded", name) for name in shared),
                ),
                row_count=SQL("0::bigint"),
            ),
        ]

    @staticmethod
    def _is_shared_asked(question, name):
        """Whether a measure that is asked for needs this amount to be shared."""
        return any(question.asks_measure(measure) for measure in MEASURES_OF[name])

    def _listed_revenue_facts(self, source_no, kind):
        rests = SQL(", ").join(
            SQL(
                "SUM(ROUND(revenue.%(name)s * other.weight::numeric,"
                " currency.decimal_places)) AS %(name)s",
                name=SQL.identifier(name),
            )
            for name in SHARED
        )
        shares = {
            name: SQL(
                """(CASE WHEN credit.is_residual
                         THEN revenue.%(name)s - COALESCE(rest.%(name)s, 0)
                         ELSE %(rounded)s END)""",
                name=SQL.identifier(name),
                rounded=self._rounded_sql(name),
            )
            for name in SHARED
        }
        rest = SQL(
            """
            LEFT JOIN LATERAL (
                SELECT %s
                  FROM marketing_attribution_credit other
                 WHERE other.conversion_id = credit.conversion_id
                   AND other.model_id = credit.model_id AND other.id != credit.id
            ) AS rest ON credit.is_residual
            """,
            rests,
        )
        return self._revenue_query(source_no, kind, shares, rest)

    def _rounded_sql(self, name):
        return SQL(
            "ROUND(revenue.%s * credit.weight::numeric, currency.decimal_places)",
            SQL.identifier(name),
        )

    def _revenue_query(self, source_no, kind, shares, join, **columns):
        """The rows of one kind of revenue, with what of each amount is a touch's."""
        invoiced = kind == "invoiced"
        amount = shares["amount"]
        columns["revenue_ordered"] = amount
        if invoiced:
            del columns["revenue_ordered"]
            columns |= {
                "revenue_invoiced": amount,
                "revenue_refunded": SQL("CASE WHEN revenue.is_refund THEN %s ELSE 0 END", amount),
                "revenue_collected": shares["collected_amount"],
                "revenue_margin": SQL("(%s) - (%s)", amount, shares["cost_amount"]),
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
                %s
                WHERE revenue.kind = %s AND %s
                """,
                join,
                kind,
                self._unsummed_sql(),
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
