from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import dashboard

# So many leads tell how long a stage takes. Where there are many more, a part of the table is read
# that has about so many; reading a larger part takes longer than looking up the leads of a period.
ENOUGH_LEADS = 5_000
LARGEST_PART = 15.0  # percent


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
        times = self._read_funnel_times(
            scope, dict(zip((row[0] for row in stages), counts, strict=True))
        )
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
    def _read_funnel_times(self, scope, counts):
        """Median days to each stage, of the leads that reached it in the period.

        A negative time is a mistake and left out. Only the medians leave this method, so a
        marketer without rights on single leads gets them too. Of very many leads a part will do:
        the pages of the table that are looked at are always the same ones.
        """
        medians = {}
        for stage, days in self._get_funnel_times().items():
            if not counts.get(stage):
                continue
            part = 100.0 * ENOUGH_LEADS / counts[stage]
            [(medians[stage],)] = self.env.execute_query(
                SQL(
                    "SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY days)"
                    " FROM (%s) AS lead WHERE days >= 0",
                    self.env["marketing.roi.report"]._select_leads(
                        scope.at(scope.span) & Domain("fact", "=", stage),
                        {"days": SQL(days)},
                        percent=part if part <= LARGEST_PART else 100.0,
                    ),
                )
            )
        return medians
