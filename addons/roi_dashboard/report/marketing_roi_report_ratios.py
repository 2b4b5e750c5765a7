from odoo import api, models
from odoo.tools import SQL, Query

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
# Ratios of ratios, with the ratios or measures that each is put together from.
COMPOSED = {
    "velocity": ("opportunity_count", "win_rate", "deal_amount", "cycle_days"),
    "ltv": ("customer_monthly_margin",),
    "ltv_cac": ("customer_monthly_margin", "cac"),
    "cac_payback_months": ("customer_monthly_margin", "cac"),
}


class MarketingRoiReport(models.Model):
    """Ratios of the ROI report: sums divided by sums, at every level, empty without a basis."""

    _inherit = "marketing.roi.report"

    @api.model
    def _get_ratios(self):
        """Hook for bridges: name of a ratio -> numerator and denominator, sums of measures."""
        return RATIOS

    @api.model
    def _get_ratio_measures(self, name):
        """The measures a ratio is made of; a measure is made of itself."""
        if name in COMPOSED:
            return set().union(*(self._get_ratio_measures(part) for part in COMPOSED[name]))
        terms = self._get_ratios().get(name, (name,))
        return {token for term in terms for token in term.split() if token not in "+-"}

    # ------------------------------------------------------------------ ratios of sums

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        """A ratio of a group is a ratio of sums; a mean of ratios means nothing."""
        if aggregate_spec == "__count":
            rows = self._sql_row_count()
            return super()._read_group_select("__count", query) if rows is None else rows
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
