from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.marketing_touchpoint.models.fact_source import FactSource


class MarketingTouchpoint(models.Model):
    _inherit = "marketing.touchpoint"

    kind = fields.Selection(
        selection_add=[
            ("event_registration", "Event Registration"),
            ("event_attendance", "Event Attendance"),
        ],
        ondelete={"event_registration": "cascade", "event_attendance": "cascade"},
    )

    @api.model
    def _get_fact_sources(self):
        return super()._get_fact_sources() + [self._event_registration_source()]

    @api.model
    def _event_registration_source(self):
        """Somebody registered and, later, came. A cancelled registration is neither.

        The attendee is known by the address of the registration; who booked is only taken for
        the attendee when the booking carries no other address.
        """
        email = self._sql_normalized_email(SQL("s.email"))
        return FactSource(
            code="event_registration",
            res_model="event.registration",
            facts=(
                (
                    "event_registration",
                    SQL(
                        "CASE WHEN s.active AND s.state IN ('open', 'done') THEN s.create_date END"
                    ),
                ),
                (
                    "event_attendance",
                    SQL("CASE WHEN s.active AND s.state = 'done' THEN s.date_closed END"),
                ),
            ),
            joins=SQL(
                """
                  LEFT JOIN event_event e ON e.id = s.event_id
                  LEFT JOIN res_partner p ON p.id = s.partner_id
                       AND (p.email_normalized = %(email)s OR %(email)s IS NULL)
                """,
                email=email,
            ),
            campaign=SQL("s.utm_campaign_id"),
            source=SQL("s.utm_source_id"),
            medium=SQL("s.utm_medium_id"),
            name=self._sql_translated(SQL("e.name")),
            email=SQL("COALESCE(%s, p.email_normalized)", email),
            partner=SQL("p.id"),
            company=SQL("s.company_id"),
            keep_deleted=False,
        )
