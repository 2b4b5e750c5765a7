from odoo import api, fields, models

from ..tools.allocation import Share
from ..tools.cost_curve import CostCurve, interval
from .marketing_budget_simulation import CONFIDENCE, REACH

CHART_STEPS = 40


class MarketingBudgetSimulationLine(models.TransientModel):
    """One channel: what it has, what it shall have, and what that is expected to bring."""

    _name = "marketing.budget.simulation.line"
    _description = "Channel of a Budget Simulation"
    _order = "present_amount desc, id"

    simulation_id = fields.Many2one(
        "marketing.budget.simulation", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="simulation_id.currency_id")
    medium_id = fields.Many2one("utm.medium", readonly=True, ondelete="cascade")
    type_id = fields.Many2one("marketing.campaign.type", readonly=True, ondelete="cascade")
    name = fields.Char(string="Channel", compute="_compute_name")
    campaign_ids = fields.Many2many(
        "utm.campaign", "marketing_budget_simulation_campaign_rel", readonly=True
    )
    present_amount = fields.Monetary(string="Present", readonly=True)
    new_amount = fields.Monetary(string="New")
    change_amount = fields.Monetary(string="Change", compute="_compute_change")
    # Learned: {"rows": [[month, spend, leads, revenue, is mature], ...],
    #           "leads" and "revenue": {"curve": ...} or {"reason": ..., "found": ...}}
    learned = fields.Json(readonly=True)
    leads_text = fields.Text(string="Leads", compute="_compute_outcome")
    revenue_text = fields.Text(string="Revenue", compute="_compute_outcome")
    roi_text = fields.Char(string="ROI", compute="_compute_outcome")
    next_text = fields.Char(
        string="The Next Money Brings",
        compute="_compute_outcome",
        help="What another tenth of the present amount would bring on top.",
    )
    evidence = fields.Text(compute="_compute_evidence")
    is_beyond = fields.Boolean(string="Beyond Experience", compute="_compute_change")

    _amount_positive = models.Constraint(
        "CHECK(new_amount >= 0)", "A channel cannot get less than nothing."
    )

    @api.depends("medium_id", "type_id", "simulation_id.channel_by")
    @api.depends_context("lang")
    def _compute_name(self):
        for line in self:
            line.name = (line.medium_id or line.type_id).display_name or self.env._(
                "Without Channel"
            )

    @api.depends("new_amount", "present_amount", "simulation_id.months")
    def _compute_change(self):
        for line in self:
            line.change_amount = line.new_amount - line.present_amount
            most = max((row[1] for row in line._get_rows()), default=0.0)
            line.is_beyond = line.new_amount / (line.simulation_id.months or 1) > most * 1.001

    @api.depends("new_amount", "learned", "simulation_id.months", "simulation_id.objective")
    @api.depends_context("lang")
    def _compute_outcome(self):
        for line in self:
            simulation = line.simulation_id
            for outcome in ("leads", "revenue"):
                answer = (None, None, None)
                if line._get_curve(outcome):
                    draws = line._draw(outcome, line.new_amount)
                    expected = line._expect(outcome, line.new_amount)
                    answer = (expected, *interval(draws, CONFIDENCE))
                line[f"{outcome}_text"] = simulation._format_range(outcome, *answer)
            rate = None
            if line._get_curve("revenue") and line.new_amount > 0:
                revenue = line._expect("revenue", line.new_amount)
                rate = (revenue - line.new_amount) / line.new_amount
            line.roi_text = self.env["utm.campaign"]._format_rate(rate)
            line.next_text = line._format_next()

    def _format_next(self):
        """What another tenth brings, in the outcome one looks for."""
        outcome, step = self.simulation_id.objective, self.present_amount / 10
        if not self._get_curve(outcome) or step <= 0:
            return "—"
        more = self._expect(outcome, self.new_amount + step) - self._expect(
            outcome, self.new_amount
        )
        return self.env._(
            "%(gain)s for %(amount)s",
            gain=self.simulation_id._format(outcome, more, sign=True),
            amount=self.simulation_id._format("revenue", step),
        )

    @api.depends("learned", "is_beyond", "simulation_id.objective")
    @api.depends_context("lang")
    def _compute_evidence(self):
        for line in self:
            line.evidence = line._explain(line.simulation_id.objective)
            if line.is_beyond and line._get_curve(line.simulation_id.objective):
                line.evidence = self.env._(
                    "More a month than ever before: a guess. %s", line.evidence
                )

    # ------------------------------------------------------------------ what was learned

    def _get_rows(self):
        return (self.learned or {}).get("rows", [])

    def _get_curve(self, outcome) -> CostCurve | None:
        self.ensure_one()
        data = (self.learned or {}).get(outcome, {}).get("curve")
        return CostCurve(**data) if data else None

    def _with_curve(self, outcome):
        return self.filtered(lambda line: line._get_curve(outcome))

    def _expect(self, outcome, amount):
        """The expectation over the months ahead when they share the amount evenly."""
        months = self.simulation_id.months
        return months * float(self._get_curve(outcome).expected(amount / months))

    def _draw(self, outcome, amount):
        months = self.simulation_id.months
        return months * self._get_curve(outcome).sample(amount / months)

    def _explain(self, outcome):
        """The evidence of a curve, or what is missing for one."""
        self.ensure_one()
        answer = (self.learned or {}).get(outcome, {})
        rate = self.env["utm.campaign"]._format_rate
        if "curve" in answer:
            facts = {"months": answer["curve"]["month_count"], "fit": rate(answer["curve"]["fit"])}
            if answer.get("is_valued"):
                return self.env._(
                    "%(months)s months with spend, fit %(fit)s; revenue per lead of the past",
                    **facts,
                )
            return self.env._("%(months)s months with spend, fit %(fit)s", **facts)
        return {
            "few_months": self.env._(
                "No curve: only %(found)s months with spend, %(needed)s are needed",
                found=answer.get("found"),
                needed=self.simulation_id._get_min_months(),
            ),
            "same_spend": self.env._("No curve: the spend was the same every month"),
            "no_results": self.env._("No curve: nothing has come of it yet"),
            "no_effect": self.env._("No curve: months with more spend did not bring more"),
        }.get(answer.get("reason"), "—")

    def _prepare_share(self) -> Share:
        """Limits and return of the channel in the best distribution."""
        self.ensure_one()
        simulation = self.simulation_id
        curve, present = self._get_curve(simulation.objective), self.present_amount
        if not curve or present <= 0:
            return Share(0.0, 1.0, present, present)
        most = max(present, simulation.months * curve.spend_max * REACH)
        return Share(
            simulation.months * curve.scale,
            simulation.months * curve.half,
            present * (1 - simulation.max_change),
            min(present * (1 + simulation.max_change), most),
        )

    def _prepare_chart(self):
        """Months as dots, the curve with its range, present and new spend per month."""
        self.ensure_one()
        simulation = self.simulation_id
        outcome, months = simulation.objective, simulation.months or 1
        column = 2 if outcome == "leads" else 3
        rows = [row for row in self._get_rows() if outcome == "leads" or row[4]]
        chart = {
            "name": self.name,
            "evidence": self._explain(outcome),
            "points": [[max(row[1], 0.0), row[column], row[0]] for row in rows],
            "curve": [],
        }
        curve = self._get_curve(outcome)
        if curve:
            top = max(curve.spend_max * REACH, self.new_amount / months)
            spends = [top * step / CHART_STEPS for step in range(CHART_STEPS + 1)]
            lows, highs = curve.interval(spends, CONFIDENCE)
            chart["curve"] = [
                [spend, float(value), float(low), float(high)]
                for spend, value, low, high in zip(
                    spends, curve.expected(spends), lows, highs, strict=True
                )
            ]
            chart["marks"] = [
                [amount / months, float(curve.expected(amount / months))]
                for amount in (self.present_amount, self.new_amount)
            ]
        return chart

    # ------------------------------------------------------------------ actions

    def action_open_rows(self):
        """The costs, leads and revenue behind the channel, month by month."""
        simulation = self.simulation_id
        simulation.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "roi_dashboard.marketing_roi_report_action"
        )
        action["display_name"] = self.env._(
            "Months behind %(channels)s", channels=", ".join(self.mapped("name"))
        )
        action["domain"] = [
            ("campaign_id", "in", self.campaign_ids.ids),
            ("company_id", "=", simulation.company_id.id),
            ("model_id", "=", simulation.model_id.id),
            ("fact", "in", ("cost", "lead", "invoiced")),
            ("date", ">=", simulation.date_from),
            ("date", "<=", simulation.date_to),
        ]
        action["context"] = {
            "pivot_measures": ["cost_actual", "lead_count", "revenue_invoiced"],
            "pivot_row_groupby": ["date:month", "campaign_id"],
            "pivot_column_groupby": [],
        }
        action["path"] = False
        return action
