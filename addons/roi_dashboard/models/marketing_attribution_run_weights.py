from odoo import models
from odoo.tools import SQL

from ..tools.markov import removal_effects
from ..tools.path_attribution import TooFewPathsError, require_sample
from .marketing_attribution_model import DATA_DRIVEN

# Shares below this are nothing; it also keeps powers of two from underflowing.
LEAST_WEIGHT = 1e-12
MAX_HALF_LIVES = 1000.0


class MarketingAttributionRun(models.Model):
    """How much of a conversion is each touch's, under each model."""

    _inherit = "marketing.attribution.run"

    def _fresh_credits_query(self, group):
        """The credits of the journeys at hand: under each model every touch that has a share.

        A conversion that nobody was met for has one credit without touch. Models that refuse to
        be computed credit nobody.
        """
        computed = group.filtered(lambda model: not model.refusal)
        by_position = computed.filtered(lambda model: model._get_scheme())
        queries = [self._unattributed_query(computed)]
        if by_position:
            self._create_shapes(by_position)
            queries.append(self._position_query())
        queries += [self._weighted_query(model) for model in computed - by_position]
        return SQL(" UNION ALL ").join(queries)

    def _unattributed_query(self, computed):
        return SQL(
            """
            SELECT target.id AS conversion_id, model.id AS model_id,
                   NULL::integer AS touchpoint_id, model.version AS model_version,
                   NULL::integer AS campaign_id, NULL::integer AS source_id,
                   NULL::integer AS medium_id, NULL::integer AS mailing_id,
                   NULL::integer AS link_id, target.company_id, NULL::timestamp AS touch_date,
                   1::numeric AS weight, TRUE AS is_residual
              FROM attribution_target target
              JOIN marketing_attribution_model model ON model.id = ANY(%s)
             WHERE NOT EXISTS (SELECT 1 FROM attribution_journey journey
                                WHERE journey.conversion_id = target.id)
            """,
            computed.ids,
        )

    def _credit_query(self, model_id, version, weight, is_residual, body):
        return SQL(
            """
            SELECT journey.conversion_id, %(model)s, journey.touch_id, %(version)s,
                   journey.campaign_id, journey.source_id, journey.medium_id,
                   journey.mailing_id, journey.link_id, journey.company_id, journey.date,
                   %(weight)s, %(is_residual)s
              %(body)s
            """,
            model=model_id,
            version=version,
            weight=weight,
            is_residual=is_residual,
            body=body,
        )

    # ------------------------------------------------------------------ positions

    def _position_query(self):
        return self._credit_query(
            SQL("shape.model_id"),
            SQL("shape.model_version"),
            SQL("shape.weight"),
            SQL("shape.is_residual"),
            SQL(
                """
                FROM attribution_journey journey
                JOIN attribution_shape shape ON shape.place = journey.place
                """
            ),
        )

    def _create_shapes(self, by_position):
        """What each touch gets, for each shape of a journey and each model of positions.

        A position model asks how many touches there are and which of them brought the lead and
        the opportunity, nothing else. Thousands of journeys share one such shape, so the shares
        are computed for shapes, and journeys look them up.
        """
        schemes = SQL(", ").join(
            SQL(
                "(%s, %s, %s::float8, %s::float8, %s::float8, %s::float8, %s::float8)",
                model.id,
                model.version,
                scheme.first,
                scheme.lead,
                scheme.opportunity,
                scheme.last,
                scheme.middle,
            )
            for model in by_position
            for scheme in [model._get_scheme()]
        )
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS attribution_shape;
                CREATE TEMP TABLE attribution_shape ON COMMIT DROP AS
                WITH shape AS (
                    SELECT DISTINCT total, lead_number, opportunity_number
                      FROM attribution_journey
                ),
                scheme (model_id, model_version, first, lead, opportunity, last, middle) AS (
                    VALUES %(schemes)s
                ),
                held AS (
                    SELECT shape.*, number, scheme.*,
                           (number = 1)::int * scheme.first
                           + (number = lead_number)::int * scheme.lead
                           + (number = opportunity_number)::int * scheme.opportunity
                           + (number = total)::int * scheme.last AS held
                      FROM shape
                     CROSS JOIN scheme
                     CROSS JOIN LATERAL GENERATE_SERIES(1, shape.total) AS number
                ),
                weighted AS (
                    SELECT held.*,
                           CASE WHEN SUM(held) OVER whole = 0 THEN 1.0 / total
                                WHEN held = 0
                                THEN middle / COUNT(*) FILTER (WHERE held = 0) OVER whole
                                WHEN COUNT(*) FILTER (WHERE held = 0) OVER whole = 0
                                THEN held / SUM(held) OVER whole
                                ELSE held / SUM(held) OVER whole * (1 - middle)
                            END AS weight
                      FROM held
                    WINDOW whole AS (
                        PARTITION BY model_id, total, lead_number, opportunity_number)
                )
                SELECT %(place)s AS place, model_id, model_version, weight::numeric,
                       ROW_NUMBER() OVER (
                           PARTITION BY model_id, total, lead_number, opportunity_number
                               ORDER BY ROUND(weight::numeric, 12) DESC, number DESC
                       ) = 1 AS is_residual
                  FROM weighted
                 WHERE weight > %(least)s;
                ANALYZE attribution_shape
                """,
                schemes=schemes,
                place=self._place_sql(),
                least=LEAST_WEIGHT,
            )
        )

    # ------------------------------------------------------------------ other models

    def _weighted_query(self, model):
        """The journeys with the weight of each touch under a model that is not of positions."""
        if model.method in DATA_DRIVEN:
            return self._by_rank_query(model, self._channel_query(model))
        queries = {
            "time_decay": self._time_decay_query,
            "last_non_direct": self._last_non_direct_query,
        }
        return queries[model.method](model)

    def _model_query(self, model, is_residual, body):
        return self._credit_query(
            SQL("%s", model.id),
            SQL("%s", model.version),
            SQL("journey.weight::numeric"),
            is_residual,
            body,
        )

    def _time_decay_query(self, model):
        """The nearer the more: the last touch has the largest share, also among equal ones."""
        return self._model_query(
            model,
            SQL("journey.number = journey.total"),
            SQL(
                """
                FROM (
                     SELECT decayed.*,
                            remaining / SUM(remaining) OVER (PARTITION BY conversion_id) AS weight
                       FROM (
                            SELECT journey.*,
                                   POWER(2::float8, -LEAST(%(most)s::float8,
                                       (age - MIN(age) OVER (PARTITION BY conversion_id))
                                       / %(half_life)s::float8)) AS remaining
                              FROM attribution_journey journey
                            ) AS decayed
                     ) AS journey
                WHERE journey.weight > %(least)s
                """,
                most=MAX_HALF_LIVES,
                half_life=model.half_life_days,
                least=LEAST_WEIGHT,
            ),
        )

    def _last_non_direct_query(self, model):
        direct = self.env.ref("utm.utm_medium_direct", raise_if_not_found=False)
        return self._model_query(
            model,
            SQL("TRUE"),
            SQL(
                """
                FROM (
                     SELECT DISTINCT ON (conversion_id) journey.*, 1 AS weight
                       FROM attribution_journey journey
                      ORDER BY conversion_id, medium_id IS NOT DISTINCT FROM %s, number DESC
                     ) AS journey
                """,
                direct.id if direct else 0,
            ),
        )

    def _by_rank_query(self, model, weighted):
        return self._model_query(
            model,
            SQL("journey.rank = 1"),
            SQL(
                """
                FROM (
                     SELECT weighted.*,
                            ROW_NUMBER() OVER (
                                PARTITION BY conversion_id
                                    ORDER BY ROUND(weight::numeric, 12) DESC, number DESC) AS rank
                       FROM (%s) AS weighted
                      WHERE weight > %s
                     ) AS journey
                """,
                weighted,
                LEAST_WEIGHT,
            ),
        )

    def _channel_query(self, model):
        """Share over the distinct channels, equally (Shapley) or by their effect (Markov)."""
        effects = model.effects if model.method == "markov" and model.effects else {}
        rows = [SQL("(%s, %s::float8)", int(key), value) for key, value in effects.items()]
        rows = rows or [SQL("(0, 0::float8)")]
        return SQL(
            """
            SELECT shared.*,
                   CASE WHEN SUM(effect / times) OVER whole > 0
                        THEN effect / times / SUM(effect / times) OVER whole
                        ELSE 1.0 / times / SUM(1.0 / times) OVER whole END AS weight
              FROM (
                   SELECT journey.*, COALESCE(learned.effect, 0) AS effect,
                          COUNT(*) OVER (PARTITION BY conversion_id, %(channel)s)::float8 AS times
                     FROM attribution_journey journey
                     LEFT JOIN (VALUES %(rows)s) AS learned(channel, effect)
                            ON learned.channel = %(channel)s
                   ) AS shared
            WINDOW whole AS (PARTITION BY conversion_id)
            """,
            channel=self._channel_sql(model),
            rows=SQL(", ").join(rows),
        )

    def _channel_sql(self, model):
        return SQL("COALESCE(%s, 0)", SQL.identifier("journey", f"{model.channel}_id"))

    # ------------------------------------------------------------------ learning

    def _learn(self, group):
        """Let data-driven models learn from all journeys, or note why they cannot."""
        for model in group.filtered(lambda model: model.method in DATA_DRIVEN):
            paths = self._get_paths(model)
            won = [path for path in paths if path[1]]
            values = {
                "found_conversions": sum(path[1] for path in won),
                "found_paths": len(won),
                "effects": False,
            }
            try:
                require_sample(won, model.min_conversions, model.min_paths)
                if model.method == "markov":
                    values["effects"] = removal_effects(paths, order=model.markov_order)
            except TooFewPathsError:
                values["effects"] = False
            model.write(values)
        group.flush_recordset()

    def _get_paths(self, model):
        """Paths that converted, and paths of people who met campaigns and bought nothing."""
        channel = self._channel_sql(model)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT path, SUM(won), SUM(value), SUM(lost) FROM (
                    SELECT ARRAY_AGG(%(channel)s ORDER BY journey.number) AS path,
                           1 AS won, MAX(target.amount) AS value, 0 AS lost
                      FROM attribution_journey journey
                      JOIN attribution_target target
                        ON target.id = journey.conversion_id AND target.kind != 'pipeline'
                     GROUP BY journey.conversion_id
                     UNION ALL
                    SELECT ARRAY_AGG(%(lost_channel)s ORDER BY touch.date, touch.id), 0, 0, 1
                      FROM marketing_touchpoint touch
                     WHERE %(eligible)s
                       AND NOT EXISTS (SELECT 1 FROM attribution_journey journey
                                        WHERE journey.touch_id = touch.id)
                     GROUP BY %(who)s
                ) AS counted
                GROUP BY path
                ORDER BY path
                """,
                channel=channel,
                lost_channel=SQL("COALESCE(%s, 0)", SQL.identifier("touch", f"{model.channel}_id")),
                eligible=self._eligible_touch_sql(model.with_opens),
                who=self._touch_person_sql(),
            )
        )
        return [
            (tuple(path), float(won), float(value or 0), float(lost))
            for path, won, value, lost in rows
        ]
