import numpy as np
from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..models.lead_score_backtest import MIN_CASES
from ..tools import scorecard

NUMERIC = ("integer", "float", "monetary")
NUMERIC_STEPS = 5


class LeadScoreSuggestion(models.TransientModel):
    """Let history suggest the points: a draft a person edits, never a decision.

    Learns from closed leads of a period, with the facts as they were (see back-tests), how much
    each rule says about winning, and writes that into a new draft in whole points. Rules for the
    values of chosen fields can be added as candidates; those that say nothing are dropped.
    The draft remembers what it learned from, so that it is only tested on later leads, and says
    which rules it left out and why. A rule too few leads can judge gets no points at all, and
    what little evidence there is gives little weight (see ``tools/scorecard.py``).
    """

    _name = "lead.score.suggestion"
    _description = "Suggest Points from History"

    model_id = fields.Many2one("lead.score.model", "Rule Set", required=True)
    date_from = fields.Date(
        "Learn from Leads Created From",
        required=True,
        default=lambda self: fields.Date.subtract(fields.Date.today(), years=2),
    )
    date_to = fields.Date(
        "To",
        required=True,
        default=lambda self: fields.Date.subtract(fields.Date.today(), months=6),
        help="Leave later leads for the back-test.",
    )
    days = fields.Integer("Known After (days)", required=True, default=1)
    method = fields.Selection(
        [("scorecard", "Together (logistic scorecard)"), ("evidence", "One by one (evidence)")],
        required=True,
        default="scorecard",
        help="Together: rules that say the same thing share the points.\n"
        "One by one: each rule alone; easy to check by hand, but overlapping rules add up.",
    )
    points_per_doubling = fields.Integer(
        "Points That Double the Odds",
        required=True,
        default=20,
        help="The scale of the points: so many points double a lead's odds of being won.",
    )
    field_ids = fields.Many2many(
        "ir.model.fields",
        string="Also Try Fields",
        domain="[('model', '=', 'crm.lead'), ('store', '=', True), ('ttype', 'in', ('many2one',"
        " 'many2many', 'selection', 'boolean', 'char', 'integer', 'float', 'monetary'))]",
        help="Adds a rule for each frequent value of these fields, if it says something.",
    )
    min_count = fields.Integer(
        "Evidence per Rule (leads)",
        required=True,
        default=20,
        help="A rule gets points only if at least so many leads can judge it: as many it holds "
        "for, and as many it does not. What fewer leads did may be chance.",
    )

    def action_suggest(self):
        self.ensure_one()
        draft = self._prepare_draft()
        rules, refused = self.env["lead.score.evidence"]._split_rules(draft)
        table = self._learn(draft, rules)
        points = self._weigh(table)
        for rule, own_points in zip(rules, points, strict=True):
            rule.points = own_points
        left_out = self._get_left_out(rules, refused, table)
        if not any(points):
            raise UserError(
                self.env._(
                    "History suggests no points for any rule of “%(name)s”:\n%(reasons)s",
                    name=self.model_id.display_name,
                    reasons="\n".join(f"{name}: {reason}" for name, reason in left_out),
                )
            )
        self._set_thresholds(draft, table, points, rules)
        (draft.rule_ids - rules).unlink()  # rules the past cannot judge
        rules.filtered(lambda rule: not rule.points).unlink()
        draft.group_ids.filtered(lambda group: not group.rule_ids).unlink()
        self._post_evidence(draft, table, left_out)
        self._test_on_later_leads(draft)
        return {
            "type": "ir.actions.act_window",
            "res_model": "lead.score.model",
            "res_id": draft.id,
            "views": [(False, "form")],
        }

    def _prepare_draft(self):
        model = self.model_id
        draft = model.copy(
            {
                "name": self.env._("%(name)s (suggested)", name=model.name),
                "previous_id": model.id,
                "version": max(model._get_family().mapped("version")) + 1,
                "date_learned_until": self.date_to,
                "is_limited": False,
            }
        )
        draft.group_ids.is_limited = False
        draft.rule_ids.is_limited = False
        groups = [
            Command.create(
                {
                    "name": field.field_description,
                    "axis": "fit",
                    "sequence": 100 + number,
                    "rule_ids": [Command.create(vals) for vals in candidates],
                }
            )
            for number, field in enumerate(self.field_ids)
            if (candidates := self._get_candidates(field.name))
        ]
        if groups:
            draft.write({"group_ids": groups})
        return draft

    # ------------------------------------------------------------------
    # Candidates
    # ------------------------------------------------------------------

    def _get_period_domain(self) -> Domain:
        # the same closed leads a back-test of this period would take
        return (
            self.env["lead.score.backtest"]
            .new(
                {"model_id": self.model_id.id, "date_from": self.date_from, "date_to": self.date_to}
            )
            ._get_domain()
        )

    def _get_candidates(self, name) -> list[dict]:
        """Rules for the values of one field: values of the dictionary of a rule each."""
        field = self.env["crm.lead"]._fields[name]
        if name in self.env["lead.score.evidence"]._get_leaking_fields():
            raise UserError(
                self.env._(
                    "“%(field)s” knows how a lead ended and cannot be learned from.",
                    field=field.get_description(self.env, ["string"])["string"],
                )
            )
        if field.type in NUMERIC:
            return self._get_numeric_candidates(name)
        if field.type == "boolean":
            return [self._prepare_candidate(self.env._("Yes"), [(name, "=", True)])]
        if field.type == "char":
            return [self._prepare_candidate(self.env._("Known"), [(name, "!=", False)])]
        return self._get_category_candidates(name, field)

    def _get_category_candidates(self, name, field) -> list[dict]:
        # sudo: learning takes all leads of the rule set
        groups = (
            self.env["crm.lead"].sudo()._read_group(self._get_period_domain(), [name], ["__count"])
        )
        labels = dict(field._description_selection(self.env)) if field.type == "selection" else {}
        candidates = []
        for value, count in groups:
            if not value or count < self.min_count:
                continue
            if field.type == "selection":
                label, domain = labels.get(value, value), [(name, "=", value)]
            else:
                label, domain = value.display_name, [(name, "in", [value.id])]
            candidates.append(self._prepare_candidate(label, domain))
        return candidates

    def _get_numeric_candidates(self, name) -> list[dict]:
        # sudo: learning takes all leads of the rule set
        leads = self.env["crm.lead"].sudo().search_fetch(self._get_period_domain(), [name])
        values = np.array(leads.mapped(name), dtype=float)
        if not len(values):
            return []
        steps = np.linspace(0, 1, NUMERIC_STEPS + 1)[1:-1]
        cuts = [float(cut) for cut in np.unique(np.quantile(values, steps))]
        candidates = []
        for low, high in zip([None, *cuts], [*cuts, None], strict=True):
            domain = [] if low is None else [(name, ">=", low)]
            domain += [] if high is None else [(name, "<", high)]
            inside = np.ones(len(values), dtype=bool)
            if low is not None:
                inside &= values >= low
            if high is not None:
                inside &= values < high
            if inside.sum() >= self.min_count:
                bounds = ["…" if bound is None else f"{bound:g}" for bound in (low, high)]
                candidates.append(
                    self._prepare_candidate(" – ".join(bounds), domain, match_unknown=True)
                )
        return candidates

    @api.model
    def _prepare_candidate(self, name, domain, **values) -> dict:
        return {"name": name, "kind": "state", "domain": repr(domain), "points": 1, **values}

    # ------------------------------------------------------------------
    # Learning
    # ------------------------------------------------------------------

    def _learn(self, draft, rules) -> dict:
        # sudo: learning takes all leads of the rule set, whoever asks
        backtest = self.env["lead.score.backtest"].sudo()
        table = (
            self.env["lead.score.evidence"]
            .sudo()
            ._collect(
                draft,
                rules,
                backtest._scope_query(draft, self._get_period_domain(), self.days),
                is_unit=True,
            )
        )
        wins = int(table["won"].sum())
        losses = len(table["won"]) - wins
        if min(wins, losses) < MIN_CASES:
            raise UserError(
                self.env._(
                    "Not enough evidence: %(won)s won and %(lost)s lost leads in this period, and "
                    "at least %(least)s of each are needed to learn from.",
                    won=wins,
                    lost=losses,
                    least=MIN_CASES,
                )
            )
        return table

    def _weigh(self, table) -> list[int]:
        """The points of each rule; none for a rule too few leads can judge."""
        enough = scorecard.evidence_counts(table["points"]) >= self.min_count
        facts = table["points"][:, enough]
        weights = np.zeros(len(enough))
        if self.method == "evidence":
            weights[enough] = scorecard.evidence_weights(facts, table["won"])
        else:
            weights[enough], __ = scorecard.logistic_weights(facts, table["won"])
        return scorecard.integer_points(weights, self.points_per_doubling)

    def _get_left_out(self, rules, refused, table) -> list[tuple[str, str]]:
        """The rules of the original that get no points, each with the reason."""
        evidence = self.env["lead.score.evidence"]
        left_out = [(rule.name, evidence._describe_refusal(*reason)) for rule, reason in refused]
        own_keys = set(self.model_id.rule_ids.mapped("key"))
        holds = (table["points"] != 0).sum(axis=0)
        others = len(table["points"]) - holds
        for rule, count, other in zip(rules, holds, others, strict=True):
            if rule.points or rule.key not in own_keys:
                continue
            reason = self.env._("Those leads were won as often as the others.")
            if min(count, other) < self.min_count:
                reason = self.env._(
                    "It holds for %(count)s leads and not for %(other)s; to judge it, at least "
                    "%(least)s of each are needed.",
                    count=count,
                    other=other,
                    least=self.min_count,
                )
            left_out.append((rule.name, reason))
        return left_out

    def _post_evidence(self, draft, table, left_out):
        """What the points rest on, where whoever publishes them looks."""
        wins = int(table["won"].sum())
        text = self.env._(
            "Points learned from %(won)s won and %(lost)s lost leads, created from %(start)s to "
            "%(end)s.",
            won=wins,
            lost=len(table["won"]) - wins,
            start=format_date(self.env, self.date_from),
            end=format_date(self.env, self.date_to),
        )
        body = Markup("<p>%s</p>") % text
        if left_out:
            lines = Markup().join(Markup("<li>%s: %s</li>") % line for line in left_out)
            body += Markup("<p>%s</p><ul>%s</ul>") % (self.env._("Rules left out:"), lines)
        draft.message_post(body=body)

    @api.model
    def _set_thresholds(self, draft, table, points, rules):
        """Bands by how the learned leads are spread: a fifth on top, a half in the middle."""
        worth = table["points"] * np.array(points)
        axis = np.array([rule.axis for rule in rules])

        def cut(values, share):
            return int(np.ceil(np.quantile(values, share))) if values.size else 0

        fit = worth[:, axis == "fit"].sum(axis=1)
        engagement = worth[:, axis == "engagement"].sum(axis=1)
        total = worth.sum(axis=1)
        vals = {}
        for upper, lower, values in (
            ("fit_a_from", "fit_b_from", fit),
            ("engagement_1_from", "engagement_2_from", engagement),
        ):
            vals[lower] = cut(values, 0.5)
            vals[upper] = max(cut(values, 0.8), vals[lower] + 1)
        vals["mql_enter"] = cut(total, 0.8)
        vals["mql_leave"] = min(cut(total, 0.7), vals["mql_enter"])
        draft.write(vals)

    def _test_on_later_leads(self, draft):
        """The back-test a suggestion comes with: on leads it did not learn from."""
        test = self.env["lead.score.backtest"].create(
            {
                "model_id": draft.id,
                "date_from": fields.Date.add(self.date_to, days=1),
                "date_to": max(fields.Date.today(), fields.Date.add(self.date_to, days=1)),
                "days": self.days,
            }
        )
        if draft.rule_ids:
            test.action_run()
        return test
