from odoo import fields, models

from .marketing_budget_gate import GATE_POLICIES, GATE_SCOPES


class ResCompany(models.Model):
    _inherit = "res.company"

    campaign_gate_policy = fields.Selection(
        GATE_POLICIES,
        string="Over Budget",
        default="ignore",
        required=True,
        help="What happens when an order, a bill or an expense exceeds the budget of a campaign.",
    )
    campaign_gate_scope = fields.Selection(
        GATE_SCOPES, string="Budget Check", default="total", required=True
    )
    campaign_gate_tolerance = fields.Float(
        string="Budget Tolerance",
        help="Share of a budget that may be exceeded before the check answers.",
    )

    _campaign_gate_tolerance_positive = models.Constraint(
        "CHECK(campaign_gate_tolerance IS NULL OR campaign_gate_tolerance >= 0)",
        "The tolerance of the budget check cannot be negative.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    campaign_gate_policy = fields.Selection(
        related="company_id.campaign_gate_policy", readonly=False
    )
    campaign_gate_scope = fields.Selection(related="company_id.campaign_gate_scope", readonly=False)
    campaign_gate_tolerance = fields.Float(
        related="company_id.campaign_gate_tolerance", readonly=False
    )
