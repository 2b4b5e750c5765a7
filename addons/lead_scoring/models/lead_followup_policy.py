from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class LeadFollowupPolicy(models.Model):
    """What has to happen with a lead somebody owns, and what happens otherwise.

    The first active policy that takes a lead applies to it. Everything is computed from
    facts (when the salesperson received the lead, what was done since), so a lead is
    followed up whether it was given by a rule, a button, an import or a merge. Facts
    older than the policy count from the day it was started.
    """

    _name = "lead.followup.policy"
    _description = "Lead Follow-up Policy"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null")
    domain = fields.Char("Leads", default="[]", required=True)
    date_start = fields.Datetime(
        "In Force Since",
        required=True,
        default=fields.Datetime.now,
        help="Leads received earlier are treated as if received then.",
    )
    # response
    response_hours = fields.Float(
        "Answer Within (Hours)",
        help="Working hours of the salesperson from receiving the lead to the first sent mail, "
        "call, meeting, quotation or stage change. Notes do not count. 0: no limit.",
    )
    reminder_hours = fields.Float(
        "Reminder Before (Hours)", help="Working hours before the limit. 0: no reminder."
    )
    max_hops = fields.Integer(
        "Re-route At Most",
        default=2,
        help="How often a lead without answer goes to another member of its pool, never back "
        "to one who had it. Then the manager decides. 0: straight to the manager.",
    )
    manager_id = fields.Many2one(
        "res.users",
        "Manager",
        domain="[('share', '=', False)]",
        help="Empty: the leader of the lead's sales team.",
    )
    # public pool
    recycle = fields.Boolean("Return to a Public Pool")
    public_pool_id = fields.Many2one(
        "lead.assignment.pool",
        check_company=True,
        ondelete="restrict",
        domain="[('method', '=', 'claim')]",
    )
    protect_days = fields.Float(
        "Protected For (Days)",
        default=10,
        help="From the day the salesperson received the lead: so long it stays with them.",
    )
    extend_days = fields.Float(
        "Extended by Activity (Days)",
        default=3,
        help="So long it stays after the latest sent mail, call, meeting, quotation or stage "
        "change, if that is later than the protection so far.",
    )
    longest_days = fields.Float(
        "Protected At Most (Days)",
        default=20,
        help="From the day it was received, whatever is done. Leads marked as protected stay.",
    )
    warn_days = fields.Float(
        "Warned Before (Days)",
        default=2,
        help="So many days before, the salesperson is told that the lead will be taken back.",
    )
    # stale opportunities
    stale_days = fields.Integer(
        "Untouched For (Days)", default=15, help="An activity for the salesperson. 0: never."
    )
    stale_manager_days = fields.Integer(
        "Then After (Days)", default=5, help="Another one for the manager. 0: never."
    )

    _terms_positive = models.Constraint(
        "CHECK(response_hours >= 0 AND reminder_hours >= 0 AND max_hops >= 0 AND stale_days >= 0"
        " AND stale_manager_days >= 0 AND warn_days >= 0 AND extend_days >= 0)",
        "Times cannot be negative.",
    )
    _protection_in_order = models.Constraint(
        "CHECK(protect_days > 0 AND longest_days >= protect_days)",
        "A lead is protected for more than 0 days, and at most for the longest time.",
    )

    @api.constrains("domain")
    def _check_domain(self):
        for policy in self:
            try:
                policy._get_lead_domain().validate(self.env["crm.lead"])
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The condition of policy “%(policy)s” cannot be used: %(error)s",
                        policy=policy.name,
                        error=error,
                    )
                ) from error

    @api.constrains("recycle", "public_pool_id")
    def _check_public_pool(self):
        for policy in self.filtered("recycle"):
            if policy.public_pool_id.method != "claim":
                raise ValidationError(
                    self.env._(
                        "Policy “%(policy)s” needs a pool from which salespeople claim leads.",
                        policy=policy.name,
                    )
                )

    def _get_lead_domain(self) -> Domain:
        """Condition and company."""
        self.ensure_one()
        domain = Domain(literal_eval(self.domain or "[]"))
        if self.company_id:
            domain &= Domain("company_id", "in", [self.company_id.id, False])
        return domain

    def _get_manager(self, lead):
        """Who decides when nobody responds."""
        return self.manager_id or lead.team_id.user_id
