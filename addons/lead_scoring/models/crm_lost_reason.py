from odoo import api, fields, models


class CrmLostReason(models.Model):
    """Some reasons to lose a lead pass with time."""

    _inherit = "crm.lost.reason"

    revive_days = fields.Integer(
        "Revive After (Days)",
        help="So many days after being lost for this reason the lead is open again, without "
        "salesperson. 0: never.",
    )
    revive_since = fields.Date(
        "For Leads Lost Since",
        help="Leads lost before this day stay lost. Set to the day the delay is first entered, "
        "so that years of lost leads do not come back at once; empty: however long ago.",
    )
    revive_pool_id = fields.Many2one(
        "lead.assignment.pool",
        "Revive Into",
        domain="[('method', '=', 'claim')]",
        ondelete="set null",
        help="The public pool it returns to. Empty: the assignment rules look at it again.",
    )

    _revive_days_positive = models.Constraint(
        "CHECK(revive_days >= 0)", "Days cannot be negative; 0 means never."
    )

    @api.model_create_multi
    def create(self, vals_list):
        reasons = super().create(vals_list)
        reasons._start_reviving()
        return reasons

    def write(self, vals):
        new = self.filtered(lambda reason: not reason.revive_days)
        result = super().write(vals)
        new._start_reviving()
        return result

    def _start_reviving(self):
        """From today on, unless somebody has chosen another day."""
        started = self.filtered(lambda reason: reason.revive_days and not reason.revive_since)
        started.revive_since = fields.Date.context_today(self, self.env.cr.now())
