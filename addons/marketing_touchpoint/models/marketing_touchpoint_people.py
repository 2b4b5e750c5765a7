from odoo import api, models
from odoo.tools import SQL


class MarketingTouchpointPeople(models.Model):
    """Whose touch it is: addresses become leads and contacts, sooner or later, and stay theirs."""

    _inherit = "marketing.touchpoint"

    @api.model
    def _contacts_by_address(self, addresses: SQL) -> SQL:
        """One contact per address: an active one before an archived one, then the oldest."""
        return SQL(
            """
            SELECT DISTINCT ON (p.email_normalized) p.email_normalized, p.id, p.company_id
              FROM res_partner p
             WHERE p.email_normalized IN (%s)
          ORDER BY p.email_normalized, p.active DESC, p.id
            """,
            addresses,
        )

    @api.model
    def _leads_by_address(self, addresses: SQL) -> SQL:
        """One lead per address: an open one before a closed one, then the youngest."""
        return SQL(
            """
            SELECT DISTINCT ON (l.email_normalized)
                   l.email_normalized, l.id, l.partner_id, l.company_id
              FROM crm_lead l
             WHERE l.email_normalized IN (%s)
          ORDER BY l.email_normalized, (l.active AND l.won_status = 'pending') DESC,
                   l.create_date DESC, l.id DESC
            """,
            addresses,
        )

    @api.model
    def _people_remembered(self, addresses: SQL) -> SQL:
        """Who used an address in the log before: its owner may have another one by now."""
        return SQL(
            """
            SELECT DISTINCT ON (o.email_normalized)
                   o.email_normalized, o.lead_id, o.partner_id, o.company_id
              FROM marketing_touchpoint o
             WHERE o.email_normalized IN (%s)
               AND (o.lead_id IS NOT NULL OR o.partner_id IS NOT NULL)
          ORDER BY o.email_normalized, o.date DESC, o.id DESC
            """,
            addresses,
        )

    @api.model
    def _people_code(self):
        return "people"

    @api.model
    def _identify_people(self):
        """Give touches the people that became known since: an address that became a contact or
        a lead, a lead that became a contact. Nobody is ever taken off a touch."""
        state = self.env["marketing.touchpoint.source"]._start_or_resume(self._people_code())
        if state is None:
            return
        since = state["watermark"]
        touch_ids = []
        for query in self._identify_queries(
            SQL("l.write_date >= %s", since) if since else SQL("TRUE"),
            SQL("p.write_date >= %s", since) if since else SQL("TRUE"),
        ):
            touch_ids += self._query_ids(query)
        source = self.env["marketing.touchpoint.source"]
        source._advance(self._people_code(), 0, len(touch_ids))
        source._finish_pass(self._people_code())
        if touch_ids:
            self._touchpoints_changed(list(set(touch_ids)))

    @api.model
    def _identify_queries(self, leads_changed: SQL, contacts_changed: SQL) -> list[SQL]:
        """Updates, in order, that complete the people of touches; a hook for bridges."""
        known_leads = self._leads_by_address(
            SQL("SELECT l.email_normalized FROM crm_lead l WHERE %s", leads_changed)
        )
        known_contacts = self._contacts_by_address(
            SQL("SELECT p.email_normalized FROM res_partner p WHERE %s", contacts_changed)
        )
        return [
            SQL(
                """
                UPDATE marketing_touchpoint t
                   SET lead_id = known.id,
                       partner_id = COALESCE(t.partner_id, known.partner_id),
                       company_id = COALESCE(t.company_id, known.company_id),
                       write_date = now() AT TIME ZONE 'UTC'
                  FROM (%s) AS known
                 WHERE t.lead_id IS NULL AND t.kind <> 'order'
                   AND t.email_normalized = known.email_normalized
                   AND (t.company_id = known.company_id
                        OR t.company_id IS NULL OR known.company_id IS NULL)
                   AND (t.partner_id = known.partner_id
                        OR t.partner_id IS NULL OR known.partner_id IS NULL)
             RETURNING t.id
                """,
                known_leads,
            ),
            SQL(
                """
                UPDATE marketing_touchpoint t
                   SET partner_id = l.partner_id, write_date = now() AT TIME ZONE 'UTC'
                  FROM crm_lead l
                 WHERE t.lead_id = l.id AND t.partner_id IS NULL
                   AND l.partner_id IS NOT NULL AND %s
             RETURNING t.id
                """,
                leads_changed,
            ),
            SQL(
                """
                UPDATE marketing_touchpoint t
                   SET partner_id = known.id, write_date = now() AT TIME ZONE 'UTC'
                  FROM (%s) AS known
                 WHERE t.partner_id IS NULL
                   AND t.email_normalized = known.email_normalized
                   AND (t.company_id = known.company_id
                        OR t.company_id IS NULL OR known.company_id IS NULL)
             RETURNING t.id
                """,
                known_contacts,
            ),
        ]

    def _complete_people(self):
        """Find the people of typed touches: address from lead or contact, and back."""
        if not self:
            return
        self.env["crm.lead"].flush_model()
        self.env["res.partner"].flush_model()
        self.flush_recordset()
        mine = SQL("SELECT t.email_normalized FROM marketing_touchpoint t WHERE %s", self._mine())
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_touchpoint t
                   SET partner_id = COALESCE(t.partner_id, l.partner_id),
                       email_normalized = COALESCE(
                           t.email_normalized, l.email_normalized, p.email_normalized),
                       company_id = COALESCE(t.company_id, l.company_id, c.company_id)
                  FROM marketing_touchpoint o
             LEFT JOIN crm_lead l ON l.id = o.lead_id
             LEFT JOIN res_partner p ON p.id = COALESCE(o.partner_id, l.partner_id)
             LEFT JOIN utm_campaign c ON c.id = o.campaign_id
                 WHERE o.id = t.id AND %s
             RETURNING t.id
                """,
                self._mine(),
            )
        )
        for known, lead, partner in (
            (self._leads_by_address(mine), SQL("known.id"), SQL("known.partner_id")),
            (self._contacts_by_address(mine), SQL("NULL"), SQL("known.id")),
        ):
            self.env.execute_query(
                SQL(
                    """
                    UPDATE marketing_touchpoint t
                       SET lead_id = COALESCE(t.lead_id, %(lead)s),
                           partner_id = COALESCE(t.partner_id, %(partner)s)
                      FROM (%(known)s) AS known
                     WHERE %(mine)s AND t.email_normalized = known.email_normalized
                       AND (t.company_id = known.company_id
                            OR t.company_id IS NULL OR known.company_id IS NULL)
                       AND (t.partner_id = %(partner)s
                            OR t.partner_id IS NULL OR %(partner)s IS NULL)
                 RETURNING t.id
                    """,
                    lead=lead,
                    partner=partner,
                    known=known,
                    mine=self._mine(),
                )
            )
        self.invalidate_recordset(["partner_id", "lead_id", "email_normalized", "company_id"])
        self._touchpoints_changed(self.ids)

    def _mine(self):
        return SQL("t.id IN %s", tuple(self.ids))
