from collections import defaultdict

from odoo import models
from odoo.tools import SQL

# A credit is the same as long as all of this is.
COLUMNS = (
    "model_version",
    "campaign_id",
    "source_id",
    "medium_id",
    "mailing_id",
    "link_id",
    "company_id",
    "touch_date",
    "weight",
    "is_residual",
)
KEYS = ("conversion_id", "model_id", "touchpoint_id")


class MarketingAttributionRun(models.Model):
    """Who is credited for the conversions."""

    _inherit = "marketing.attribution.run"

    def _sync_credits(self, every_model, redo, since):
        """Write the credits of the conversions to be redone, all models of a group at once.

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
            self._create_journeys(*settings)
            if whole:
                for model in group:
                    model.computed_version = model.version
                self._learn(group)
            written += self._write_credits(group, whole)
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
                    OR lead.id IN (
                           SELECT former.lead_id FROM marketing_touchpoint_address former
                            WHERE former.email_normalized IN (
                                  SELECT email_normalized FROM changed))
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

    def _write_credits(self, group, whole):
        """Make the credits of the conversions to be redone what the models say.

        Where nothing has been credited yet they are written as they are computed. Else they are
        compared first, and only conversions that a model now credits in another way are written:
        a full run over a year that did not change writes nothing.
        """
        fresh = self._fresh_credits_query(group)
        if not self._has_credits(group):
            return self._insert_credits(fresh)
        self._compare_credits(group, fresh)
        if not whole:
            self._take_off(SQL("SELECT conversion_id FROM attribution_changed"))
        self._begin_shift(group)
        self.env.cr.execute(
            """
            DELETE FROM marketing_attribution_credit credit USING attribution_changed changed
             WHERE credit.conversion_id = changed.conversion_id
               AND credit.model_id = changed.model_id
            """
        )
        written = self._insert_credits(
            SQL(
                """SELECT fresh.* FROM attribution_fresh fresh
                     JOIN attribution_changed changed USING (conversion_id, model_id)"""
            )
        )
        self._end_shift()
        return written

    def _has_credits(self, group):
        """Whether any conversion to be redone is credited already under these models."""
        [[known]] = self.env.execute_query(
            SQL(
                """
                SELECT EXISTS (
                    SELECT 1 FROM attribution_target target
                      JOIN marketing_attribution_credit credit
                        ON credit.conversion_id = target.id AND credit.model_id = ANY(%s))
                """,
                group.ids,
            )
        )
        return known

    def _insert_credits(self, query):
        names = SQL(", ").join(map(SQL.identifier, (*KEYS, *COLUMNS)))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO marketing_attribution_credit (run_id, %(names)s)
                SELECT %(run)s, %(names)s FROM (%(query)s) AS fresh
                """,
                run=self.id,
                names=names,
                query=query,
            )
        )
        return self.env.cr.rowcount

    def _compare_credits(self, group, fresh):
        """Note the conversions that some model credits in another way than before."""
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS attribution_fresh, attribution_changed;
                CREATE TEMP TABLE attribution_fresh ON COMMIT DROP AS %(fresh)s;
                ANALYZE attribution_fresh;
                CREATE TEMP TABLE attribution_changed ON COMMIT DROP AS
                SELECT DISTINCT conversion_id, model_id
                  FROM (SELECT *, COALESCE(touchpoint_id, 0) AS touch_id
                          FROM attribution_fresh) AS fresh
                  FULL JOIN (
                       SELECT credit.*, COALESCE(credit.touchpoint_id, 0) AS touch_id
                         FROM attribution_target target
                         JOIN marketing_attribution_credit credit
                           ON credit.conversion_id = target.id
                          AND credit.model_id = ANY(%(models)s)
                       ) AS held USING (conversion_id, model_id, touch_id)
                 WHERE (%(said)s) IS DISTINCT FROM (%(held)s);
                CREATE UNIQUE INDEX ON attribution_changed (conversion_id, model_id);
                ANALYZE attribution_changed
                """,
                fresh=fresh,
                models=group.ids,
                said=SQL(", ").join(SQL.identifier("fresh", name) for name in COLUMNS),
                held=SQL(", ").join(SQL.identifier("held", name) for name in COLUMNS),
            )
        )
