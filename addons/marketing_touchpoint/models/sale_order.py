from odoo import api, models

WATCHED = frozenset(
    {"state", "date_order", "partner_id", "opportunity_id", "campaign_id", "source_id", "medium_id"}
)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    _touch_write_date_idx = models.Index("USING brin (write_date)")

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        if any(order.state == "sale" for order in orders):
            self.env["marketing.touchpoint"]._wake_ingestion()
        return orders

    def write(self, vals):
        result = super().write(vals)
        if not WATCHED.isdisjoint(vals):
            self.env["marketing.touchpoint"]._wake_ingestion()
        return result

    def unlink(self):
        self.env["marketing.touchpoint"]._forget_records(self)
        return super().unlink()
