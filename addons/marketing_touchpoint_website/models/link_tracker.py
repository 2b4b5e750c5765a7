from odoo import fields, models
from odoo.http import request


class LinkTrackerClick(models.Model):
    _inherit = "link.tracker.click"

    visitor_token = fields.Char(
        index="btree_not_null",
        readonly=True,
        help="Pseudonym of the browser that clicked: it names somebody only once the website "
        "visitor with the same token becomes known.",
    )

    def _prepare_click_values_from_route(self, **route_values):
        values = super()._prepare_click_values_from_route(**route_values)
        if request and not values.get("mailing_trace_id"):
            values["visitor_token"] = str(request.env["website.visitor"]._get_access_token())
        return values
