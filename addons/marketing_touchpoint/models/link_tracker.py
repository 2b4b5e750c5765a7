from odoo import api, models


class LinkTrackerClick(models.Model):
    _inherit = "link.tracker.click"

    _touch_write_date_idx = models.Index("USING brin (write_date)")

    @api.model_create_multi
    def create(self, vals_list):
        clicks = super().create(vals_list)
        self.env["marketing.touchpoint"]._wake_ingestion()
        return clicks
