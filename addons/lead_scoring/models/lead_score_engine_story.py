from odoo import api, fields, models
from odoo.tools import SQL


class LeadScoreEngine(models.AbstractModel):
    """What an evaluation leaves behind for people: the history, and crossings of qualification."""

    _inherit = "lead.score.engine"

    @api.model
    def _write_history(self, model, reason: str):
        """One row per lead whose score, grade or qualification changed, with the changed lines.

        A line that was not there before says only what it has to say: most lines ever written
        are of leads scored for the first time.
        """
        self.env.cr.execute(
            SQL(
                """
                WITH changed AS (
                    SELECT * FROM lead_score_tmp_result result
                     WHERE previous_model_id IS NULL
                        OR previous_score IS DISTINCT FROM score
                        OR previous_grade IS DISTINCT FROM grade
                        OR was_mql != is_mql
                ), before AS (
                    SELECT line.*, COALESCE(rule.key, grp.key, '') AS key
                      FROM lead_score_line line
                      JOIN changed ON changed.lead_id = line.lead_id
                                  AND changed.previous_model_id = line.model_id
                 LEFT JOIN lead_score_rule rule ON rule.id = line.rule_id
                 LEFT JOIN lead_score_group grp ON grp.id = line.group_id
                     WHERE line.lead_id = ANY(ARRAY(SELECT lead_id FROM changed))
                       AND %(is_replaced)s
                ), after AS (
                    SELECT line.*, COALESCE(rule.key, grp.key, '') AS key
                      FROM lead_score_tmp_line line
                      JOIN changed ON changed.lead_id = line.lead_id
                 LEFT JOIN lead_score_rule rule ON rule.id = line.rule_id
                 LEFT JOIN lead_score_group grp ON grp.id = line.group_id
                ), diff AS (
                    SELECT COALESCE(after.lead_id, before.lead_id) AS lead_id,
                           jsonb_agg(CASE
                               WHEN before.lead_id IS NULL AND after.kind = 'rule'
                                AND after.event_count IS NULL
                               THEN jsonb_build_object(
                                   'key', after.key, 'rule', after.rule_id, 'after', after.points)
                               WHEN before.lead_id IS NULL AND after.kind = 'rule'
                               THEN jsonb_build_object(
                                   'key', after.key, 'rule', after.rule_id, 'after', after.points,
                                   'count', after.event_count, 'touch', after.evidence -> 0)
                               ELSE jsonb_build_object(
                                   'kind', COALESCE(after.kind, before.kind),
                                   'key', COALESCE(after.key, before.key),
                                   'rule', COALESCE(after.rule_id, before.rule_id),
                                   'group', COALESCE(after.group_id, before.group_id),
                                   'before', COALESCE(before.points, 0),
                                   'after', COALESCE(after.points, 0),
                                   'count_before', before.event_count,
                                   'count', after.event_count,
                                   'raw_before', before.raw,
                                   'raw', after.raw,
                                   'touch', CASE WHEN after.date_last > before.date_last
                                                   OR before.date_last IS NULL
                                                 THEN after.evidence -> 0 END)
                               END
                               ORDER BY COALESCE(after.points, 0) - COALESCE(before.points, 0)
                                            DESC, COALESCE(after.key, before.key)) AS changes
                      FROM before
                 FULL JOIN after ON after.lead_id = before.lead_id
                                AND after.kind = before.kind AND after.key = before.key
                     WHERE after.points IS DISTINCT FROM before.points
                     GROUP BY COALESCE(after.lead_id, before.lead_id)
                )
                INSERT INTO lead_score_history
                       (lead_id, model_id, date, reason, score_before, score, grade_before,
                        grade, is_mql, changes)
                SELECT changed.lead_id, %(model_id)s, changed.as_of,
                       CASE WHEN changed.previous_model_id IS NULL THEN 'first'
                            WHEN changed.previous_model_id != %(model_id)s THEN 'publish'
                            ELSE %(reason)s END,
                       CASE WHEN changed.previous_model_id IS NOT NULL
                            THEN changed.previous_score END,
                       changed.score, changed.previous_grade, changed.grade, changed.is_mql,
                       diff.changes
                  FROM changed
             LEFT JOIN diff ON diff.lead_id = changed.lead_id
                """,
                model_id=model.id,
                reason=reason,
                is_replaced=self._is_replaced(model),
            )
        )

    @api.model
    def _write_farewell(self, lead_ids: list[int]):
        """What leads lose that no published rule set is meant for any more.

        Without these rows the changes of a week would not add up to what the score did, and a
        lead would come to be qualified twice without having ceased to be.
        """
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                WITH lost AS (
                    SELECT line.lead_id,
                           jsonb_agg(jsonb_build_object(
                               'kind', line.kind, 'key', COALESCE(rule.key, grp.key, ''),
                               'rule', line.rule_id, 'group', line.group_id,
                               'before', line.points, 'after', 0,
                               'count_before', line.event_count, 'raw_before', line.raw
                           ) ORDER BY line.points DESC, COALESCE(rule.key, grp.key, '')) AS changes
                      FROM lead_score_line line
                      JOIN crm_lead lead ON lead.id = line.lead_id
                                        AND lead.score_model_id = line.model_id
                 LEFT JOIN lead_score_rule rule ON rule.id = line.rule_id
                 LEFT JOIN lead_score_group grp ON grp.id = line.group_id
                     WHERE line.lead_id = ANY(%(lead_ids)s)
                     GROUP BY line.lead_id
                )
                INSERT INTO lead_score_history
                       (lead_id, model_id, date, reason, score_before, score, grade_before,
                        grade, is_mql, changes)
                SELECT lead.id, lead.score_model_id, %(now)s, 'unscored', lead.score, 0,
                       lead.score_grade, NULL, FALSE, lost.changes
                  FROM crm_lead lead
             LEFT JOIN lost ON lost.lead_id = lead.id
                 WHERE lead.id = ANY(%(lead_ids)s)
                """,
                lead_ids=lead_ids,
                now=now,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_crossing
                       (lead_id, model_id, number, direction, date, score, grade, state)
                SELECT lead.id, lead.score_model_id,
                       COALESCE((SELECT max(number) FROM lead_score_crossing crossing
                                  WHERE crossing.lead_id = lead.id), 0) + 1,
                       'leave', %s, 0, NULL, 'silent'
                  FROM crm_lead lead
                 WHERE lead.id = ANY(%s) AND lead.is_mql
                """,
                now,
                lead_ids,
            )
        )

    @api.model
    def _write_crossings(self, model, reason: str):
        """Log each crossing into or out of qualification once, numbered per lead."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_crossing
                       (lead_id, model_id, number, direction, date, score, grade, state)
                SELECT result.lead_id, %(model_id)s,
                       COALESCE((SELECT max(number) FROM lead_score_crossing crossing
                                  WHERE crossing.lead_id = result.lead_id), 0) + 1,
                       CASE WHEN result.is_mql THEN 'enter' ELSE 'leave' END,
                       result.as_of, result.score, result.grade, %(state)s
                  FROM lead_score_tmp_result result
                 WHERE result.was_mql != result.is_mql
                """,
                model_id=model.id,
                state="silent" if reason == "publish" and not model.act_on_publish else "todo",
            )
        )
        if self.env.cr.rowcount and model._has_triggers():
            # sudo: whoever makes a lead qualify may start its actions without rights on jobs
            self.env.ref("lead_scoring.ir_cron_crossings").sudo()._trigger()
