import json

from odoo import api, models
from odoo.tools import SQL

from .lead_score_model import GRADES


class LeadScoreEngine(models.AbstractModel):
    """The results of an evaluation: totals, grades, and who is marketing qualified."""

    _inherit = "lead.score.engine"

    @api.model
    def _fill_results(self, model, is_live: bool):
        """Add the lines up, give the grade, and decide with what was known before who qualifies."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_tmp_result
                       (lead_id, as_of, score, fit, engagement, grade, was_mql, is_mql,
                        previous_model_id, previous_score, previous_grade)
                SELECT result.lead_id, result.as_of, result.score, result.fit,
                       result.engagement, result.grade, COALESCE(before.is_mql, FALSE),
                       %(is_mql)s, before.model_id, before.score, before.grade
                  FROM (%(graded)s) AS result
             LEFT JOIN (%(before)s) AS before ON before.lead_id = result.lead_id
                """,
                graded=self._graded_totals(model),
                is_mql=self._is_mql_sql(model),
                before=self._known_before(model, is_live),
            )
        )
        self.env.cr.execute(SQL("ANALYZE lead_score_tmp_result"))

    @api.model
    def _graded_totals(self, model) -> SQL:
        return SQL(
            """
            SELECT total.*,
                   CASE WHEN total.fit >= %(fit_a)s THEN 'A'
                        WHEN total.fit >= %(fit_b)s THEN 'B' ELSE 'C' END
                   || CASE WHEN total.engagement >= %(engagement_1)s THEN '1'
                           WHEN total.engagement >= %(engagement_2)s THEN '2'
                           ELSE '3' END AS grade
              FROM (SELECT scope.lead_id, scope.as_of,
                           COALESCE(sum(line.points), 0)::int AS score,
                           COALESCE(sum(line.points)
                               FILTER (WHERE line.axis = 'fit'), 0)::int AS fit,
                           COALESCE(sum(line.points)
                               FILTER (WHERE line.axis = 'engagement'), 0)::int AS engagement
                      FROM lead_score_tmp_scope scope
                 LEFT JOIN lead_score_tmp_line line ON line.lead_id = scope.lead_id
                     GROUP BY scope.lead_id, scope.as_of) AS total
            """,
            fit_a=model.fit_a_from,
            fit_b=model.fit_b_from,
            engagement_1=model.engagement_1_from,
            engagement_2=model.engagement_2_from,
        )

    @api.model
    def _known_before(self, model, is_live: bool) -> SQL:
        if is_live:
            return SQL("SELECT * FROM lead_score_tmp_scope")
        return SQL(
            """SELECT lead_id, is_mql, model_id, score, grade
                 FROM lead_score_result WHERE model_id = %s""",
            model.id,
        )

    @api.model
    def _is_mql_sql(self, model) -> SQL:
        """Qualification with hysteresis: between the two limits it stays what it was."""
        was_mql = SQL("COALESCE(before.is_mql, FALSE)")
        if model.mql_basis == "score":
            return SQL(
                """CASE WHEN result.score >= %s THEN TRUE
                        WHEN result.score < %s THEN FALSE
                        ELSE %s END""",
                model.mql_enter,
                model.mql_leave,
                was_mql,
            )
        cells = {grade: model[f"mql_{grade.lower()}"] for grade in GRADES}
        return SQL(
            """CASE %s::jsonb ->> result.grade
                    WHEN 'enter' THEN TRUE WHEN 'leave' THEN FALSE ELSE %s END""",
            json.dumps(cells),
            was_mql,
        )
