from odoo import api, models

from ..tools.formulas import measures_of

MAIN_MEASURES = (
    "cost_planned",
    "cost_committed",
    "cost_actual",
    "revenue_ordered",
    "revenue_invoiced",
    "revenue_refunded",
    "revenue_collected",
    "revenue_margin",
    "pipeline_amount",
    "pipeline_weighted",
    "touch_count",
    "lead_count",
    "mql_count",
    "sql_count",
    "opportunity_count",
    "won_count",
    "lost_count",
    "conversion_count",
    "new_customer_count",
)
PERCENT_RATIOS = ("roi", "romi", "win_rate")
# Without cost, what one of something costs is unknown, not nothing: see the ROI report.
COST = "cost_actual"
FUNNEL = ("touch_count", "lead_count", "mql_count", "sql_count", "opportunity_count", "won_count")


class MarketingReportFigures(models.AbstractModel):
    """The figures of reports and alerts: sums of measures of the ROI report.

    Whatever is handed out is a sum the report gives, and a ratio of such sums by the report's own
    definition. Measures the reader may not see are not there.
    """

    _name = "marketing.report.figures"
    _description = "Figures of Marketing Reports"

    @api.model
    def _get_measures(self):
        """Names of the measures the reader sees: the usual ones first, then what ratios need."""
        report = self.env["marketing.roi.report"]
        known = [
            name
            for name in MAIN_MEASURES
            if name in report._fields and report._has_field_access(report._fields[name], "read")
        ]
        for ratio in self._get_ratios().values():
            for expression in ratio:
                known += [name for name in measures_of(expression) if name not in known]
        return known

    @api.model
    def _get_ratios(self):
        """Ratios of the report the reader sees, by name."""
        report = self.env["marketing.roi.report"]

        def is_readable(name):
            return report._has_field_access(report._fields[name], "read")

        return {
            name: ratio
            for name, ratio in report._get_ratios().items()
            if is_readable(name)
            and all(is_readable(measure) for part in ratio for measure in measures_of(part))
        }

    @api.model
    def _get_lifetime_ratios(self):
        """What the dashboard says of a customer's lifetime, put together from sums as well: the
        monthly margin of a customer times the months one stays, by itself and by the CAC."""
        if "customer_monthly_margin" not in self._get_ratios():
            return {}
        value = f"customer_margin*{self.env.company.customer_life_months}"
        return {
            "ltv": (value, "customer_months"),
            "ltv_cac": (f"{value}*new_customer_count", f"customer_months*{COST}"),
        }

    @api.model
    def _get_needs(self, name):
        """Measures that must not be zero for a ratio to exist, besides its denominator."""
        if name in self._get_lifetime_ratios():
            return ("new_customer_count",) if name == "ltv_cac" else ()
        numerator, _denominator = self.env["marketing.roi.report"]._get_ratios()[name]
        return (COST,) if numerator == COST else ()

    @api.model
    def _get_kind(self, name):
        """How a measure or ratio is shown: money, percent, integer or number."""
        if name in PERCENT_RATIOS:
            return "percent"
        kind = self.env["marketing.roi.report"]._fields[name].type
        return {"monetary": "money", "integer": "integer"}.get(kind, "number")

    @api.model
    def _get_label(self, name):
        return self.env["marketing.roi.report"].fields_get([name], ["string"])[name]["string"]

    @api.model
    def _get_help(self, name):
        return self.env["marketing.roi.report"].fields_get([name], ["help"])[name].get("help") or ""

    @api.model
    def _get_funnel_measures(self):
        counts = self.env["marketing.roi.report"]._get_counts()
        return [name for name in FUNNEL if name in counts]

    @api.model
    def _get_sums(self, domain, groupby=(), measures=None):
        """``[(keys, {measure: sum})]`` of the report under a domain, one query."""
        measures = measures or self._get_measures()
        groups = self.env["marketing.roi.report"]._read_group(
            domain, list(groupby), [f"{name}:sum" for name in measures]
        )
        size = len(groupby)
        return [
            (
                row[:size],
                {name: float(value or 0) for name, value in zip(measures, row[size:], strict=True)},
            )
            for row in groups
        ]

    @api.model
    def _get_total(self, domain, measures=None):
        [(_keys, sums)] = self._get_sums(domain, measures=measures)
        return sums
