from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

#: How far ahead crossings are foreseen; what comes later is seen by the nightly evaluation.
HORIZON = timedelta(hours=36)


class LeadScoreEngine(models.AbstractModel):
    """When time alone will carry a lead across a threshold: decay, expiry, end of a window.

    Nobody is scored again because an hour has passed. For each lead the earliest moment is
    computed at which it could cross: the distance to the next threshold against the speed at
    which its points melt, or the moment at which a touch expires, whichever comes first. Speeds
    only fall and limits only dampen, so the moment is never too late; when it is too early the
    lead is looked at again and the next estimate is closer.
    """

    _inherit = "lead.score.engine"

    @api.model
    def _fill_due(self, model):
        """The moment to look at each lead again, where it lies within the horizon.

        A line moves when its decayed value passes a half. With ``n`` lines that move the same way,
        the points still to lose before ``k`` whole points are lost are at least the smallest
        remainder, and at least the sum of the remainders plus ``k - n``.
        """
        self.env.cr.execute(
            SQL(
                """
                WITH mover AS (
                    SELECT lead_id, axis, raw > 0 AS falls, abs(points) AS points,
                           greatest(abs(decayed) - (abs(points) - 0.5), 0.0) AS remainder,
                           COALESCE(loss, 0.0) AS loss, date_jump
                      FROM lead_score_tmp_line
                     WHERE points != 0 AND (loss > 0.0 OR date_jump IS NOT NULL)
                ), pull AS (
                    SELECT lead_id, axis, falls, sum(points) AS possible,
                           count(*) FILTER (WHERE loss > 0.0) AS movers,
                           min(remainder) FILTER (WHERE loss > 0.0) AS least,
                           sum(remainder) FILTER (WHERE loss > 0.0) AS remainders,
                           sum(loss) AS loss, min(date_jump) AS date_jump
                      FROM (SELECT * FROM mover
                             UNION ALL
                            SELECT lead_id, 'score', falls, points, remainder, loss, date_jump
                              FROM mover) AS mover
                     GROUP BY lead_id, axis, falls
                ), look AS (
                    SELECT result.lead_id, min(least(
                               pull.date_jump,
                               CASE WHEN pull.loss > 0.0 THEN
                                   result.as_of + interval '1 day' * least(
                                       greatest(pull.least,
                                                pull.remainders + way.points - pull.movers)
                                       / pull.loss, 1000.0)
                               END)) AS date_due
                      FROM lead_score_tmp_result result
                     CROSS JOIN LATERAL (VALUES %(ways)s) AS way(axis, falls, points)
                      JOIN pull ON pull.lead_id = result.lead_id AND pull.axis = way.axis
                               AND pull.falls = way.falls AND pull.possible >= way.points
                     GROUP BY result.lead_id
                )
                UPDATE lead_score_tmp_result result
                   SET date_due = date_trunc('second', greatest(
                           look.date_due, result.as_of + interval '1 minute'))
                           + interval '1 second'
                  FROM look
                 WHERE look.lead_id = result.lead_id AND look.date_due < result.as_of + %(ahead)s
                """,
                ways=self._ways_to_cross(model),
                ahead=HORIZON,
            )
        )

    @api.model
    def _ways_to_cross(self, model) -> SQL:
        """(axis, does it fall, whole points to the threshold): NULL where there is none."""
        ways = []
        for axis, upper, lower in (
            ("fit", model.fit_a_from, model.fit_b_from),
            ("engagement", model.engagement_1_from, model.engagement_2_from),
        ):
            value = SQL.identifier("result", axis)
            bounds = {"value": value, "upper": upper, "lower": lower, "axis": axis}
            ways.append(
                SQL(
                    """(%(axis)s, TRUE, CASE WHEN %(value)s >= %(upper)s
                                             THEN %(value)s - %(upper)s + 1
                                             WHEN %(value)s >= %(lower)s
                                             THEN %(value)s - %(lower)s + 1 END),
                       (%(axis)s, FALSE, CASE WHEN %(value)s < %(lower)s
                                              THEN %(lower)s - %(value)s
                                              WHEN %(value)s < %(upper)s
                                              THEN %(upper)s - %(value)s END)""",
                    **bounds,
                )
            )
        if model.mql_basis == "score":
            ways.append(
                SQL(
                    """('score', TRUE, CASE WHEN result.is_mql
                                            THEN result.score - %s + 1 END),
                       ('score', FALSE, CASE WHEN NOT result.is_mql
                                             THEN %s - result.score END)""",
                    model.mql_leave,
                    model.mql_enter,
                )
            )
        return SQL(", ").join(ways)

    @api.model
    def _wake_when_due(self):
        [(moment,)] = self.env.execute_query(SQL("SELECT min(date_due) FROM lead_score_tmp_result"))
        if moment:
            self.env["lead.score.queue"]._wake_at(moment)
