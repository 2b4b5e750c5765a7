from odoo import fields, models


class CrmLostReason(models.Model):
    """Some reasons to lose a lead pass with time."""

    _inherit = "crm.lost.reason"

    revive_days = fields.Integer(
        "Revive After (Days)",
        help="So many days after being lost for this reason the lead is open again, without "
        "salesperson. 0: never.",
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
