from odoo import api, fields, models
from odoo.fields import Domain


class CrmLead(models.Model):
    """Follow-up seen from the lead."""

    _inherit = "crm.lead"

    followup_protected = fields.Boolean(
        "Protected",
        copy=False,
        help="Never returns to a public pool by itself.",
    )
    followup_clock_ids = fields.One2many("lead.followup.clock", "lead_id", "Response Clocks")
    date_response_due = fields.Datetime(
        "Answer Due", compute="_compute_date_response_due", search="_search_date_response_due"
    )
    date_recycle = fields.Datetime(
        "Returns to Pool",
        compute="_compute_date_recycle",
        help="When the lead goes back to the public pool unless something is done.",
    )

    @api.depends("followup_clock_ids.state", "followup_clock_ids.date_due", "user_id")
    def _compute_date_response_due(self):
        due = dict(
            self.env["lead.followup.clock"]
            .sudo()  # the deadline of a lead one may read
            ._read_group(
                [("lead_id", "in", self.ids), ("state", "=", "running")],
                ["lead_id"],
                ["date_due:max"],
            )
        )
        for lead in self:
            lead.date_response_due = due.get(lead._origin)

    @api.model
    def _search_date_response_due(self, operator, value):
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        return Domain(
            "followup_clock_ids",
            "any",
            [("state", "=", "running"), ("date_due", operator, value)],
        )

    @api.depends("user_id", "followup_protected")
    def _compute_date_recycle(self):
        status = {
            row["lead_id"]: row["date_recycle"]
            for row in self.env["lead.followup.engine"]._read_status(Domain("id", "in", self.ids))
        } if self.ids else {}  # fmt: skip
        for lead in self:
            date = status.get(lead._origin.id)
            lead.date_recycle = date and date.replace(microsecond=0)

    def _merge_dependences(self, opportunities):
        """The survivor keeps the whole story of who had it."""
        result = super()._merge_dependences(opportunities)
        for model in ("lead.assignment.decision", "lead.followup.clock", "lead.followup.notice"):
            # sudo: nobody may edit these rows, and they would go with the merged leads
            rows = self.env[model].sudo().search([("lead_id", "in", opportunities.ids)])
            rows.lead_id = self
        return result
