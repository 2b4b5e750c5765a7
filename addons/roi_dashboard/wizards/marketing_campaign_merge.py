from odoo import models
from odoo.tools import SQL


class MarketingCampaignMerge(models.TransientModel):
    _inherit = "marketing.campaign.merge"

    def _merge(self, merged, target):
        """Credits, frozen ones too, move to the campaign that remains.

        They have no foreign key, so the generic merge does not see them.
        """
        self._check_mergeable(merged, target)
        self.env.cr.execute(
            SQL(
                "UPDATE marketing_attribution_credit SET campaign_id = %s WHERE campaign_id IN %s",
                target.id,
                tuple(merged.ids),
            )
        )
        self.env["marketing.attribution.credit"].invalidate_model(["campaign_id"])
        return super()._merge(merged, target)
