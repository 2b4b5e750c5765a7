from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    customer_life_months = fields.Integer(related="company_id.customer_life_months", readonly=False)
