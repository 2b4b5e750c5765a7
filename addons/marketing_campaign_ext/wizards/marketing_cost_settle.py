from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.money import apportion


class MarketingCostSettle(models.TransientModel):
    """Say which line of a vendor bill books a set of accrued costs.

    The bill line is distributed over the campaigns as the accrued costs are, so the ledger takes
    over what was accrued. While the bill is a draft the costs stay accrued.
    """

    _name = "marketing.cost.settle"
    _description = "Settle Accrued Costs by a Bill"

    cost_line_ids = fields.Many2many("marketing.cost.line", string="Accrued Costs")
    company_id = fields.Many2one("res.company", compute="_compute_totals")
    currency_id = fields.Many2one("res.currency", compute="_compute_totals")
    amount = fields.Monetary(string="Accrued", compute="_compute_totals")
    partner_id = fields.Many2one("res.partner", compute="_compute_totals")
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Bill Line",
        required=True,
        domain="[('company_id', '=', company_id), ('display_type', '=', 'product'),"
        " ('parent_state', 'in', ('draft', 'posted')),"
        " ('move_id.move_type', 'in', ('in_invoice', 'in_receipt'))]",
    )
    move_line_amount = fields.Monetary(string="Billed", compute="_compute_difference")
    difference = fields.Monetary(
        compute="_compute_difference", help="What the bill asks for beyond what was accrued."
    )
    is_distributed = fields.Boolean(
        string="Distribute the Bill Line over the Campaigns",
        default=True,
        help="Give the bill line an analytic distribution in proportion to the accrued costs. "
        "Shares of other analytic plans stay.",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        if context.get("active_model") == "marketing.cost.line":
            values["cost_line_ids"] = [fields.Command.set(context.get("active_ids", []))]
        return values

    @api.depends("cost_line_ids")
    def _compute_totals(self):
        for wizard in self:
            lines = wizard.cost_line_ids
            wizard.company_id = lines.company_id[:1]
            wizard.currency_id = wizard.company_id.currency_id
            wizard.amount = sum(lines.mapped("amount_company"))
            wizard.partner_id = lines.partner_id if len(lines.partner_id) == 1 else False

    @api.depends("move_line_id", "amount")
    def _compute_difference(self):
        for wizard in self:
            wizard.move_line_amount = wizard.move_line_id.balance
            wizard.difference = wizard.move_line_amount - wizard.amount

    def action_settle(self):
        self._check_lines()
        if self.is_distributed:
            self.move_line_id._set_campaign_shares(self._get_shares())
        elif missing := self._get_unbooked_campaigns():
            raise UserError(
                self.env._(
                    "The bill line books nothing on %s: its cost would vanish. Distribute the "
                    "line over the campaigns.",
                    ", ".join(missing.mapped("title")),
                )
            )
        self.cost_line_ids.write({"move_line_id": self.move_line_id.id})
        return {"type": "ir.actions.act_window_close"}

    def _check_lines(self):
        if not self.cost_line_ids:
            raise UserError(self.env._("Choose the accrued costs that the bill settles."))
        if len(self.cost_line_ids.company_id) > 1:
            raise UserError(self.env._("A bill settles costs of its own company only."))
        if any(line.state == "settled" for line in self.cost_line_ids):
            raise UserError(self.env._("Some of these costs are settled already."))
        if self.currency_id.compare_amounts(self.amount, 0.0) <= 0:
            raise UserError(self.env._("There is nothing accrued to settle."))

    def _get_shares(self):
        """Percent of each campaign in what was accrued, adding up to 100 exactly."""
        # sudo: accountants settle the costs of campaigns whose plan they may not read
        groups = self.cost_line_ids.sudo().grouped("campaign_id")
        for campaign in groups:
            campaign._ensure_analytic_account()
        weights = [max(0.0, sum(lines.mapped("amount_company"))) for lines in groups.values()]
        percents = apportion(100.0, weights, 0.01)
        return {
            campaign.analytic_account_id.id: percent
            for campaign, percent in zip(groups, percents, strict=True)
        }

    def _get_unbooked_campaigns(self):
        booked = self.move_line_id._get_campaign_shares()
        return (
            self.cost_line_ids.sudo()
            .campaign_id.filtered(lambda campaign: campaign.analytic_account_id.id not in booked)
            .sudo(False)
        )
