from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    customer_life_months = fields.Integer(related="company_id.customer_life_months", readonly=False)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency", readonly=True
    )
    customer_cost_limit = fields.Monetary(
        related="company_id.customer_cost_limit",
        currency_field="company_currency_id",
        readonly=False,
    )
    ltv_cac_goal = fields.Float(related="company_id.ltv_cac_goal", readonly=False)
    pipeline_coverage = fields.Float(related="company_id.pipeline_coverage", readonly=False)
