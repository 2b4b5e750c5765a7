from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    campaign_currency_id = fields.Many2one(
        "res.currency", string="Campaign Currency", related="company_id.currency_id"
    )
    campaign_own_approval_limit = fields.Monetary(
        related="company_id.campaign_own_approval_limit",
        readonly=False,
        currency_field="campaign_currency_id",
    )
    campaign_revision_tolerance = fields.Float(
        related="company_id.campaign_revision_tolerance", readonly=False
    )
