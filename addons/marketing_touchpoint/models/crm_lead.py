from odoo import api, fields, models
from odoo.tools import SQL

WATCHED = frozenset(
    {
        "name",
        "email_from",
        "partner_id",
        "company_id",
        "campaign_id",
        "source_id",
        "medium_id",
    }
)


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "marketing.touchpoint.mixin"]

    _touch_write_date_idx = models.Index("USING brin (write_date)")
    _touch_email_idx = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        self.env["marketing.touchpoint"]._wake_ingestion()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if not WATCHED.isdisjoint(vals):
            self.env["marketing.touchpoint"]._wake_ingestion()
        return result

    def _write_multi(self, vals_list):
        """An address changes in many ways: written, taken over from the contact, cleared by it.
        They all end here."""
        changing = any("email_normalized" in vals for vals in vals_list)
        before = self._get_stored_addresses() if changing else {}
        result = super()._write_multi(vals_list)
        if before:
            after = self._get_stored_addresses()
            self.browse(
                lead_id for lead_id, address in before.items() if after.get(lead_id) != address
            )._address_changed(before)
        return result

    def _get_stored_addresses(self):
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT id, email_normalized FROM crm_lead
                        WHERE id IN %s AND email_normalized IS NOT NULL""",
                    tuple(self.ids),
                )
            )
        )

    def _address_changed(self, before):
        """Hook: these leads have another address in the database than the one in ``before``.

        What was done with the address while it was theirs stays their history.
        """
        now = fields.Datetime.now()
        self.env["marketing.touchpoint.address"]._remember(
            [(lead.id, before[lead.id], now) for lead in self]
        )

    def _merge_dependences(self, opportunities):
        """The survivor inherits every touch of the leads merged into it, and their addresses."""
        result = super()._merge_dependences(opportunities)
        self.env["marketing.touchpoint"]._move_to_lead(opportunities, self)
        # sudo: merging is allowed to people who may not read former addresses
        former = self.env["marketing.touchpoint.address"].sudo()
        now = fields.Datetime.now()
        used = [(lead.email_normalized, now) for lead in opportunities]
        used += [
            (address.email_normalized, address.date_until)
            for address in former.search([("lead_id", "in", opportunities.ids)])
        ]
        former._remember(
            [
                (self.id, address, date)
                for address, date in used
                if address and address != self.email_normalized
            ]
        )
        return result

    def _get_touchpoint_query(self):
        """Touches of the lead, of its contact, of its address, and of addresses it had before."""
        self.env["marketing.touchpoint.address"].flush_model()
        return SQL(
            """%s UNION
               SELECT o.id AS owner_id, t.id AS touchpoint_id
                 FROM marketing_touchpoint_address former
                 JOIN crm_lead o ON o.id = former.lead_id
                 JOIN marketing_touchpoint t ON t.email_normalized = former.email_normalized
                      AND t.date <= former.date_until
                      AND (t.partner_id IS NULL OR o.partner_id IS NULL)
                WHERE former.lead_id IN %s""",
            self._touchpoints_of_people("partner_id", lead=SQL("t.lead_id = o.id")),
            tuple(self.ids) or (0,),
        )
