from odoo import models


class MarketingCampaignTarget(models.Model):
    """Targets of many campaigns, as the dashboard lists them."""

    _inherit = "marketing.campaign.target"

    def action_open_campaign(self):
        """A target is set on the page of its campaign."""
        self.ensure_one()
        return self.campaign_id.get_formview_action()
