from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .marketing_touchpoint_machine import DEFAULTS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    touchpoint_trap_links = fields.Boolean(
        string="Hidden Links in Mailings",
        config_parameter="marketing_touchpoint.trap_links",
    )
    touchpoint_trap_minutes = fields.Integer(
        config_parameter="marketing_touchpoint.trap_minutes", default=DEFAULTS["trap_minutes"]
    )
    touchpoint_burst_links = fields.Integer(
        config_parameter="marketing_touchpoint.burst_links", default=DEFAULTS["burst_links"]
    )
    touchpoint_burst_seconds = fields.Integer(
        config_parameter="marketing_touchpoint.burst_seconds", default=DEFAULTS["burst_seconds"]
    )
    touchpoint_delivery_seconds = fields.Integer(
        config_parameter="marketing_touchpoint.delivery_seconds",
        default=DEFAULTS["delivery_seconds"],
    )

    @api.constrains("touchpoint_burst_links", "touchpoint_burst_seconds", "touchpoint_trap_minutes")
    def _check_touchpoint_thresholds(self):
        for settings in self:
            if settings.touchpoint_burst_links < 2:
                raise ValidationError(
                    self.env._("One link is followed by people, too: several means at least two.")
                )
            if settings.touchpoint_burst_seconds < 1 or settings.touchpoint_trap_minutes < 1:
                raise ValidationError(self.env._("Durations must be at least one."))

    def set_values(self):
        before = self.env["marketing.touchpoint"]._machine_thresholds()
        result = super().set_values()
        if self.env["marketing.touchpoint"]._machine_thresholds() != before:
            self.env["marketing.touchpoint"]._check_machines_again()
        return result
