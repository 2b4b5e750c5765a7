from odoo import api, models

WATCHED = frozenset(
    {
        "state",
        "date_closed",
        "active",
        "email",
        "partner_id",
        "utm_campaign_id",
        "utm_source_id",
        "utm_medium_id",
    }
)


class EventRegistration(models.Model):
    _inherit = "event.registration"

    _touch_write_date_idx = models.Index("USING brin (write_date)")

    @api.model_create_multi
    def create(self, vals_list):
        registrations = super().create(vals_list)
        self.env["marketing.touchpoint"]._wake_ingestion()
        return registrations

    def write(self, vals):
        result = super().write(vals)
        if not WATCHED.isdisjoint(vals):
            self.env["marketing.touchpoint"]._wake_ingestion()
        return result

    def unlink(self):
        self.env["marketing.touchpoint"]._forget_records(self)
        return super().unlink()
