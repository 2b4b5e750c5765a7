from odoo import fields, models
from odoo.tools import SQL

from ..tools import routing


class LeadAssignmentPool(models.Model):
    """Salespeople, or teams of them, who share leads, and how the next one is chosen.

    Whose turn it is stands on the members (``credit``): the leads they were due so far
    minus the leads they were given. The row of the pool is the lock: whoever changes a
    credit also raises ``given_count`` here, so two servers can never use the same turn.
    """

    _name = "lead.assignment.pool"
    _description = "Lead Assignment Pool"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Leave empty to share the pool between companies.",
    )
    team_id = fields.Many2one(
        "crm.team",
        "Sales Team",
        check_company=True,
        index="btree_not_null",
        help="Leads given by this pool join this team. Empty: the salesperson's own team.",
    )
    method = fields.Selection(
        [
            (routing.SMOOTH, "Turn by turn, by weight"),
            (routing.LEAST_LOADED, "Fewest open leads first"),
            (routing.TERRITORY, "Owner of the territory"),
            (routing.STICKY, "Owner of the account, else turn by turn"),
            (routing.CLAIM, "Salespeople claim from the queue"),
        ],
        required=True,
        default=routing.SMOOTH,
        help="Turn by turn: smooth weighted round robin. As long as the same people are "
        "available, nobody is ever a whole lead ahead of or behind the share the weights give.\n"
        "Fewest open leads first: open leads divided by weight; equal loads take turns.\n"
        "Owner of the territory: members who name the lead's state, else its country, else "
        "members without a territory.\n"
        "Owner of the account: the salesperson of the customer company or of its open leads.\n"
        "Claim: leads wait in the queue until a member takes them.",
    )
    member_ids = fields.One2many("lead.assignment.pool.member", "pool_id", "Members", copy=True)
    rule_ids = fields.One2many("lead.assignment.rule", "pool_id", "Rules")
    use_working_hours = fields.Boolean(
        "Only During Working Hours",
        help="Give leads only to people who are working, or will be soon enough.",
    )
    available_within = fields.Integer(
        "Available Within (Hours)",
        help="0: must be working right now. 24: whoever works in the next 24 hours may receive.",
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        check_company=True,
        help="For members without working hours of their own. Empty: those of the company.",
    )
    count_manual = fields.Boolean(
        "Count Leads Given by Hand",
        default=True,
        help="A lead that a rule of this pool would have taken, but that somebody gave to a "
        "member by hand, uses up a turn of that member.",
    )
    # claiming
    claims_per_day = fields.Integer(help="Leads one person may claim per day. 0: no limit.")
    held_max = fields.Integer(
        "Held at Most",
        help="Open leads and opportunities a person may hold when claiming; won ones do not "
        "count. 0: no limit.",
    )
    cooling_hours = fields.Float(
        "Cooling Time (Hours)",
        help="How long somebody from whom a lead was taken has to wait to claim it again.",
    )
    rotation = fields.Json(
        readonly=True,
        copy=False,
        help="Who is available since when their turns are counted, and the leads given since.",
    )
    given_count = fields.Integer("Leads Given", readonly=True, copy=False)
    waiting_count = fields.Integer(compute="_compute_waiting_count")

    _claim_limits_positive = models.Constraint(
        "CHECK(claims_per_day >= 0 AND held_max >= 0 AND cooling_hours >= 0)",
        "A limit cannot be negative; 0 means no limit.",
    )
    _available_within_positive = models.Constraint(
        "CHECK(available_within BETWEEN 0 AND 120)",
        "People can be awaited for 0 to 120 hours.",
    )

    def _compute_waiting_count(self):
        counts = dict(
            self.env["crm.lead"]._read_group(
                [("assignment_pool_id", "in", self.ids), ("user_id", "=", False)],
                ["assignment_pool_id"],
                ["__count"],
            )
        )
        for pool in self:
            pool.waiting_count = counts.get(pool, 0)

    def action_open_waiting(self):
        """The leads of this pool that have no salesperson yet."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_all_leads")
        action["domain"] = [("assignment_pool_id", "=", self.id), ("user_id", "=", False)]
        action["context"] = {"default_type": "lead"}
        action["display_name"] = self.env._("Waiting in %(pool)s", pool=self.display_name)
        return action

    def action_open_decisions(self):
        """The ledger of this pool."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_scoring.lead_assignment_decision_action"
        )
        action["domain"] = [("pool_id", "=", self.id)]
        return action

    def _lock(self):
        """Hold the pools until the end of the transaction, in one order for everybody.

        Rows that only refer to a pool (claims, leads that wait in it) need not wait for that.
        """
        if self:
            self.env.execute_query(
                SQL(
                    """
                    SELECT id FROM lead_assignment_pool WHERE id IN %s ORDER BY id
                       FOR NO KEY UPDATE
                    """,
                    tuple(self.ids),
                )
            )
