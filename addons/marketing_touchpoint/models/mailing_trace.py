from odoo import api, models

WATCHED = frozenset(
    {
        "sent_datetime",
        "open_datetime",
        "reply_datetime",
        "links_click_datetime",
        "trace_status",
    }
)


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    _touch_write_date_idx = models.Index("USING brin (write_date)")

    @api.model_create_multi
    def create(self, vals_list):
        traces = super().create(vals_list)
        self.env["marketing.touchpoint"]._wake_ingestion()
        return traces

    def write(self, vals):
        result = super().write(vals)
        if not WATCHED.isdisjoint(vals):
            self.env["marketing.touchpoint"]._wake_ingestion()
        return result
