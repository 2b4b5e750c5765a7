from odoo import fields, models


class MarketingCostAlias(models.Model):
    """Which campaign is meant by the name a platform gives it; learned from each import."""

    _name = "marketing.cost.alias"
    _description = "Campaign Name on a Platform"
    _order = "platform, account, name"

    name = fields.Char(string="Name on the Platform", required=True)
    platform = fields.Char(required=True)
    account = fields.Char(string="Platform Account")
    campaign_id = fields.Many2one(
        "utm.campaign",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('is_template', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )

    _name_unique = models.UniqueIndex(
        "(company_id, platform, COALESCE(account, ''), name)",
        "A platform's campaign stands for one campaign.",
    )
