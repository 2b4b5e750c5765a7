from odoo import fields, models


class LeadAssignmentPoolMember(models.Model):
    """A salesperson's seat in a pool: weight, limits, territory, skills, and the turn pointer.

    Limits are whole leads per calendar day, week and month in the person's time zone, and
    count every lead the person received, from whatever pool or hand. 0 means no limit.
    """

    _name = "lead.assignment.pool.member"
    _description = "Lead Assignment Pool Member"
    _order = "pool_id, sequence, id"
    _rec_name = "user_id"

    pool_id = fields.Many2one("lead.assignment.pool", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="pool_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    user_id = fields.Many2one(
        "res.users",
        "Salesperson",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('share', '=', False)]",
    )
    weight = fields.Integer(
        default=1, required=True, help="A member of weight 2 is due twice as many leads."
    )
    optout = fields.Boolean("Paused", help="Gives no leads to this person for the time being.")
    # limits
    capacity_day = fields.Integer("Per Day", help="0: no limit")
    capacity_week = fields.Integer("Per Week", help="0: no limit")
    capacity_month = fields.Integer("Per Month", help="0: no limit")
    backlog_max = fields.Integer(
        "Open at Most", help="Open leads and opportunities held at the same time. 0: no limit"
    )
    # territory and skills, used where a rule or the method asks for them
    country_ids = fields.Many2many("res.country", string="Countries")
    state_ids = fields.Many2many("res.country.state", string="States")
    lang_ids = fields.Many2many("res.lang", string="Languages")
    tag_ids = fields.Many2many(
        "crm.tag", string="Skills", help="Tags of leads this person can handle."
    )
    # the pointer
    credit = fields.Float(
        readonly=True,
        copy=False,
        digits=0,
        aggregator=None,
        help="Leads due so far minus leads given. Positive: the turn is near.",
    )

    _weight_positive = models.Constraint(
        "CHECK(weight BETWEEN 1 AND 1000)", "A weight is a whole number from 1 to 1000."
    )
    _limits_positive = models.Constraint(
        "CHECK(capacity_day >= 0 AND capacity_week >= 0 AND capacity_month >= 0"
        " AND backlog_max >= 0)",
        "A limit cannot be negative; 0 means no limit.",
    )
    _user_once = models.UniqueIndex(
        "(pool_id, user_id)", "A salesperson can have only one seat in a pool."
    )
