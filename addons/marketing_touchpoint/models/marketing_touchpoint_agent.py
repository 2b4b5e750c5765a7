from odoo import api, fields, models


class MarketingTouchpointAgent(models.Model):
    """What machines call themselves when they load pictures and follow links."""

    _name = "marketing.touchpoint.agent"
    _description = "Known Machine Agent"
    _order = "pattern"
    _rec_name = "pattern"

    pattern = fields.Char(
        required=True, help="Part of the user agent, or all of it; upper and lower case are equal."
    )
    match = fields.Selection(
        [("contains", "Contains"), ("equals", "Is exactly")], required=True, default="contains"
    )
    note = fields.Char(string="Who Is It")
    active = fields.Boolean(default=True)

    _pattern_unique = models.Constraint(
        "UNIQUE (pattern, match)", "This agent is already in the list."
    )
    _pattern_given = models.Constraint(
        "CHECK (length(trim(pattern)) >= 3)", "A pattern needs at least three characters."
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_pattern_vals(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._prepare_pattern_vals(vals))

    @api.model
    def _prepare_pattern_vals(self, vals):
        if vals.get("pattern"):
            return {**vals, "pattern": vals["pattern"].strip().lower()}
        return vals

    def action_check_again(self):
        """Judge every open and click anew, with the list as it is now."""
        self.env["marketing.touchpoint"]._check_machines_again()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("Opens and clicks are judged again within a few minutes."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
