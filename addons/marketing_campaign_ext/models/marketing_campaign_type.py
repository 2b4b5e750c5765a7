from odoo import fields, models

from .utm_campaign import PLAN_READERS


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
        groups=PLAN_READERS,
        help="Proposed as budget lines when a campaign of this type is planned.",
    )

    target_ids = fields.One2many(
        "marketing.campaign.type.target",
        "type_id",
        string="Usual Targets",
        copy=True,
        groups=PLAN_READERS,
        help="Proposed as targets when a campaign of this type is planned.",
    )
    activity_plan_id = fields.Many2one(
        "mail.activity.plan",
        string="Activity Plan",
        domain="[('res_model', '=', 'utm.campaign')]",
        groups=PLAN_READERS,
        help="Proposed to be launched when a campaign of this type is approved.",
    )

    _name_unique = models.Constraint("UNIQUE(name)", "A campaign type of this name exists already.")


class MarketingCampaignTypeTarget(models.Model):
    _name = "marketing.campaign.type.target"
    _inherit = ["marketing.campaign.target.mixin"]
    _description = "Usual Target of a Campaign Type"
    _order = "type_id, sequence, id"
    _rec_name = "metric"

    type_id = fields.Many2one(
        "marketing.campaign.type", required=True, index=True, ondelete="cascade"
    )

    _metric_unique = models.Constraint(
        "UNIQUE(type_id, metric)", "A metric has one target in a campaign type."
    )
