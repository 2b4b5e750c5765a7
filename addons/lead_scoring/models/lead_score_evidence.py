import re
from collections import defaultdict

import numpy as np

from odoo import api, models
from odoo.tools import SQL

#: Dates that move with today: "today -30d", "now", "-1m", "=monday".
RELATIVE_DATE = re.compile(r"\s*(today|now)\b|\s*[-+=]")


def _is_relative_date(value) -> bool:
    values = value if isinstance(value, (list, tuple)) else [value]
    return any(isinstance(one, str) and RELATIVE_DATE.match(one) for one in values)


class LeadScoreEvidence(models.AbstractModel):
    """The past as it was known at the time: what back-tests judge and suggestions learn from."""

    _name = "lead.score.evidence"
    _description = "Lead Score Evidence"

    # ------------------------------------------------------------------
    # Which rules may look at the past
    # ------------------------------------------------------------------

    @api.model
    def _get_leaking_fields(self) -> set[str]:
        """Hook: fields of a lead that know how it ended."""
        return {
            "active",
            "activity_ids",
            "automated_probability",
            "date_automation_last",
            "date_closed",
            "date_conversion",
            "date_last_stage_update",
            "date_mql",
            "date_open",
            "date_sql",
            "day_close",
            "day_open",
            "duration_tracking",
            "is_automated_probability",
            "is_mql",
            "lost_reason_id",
            "message_ids",
            "order_ids",
            "probability",
            "prorated_revenue",
            "quotation_count",
            "recurring_revenue_monthly_prorated",
            "recurring_revenue_prorated",
            "sale_amount_total",
            "sale_order_count",
            "score",
            "score_engagement",
            "score_fit",
            "score_grade",
            "score_model_id",
            "stage_id",
            "type",
            "user_id",
            "won_status",
            "write_date",
            "write_uid",
        }

    @api.model
    def _get_leaking_touches(self) -> set[str]:
        """Hook: kinds of touch that are the outcome itself."""
        return {"order"}

    @api.model
    def _split_rules(self, model):
        """The rules that may judge the past, and the others with the reason why not."""
        rules, refused = model.rule_ids.browse(), []
        for rule in model.rule_ids.sorted(lambda rule: (rule.group_id.sequence, rule.sequence)):
            reason = self._get_refusal(rule)
            if reason:
                refused.append((rule, reason))
            else:
                rules |= rule
        return rules, refused

    @api.model
    def _get_refusal(self, rule) -> tuple[str, str] | None:
        """Why a rule may not judge the past: a code and what it is about."""
        if error := rule._get_compile_error():
            return "broken", error
        if rule.kind == "event":
            if rule.touch_kind in self._get_leaking_touches():
                return "touch", rule.touch_kind
            return self._get_domain_refusal(rule, "marketing.touchpoint", set())
        return self._get_domain_refusal(rule, "crm.lead", self._get_leaking_fields())

    @api.model
    def _get_domain_refusal(self, rule, model_name, leaking) -> tuple[str, str] | None:
        for condition in rule._get_conditions():
            name = condition.field_expr.split(".")[0]
            if name in leaking:
                return "field", name
            field = self.env[model_name]._fields[name]
            if field.type in ("date", "datetime") and _is_relative_date(condition.value):
                return "today", name
        return None

    @api.model
    def _describe_refusal(self, code, about) -> str:
        if code == "broken":
            return about
        if code == "touch":
            return self.env._("This touch is the outcome itself.")
        if code == "today":
            return self.env._("It depends on today's date, which was another one then.")
        return self.env._(
            "“%(field)s” knows how the lead ended: it was different when the lead was new.",
            field=self._get_label(about),
        )

    @api.model
    def _get_label(self, name) -> str:
        field = self.env["crm.lead"]._fields.get(name)
        return field.get_description(self.env, ["string"])["string"] if field else name

    @api.model
    def _get_used_fields(self, rules) -> list[str]:
        names = {
            condition.field_expr.split(".")[0]
            for rule in rules
            if rule.kind == "state"
            for condition in rule._get_conditions()
        }
        return sorted(names)

    @api.model
    def _is_rewindable(self, field) -> bool:
        return bool(
            field.store
            and field.column_type
            and getattr(field, "tracking", None)
            and field.type in self._get_tracking_columns()
        )

    @api.model
    def _get_untracked_fields(self, rules) -> list[str]:
        """Fields the rules look at whose past nobody recorded."""
        lead_fields = self.env["crm.lead"]._fields
        return [
            name
            for name in self._get_used_fields(rules)
            if name not in ("create_date", "id") and not self._is_rewindable(lead_fields[name])
        ]

    # ------------------------------------------------------------------
    # What the facts were
    # ------------------------------------------------------------------

    @api.model
    def _collect(self, model, rules, scope: SQL, is_unit=False) -> dict:
        """Points per lead and rule at each lead's moment, and how the lead ended.

        Tracked fields are really rewound, the real engine really scores, and a savepoint takes
        everything back: nobody ever sees the past.
        """
        self.env.flush_all()
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute(
                SQL(
                    """
                    CREATE TEMPORARY TABLE lead_score_tmp_past ON COMMIT DROP AS
                    SELECT past.id AS lead_id, past.moment, lead.won_status = 'won' AS is_won,
                           COALESCE(lead.expected_revenue, 0)::float8 AS revenue
                      FROM (%s) AS past(id, moment)
                      JOIN crm_lead lead ON lead.id = past.id
                     ORDER BY past.id
                    """,
                    scope,
                )
            )
            rewound = self._rewind(rules)
            self.env["lead.score.engine"]._evaluate(
                model,
                SQL("SELECT lead_id, moment FROM lead_score_tmp_past"),
                rules=rules,
                is_unit=is_unit,
            )
            table = self._read_table(rules, is_unit)
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        return {**table, "rewound": rewound}

    @api.model
    def _read_table(self, rules, is_unit) -> dict:
        past = self.env.execute_query(
            SQL(
                """
                SELECT lead_id, is_won, revenue, EXTRACT(EPOCH FROM moment)::float8,
                       EXTRACT(EPOCH FROM date_trunc('week', moment))::float8
                  FROM lead_score_tmp_past ORDER BY lead_id
                """
            )
        )
        lead_ids, won, revenue, moment, week = zip(*past, strict=True) if past else [()] * 5
        row_of = {lead_id: row for row, lead_id in enumerate(lead_ids)}
        column_of = {rule.id: column for column, rule in enumerate(rules)}
        points = np.zeros((len(lead_ids), len(rules)))
        worth = SQL("decayed") if is_unit else SQL("points::float8")
        kinds = ("rule",) if is_unit else ("rule", "rule_limit")
        for lead_id, rule_id, value in self.env.execute_query(
            SQL(
                """
                SELECT lead_id, rule_id, sum(%s) FROM lead_score_tmp_line
                 WHERE kind IN %s GROUP BY lead_id, rule_id
                """,
                worth,
                kinds,
            )
        ):
            points[row_of[lead_id], column_of[rule_id]] = value
        won = np.array(won, dtype=bool)
        return {
            "lead_ids": list(lead_ids),
            "won": won,
            "revenue": np.array(revenue, dtype=float) * won,
            "moment": np.array(moment, dtype=float),
            "week": np.array(week, dtype=float),
            "points": points,
        }

    @api.model
    def _get_tracking_columns(self) -> dict[str, str]:
        """Where the chatter keeps old values, by type of field."""
        return {
            "boolean": "old_value_integer",
            "char": "old_value_char",
            "date": "old_value_datetime",
            "datetime": "old_value_datetime",
            "float": "old_value_float",
            "integer": "old_value_integer",
            "many2one": "old_value_integer",
            "monetary": "old_value_float",
            "selection": "old_value_char",
            "text": "old_value_text",
        }

    @api.model
    def _rewind(self, rules) -> int:
        """Give tracked fields the value they had at each lead's moment; returns how many."""
        lead_fields = self.env["crm.lead"]._fields
        count = 0
        for name in self._get_used_fields(rules):
            field = lead_fields[name]
            if self._is_rewindable(field):
                self.env.cr.execute(self._get_rewind_query(field))
                count += self.env.cr.rowcount
        return count

    @api.model
    def _get_rewind_query(self, field) -> SQL:
        """The value before the first change after the lead's moment is the one it had then."""
        return SQL(
            """
            UPDATE crm_lead lead SET %(column)s = %(value)s
              FROM (SELECT DISTINCT ON (past.lead_id) past.lead_id, tracking.%(old)s AS old
                      FROM lead_score_tmp_past past
                      JOIN mail_message message
                        ON message.model = 'crm.lead' AND message.res_id = past.lead_id
                       AND message.date > past.moment
                      JOIN mail_tracking_value tracking
                        ON tracking.mail_message_id = message.id
                       AND tracking.field_id = %(field_id)s
                     ORDER BY past.lead_id, message.date, tracking.id) AS change
             WHERE lead.id = change.lead_id
            """,
            column=SQL.identifier(field.name),
            old=SQL.identifier(self._get_tracking_columns()[field.type]),
            # sudo: which field it is, is no secret
            field_id=self.env["ir.model.fields"].sudo()._get("crm.lead", field.name).id,
            value=self._get_old_value(field),
        )

    @api.model
    def _get_old_value(self, field) -> SQL:
        if field.type == "many2one":
            comodel = SQL.identifier(self.env[field.comodel_name]._table)
            return SQL("(SELECT id FROM %s WHERE id = change.old)", comodel)
        if field.type == "boolean":
            return SQL("change.old = 1")
        if field.type == "date":
            return SQL("change.old::date")
        if field.type == "selection":
            pairs = SQL(", ").join(
                SQL("(%s, %s)", label, value) for label, value in self._get_labels(field)
            )
            return SQL(
                "(SELECT value FROM (VALUES %s) AS pair(label, value) WHERE label = change.old)",
                pairs,
            )
        if field.type in ("char", "text"):
            return SQL("NULLIF(change.old, '')")
        return SQL("change.old")

    @api.model
    def _get_labels(self, field) -> list[tuple[str, str]]:
        """The chatter keeps labels of selections, in the language of whoever changed them."""
        labels = defaultdict(str)
        for code, __ in self.env["res.lang"].get_installed():
            env = self.with_context(lang=code).env
            for value, label in field._description_selection(env):
                labels[label] = labels[label] or value
        for value, __ in field._description_selection(self.env):
            labels[value] = value
        return list(labels.items())
