from odoo import models
from odoo.tools import SQL


class MarketingAttributionRun(models.Model):
    """Which touches led to a conversion, in order."""

    _inherit = "marketing.attribution.run"

    def _create_journeys(self, window_days, contact_scope, dedup_hours, with_opens):
        """One row per conversion and eligible touch, numbered in order of time.

        ``lead_number`` and ``opportunity_number`` are the touches that brought the lead and the
        opportunity, 0 where there is none.
        """
        self._create_persons(contact_scope)
        matches = [
            SQL(
                """
                SELECT person.conversion_id, touch.id AS touch_id, person.is_contact
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
                """
                CREATE TEMP TABLE attribution_journey ON COMMIT DROP AS
                WITH matched AS (
                    SELECT conversion_id, touch_id, BOOL_OR(is_contact) AS is_contact
                      FROM (%(matches)s) AS match
                     GROUP BY conversion_id, touch_id
                ),
                seen AS (
                    SELECT matched.*,
                           BOOL_OR(is_contact) OVER (PARTITION BY conversion_id) AS has_contact
                      FROM matched
                ),
                known AS (
                    SELECT seen.conversion_id, touch.id AS touch_id, touch.date,
                           touch.campaign_id, touch.source_id, touch.medium_id, touch.mailing_id,
                           touch.link_id,
                           LAG(touch.date) OVER (
                               PARTITION BY seen.conversion_id, touch.campaign_id, touch.kind,
                                            %(who)s
                                   ORDER BY touch.date, touch.id) AS previous
                      FROM seen
                      JOIN marketing_touchpoint touch ON touch.id = seen.touch_id
                     WHERE %(scope)s
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
                       opportunity_number::int,
                       EXTRACT(EPOCH FROM converted - date)::float8 / 86400 AS age
                  FROM counted
                 ORDER BY conversion_id, number;
                CREATE INDEX ON attribution_journey (conversion_id);
                ANALYZE attribution_journey
                """,
                matches=SQL(" UNION ALL ").join(matches),
                who=self._touch_person_sql(),
                scope=SQL("seen.is_contact OR NOT seen.has_contact")
                if contact_scope == "hybrid"
                else SQL("TRUE"),
                hours=dedup_hours,
            )
        )

    def _create_persons(self, contact_scope):
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
                SQL(" UNION ALL ").join(
                    self._contact_queries()
                    if contact_scope == "contact"
                    else [*self._contact_queries(), *self._account_queries()]
                ),
            )
        )

    def _contact_queries(self):
        """The contact of the deal: its partner, its lead, and what the lead was called before."""
        return [
            SQL(
                """
                SELECT target.id AS conversion_id, TRUE AS is_contact, target.lead_id,
                       partner.id AS partner_id, partner.email_normalized,
                       NULL::timestamp AS used_until
                  FROM attribution_target target
                  LEFT JOIN res_partner partner ON partner.id = target.partner_id
                """
            ),
            SQL(
                """
                SELECT target.id, TRUE, NULL, lead.partner_id, lead.email_normalized, NULL
                  FROM attribution_target target
                  JOIN crm_lead lead ON lead.id = target.lead_id
                """
            ),
            SQL(
                """
                SELECT target.id, TRUE, NULL, NULL, former.email_normalized, former.date_until
                  FROM attribution_target target
                  JOIN marketing_touchpoint_address former ON former.lead_id = target.lead_id
                """
            ),
        ]

    def _account_queries(self):
        """Everybody of the company behind the contact, with their leads."""
        lead = SQL(
            """
            FROM attribution_target target
            JOIN res_partner partner
              ON partner.commercial_partner_id = target.commercial_partner_id
            JOIN crm_lead lead ON lead.partner_id = partner.id
            """
        )
        return [
            SQL(
                """
                SELECT target.id, FALSE, NULL, partner.id, partner.email_normalized, NULL
                  FROM attribution_target target
                  JOIN res_partner partner
                    ON partner.commercial_partner_id = target.commercial_partner_id
                """
            ),
            SQL("SELECT target.id, FALSE, lead.id, NULL, lead.email_normalized, NULL %s", lead),
            SQL(
                """
                SELECT target.id, FALSE, NULL, NULL, former.email_normalized, former.date_until %s
                  JOIN marketing_touchpoint_address former ON former.lead_id = lead.id
                """,
                lead,
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

    def _sync_first_touches(self):
        """Since when the customer of a conversion has been met; the base of the cycle time."""
        self.env.cr.execute(
            """
            DROP TABLE IF EXISTS attribution_met;
            CREATE TEMP TABLE attribution_met ON COMMIT DROP AS
            SELECT target.id, journey.date
              FROM attribution_target target
              LEFT JOIN attribution_journey journey
                     ON journey.conversion_id = target.id AND journey.number = 1
             WHERE target.date_first_touch IS DISTINCT FROM journey.date
            """
        )
        self._take_off(SQL("SELECT id FROM attribution_met"))
        self.env.cr.execute(
            """
            UPDATE marketing_attribution_conversion conversion
               SET date_first_touch = met.date
              FROM attribution_met met
             WHERE met.id = conversion.id
            """
        )
