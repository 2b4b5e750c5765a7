from odoo import models
from odoo.tools import SQL


class MarketingCampaignMerge(models.TransientModel):
    _inherit = "marketing.campaign.merge"

    def _merge(self, merged, target):
        """Credits, frozen ones too, and their totals move to the campaign that remains.

        They have no foreign key, so the generic merge does not see them.
        """
        self._check_mergeable(merged, target)
        for model in ("attribution.credit", "attribution.shift", "roi.total"):
            model = f"marketing.{model}"
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET campaign_id = %s WHERE campaign_id IN %s",
                    SQL.identifier(self.env[model]._table),
                    target.id,
                    tuple(merged.ids),
                )
            )
            self.env[model].invalidate_model(["campaign_id"])
        return super()._merge(merged, target)
