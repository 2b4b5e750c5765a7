from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class LeadScoreEngine(models.AbstractModel):
    """What is stored of an evaluation: what differs from what is there."""

    _inherit = "lead.score.engine"

    @api.model
    def _is_replaced(self, model) -> SQL:
        """Which stored lines this set replaces: its own, and a published one also what an earlier
        published one left. Shadows keep theirs.
        """
        if model.state == "active":
            return SQL(
                "line.model_id NOT IN (SELECT id FROM lead_score_model WHERE state = 'shadow')"
            )
        return SQL("line.model_id = %s", model.id)

    @api.model
    def _write_lines(self, model):
        """Store the lines that changed and drop those that are gone.

        Both are found once and named: most lines of most evaluations are what they were. A line
        is the same as before when its points, its events and their number are; what a decaying
        line is worth between two whole points is not worth a write.
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_tmp_change (line_id, fresh)
                SELECT before.id, line.ctid
                  FROM lead_score_tmp_line line
             FULL JOIN (SELECT line.* FROM lead_score_line line
                         WHERE line.lead_id = ANY(ARRAY(SELECT lead_id FROM lead_score_tmp_scope))
                           AND %(is_replaced)s) AS before
                    ON before.lead_id = line.lead_id AND before.kind = line.kind
                   AND COALESCE(before.rule_id, 0) = COALESCE(line.rule_id, 0)
                   AND COALESCE(before.group_id, 0) = COALESCE(line.group_id, 0)
                   AND before.model_id = %(model_id)s
                 WHERE before.id IS NULL OR line.lead_id IS NULL
                    OR (before.points, before.raw, before.event_count, before.evidence)
                       IS DISTINCT FROM
                       (line.points, line.raw, line.event_count, line.evidence)
                """,
                is_replaced=self._is_replaced(model),
                model_id=model.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM lead_score_line WHERE id = ANY(ARRAY(
                    SELECT line_id FROM lead_score_tmp_change WHERE line_id IS NOT NULL))
                """
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_line
                       (lead_id, model_id, kind, axis, group_id, rule_id, raw, decayed, points,
                        event_count, date_last, evidence)
                SELECT line.lead_id, %s, line.kind, line.axis, line.group_id,
                       line.rule_id, line.raw, line.decayed, line.points, line.event_count,
                       line.date_last, line.evidence
                  FROM lead_score_tmp_line line
                 WHERE line.ctid = ANY(ARRAY(
                       SELECT fresh FROM lead_score_tmp_change WHERE fresh IS NOT NULL))
                """,
                model.id,
            )
        )

    @api.model
    def _write_results(self, model, is_live: bool):
        if is_live:
            self.env.cr.execute(
                SQL(
                    """
                    DELETE FROM lead_score_result old
                     USING lead_score_tmp_scope scope
                     WHERE old.lead_id = scope.lead_id AND old.model_id != %s
                       AND old.model_id NOT IN
                           (SELECT id FROM lead_score_model WHERE state = 'shadow')
                    """,
                    model.id,
                )
            )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_result
                       (lead_id, model_id, score, fit, engagement, grade, is_mql, date, date_due)
                SELECT fresh.lead_id, %(model_id)s, fresh.score, fresh.fit, fresh.engagement,
                       fresh.grade, fresh.is_mql,
                       CASE WHEN known.id IS NOT NULL AND NOT %(changed)s
                            THEN known.date ELSE fresh.as_of END,
                       fresh.date_due
                  FROM lead_score_tmp_result fresh
             LEFT JOIN lead_score_result known
                    ON known.lead_id = fresh.lead_id AND known.model_id = %(model_id)s
                 WHERE known.id IS NULL OR %(changed)s OR %(is_due_news)s
                    ON CONFLICT (lead_id, model_id) DO UPDATE
                   SET score = EXCLUDED.score, fit = EXCLUDED.fit,
                       engagement = EXCLUDED.engagement, grade = EXCLUDED.grade,
                       is_mql = EXCLUDED.is_mql, date = EXCLUDED.date,
                       date_due = EXCLUDED.date_due
                """,
                model_id=model.id,
                changed=SQL(
                    """(known.score, known.fit, known.engagement, known.grade, known.is_mql)
                       IS DISTINCT FROM
                       (fresh.score, fresh.fit, fresh.engagement, fresh.grade, fresh.is_mql)"""
                ),
                # a moment that comes too early costs a look, one that comes too late is a fault
                is_due_news=SQL(
                    """(fresh.date_due < known.date_due
                        OR fresh.date_due IS NOT NULL AND known.date_due IS NULL
                        OR known.date_due <= fresh.as_of)"""
                ),
            )
        )
        self._wake_when_due()

    @api.model
    def _write_leads(self, model):
        """Write what changed; leads that wait for a salesperson may now fit a rule."""
        [(is_waiting,)] = self.env.execute_query(
            SQL(
                """
                WITH written AS (
                UPDATE crm_lead lead
                   SET score = result.score,
                       score_fit = result.fit,
                       score_engagement = result.engagement,
                       score_grade = result.grade,
                       is_mql = result.is_mql,
                       date_mql = CASE WHEN result.is_mql
                                       THEN COALESCE(lead.date_mql, result.as_of)
                                       ELSE lead.date_mql END,
                       score_model_id = %(model_id)s
                  FROM lead_score_tmp_result result
                 WHERE lead.id = result.lead_id
                   AND (lead.score, lead.score_fit, lead.score_engagement, lead.score_grade,
                        lead.is_mql, lead.score_model_id)
                       IS DISTINCT FROM
                       (result.score, result.fit, result.engagement, result.grade,
                        result.is_mql, %(model_id)s)
             RETURNING lead.user_id
                )
                SELECT EXISTS (SELECT 1 FROM written WHERE user_id IS NULL)
                """,
                model_id=model.id,
            )
        )
        if is_waiting and self.env["crm.team"]._is_rules_engine_used():
            self.env["lead.assignment.engine"]._wake()

    @api.model
    def _invalidate(self):
        """SQL wrote behind the ORM's back: forget what it remembers of these fields."""
        self.env["crm.lead"].invalidate_model(self._lead_fields())
        for name in (
            "lead.score.line",
            "lead.score.result",
            "lead.score.history",
            "lead.score.crossing",
        ):
            self.env[name].invalidate_model()

    @api.model
    def _lead_fields(self) -> list[str]:
        return [
            "score",
            "score_fit",
            "score_engagement",
            "score_grade",
            "is_mql",
            "date_mql",
            "score_model_id",
        ]

    @api.model
    def _clear(self, domain: Domain):
        """Take the score from leads no published rule set is meant for any more."""
        leads = self._as_nobody("crm.lead", "UTC")
        query = leads._search(domain & Domain("score_model_id", "!=", False))
        lead_ids = [lead_id for (lead_id,) in self.env.execute_query(query.select())]
        if not lead_ids:
            return
        self._write_farewell(lead_ids)
        self.env.cr.execute(
            SQL(
                """
                WITH cleared AS (
                    UPDATE crm_lead
                       SET score = 0, score_fit = 0, score_engagement = 0, score_grade = NULL,
                           is_mql = FALSE, score_model_id = NULL
                     WHERE id = ANY(%(lead_ids)s)
                ), results AS (
                    DELETE FROM lead_score_result
                     WHERE lead_id = ANY(%(lead_ids)s)
                       AND model_id NOT IN
                           (SELECT id FROM lead_score_model WHERE state = 'shadow')
                )
                DELETE FROM lead_score_line
                 WHERE lead_id = ANY(%(lead_ids)s)
                   AND model_id NOT IN (SELECT id FROM lead_score_model WHERE state = 'shadow')
                """,
                lead_ids=lead_ids,
            )
        )
        self._invalidate()
