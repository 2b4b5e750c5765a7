from odoo import fields, models


class LeadFollowupClock(models.Model):
    """One person's time with a lead: from receiving it to the first real action, or not.

    Opened and closed by the follow-up job from facts; kept as the history from which
    response times and breaches are reported.
    """

    _name = "lead.followup.clock"
    _description = "Lead Response Clock"
    _order = "id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users", "Salesperson", required=True, index=True, ondelete="cascade"
    )
    policy_id = fields.Many2one(
        "lead.followup.policy",
        ondelete="cascade",
        help="Empty: only the assignment rule of the lead sets a time to answer.",
    )
    # as they were when the lead was received
    source_id = fields.Many2one("utm.source", ondelete="set null")
    team_id = fields.Many2one("crm.team", "Sales Team", ondelete="set null")
    company_id = fields.Many2one("res.company", index="btree_not_null")
    date_start = fields.Datetime("Received", required=True)
    date_due = fields.Datetime("Due", help="Empty: no working hours ahead.")
    date_remind = fields.Datetime("Reminder")
    date_end = fields.Datetime("Ended")
    response_hours = fields.Float("Response (Working Hours)", aggregator="avg")
    hop = fields.Integer("Times Re-routed", help="0: the first person in this round.")
    is_reminded = fields.Boolean("Reminded")
    is_breached = fields.Boolean("Too Late", help="No real action before the limit.")
    state = fields.Selection(
        [
            ("running", "Running"),
            ("answered", "Answered"),
            ("rerouted", "Given to somebody else"),
            ("escalated", "Left to the manager"),
            ("ended", "Ended without need"),
        ],
        required=True,
        default="running",
        index=True,
    )

    _tenure_once = models.UniqueIndex(
        "(lead_id, user_id, date_start)", "A person receives a lead once at a time."
    )

    def action_open_lead(self):
        """A line of the list leads to what has to be answered."""
        self.ensure_one()
        return self.lead_id.redirect_lead_opportunity_view()

    def _handle_breach(self):
        """Too late: the lead goes to somebody else of its pool, at last to the manager."""
        free = self.lead_id.try_lock_for_update(allow_referencing=True)
        clocks = self.filtered(
            lambda clock: clock.lead_id in free and clock.lead_id.user_id == clock.user_id
        )
        clocks.is_breached = True
        hop_on = clocks.filtered(lambda clock: clock.hop < clock.policy_id.max_hops)
        verdicts = {}
        if hop_on:
            former = {clock.lead_id.id: clock._get_people_of_round() for clock in hop_on}
            verdicts = {
                verdict.lead: verdict
                for verdict in self.env["lead.assignment.engine"]._reassign(hop_on.lead_id, former)
            }
        now = self.env.cr.now()
        for clock in clocks:
            verdict = verdicts.get(clock.lead_id.id)
            given = bool(verdict and verdict.owner)
            clock.write({"state": "rerouted" if given else "escalated", "date_end": now})
        Notice = self.env["lead.followup.notice"]
        Notice._add(
            "taken_away",
            [(c.lead_id.id, c.user_id.id) for c in clocks if c.state == "rerouted"],
        )
        Notice._add(
            "escalated",
            [
                (clock.lead_id.id, clock.policy_id._get_manager(clock.lead_id).id)
                for clock in clocks
                if clock.state == "escalated"
            ],
        )

    def _get_people_of_round(self) -> set[int]:
        """Everybody who had the lead since it was last given afresh."""
        self.ensure_one()
        earlier = self.search(
            [("lead_id", "=", self.lead_id.id), ("id", "<=", self.id)], order="id desc"
        )
        people = set()
        for clock in earlier:
            people.add(clock.user_id.id)
            if not clock.hop:
                break
        return people
