from odoo import models
from odoo.tools import SQL


class MarketingAttributionRun(models.Model):
    """Which touches led to a conversion, in order."""

    _inherit = "marketing.attribution.run"

    def _create_journeys(self, window_days, contact_scope, dedup_hours, with_opens):
        """One row per conversion and eligible touch, numbered in order of time.

        ``lead_number`` and ``opportunity_number`` are the touches that brought the lead and the
        opportunity, 0 where there is none. ``place`` is all that a model of positions asks for.
        """
        self._match_touches(window_days, contact_scope, with_opens)
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE attribution_journey ON COMMIT DROP AS
                WITH known AS (
                    SELECT match.conversion_id, touch.id AS touch_id, touch.date,
                           touch.campaign_id, touch.source_id, touch.medium_id, touch.mailing_id,
                           touch.link_id,
                           LAG(touch.date) OVER (
                               PARTITION BY match.conversion_id, touch.campaign_id, touch.kind,
                                            %(who)s
                                   ORDER BY touch.date, touch.id) AS previous
                      FROM attribution_match match
                      JOIN marketing_touchpoint touch ON touch.id = match.touch_id
                ),
                counted AS (
                    SELECT known.*, target.company_id, target.date AS converted,
                           ROW_NUMBER() OVER ordered AS number,
                           COUNT(*) OVER whole AS total,
                           COUNT(*) FILTER (WHERE known.date <= target.date_lead)
                               OVER whole AS lead_number,
                           COUNT(*) FILTER (WHERE known.date <= target.date_opportunity)
                               OVER whole AS opportunity_number
                      FROM known
                      JOIN attribution_target target ON target.id = known.conversion_id
                     WHERE known.previous IS NULL
                        OR known.date >= known.previous + %(hours)s * INTERVAL '1 hour'
                    WINDOW whole AS (PARTITION BY known.conversion_id),
                           ordered AS (whole ORDER BY known.date, known.touch_id)
                )
                SELECT conversion_id, touch_id, campaign_id, source_id, medium_id, mailing_id,
                       link_id, company_id, date, number::int, total::int, lead_number::int,
                       opportunity_number::int, %(place)s AS place,
                       EXTRACT(EPOCH FROM converted - date)::float8 / 86400 AS age
                  FROM counted
                 ORDER BY conversion_id, number;
                CREATE INDEX ON attribution_journey (conversion_id);
                ANALYZE attribution_journey
                """,
                who=self._touch_person_sql(),
                place=self._place_sql(),
                hours=dedup_hours,
            )
        )

    def _match_touches(self, window_days, contact_scope, with_opens):
        """Which touches may have led to which conversion (``attribution_match``).

        Those of the contact of the deal; of everybody in the company behind it where that is
        wanted (``account``), or where nobody met the contact (``hybrid``).
        """
        self.env.cr.execute(
            """
            DROP TABLE IF EXISTS attribution_match;
            CREATE TEMP TABLE attribution_match (conversion_id integer, touch_id integer)
                ON COMMIT DROP
            """
        )
        everybody = SQL.identifier("attribution_target")
        persons = self._contact_queries(everybody)
        if contact_scope == "account":
            persons += self._account_queries(everybody)
        self._add_matches(persons, window_days, with_opens)
        if contact_scope == "hybrid":
            self.env.cr.execute(
                """
                DROP TABLE IF EXISTS attribution_unmet;
                CREATE TEMP TABLE attribution_unmet ON COMMIT DROP AS
                SELECT target.*
                  FROM attribution_target target
                 WHERE NOT EXISTS (SELECT 1 FROM attribution_match match
                                    WHERE match.conversion_id = target.id);
                ANALYZE attribution_unmet
                """
            )
            unmet = SQL.identifier("attribution_unmet")
            self._add_matches(self._account_queries(unmet), window_days, with_opens)

    def _add_matches(self, persons, window_days, with_opens):
        self._create_persons(persons)
        matches = [
            SQL(
                """
                SELECT person.conversion_id, touch.id
                  FROM attribution_person person
                  JOIN marketing_touchpoint touch ON touch.%(key)s = person.%(key)s
                 WHERE touch.date <= person.until
                   AND (touch.company_id IS NULL OR touch.company_id = person.company_id)
                   AND %(eligible)s %(window)s
                   AND NOT %(inherited)s
                """,
                key=SQL.identifier(key),
                eligible=self._eligible_touch_sql(with_opens),
                inherited=self._inherited_touch_sql(),
                window=SQL("AND touch.date > person.date - %s * INTERVAL '1 day'", window_days)
                if window_days
                else SQL(),
            )
            for key in ("lead_id", "partner_id", "email_normalized")
        ]
        self.env.cr.execute(
            SQL(
                "INSERT INTO attribution_match %s; ANALYZE attribution_match",
                SQL(" UNION ").join(matches),
            )
        )

    def _create_persons(self, persons):
        """By which lead, contact and address the touches of a conversion are found.

        An address a lead had before finds the touches until the lead changed it.
        """
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS attribution_person;
                CREATE TEMP TABLE attribution_person ON COMMIT DROP AS
                SELECT person.*, target.date, target.company_id, target.order_id,
                       target.lead_campaign_id,
                       LEAST(target.date, person.used_until) AS until
                  FROM (%s) AS person
                  JOIN attribution_target target ON target.id = person.conversion_id;
                ANALYZE attribution_person
                """,
                SQL(" UNION ALL ").join(persons),
            )
        )

    def _contact_queries(self, targets):
        """The contact of the deal: its partner, its lead, and what the lead was called before."""
        return [
            SQL(
                """
                SELECT target.id AS conversion_id, target.lead_id,
                       partner.id AS partner_id, partner.email_normalized,
                       NULL::timestamp AS used_until
                  FROM %s target
                  LEFT JOIN res_partner partner ON partner.id = target.partner_id
                """,
                targets,
            ),
            SQL(
                """
                SELECT target.id, NULL, lead.partner_id, lead.email_normalized, NULL
                  FROM %s target
                  JOIN crm_lead lead ON lead.id = target.lead_id
                """,
                targets,
            ),
            SQL(
                """
                SELECT target.id, NULL, NULL, former.email_normalized, former.date_until
                  FROM %s target
                  JOIN marketing_touchpoint_address former ON former.lead_id = target.lead_id
                """,
                targets,
            ),
        ]

    def _account_queries(self, targets):
        """Everybody of the company behind the contact, with their leads."""
        partners = SQL(
            """
            FROM %s target
            JOIN res_partner partner
              ON partner.commercial_partner_id = target.commercial_partner_id
            """,
            targets,
        )
        leads = SQL("%s JOIN crm_lead lead ON lead.partner_id = partner.id", partners)
        return [
            SQL(
                """
                SELECT target.id AS conversion_id, NULL::integer AS lead_id,
                       partner.id AS partner_id, partner.email_normalized,
                       NULL::timestamp AS used_until
                  %s
                """,
                partners,
            ),
            SQL("SELECT target.id, lead.id, NULL, lead.email_normalized, NULL %s", leads),
            SQL(
                """
                SELECT target.id, NULL, NULL, former.email_normalized, former.date_until %s
                  JOIN marketing_touchpoint_address former ON former.lead_id = lead.id
                """,
                leads,
            ),
        ]

    def _eligible_touch_sql(self, with_opens):
        """A touch counts when a person met a campaign; to be sent something is not a meeting."""
        kinds = ("mail_sent",) if with_opens else ("mail_sent", "mail_open")
        return SQL(
            """(touch.campaign_id IS NOT NULL AND touch.is_bot IS NOT TRUE
                AND touch.kind NOT IN %s)""",
            kinds,
        )

    def _inherited_touch_sql(self):
        """An order that has its campaign from its opportunity tells nothing of the customer's
        way: it must not be the last touch before itself. With a campaign of its own it does."""
        return SQL(
            """(touch.kind = 'order' AND touch.res_model = 'sale.order'
                AND touch.res_id IS NOT DISTINCT FROM person.order_id
                AND touch.campaign_id IS NOT DISTINCT FROM person.lead_campaign_id)"""
        )

    def _touch_person_sql(self):
        return SQL(
            "COALESCE(touch.email_normalized, 'p' || touch.partner_id, 'l' || touch.lead_id)"
        )

    def _place_sql(self):
        """One key, not four columns: the planner knows how many different ones there are."""
        return SQL("CONCAT_WS('/', number, total, lead_number, opportunity_number)")
