from odoo import api, fields, models
from odoo.fields import Command


class MarketingTieOutAssign(models.TransientModel):
    """Assign posted journal items to a campaign in one step."""

    _name = "marketing.tie.out.assign"
    _description = "Assign Journal Items to a Campaign"

    campaign_id = fields.Many2one(
        "utm.campaign",
        required=True,
        domain="[('company_id', 'in', (company_id, False)), ('is_template', '=', False)]",
    )
    company_id = fields.Many2one("res.company", compute="_compute_amount")
    currency_id = fields.Many2one("res.currency", compute="_compute_amount")
    amount = fields.Monetary(string="To Assign", compute="_compute_amount")
    move_line_ids = fields.Many2many("account.move.line", string="Journal Items")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "marketing.tie.out":
            values["move_line_ids"] = [Command.set(self.env.context.get("active_ids", []))]
        return values

    @api.depends("move_line_ids")
    def _compute_amount(self):
        for wizard in self:
            wizard.company_id = wizard.move_line_ids.company_id[:1]
            wizard.currency_id = wizard.company_id.currency_id
            wizard.amount = sum(wizard._get_rows().mapped("amount_unassigned"))

    def action_assign(self):
        self._get_rows()._assign(self.campaign_id)
        return {"type": "ir.actions.act_window_close"}

    def _get_rows(self):
        return self.env["marketing.tie.out"].browse(self.move_line_ids.ids)
