from odoo import fields, models


class LeadScoreLimitMixin(models.AbstractModel):
    """Something whose points may be limited: a rule, a group, a whole rule set."""

    _name = "lead.score.limit.mixin"
    _description = "Limited Points"

    is_limited = fields.Boolean(
        "Limit Points",
        help="Keep the points between a minimum and a maximum. What the limit takes away "
        "(or adds) is shown as its own line in the explanation of a score.",
    )
    points_min = fields.Integer("Minimum Points", default=0)
    points_max = fields.Integer("Maximum Points", default=100)

    _points_limits = models.Constraint(
        "CHECK(NOT is_limited OR (points_min <= 0 AND points_max >= 0))",
        "Limits go from a minimum of at most 0 points to a maximum of at least 0 points.",
    )
