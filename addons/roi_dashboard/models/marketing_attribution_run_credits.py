from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ..tools.path_attribution import TooFewPathsError, removal_effects, require_sample
from .marketing_attribution_model import DATA_DRIVEN
from .marketing_attribution_run_journeys import FIRST, LAST, LEAD, OPPORTUNITY

# Shares below this are nothing; it also keeps powers of two from underflowing.
LEAST_WEIGHT = 1e-12
MAX_HALF_LIVES = 1000.0


class MarketingAttributionRun(models.Model):
    """Who is credited for the conversions."""

    _inherit = "marketing.attribution.run"

    def _sync_credits(self, every_model, redo, since):
        """Write the credits of the conversions to be redone, one statement per model.

        Models that see the same touches share one table of journeys.
        """
        self._mark_touched_conversions(since)
        self._remove_stray_credits()
        groups = defaultdict(self.env["marketing.attribution.model"].browse)
        for model in every_model:
            groups[model._get_journey_settings(), model in redo] |= model
        redone = written = 0
        for (settings, whole), group in groups.items():
            self._create_target(whole)
            redone = max(redone, self._count_target())
            if not whole:
                self._take_off(SQL("SELECT id FROM attribution_target"))
            self._create_journeys(*settings)
            for model in group:
                written += self._write_model_credits(model, whole)
        self._sync_first_touches()
        return {"redone_count": redone, "credit_count": written}

    # ------------------------------------------------------------------ what to redo

    def _mark_touched_conversions(self, since):
        """Conversions of people whose touches changed since the last run."""
        if since is None:
            return
        self.env.cr.execute(
            SQL(
                """
                WITH changed AS (
                    SELECT lead_id, partner_id, email_normalized
                      FROM marketing_touchpoint WHERE write_date >= %(since)s
                ),
                person AS (
                    SELECT partner.id, partner.commercial_partner_id
                      FROM changed JOIN res_partner partner ON partner.id = changed.partner_id
                     UNION
                    SELECT partner.id, partner.commercial_partner_id
                      FROM changed
                      JOIN res_partner partner USING (email_normalized)
                     UNION
                    SELECT partner.id, partner.commercial_partner_id
                      FROM changed
                      JOIN crm_lead lead ON lead.id = changed.lead_id
                      JOIN res_partner partner ON partner.id = lead.partner_id
                )
                INSERT INTO attribution_dirty
                SELECT conversion.id
                  FROM marketing_attribution_conversion conversion
                 WHERE conversion.commercial_partner_id IN (
                           SELECT commercial_partner_id FROM person)
                 UNION
                SELECT conversion.id
                  FROM marketing_attribution_conversion conversion
                  JOIN crm_lead lead ON lead.id = conversion.lead_id
                 WHERE lead.id IN (SELECT lead_id FROM changed)
                    OR lead.email_normalized IN (SELECT email_normalized FROM changed)
                """,
                since=since,
            )
        )

    def _remove_stray_credits(self):
        """Credits of conversions that are gone; conversions whose touches are gone are redone."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM marketing_attribution_credit credit
                 WHERE NOT EXISTS (SELECT 1 FROM marketing_attribution_conversion conversion
                                    WHERE conversion.id = credit.conversion_id)
                    OR NOT EXISTS (SELECT 1 FROM marketing_attribution_model model
                                    WHERE model.id = credit.model_id);
                INSERT INTO attribution_dirty
                SELECT DISTINCT credit.conversion_id
                  FROM marketing_attribution_credit credit
                 WHERE credit.touchpoint_id IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM marketing_touchpoint touch
                                    WHERE touch.id = credit.touchpoint_id)
                """
            )
        )

    def _create_target(self, whole):
        """The conversions to redo: all or the changed ones, never the frozen ones.

        A conversion that came to light after its period was frozen is booked on an open day, so
        it is not frozen itself.
        """
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS attribution_target, attribution_journey;
                CREATE TEMP TABLE attribution_target ON COMMIT DROP AS
                SELECT conversion.*, lead.campaign_id AS lead_campaign_id
                  FROM marketing_attribution_conversion conversion
                  LEFT JOIN crm_lead lead ON lead.id = conversion.lead_id
                 WHERE NOT %(frozen)s AND %(wanted)s;
                CREATE UNIQUE INDEX ON attribution_target (id);
                ANALYZE attribution_target
                """,
                frozen=self._is_frozen_sql(),
                wanted=SQL("TRUE")
                if whole
                else SQL("conversion.id IN (SELECT id FROM attribution_dirty)"),
            )
        )

    def _count_target(self):
        return self.env.execute_query(SQL("SELECT COUNT(*) FROM attribution_target"))[0][0]

    # ------------------------------------------------------------------ credits

    def _write_model_credits(self, model, whole):
        """Replace the credits of the conversions to be redone under one model."""
        self._begin_shift(model)
        self._remove_model_credits(model, whole)
        if whole:
            self._learn(model)
        if model.refusal:
            return 0
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO marketing_attribution_credit (
                       conversion_id, model_id, model_version, run_id, touchpoint_id,
                       campaign_id, source_id, medium_id, mailing_id, link_id, company_id,
                       touch_date, weight, is_residual)
                SELECT target.id, %(model)s, %(version)s, %(run)s, share.touch_id,
                       share.campaign_id, share.source_id, share.medium_id, share.mailing_id,
                       share.link_id, target.company_id, share.date, COALESCE(share.weight, 1),
                       COALESCE(share.rank = 1, TRUE)
                  FROM attribution_target target
                  LEFT JOIN (
                       SELECT weighted.*,
                              ROW_NUMBER() OVER (
                                  PARTITION BY conversion_id
                                      ORDER BY ROUND(weight::numeric, 12) DESC, number DESC
                              ) AS rank
                         FROM (%(weights)s) AS weighted
                        WHERE weight > %(least)s
                       ) AS share ON share.conversion_id = target.id
                """,
                model=model.id,
                version=model.version,
                run=self.id,
                weights=self._weights_query(model),
                least=LEAST_WEIGHT,
            )
        )
        written = self.env.cr.rowcount
        self._end_shift(model)
        return written

    def _remove_model_credits(self, model, whole):
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM marketing_attribution_credit credit USING attribution_target target
                 WHERE target.id = credit.conversion_id AND credit.model_id = %s
                """,
                model.id,
            )
        )
        if whole:
            model.computed_version = model.version
            model.flush_recordset()

    def _weights_query(self, model):
        """The journeys with the weight of each touch under the model."""
        if model.method == "time_decay":
            return self._time_decay_query(model)
        if model.method == "last_non_direct":
            return self._last_non_direct_query()
        if model.method in DATA_DRIVEN:
            return self._channel_query(model)
        return self._position_query(model._get_scheme())

    def _position_query(self, scheme):
        return SQL(
            """
            SELECT held.*,
                   CASE WHEN SUM(held) OVER whole = 0 THEN 1.0 / total
                        WHEN held = 0 THEN %(middle)s / COUNT(*) FILTER (WHERE held = 0) OVER whole
                        WHEN COUNT(*) FILTER (WHERE held = 0) OVER whole = 0
                        THEN held / SUM(held) OVER whole
                        ELSE held / SUM(held) OVER whole * (1 - %(middle)s)
                    END AS weight
              FROM (
                   SELECT journey.*,
                          (position & %(is_first)s != 0)::int * %(first)s
                          + (position & %(is_lead)s != 0)::int * %(lead)s
                          + (position & %(is_opportunity)s != 0)::int * %(opportunity)s
                          + (position & %(is_last)s != 0)::int * %(last)s AS held
                     FROM attribution_journey journey
                   ) AS held
            WINDOW whole AS (PARTITION BY conversion_id)
            """,
            middle=SQL("%s::float8", scheme.middle),
            first=SQL("%s::float8", scheme.first),
            lead=SQL("%s::float8", scheme.lead),
            opportunity=SQL("%s::float8", scheme.opportunity),
            last=SQL("%s::float8", scheme.last),
            is_first=FIRST,
            is_lead=LEAD,
            is_opportunity=OPPORTUNITY,
            is_last=LAST,
        )

    def _time_decay_query(self, model):
        return SQL(
            """
            SELECT decayed.*, remaining / SUM(remaining) OVER (PARTITION BY conversion_id) AS weight
              FROM (
                   SELECT journey.*,
                          POWER(2::float8, -LEAST(%(most)s::float8,
                              (age - MIN(age) OVER (PARTITION BY conversion_id))
                              / %(half_life)s::float8)) AS remaining
                     FROM attribution_journey journey
                   ) AS decayed
            """,
            most=MAX_HALF_LIVES,
            half_life=model.half_life_days,
        )

    def _last_non_direct_query(self):
        direct = self.env.ref("utm.utm_medium_direct", raise_if_not_found=False)
        return SQL(
            """
            SELECT journey.*,
                   (ROW_NUMBER() OVER (
                       PARTITION BY conversion_id
                           ORDER BY (medium_id IS NOT DISTINCT FROM %s), number DESC
                   ) = 1)::int::float8 AS weight
              FROM attribution_journey journey
            """,
            direct.id if direct else 0,
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

    def _learn(self, model):
        """Let a data-driven model learn from all journeys, or note why it cannot."""
        if model.method not in DATA_DRIVEN:
            return
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
        model.flush_recordset()

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
