from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    _touch_write_date_idx = models.Index("USING brin (write_date)")

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals:
            self.env["marketing.touchpoint"]._wake_ingestion()
        return result

    def unlink(self):
        self.env["marketing.touchpoint"]._forget_records(self)
        return super().unlink()
