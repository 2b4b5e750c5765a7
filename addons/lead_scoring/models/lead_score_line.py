from odoo import fields, models


class LeadScoreLine(models.Model):
    """Why a lead has its score: one line per rule that gives points and per limit that bites.

    Written by the engine only. The points of a lead's lines for one rule set add up to the
    lead's score in that rule set.
    """

    _name = "lead.score.line"
    _description = "Lead Score Line"
    _order = "lead_id, sequence, id"
    _log_access = False

    lead_id = fields.Many2one("crm.lead", required=True, index=True, ondelete="cascade")
    model_id = fields.Many2one("lead.score.model", "Rule Set", required=True, ondelete="cascade")
    group_id = fields.Many2one("lead.score.group", "Group", ondelete="cascade")
    rule_id = fields.Many2one("lead.score.rule", "Rule", index="btree_not_null", ondelete="cascade")
    kind = fields.Selection(
        [
            ("rule", "Rule"),
            ("rule_limit", "Limit of a rule"),
            ("group_limit", "Limit of a group"),
            ("total_limit", "Limit of the rule set"),
        ],
        required=True,
    )
    axis = fields.Selection([("fit", "Fit"), ("engagement", "Engagement")])
    sequence = fields.Integer()
    raw = fields.Integer("Points Before Decay")
    decayed = fields.Float("Points After Decay")
    points = fields.Integer()
    event_count = fields.Integer("Events")
    date_last = fields.Datetime("Latest Event")
    evidence = fields.Json(help="The counted touches, latest first: id, date and points of each.")

    _unique_line = models.UniqueIndex(
        "(lead_id, model_id, kind, COALESCE(rule_id, 0), COALESCE(group_id, 0))"
    )
