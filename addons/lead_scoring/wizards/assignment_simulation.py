from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from ..models.lead_assignment_decision import GIVEN_REASONS, LEFT_REASONS
from ..tools.availability import local_midnight

TEST_LIMIT = 2000
NEWEST = 100  # leads to test on when none is waiting
FALL_THROUGH_REASONS = [
    ("not_met", "Does not meet the condition"),
    ("other_company", "Belongs to another company"),
    ("earlier_rule", "An earlier rule takes it"),
]


class LeadAssignmentSimulation(models.TransientModel):
    """Try rules and pools out, changing nothing.

    With a rule: which of the waiting leads it takes, and why the others fall through.
    Without: the leads of a period as they came in, under the active rules or a draft of
    them (archived rules chosen here), with the working hours, absences and limits of those
    days: load per person, leads nobody would take, deadlines at risk.
    """

    _name = "lead.assignment.simulation"
    _description = "Assignment Simulation"

    rule_id = fields.Many2one("lead.assignment.rule", "Rule to Test", ondelete="cascade")
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: fields.Date.context_today(self) - timedelta(days=30),
    )
    date_to = fields.Date("To", required=True, default=fields.Date.context_today)
    rule_ids = fields.Many2many(
        "lead.assignment.rule",
        string="Rules",
        context={"active_test": False},
        help="In their order. Archived rules take part when chosen here. Empty: active rules.",
    )
    is_on_newest = fields.Boolean(readonly=True)
    line_ids = fields.One2many("lead.assignment.simulation.line", "simulation_id", "Leads")
    lead_count = fields.Integer(compute="_compute_counts")
    given_count = fields.Integer("Given", compute="_compute_counts")
    left_count = fields.Integer("Left", compute="_compute_counts")
    at_risk_count = fields.Integer("Deadlines at Risk", compute="_compute_counts")

    @api.depends("rule_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for simulation in self:
            simulation.display_name = simulation.rule_id.name or (
                f"{format_date(self.env, simulation.date_from)} – "
                f"{format_date(self.env, simulation.date_to)}"
            )

    @api.depends("line_ids.user_id", "line_ids.is_at_risk")
    def _compute_counts(self):
        for simulation in self:
            lines = simulation.line_ids
            simulation.lead_count = len(lines)
            simulation.given_count = len(lines.filtered("user_id"))
            simulation.left_count = len(lines) - simulation.given_count
            simulation.at_risk_count = len(lines.filtered("is_at_risk"))

    def action_run(self):
        """Decide without deciding; the form shows the result."""
        self._run()
        return True

    def _run(self):
        self.ensure_one()
        self.line_ids.unlink()
        vals_list = self._prepare_test() if self.rule_id else self._prepare_period()
        self.env["lead.assignment.simulation.line"].create(
            [{**vals, "simulation_id": self.id} for vals in vals_list]
        )

    def _get_action(self) -> dict:
        """Opens this simulation."""
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "current",
        }

    def action_open_lines(self):
        """The simulated leads as pivot and list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_scoring.lead_assignment_simulation_line_action"
        )
        action["domain"] = [("simulation_id", "=", self.id)]
        return action

    def _prepare_period(self) -> list[dict]:
        """Leads created in the period, whatever became of them, in the order they came in."""
        Lead = self.env["crm.lead"].with_context(active_test=False)
        start, end = self._get_bounds()
        leads = Lead.search([("create_date", ">=", start), ("create_date", "<", end)])
        rules = self.rule_ids.sorted() or self.env["lead.assignment.rule"].search([])
        outcomes = self.env["lead.assignment.simulator"]._replay_period(leads, rules, start, end)
        allowed = self._get_response_hours(leads)
        lines = []
        for outcome in outcomes:
            verdict = outcome.verdict
            rule = self.env["lead.assignment.rule"].browse(verdict.rule or [])
            hours = rule.response_hours or allowed.get(verdict.lead, 0)
            lines.append(
                {
                    **self._prepare_line(verdict),
                    "date_given": outcome.date and outcome.date.replace(microsecond=0),
                    "wait_hours": outcome.waited / 3600,
                    "is_at_risk": bool(hours)
                    and (not verdict.owner or outcome.waited > hours * 3600),
                }
            )
        return lines

    def _prepare_test(self) -> list[dict]:
        """The waiting leads, newest first, under the rules up to the tested one.

        When none is waiting: the newest ones, as if they came in now.
        """
        Lead = self.env["crm.lead"]
        waiting = Lead._get_assignment_waiting_domain()
        leads = Lead.search(waiting, order="id desc", limit=TEST_LIMIT)
        self.is_on_newest = not leads
        if self.is_on_newest:
            leads = Lead.search([], order="id desc", limit=NEWEST)
        rules = self.env["lead.assignment.rule"].search([]) | self.rule_id
        rules = rules.sorted()
        earlier = rules[: rules.ids.index(self.rule_id.id) + 1]
        verdicts = self.env["lead.assignment.simulator"]._decide_now(leads, earlier)
        met = leads.filtered_domain(self.rule_id._get_condition())
        fitting = leads.filtered_domain(self.rule_id._get_lead_domain())
        lines = []
        for verdict in verdicts:
            vals = self._prepare_line(verdict)
            lead = Lead.browse(verdict.lead)
            if verdict.rule != self.rule_id.id:
                vals.update(user_id=False, reason=self._get_fall_through(lead, met, fitting))
            lines.append(vals)
        return lines

    def _get_fall_through(self, lead, met, fitting) -> str:
        if lead not in met:
            return "not_met"
        return "earlier_rule" if lead in fitting else "other_company"

    def _get_bounds(self):
        """The period in UTC: whole days of the person who asks."""
        return (
            local_midnight(self.date_from, self.env.user.tz),
            local_midnight(self.date_to + timedelta(days=1), self.env.user.tz),
        )

    def _get_response_hours(self, leads) -> dict[int, float]:
        """Time to answer by the first follow-up policy that takes each lead."""
        hours = {}
        for policy in self.env["lead.followup.policy"].search([]):
            for lead in leads.filtered_domain(policy._get_lead_domain()):
                hours.setdefault(lead.id, policy.response_hours)
        return hours

    def _prepare_line(self, verdict) -> dict:
        return {
            "lead_id": verdict.lead,
            "rule_id": verdict.rule,
            "pool_id": verdict.pool,
            "user_id": verdict.owner,
            "reason": verdict.reason,
            "excluded": self._describe(verdict),
        }

    def _describe(self, verdict) -> str:
        """Why each person could not take the lead, shortest first: reason and how many."""
        labels = self.env["lead.assignment.decision"]._get_exclusion_labels()
        counts = Counter(verdict.excluded.values())
        return " · ".join(
            self.env._("%(outcome)s: %(count)s", outcome=labels[reason], count=count)
            for reason, count in sorted(counts.items())
        )


class LeadAssignmentSimulationLine(models.TransientModel):
    """What would become of one lead."""

    _name = "lead.assignment.simulation.line"
    _description = "Simulated Lead"
    _order = "rule_id, user_id, id"
    _rec_name = "lead_id"

    simulation_id = fields.Many2one(
        "lead.assignment.simulation", required=True, index=True, ondelete="cascade"
    )
    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    expected_revenue = fields.Monetary(
        related="lead_id.expected_revenue", store=True, currency_field="currency_id"
    )
    currency_id = fields.Many2one(related="lead_id.company_currency")
    rule_id = fields.Many2one("lead.assignment.rule", ondelete="cascade")
    pool_id = fields.Many2one("lead.assignment.pool", ondelete="cascade")
    user_id = fields.Many2one("res.users", "Would Go To", ondelete="cascade")
    reason = fields.Selection(GIVEN_REASONS + LEFT_REASONS + FALL_THROUGH_REASONS, required=True)
    excluded = fields.Char("Who Could Not")
    date_given = fields.Datetime("Given On")
    wait_hours = fields.Float(
        "Waited (Hours)", aggregator="avg", help="Working hours of the salesperson before that."
    )
    is_at_risk = fields.Boolean(
        "Deadline at Risk",
        help="Nobody would have taken it, or it would have waited for its salesperson longer "
        "than there is time to answer.",
    )
