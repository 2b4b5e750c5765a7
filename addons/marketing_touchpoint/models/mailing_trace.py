from odoo import api, fields, models
from odoo.http import request

WATCHED = frozenset(
    {
        "sent_datetime",
        "open_datetime",
        "reply_datetime",
        "links_click_datetime",
        "trace_status",
        "trap_datetime",
    }
)
AGENT_LENGTH = 255


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    open_user_agent = fields.Char(
        string="Opened By",
        readonly=True,
        help="Program that loaded the picture of the email last.",
    )
    trap_datetime = fields.Datetime(
        string="Hidden Link Followed On",
        readonly=True,
        help="When something followed the hidden link of the email, which people do not see.",
    )

    _touch_write_date_idx = models.Index("USING brin (write_date)")

    @api.model_create_multi
    def create(self, vals_list):
        traces = super().create(vals_list)
        self.env["marketing.touchpoint"]._wake_ingestion()
        return traces

    def write(self, vals):
        if vals.get("open_datetime") and request and "/mail/track/" in request.httprequest.path:
            vals = {
                **vals,
                "open_user_agent": request.httprequest.user_agent.string[:AGENT_LENGTH],
            }
        result = super().write(vals)
        if not WATCHED.isdisjoint(vals):
            self.env["marketing.touchpoint"]._wake_ingestion()
        return result
