from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import ormcache


class MarketingDashboard(models.AbstractModel):
    """Channels by what was spent on them and what two attribution models credit them with."""

    _inherit = "marketing.dashboard"

    @api.model
    def _panel_channels(self, scope):
        """Credit belongs to the channel of the touch. A bill names a campaign, not a channel: it
        counts for the channel most touches of that campaign came over, as in the benchmarks.
        """
        main = self._get_main_channels(scope)
        spend, campaigns = defaultdict(float), defaultdict(list)
        costs = self._read_by(scope.at(scope.span), ["campaign_id"], ["cost_actual:sum"])
        for campaign, values in costs.items():
            if values["cost_actual:sum"]:
                spend[main.get(campaign.id)] += values["cost_actual:sum"]
                campaigns[main.get(campaign.id)].append(campaign.id)
        credit = {
            model_id: self._read_credit(scope, model_id)
            for model_id in (scope.model_id, scope.model2_id)
        }
        channels = {*spend, *credit[scope.model_id], *credit[scope.model2_id]}
        rows = [
            self._prepare_channel(scope, channel, spend[channel], campaigns[channel], credit)
            for channel in channels
        ]
        rows.sort(key=lambda row: (not row["id"], -row["credit"], -row["cost"], row["name"]))
        rows = [row for row in rows if row["cost"] or row["credit"] or row["credit2"]]
        names = self.env["marketing.attribution.model"]
        return {
            "rows": rows,
            "model": names.browse(scope.model_id).display_name,
            "model2": names.browse(scope.model2_id).display_name,
            "is_empty": not rows,
        }

    @api.model
    @ormcache("self._get_cache_key(scope.ever())")
    def _get_main_channels(self, scope):
        """Campaign (id) -> the channel most of its touches came over, whenever that was."""
        touches = self._read_by(
            scope.lifetime() & Domain("fact", "=", "touch") & Domain("medium_id", "!=", False),
            ["campaign_id", "medium_id"],
            ["touch_count:sum"],
        )
        most = {}
        for (campaign, medium), values in touches.items():
            rank = (values["touch_count:sum"] or 0.0, -medium.id)
            if campaign.id not in most or rank > most[campaign.id][0]:
                most[campaign.id] = rank, medium.id
        return {campaign_id: medium_id for campaign_id, (_rank, medium_id) in most.items()}

    @api.model
    def _read_credit(self, scope, model_id):
        sums = self._read_by(
            scope.at(scope.span, model_id), ["medium_id"], ["revenue_invoiced:sum"]
        )
        return {
            medium.id or None: values["revenue_invoiced:sum"] or 0.0
            for medium, values in sums.items()
        }

    @api.model
    def _prepare_channel(self, scope, medium_id, cost, campaign_ids, credit):
        # sudo: a row of the report that one may see shows the name of its channel
        medium = self.env["utm.medium"].sudo().browse(medium_id or [])
        channel = Domain("medium_id", "=", medium.id)
        spent = scope.at(scope.span) & Domain("campaign_id", "in", sorted(campaign_ids))
        return {
            "id": medium.id,
            "name": medium.name or self.env._("No channel"),
            "cost": self.env.company.currency_id.round(cost),
            "credit": credit[scope.model_id].get(medium_id, 0.0),
            "credit2": credit[scope.model2_id].get(medium_id, 0.0),
            "open_cost": self._rows_of(spent, "cost_actual"),
            "open_credit": self._rows_of(scope.at(scope.span) & channel, "revenue_invoiced"),
            "open_credit2": self._rows_of(
                scope.at(scope.span, scope.model2_id) & channel, "revenue_invoiced"
            ),
        }
