from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.misc import format_amount, formatLang

from ..tools.allocation import Share, allocate
from ..tools.cost_curve import interval

CONFIDENCE = 0.8
# How far beyond the dearest month of the past a curve is still believed.
REACH = 1.25


class MarketingBudgetSimulation(models.TransientModel):
    """Move money between channels and see what own experience lets expect.

    The months of the past, spend against leads and revenue, give every channel a curve of
    diminishing returns with its doubt (``tools/cost_curve.py``); a channel with too little data
    gets none, says why, and keeps its money in the best distribution. The simulation changes
    nothing: saving it drafts budget transfers and revisions, which take their usual way.
    """

    _name = "marketing.budget.simulation"
    _description = "Budget Simulation"
    _rec_name = "company_id"
    _transient_max_hours = 24.0

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    channel_by = fields.Selection(
        [("medium", "Medium"), ("type", "Campaign Type")],
        string="Channels",
        default="medium",
        required=True,
        help="A campaign with all its costs and results belongs to one channel: to the medium of "
        "most of its touches, or to its type.",
    )
    model_id = fields.Many2one(
        "marketing.attribution.model",
        string="Attribution Model",
        required=True,
        default=lambda self: self.env["marketing.attribution.model"]._get_default_model(),
    )
    date_from = fields.Date(
        string="Learn from", required=True, default=lambda self: self._default_month(-24)
    )
    date_to = fields.Date(
        string="Learn until", required=True, default=lambda self: self._default_month(0, -1)
    )
    months = fields.Integer(
        string="Months Ahead", default=3, required=True, help="The time the budget is for."
    )
    basis = fields.Selection(
        [("spent", "The usual spend"), ("left", "What campaigns have left")],
        string="Start from",
        default="spent",
        required=True,
        help="The average spend per month of the past, or the remaining budget of approved and "
        "running campaigns.",
    )
    objective = fields.Selection(
        [("leads", "Leads"), ("revenue", "Revenue")],
        string="Get the most",
        default="leads",
        required=True,
    )
    max_change = fields.Float(
        string="Largest Change",
        default=0.5,
        help="How far the best distribution may move a channel away from what it has.",
    )
    total_amount = fields.Monetary(string="Total Budget")
    present_amount = fields.Monetary(string="Present Total", compute="_compute_totals")
    rest_amount = fields.Monetary(
        string="Left to Distribute", compute="_compute_totals", help="Negative: too much."
    )
    line_ids = fields.One2many("marketing.budget.simulation.line", "simulation_id")
    suggestion_ids = fields.One2many("marketing.budget.simulation.suggestion", "simulation_id")

    leads_present_text = fields.Char(string="Leads at Present", compute="_compute_outcome")
    leads_new_text = fields.Char(string="Leads", compute="_compute_outcome")
    leads_change_text = fields.Char(string="Change of Leads", compute="_compute_outcome")
    revenue_present_text = fields.Char(string="Revenue at Present", compute="_compute_outcome")
    revenue_new_text = fields.Char(string="Revenue", compute="_compute_outcome")
    revenue_change_text = fields.Char(string="Change of Revenue", compute="_compute_outcome")
    roi_present_text = fields.Char(string="ROI at Present", compute="_compute_outcome")
    roi_new_text = fields.Char(string="ROI", compute="_compute_outcome")
    unknown_text = fields.Char(compute="_compute_outcome")
    charts = fields.Json(compute="_compute_charts")

    _months_positive = models.Constraint(
        "CHECK(months BETWEEN 1 AND 24)", "A budget is simulated for one to 24 months."
    )
    _change_share = models.Constraint(
        "CHECK(max_change BETWEEN 0 AND 1)", "The largest change lies between 0 and 100 %."
    )

    @api.model
    def _default_month(self, months, days=0):
        first = fields.Date.context_today(self).replace(day=1)
        return first + relativedelta(months=months, days=days)

    @api.depends("company_id", "channel_by")
    def _compute_display_name(self):
        for simulation in self:
            simulation.display_name = self.env._("Budget Simulation")

    @api.depends("line_ids.new_amount", "line_ids.present_amount", "total_amount")
    def _compute_totals(self):
        for simulation in self:
            simulation.present_amount = sum(simulation.line_ids.mapped("present_amount"))
            simulation.rest_amount = simulation.total_amount - sum(
                simulation.line_ids.mapped("new_amount")
            )

    @api.depends("line_ids.new_amount", "months")
    @api.depends_context("lang")
    def _compute_outcome(self):
        for simulation in self:
            lines = simulation.line_ids
            for outcome in ("leads", "revenue"):
                present, now, change = simulation._get_sums(outcome)
                simulation[f"{outcome}_present_text"] = simulation._format_range(outcome, *present)
                simulation[f"{outcome}_new_text"] = simulation._format_range(outcome, *now)
                simulation[f"{outcome}_change_text"] = simulation._format_range(
                    outcome, *change, sign=True
                )
            known = lines._with_curve("revenue")
            for name, amount in (("present", "present_amount"), ("new", "new_amount")):
                spend = sum(known.mapped(amount))
                revenue = sum(line._expect("revenue", line[amount]) for line in known)
                rate = (revenue - spend) / spend if spend > 0 else None
                simulation[f"roi_{name}_text"] = self.env["utm.campaign"]._format_rate(rate)
            unknown = lines - lines._with_curve(simulation.objective)
            simulation.unknown_text = simulation._say_unknown(unknown)

    def _say_unknown(self, unknown):
        """What the figures leave out, and that there is nothing to learn from at all."""
        if not self.line_ids:
            return self.env._("No campaign cost anything in these months: nothing to learn from.")
        if not unknown:
            return False
        return self.env._(
            "Not in these figures, for lack of data: %s.", ", ".join(unknown.mapped("name"))
        )

    @api.depends("line_ids.new_amount", "objective", "months")
    @api.depends_context("lang")
    def _compute_charts(self):
        for simulation in self:
            simulation.charts = {
                "outcome": simulation.objective,
                "currency": simulation.currency_id.id,
                "channels": [line._prepare_chart() for line in simulation.line_ids],
            }

    # ------------------------------------------------------------------ figures

    def _get_sums(self, outcome):
        """Present, new and change over the channels with a curve: expectation and range."""
        self.ensure_one()
        known = self.line_ids._with_curve(outcome)
        if not known:
            return (None, None, None), (None, None, None), (None, None, None)
        present = sum(line._expect(outcome, line.present_amount) for line in known)
        new = sum(line._expect(outcome, line.new_amount) for line in known)
        present_draws = sum(line._draw(outcome, line.present_amount) for line in known)
        new_draws = sum(line._draw(outcome, line.new_amount) for line in known)
        return (
            (present, *interval(present_draws, CONFIDENCE)),
            (new, *interval(new_draws, CONFIDENCE)),
            (new - present, *interval(new_draws - present_draws, CONFIDENCE)),
        )

    def _format_range(self, outcome, expected, low, high, sign=False):
        """``57 (48 to 66)``; what is unknown is a dash."""
        if expected is None:
            return "—"
        words = [self._format(outcome, value, sign) for value in (expected, low, high)]
        if words[0] == words[1] == words[2]:
            return words[0]
        return self.env._(
            "%(expected)s (%(low)s to %(high)s)", expected=words[0], low=words[1], high=words[2]
        )

    def _format(self, outcome, value, sign=False):
        """Leads with a decimal while there are few, money without cents: it is an expectation."""
        digits = 0 if outcome == "revenue" or abs(value) >= 20 else 1
        value = round(float(value), digits) or 0.0
        if outcome == "revenue":
            text = format_amount(self.env, value, self.currency_id, trailing_zeroes=False)
        else:
            text = formatLang(self.env, value, digits=digits)
        return f"+{text}" if sign and value > 0 else text

    # ------------------------------------------------------------------ actions

    @api.model
    def action_open_simulator(self):
        """A fresh simulation of the company one works in."""
        simulation = self.create({})
        simulation.action_learn()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Budget Simulator"),
            "res_model": self._name,
            "res_id": simulation.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def action_learn(self):
        """Read the past anew, fit the curves and look for moves that pay."""
        self.ensure_one()
        if self.date_from > self.date_to:
            raise UserError(self.env._("The time to learn from ends after it begins."))
        self.write(
            {
                "line_ids": [
                    Command.clear(),
                    *(Command.create(vals) for vals in self._prepare_lines()),
                ]
            }
        )
        self.total_amount = self.present_amount
        self._suggest()

    def action_reset(self):
        """Back to what the channels have now."""
        self.ensure_one()
        for line in self.line_ids:
            line.new_amount = line.present_amount
        self.total_amount = self.present_amount

    def action_optimise(self):
        """The distribution with the same return of the last unit of money in each channel."""
        self.ensure_one()
        lines = self.line_ids
        shares = [line._prepare_share() for line in lines]
        if not any(share.scale for share in shares):
            raise UserError(
                self.env._(
                    "No channel has enough data for a curve: the column Evidence says what is "
                    "missing. Learn from a longer time, or group the channels differently."
                )
            )
        try:
            parts = allocate(self.total_amount, shares, self.currency_id.decimal_places)
        except ValueError as error:
            raise UserError(self._explain_limits(shares)) from error
        for line, part in zip(lines, parts, strict=True):
            line.new_amount = part

    def _explain_limits(self, shares: list[Share]):
        return self.env._(
            "With the largest change of %(change)s and what was ever spent in a month, the "
            "channels can take between %(low)s and %(high)s. Change the total budget or the "
            "largest change.",
            change=self.env["utm.campaign"]._format_rate(self.max_change),
            low=self.currency_id.format(sum(share.low for share in shares)),
            high=self.currency_id.format(sum(share.high for share in shares)),
        )
