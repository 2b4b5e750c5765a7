from odoo import api, fields, models

from .lead_score_model import GRADES


class CrmLead(models.Model):
    """Score, grade and qualification of a lead, written by the scoring engine only.

    None of these depends on Odoo's predictive probability, which stays what it is.
    """

    _inherit = "crm.lead"

    score = fields.Integer(readonly=True, copy=False, aggregator="avg", index=True)
    score_fit = fields.Integer("Fit", readonly=True, copy=False, aggregator="avg")
    score_engagement = fields.Integer("Engagement", readonly=True, copy=False, aggregator="avg")
    score_grade = fields.Selection(
        [(grade, grade) for grade in GRADES],
        "Grade",
        readonly=True,
        copy=False,
        index="btree_not_null",
        export_string_translation=False,
        help="Letter: fit (A best). Number: engagement (1 best).",
    )
    is_mql = fields.Boolean(
        "Marketing Qualified",
        readonly=True,
        copy=False,
        help="The score or grade is high enough to hand the lead to sales.",
    )
    date_mql = fields.Datetime(
        "Marketing Qualified On",
        readonly=True,
        copy=False,
        help="When the lead became marketing qualified for the first time.",
    )
    date_sql = fields.Datetime(
        "Sales Qualified On",
        compute="_compute_date_sql",
        store=True,
        copy=False,
        help="When a salesperson took it as an opportunity for the first time.",
    )
    score_model_id = fields.Many2one(
        "lead.score.model",
        "Scored By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.depends("type", "user_id")
    def _compute_date_sql(self):
        for lead in self:
            if not lead.date_sql and lead.type == "opportunity" and lead.user_id:
                lead.date_sql = fields.Datetime.now()
            else:
                lead.date_sql = lead.date_sql
