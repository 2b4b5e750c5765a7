from odoo import models


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    _touch_write_date_idx = models.Index("USING brin (write_date)")

    def write(self, vals):
        result = super().write(vals)
        if not {"state", "email", "partner_id"}.isdisjoint(vals):
            self.env["marketing.touchpoint"]._wake_ingestion()
        return result
