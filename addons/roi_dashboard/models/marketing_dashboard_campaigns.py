from odoo import api, models
from odoo.fields import Domain

from ..tools import dashboard

# More rows than this are no ranking; the report lists all.
LISTED = 100
SPECS = [
    "cost_planned:sum",
    "cost_committed:sum",
    "cost_actual:sum",
    "revenue_invoiced:sum",
    "roi:avg",
    "lead_count:sum",
    "conversion_count:sum",
]
SHOWN = ("budget", "committed", "cost", "revenue", "leads")


class MarketingDashboard(models.AbstractModel):
    """Campaigns ranked by what they returned."""

    _inherit = "marketing.dashboard"

    @api.model
    def _panel_campaigns(self, scope):
        """Best return first; what cannot be judged yet says so and comes after.

        Revenue that no campaign can claim is a row of its own at the end, so that the columns add
        up to the totals.
        """
        sums = self._read_by(scope.at(scope.span), ["campaign_id"], SPECS)
        # sudo: a row of the report that one may see shows the name of its campaign
        titles = {campaign: campaign.sudo().title for campaign in sums}
        young = self._get_too_young(titles)
        rows = [
            self._prepare_campaign(campaign, titles[campaign], values, campaign in young)
            for campaign, values in sums.items()
        ]
        rows = [row for row in rows if any(row[name] for name in SHOWN)]
        rows.sort(
            key=lambda row: (
                not row["id"],
                dashboard.rank_key(row["roi"], row["flag"], row["revenue"]),
            )
        )
        listed = [row | self._prepare_openings(scope, row["id"]) for row in rows[:LISTED]]
        return {"rows": listed, "count": len(rows), "is_empty": not rows}

    @api.model
    def _get_too_young(self, campaigns):
        # sudo: the age of a campaign whose figures one sees is no secret
        records = self.env["utm.campaign"].sudo().union(*campaigns)
        return records.filtered("is_too_young")

    @api.model
    def _prepare_campaign(self, campaign, title, values, is_too_young):
        flag = dashboard.evidence(is_too_young, values["conversion_count:sum"] or 0.0)
        return {
            "id": campaign.id,
            "name": title or self.env._("Without campaign"),
            "budget": values["cost_planned:sum"] or 0.0,
            "committed": values["cost_committed:sum"] or 0.0,
            "cost": values["cost_actual:sum"] or 0.0,
            "revenue": values["revenue_invoiced:sum"] or 0.0,
            "roi": values["roi:avg"],
            "leads": values["lead_count:sum"] or 0.0,
            "flag": flag if campaign else None,
        }

    @api.model
    def _prepare_openings(self, scope, campaign_id):
        """The rows behind each figure of a campaign."""
        rows = scope.at(scope.span) & Domain("campaign_id", "=", campaign_id)
        return {
            "open_budget": self._rows_of(rows, "cost_planned", "cost_committed", "cost_actual"),
            "open_cost": self._rows_of(rows, "cost_actual"),
            "open_revenue": self._rows_of(rows, "revenue_invoiced"),
            "open_roi": self._rows_of(rows, "cost_actual", "revenue_invoiced"),
            "open_leads": self._rows_of(rows, "lead_count"),
        }
