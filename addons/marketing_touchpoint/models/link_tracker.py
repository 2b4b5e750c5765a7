from odoo import api, fields, models
from odoo.http import request

from .mailing_trace import AGENT_LENGTH


class LinkTrackerClick(models.Model):
    _inherit = "link.tracker.click"

    user_agent = fields.Char(
        readonly=True, help="Program that followed the link, to tell machines from people."
    )

    _touch_write_date_idx = models.Index("USING brin (write_date)")

    @api.model_create_multi
    def create(self, vals_list):
        clicks = super().create(vals_list)
        self.env["marketing.touchpoint"]._wake_ingestion()
        return clicks

    def _prepare_click_values_from_route(self, **route_values):
        values = super()._prepare_click_values_from_route(**route_values)
        if request and not values.get("user_agent"):
            values["user_agent"] = request.httprequest.user_agent.string[:AGENT_LENGTH]
        return values
