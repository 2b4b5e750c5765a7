import numpy as np

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import score_evaluation as evaluation
from ..tools import scorecard
from .lead_score_backtest import BAND_COUNT, MIN_CASES


class LeadScoreBacktest(models.Model):
    """The figures of a back-test: contenders, calibration, and what each rule adds."""

    _inherit = "lead.score.backtest"

    def _get_contenders(self, table, scores, value) -> list[dict]:
        """These rules beside the published ones, Odoo's predictive method and chance."""
        contenders = [("these", scores)]
        live = self._get_published()
        if live:
            contenders.append(("published", self._get_scores_of(live, table)))
        contenders.append(("predictive", self._get_predictive(table)))
        contenders.append(("chance", np.zeros(len(scores))))
        return [
            self._measure(code, own, table, value) for code, own in contenders if own is not None
        ]

    def _measure(self, code, scores, table, value) -> dict:
        low, middle, high = evaluation.auc_interval(scores, table["won"])
        taken, found = evaluation.value_at_capacity(scores, value, table["week"], self.capacity)
        top = evaluation.cumulative_gains(scores, value, [0.1])
        return {
            "code": code,
            "auc": middle,
            "low": low,
            "high": high,
            "lift": top[0] * 10.0 if top else None,
            "precision": found / taken if taken else None,
            "share": found / float(value.sum()) if value.sum() else None,
        }

    def _get_published(self):
        """The published set these rules would replace, unless it is this one."""
        model = self.model_id
        return model.search(
            [
                ("state", "=", "active"),
                ("company_id", "=", model.company_id.id),
                ("team_id", "=", model.team_id.id),
                ("id", "!=", model.id),
            ],
            limit=1,
        )

    def _get_scores_of(self, model, table):
        history = self.env["lead.score.evidence"]
        rules, __ = history._split_rules(model)
        if not rules:
            return None
        other = history._collect(
            model, rules, self._scope_query(self.model_id, self._get_domain(), self.days)
        )
        points = dict(zip(other["lead_ids"], range(len(other["lead_ids"])), strict=True))
        order = [points[lead_id] for lead_id in table["lead_ids"]]
        other["points"] = other["points"][order]
        return self.new({"model_id": model.id})._get_rule_set(other, rules).total()

    def _get_predictive(self, table):
        """Odoo's method on Odoo's fields, learned from leads created before this period.

        The probability on a closed lead is 100 or 0, and the method's own counts contain the very
        leads to be judged: neither says anything about foresight.
        """
        names = self._get_predictive_fields()
        before = (
            Domain("active", "in", [True, False])
            & Domain("won_status", "in", ("won", "lost"))
            & Domain("create_date", "<", fields.Datetime.to_datetime(self.date_from))
            & self.model_id._get_scope_domain()
        )
        learned = self._read_columns(before, names)
        won = np.array([row[1] == "won" for row in learned], dtype=bool)
        if not names or min(won.sum(), (~won).sum()) < MIN_CASES:
            return None
        judged = {row[0]: row[2:] for row in self._read_columns(self._get_domain(), names)}
        return scorecard.naive_bayes_scores(
            [row[2:] for row in learned], won, [judged[lead_id] for lead_id in table["lead_ids"]]
        )

    @api.model
    def _get_predictive_fields(self) -> list[str]:
        # sudo: the setting says which fields Odoo's method looks at
        names = self.env["ir.config_parameter"].sudo().get_param("crm.pls_fields") or ""
        lead_fields = self.env["crm.lead"]._fields
        return [
            name
            for name in names.split(",")
            if name in lead_fields
            and lead_fields[name].store
            and lead_fields[name].column_type
            and name != "stage_id"
        ]

    def _read_columns(self, domain, names) -> list[tuple]:
        query = self.env["lead.score.engine"]._lead_query(self.model_id, domain)
        columns = SQL(", ").join(SQL.identifier("crm_lead", name) for name in names)
        if not names:
            return []
        return self.env.execute_query(
            query.select(
                SQL.identifier("crm_lead", "id"), SQL.identifier("crm_lead", "won_status"), columns
            )
        )

    @api.model
    def _get_bands(self, scores, table) -> list[dict]:
        """Calibration: what each band promised in the first half of the period, and kept later."""
        bands = evaluation.quantile_bands(scores, BAND_COUNT)
        later = table["moment"] > np.median(table["moment"])
        rows = []
        for band in range(BAND_COUNT):
            own = bands == band
            if not own.any():
                continue
            past, now = table["won"][own & ~later], table["won"][own & later]
            interval = evaluation.wilson_interval(int(now.sum()), len(now))
            rows.append(
                {
                    "from": int(scores[own].min()),
                    "to": int(scores[own].max()),
                    "count": int(own.sum()),
                    "expected": float(past.mean()) if len(past) else None,
                    "observed": float(now.mean()) if len(now) else None,
                    "low": interval[0] if interval else None,
                    "high": interval[1] if interval else None,
                }
            )
        return rows

    @api.model
    def _get_rule_rows(self, rules, rule_set, won) -> list[dict]:
        rows = evaluation.contributions(rule_set, won)
        return sorted(
            (
                {"rule": rule.id, "points": rule.points, **row}
                for rule, row in zip(rules, rows, strict=True)
            ),
            key=lambda row: -(row["contribution"] or 0.0),
        )
