from odoo import fields, models


class MarketingRoiTotal(models.Model):
    """Leads are added up by fit and outcome."""

    _inherit = "marketing.roi.total"

    lead_fit = fields.Char(string="Fit", readonly=True)
    lead_outcome = fields.Char(string="Outcome", readonly=True)
