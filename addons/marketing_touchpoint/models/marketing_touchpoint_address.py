from odoo import api, fields, models
from odoo.tools import SQL


class MarketingTouchpointAddress(models.Model):
    """An address a lead had until some moment.

    Several leads may share one address; a touch names one of them, the others have it through
    the address. What was done with an address while it was theirs stays their history when they
    change it or are merged; what is done with it later does not become theirs.
    """

    _name = "marketing.touchpoint.address"
    _description = "Former Address of a Lead"
    _order = "date_until DESC, id DESC"
    _log_access = False
    _rec_name = "email_normalized"

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade")
    email_normalized = fields.Char(string="Email", required=True, readonly=True, index=True)
    date_until = fields.Datetime(string="Used Until", required=True, readonly=True)

    _lead_address_unique = models.UniqueIndex("(lead_id, email_normalized)")

    @api.model
    def _remember(self, used):
        """Remember triples (lead id, address, used until), once per lead and address."""
        if not used:
            return
        lead_ids, addresses, dates = zip(*used, strict=True)
        self.env.execute_query(
            SQL(
                """
                INSERT INTO marketing_touchpoint_address (lead_id, email_normalized, date_until)
                SELECT lead_id, address, max(date_until)
                  FROM unnest(%s::int[], %s::varchar[], %s::timestamp[])
                       AS used (lead_id, address, date_until)
              GROUP BY lead_id, address
                    ON CONFLICT (lead_id, email_normalized) DO UPDATE
                   SET date_until = GREATEST(
                           EXCLUDED.date_until, marketing_touchpoint_address.date_until)
             RETURNING id
                """,
                list(lead_ids),
                list(addresses),
                list(dates),
            )
        )
        self.invalidate_model()
