from odoo import fields, models


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

    _lead_model_unique = models.UniqueIndex("(lead_id, model_id)")
