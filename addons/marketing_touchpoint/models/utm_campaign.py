from odoo import models


class UtmCampaign(models.Model):
    _name = "utm.campaign"
    _inherit = ["utm.campaign", "marketing.touchpoint.mixin"]

    def _get_touchpoint_query(self):
        return self._touchpoints_by_column("campaign_id")
