from odoo import api, fields, models


class LeadAssignmentPoolMember(models.Model):
    """A seat in a pool: weight, limits, territory, skills, and the turn pointer.

    The seat belongs to a salesperson, or to a sales team whose salespeople take turns with
    the leads of the seat; each of them has the pause and the monthly capacity that Odoo keeps
    for members of a team.

    Limits are whole leads per calendar day, week and month in the person's time zone (a
    team's: of its leader), and count every lead received, from whatever pool or hand. 0 means
    no limit.
    """

    _name = "lead.assignment.pool.member"
    _description = "Lead Assignment Pool Member"
    _order = "pool_id, sequence, id"

    pool_id = fields.Many2one("lead.assignment.pool", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="pool_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    user_id = fields.Many2one(
        "res.users",
        "Salesperson",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('share', '=', False)]",
    )
    team_id = fields.Many2one(
        "crm.team",
        "Or Team",
        index="btree_not_null",
        ondelete="cascade",
        help="Its salespeople take turns with the leads of this seat, and the leads join it.",
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
    rotation = fields.Json(readonly=True, copy=False, help="Turns inside the team, see the pool.")

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
    _team_once = models.UniqueIndex(
        "(pool_id, team_id)", "A team can have only one seat in a pool."
    )
    _person_or_team = models.Constraint(
        "CHECK((user_id IS NULL) <> (team_id IS NULL))",
        "Each member of a pool is either a salesperson or a team.",
    )

    @api.depends("user_id", "team_id")
    def _compute_display_name(self):
        for member in self:
            member.display_name = member.user_id.display_name or member.team_id.display_name

    def _get_people(self):
        """Salespeople behind the seats: the person, or those of the team."""
        active = self.filtered(lambda member: member.active and not member.optout)
        return active.user_id | active.team_id.crm_team_member_ids.user_id
