from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    is_marketing_sharing_allowed = fields.Boolean(
        string="Share Figures by Link",
        help="Marketers may make links to a page of aggregated figures for people without a "
        "login. Switching it off closes all of them.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    is_marketing_sharing_allowed = fields.Boolean(
        related="company_id.is_marketing_sharing_allowed", readonly=False
    )
