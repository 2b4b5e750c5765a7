from odoo import api, models

WATCHED = frozenset({"active", "name", "opportunity_id", "start"})


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    _touch_write_date_idx = models.Index("USING brin (write_date)")

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        self.env["marketing.touchpoint"]._wake_ingestion()
        return events

    def write(self, vals):
        result = super().write(vals)
        if not WATCHED.isdisjoint(vals):
            self.env["marketing.touchpoint"]._wake_ingestion()
        return result

    def unlink(self):
        self.env["marketing.touchpoint"]._forget_records(self)
        return super().unlink()
