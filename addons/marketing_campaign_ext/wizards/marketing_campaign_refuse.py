from odoo import fields, models


class MarketingCampaignRefuse(models.TransientModel):
    """Send submitted campaigns back to draft and say why."""

    _name = "marketing.campaign.refuse"
    _description = "Refuse a Campaign"

    campaign_ids = fields.Many2many("utm.campaign", string="Campaigns", required=True)
    reason = fields.Text(required=True)

    def action_refuse(self):
        self.ensure_one()
        self.campaign_ids._refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
