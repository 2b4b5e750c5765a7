from itertools import permutations

from odoo import api, fields, models

from ..tools.allocation import gain_of_move
from .marketing_budget_simulation import CONFIDENCE, REACH

STEP = 0.1
SHOWN = 5


class MarketingBudgetSimulation(models.TransientModel):
    """Moves of a tenth from one channel to another that own experience speaks for."""

    _inherit = "marketing.budget.simulation"

    def _suggest(self):
        """Keep the moves with the largest expected gain, the doubtful ones left out."""
        self.ensure_one()
        vals_list = [
            vals
            for giver, receiver in permutations(self.line_ids, 2)
            if (vals := self._prepare_suggestion(giver, receiver))
        ]
        vals_list.sort(key=lambda vals: -vals["gain"])
        self.suggestion_ids.unlink()
        self.env["marketing.budget.simulation.suggestion"].create(vals_list[:SHOWN])

    def _prepare_suggestion(self, giver, receiver):
        """The move as values, or nothing when it is not worth proposing."""
        amount = self.currency_id.round(giver.present_amount * STEP)
        gain = self._get_gain(self.objective, giver, receiver, amount)
        if not gain or gain.expected <= 0 or gain.probability < CONFIDENCE:
            return None
        curve = receiver._get_curve(self.objective)
        if (receiver.present_amount + amount) / self.months > curve.spend_max * REACH:
            return None
        return {
            "simulation_id": self.id,
            "source_line_id": giver.id,
            "target_line_id": receiver.id,
            "amount": amount,
            "gain": gain.expected,
            "gain_low": gain.low,
            "gain_high": gain.high,
            "probability": gain.probability,
        }

    def _get_gain(self, outcome, giver, receiver, amount):
        """What the move brings from the present distribution, if both channels have a curve."""
        curves = giver._get_curve(outcome), receiver._get_curve(outcome)
        if not all(curves) or amount <= 0:
            return None
        return gain_of_move(
            *curves,
            (giver.present_amount, receiver.present_amount),
            amount,
            self.months,
            CONFIDENCE,
        )


class MarketingBudgetSimulationSuggestion(models.TransientModel):
    """One move with what it is expected to bring, why, and on what evidence."""

    _name = "marketing.budget.simulation.suggestion"
    _description = "Suggested Move of Budget"
    _order = "gain desc, id"

    simulation_id = fields.Many2one(
        "marketing.budget.simulation", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="simulation_id.currency_id")
    source_line_id = fields.Many2one(
        "marketing.budget.simulation.line", required=True, ondelete="cascade"
    )
    target_line_id = fields.Many2one(
        "marketing.budget.simulation.line", required=True, ondelete="cascade"
    )
    amount = fields.Monetary(readonly=True)
    gain = fields.Float(readonly=True)
    gain_low = fields.Float(readonly=True)
    gain_high = fields.Float(readonly=True)
    probability = fields.Float(
        string="Sure",
        readonly=True,
        help="How often the move pays, over all curves that the past allows.",
    )
    text = fields.Text(string="Suggestion", compute="_compute_text")
    evidence = fields.Text(compute="_compute_text")

    @api.depends("amount", "gain", "source_line_id", "target_line_id")
    @api.depends_context("lang")
    def _compute_text(self):
        for suggestion in self:
            giver, receiver = suggestion.source_line_id, suggestion.target_line_id
            suggestion.text = suggestion._get_text()
            outcome = suggestion.simulation_id.objective
            suggestion.evidence = self.env._(
                "%(giver)s: %(giver_evidence)s. %(receiver)s: %(receiver_evidence)s.",
                giver=giver.name,
                giver_evidence=giver._explain(outcome),
                receiver=receiver.name,
                receiver_evidence=receiver._explain(outcome),
            )

    def _get_text(self):
        simulation, outcome = self.simulation_id, self.simulation_id.objective
        words = {
            "amount": self.currency_id.format(self.amount),
            "share": self.env["utm.campaign"]._format_rate(STEP),
            "giver": self.source_line_id.name,
            "receiver": self.target_line_id.name,
            "gain": simulation._format_range(
                outcome, self.gain, self.gain_low, self.gain_high, sign=True
            ),
            "last": self._format_step(self.source_line_id, -self.amount),
            "next": self._format_step(self.target_line_id, self.amount),
        }
        if outcome == "leads":
            return self.env._(
                "Moving %(amount)s (%(share)s) from %(giver)s to %(receiver)s is expected to bring "
                "%(gain)s leads, because this money brings %(last)s leads where it is and %(next)s "
                "where it would go.",
                **words,
            )
        return self.env._(
            "Moving %(amount)s (%(share)s) from %(giver)s to %(receiver)s is expected to bring "
            "%(gain)s of revenue, because this money brings %(last)s where it is and %(next)s "
            "where it would go.",
            **words,
        )

    def _format_step(self, line, change):
        """What the money that moves brings in one of the two channels."""
        outcome = self.simulation_id.objective
        moved = line._expect(outcome, line.present_amount + change) - line._expect(
            outcome, line.present_amount
        )
        return self.simulation_id._format(outcome, abs(moved))

    def action_take(self):
        """Put the move into the simulation."""
        self.ensure_one()
        self.source_line_id.new_amount = max(self.source_line_id.new_amount - self.amount, 0.0)
        self.target_line_id.new_amount += self.amount

    def action_open_rows(self):
        self.ensure_one()
        return (self.source_line_id | self.target_line_id).action_open_rows()
