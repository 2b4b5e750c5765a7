from odoo import api, fields, models


class LeadScoreResult(models.Model):
    """What one rule set says about one lead: published sets and shadows alike."""

    _name = "lead.score.result"
    _description = "Lead Score Result"
    _order = "score desc, id"
    _log_access = False
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade")
    model_id = fields.Many2one(
        "lead.score.model", "Rule Set", required=True, readonly=True, index=True, ondelete="cascade"
    )
    score = fields.Integer(readonly=True, aggregator="avg")
    fit = fields.Integer(readonly=True, aggregator="avg")
    engagement = fields.Integer(readonly=True, aggregator="avg")
    grade = fields.Char(readonly=True)
    is_mql = fields.Boolean("Marketing Qualified", readonly=True)
    date = fields.Datetime("Changed On", readonly=True)
    date_due = fields.Datetime(
        "Due On",
        readonly=True,
        help="When passing time alone may carry the lead across a threshold: it is scored again "
        "at that moment. Empty: not before the next nightly evaluation.",
    )
    lead_score = fields.Integer("Published Score", related="lead_id.score", aggregator=None)
    lead_grade = fields.Selection(string="Published Grade", related="lead_id.score_grade")
    lead_is_mql = fields.Boolean("Qualified by Published Rules", related="lead_id.is_mql")
    lead_won_status = fields.Selection(string="Outcome", related="lead_id.won_status")
    difference = fields.Integer(compute="_compute_difference", aggregator=None)

    _lead_model_unique = models.UniqueIndex("(lead_id, model_id)")
    _due = models.Index("(date_due) WHERE date_due IS NOT NULL")

    @api.depends("score", "lead_id.score")
    def _compute_difference(self):
        for result in self:
            result.difference = result.score - result.lead_score
