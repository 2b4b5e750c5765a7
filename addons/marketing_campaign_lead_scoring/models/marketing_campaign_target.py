from odoo import api, fields, models


class MarketingCampaignTargetMixin(models.AbstractModel):
    _inherit = "marketing.campaign.target.mixin"

    metric = fields.Selection(
        selection_add=[
            ("mql", "Marketing Qualified Leads"),
            ("sql", "Sales Qualified Leads"),
            ("cost_per_mql", "Cost per Marketing Qualified Lead"),
        ],
        ondelete={"mql": "cascade", "sql": "cascade", "cost_per_mql": "cascade"},
    )


class MarketingCampaignTarget(models.Model):
    _inherit = "marketing.campaign.target"

    @api.model
    def _get_money_metrics(self):
        return super()._get_money_metrics() | {"cost_per_mql"}

    @api.model
    def _get_lower_is_better(self):
        return super()._get_lower_is_better() | {"cost_per_mql"}
