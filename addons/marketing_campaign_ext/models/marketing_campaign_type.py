from odoo import fields, models


class MarketingCampaignType(models.Model):
    """A kind of campaign (webinar, trade show...): what its campaigns have in common."""

    _name = "marketing.campaign.type"
    _description = "Campaign Type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    icon = fields.Char(
        default="fa-bullhorn",
        help="Icon shown on the campaign cards: a Font Awesome 4 class such as fa-bullhorn.",
    )
    color = fields.Integer()
    description = fields.Text(translate=True)
    category_ids = fields.Many2many(
        "marketing.cost.category",
        string="Usual Cost Categories",
        groups="marketing_campaign_ext.group_campaign_user,"
        "marketing_campaign_ext.group_campaign_finance",
        help="Proposed as budget lines when a campaign of this type is planned.",
    )

    _name_unique = models.Constraint("UNIQUE(name)", "A campaign type of this name exists already.")
