from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import dashboard


class MarketingDashboard(models.AbstractModel):
    """From touch to won: how many, how many of those before, how long, and where it leaks."""

    _inherit = "marketing.dashboard"

    @api.model
    def _get_funnel_stages(self):
        """Hook for bridges: ``[key, label, measure]`` of each stage, in order."""
        return [
            ["touch", self.env._("Touches"), "touch_count"],
            ["lead", self.env._("Leads"), "lead_count"],
            ["opportunity", self.env._("Opportunities"), "opportunity_count"],
            ["won", self.env._("Won"), "won_count"],
        ]

    @api.model
    def _get_funnel_times(self):
        """Hook for bridges: stage -> SQL of the days a lead took to get there."""
        return {
            "opportunity": "EXTRACT(EPOCH FROM lead.date_conversion - lead.create_date) / 86400",
            "won": "EXTRACT(EPOCH FROM lead.date_closed"
            " - COALESCE(lead.date_conversion, lead.create_date)) / 86400",
        }

    @api.model
    def _panel_funnel(self, scope):
        stages = self._get_funnel_stages()
        specs = [f"{measure}:sum" for _key, _label, measure in stages]
        now = self._read_sums(scope.at(scope.span), specs)
        before = self._read_sums(scope.at(scope.before), specs) if scope.before else {}
        counts = [now[spec] or 0.0 for spec in specs]
        earlier = [before.get(spec) or 0.0 for spec in specs] if before else None
        rates = [None, *dashboard.step_rates(counts)]
        rates_before = [None, *dashboard.step_rates(earlier)] if earlier else [None] * len(stages)
        times = self._read_funnel_times(scope)
        report = self.env["marketing.roi.report"]
        rows = []
        for index, (key, label, measure) in enumerate(stages):
            rows.append(
                {
                    "key": key,
                    "label": label,
                    "help": report._fields[measure]._description_help(self.env),
                    "count": counts[index],
                    "before": earlier[index] if earlier else None,
                    "rate": rates[index],
                    "rate_before": rates_before[index],
                    "days": times.get(key),
                    "open": self._rows_of(scope.at(scope.span), measure),
                }
            )
        return {
            "stages": rows,
            "leak": dashboard.leak(counts, earlier),
            "is_empty": not any(counts),
        }

    @api.model
    def _read_funnel_times(self, scope):
        """Median days to each stage, of the leads that reached it in the period."""
        times = self._get_funnel_times()
        facts = Domain("fact", "in", list(times))
        return self._read_lead_medians(self._lead_ids_sql(scope.at(scope.span) & facts), times)

    @api.model
    def _read_lead_medians(self, lead_ids, expressions):
        """Median of each expression over leads; a negative time is a mistake and left out.

        The leads are those the reader sees in the report. Only the medians leave this method, so
        a marketer without rights on single leads gets them too.
        """
        columns = [
            SQL(
                "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY %(value)s)"
                " FILTER (WHERE %(value)s >= 0) AS %(name)s",
                value=SQL(expression),
                name=SQL.identifier(name),
            )
            for name, expression in expressions.items()
        ]
        self.env["crm.lead"].flush_model()
        return self._query_one(
            SQL(
                "SELECT %s FROM crm_lead lead WHERE lead.id IN %s",
                SQL(", ").join(columns),
                lead_ids,
            )
        )
