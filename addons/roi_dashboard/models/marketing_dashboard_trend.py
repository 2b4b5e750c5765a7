from odoo import api, models

from ..tools import periods


class MarketingDashboard(models.AbstractModel):
    """Spend against revenue over time."""

    _inherit = "marketing.dashboard"

    @api.model
    def _panel_trend(self, scope):
        """Cost and revenue of each day, week or month, beside the revenue compared with."""
        specs = ["cost_actual:sum", "revenue_invoiced:sum"]
        size, parts = self._get_buckets(scope.span)
        sums = self._read_by(scope.at(scope.span), [f"date:{size}"], specs)
        earlier = self._read_earlier(scope, size)
        points = []
        for index, (start, part) in enumerate(parts):
            values = sums.get(start, {})
            domain = scope.at(part)
            points.append(
                {
                    **self._prepare_span(part),
                    "cost": values.get(specs[0]) or 0.0,
                    "revenue": values.get(specs[1]) or 0.0,
                    "revenue_before": earlier[index] if index < len(earlier) else None,
                    "open_cost": self._rows_of(domain, "cost_actual"),
                    "open_revenue": self._rows_of(domain, "revenue_invoiced"),
                }
            )
        return {
            "interval": size,
            "points": points,
            "before": self._prepare_span(scope.before),
            "is_empty": not any(point["cost"] or point["revenue"] for point in points),
        }

    @api.model
    def _read_earlier(self, scope, size):
        if not scope.before:
            return []
        sums = self._read_by(scope.at(scope.before), [f"date:{size}"], ["revenue_invoiced:sum"])
        parts = periods.buckets(scope.before, size, self._get_week_start())
        return [sums.get(start, {}).get("revenue_invoiced:sum") or 0.0 for start, _part in parts]
