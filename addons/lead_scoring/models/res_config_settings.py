from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    lead_score_history_months = fields.Integer(
        "Score History (months)",
        config_parameter="lead_scoring.history_months",
        help="Older changes of scores are forgotten, but never a lead's latest one. "
        "0: keep everything.",
    )

    @api.constrains("lead_score_history_months")
    def _check_lead_score_history_months(self):
        if any(settings.lead_score_history_months < 0 for settings in self):
            raise ValidationError(
                self.env._("The score history cannot be kept for less than no time: 0 keeps all.")
            )
