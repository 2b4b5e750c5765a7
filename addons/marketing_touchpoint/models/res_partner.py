from odoo import api, models
from odoo.tools import SQL

WATCHED = frozenset({"email", "active"})


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "marketing.touchpoint.mixin"]

    _touch_write_date_idx = models.Index("USING brin (write_date)")
    _touch_email_idx = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if any(vals.get("email") for vals in vals_list):
            self.env["marketing.touchpoint"]._wake_ingestion()
        return partners

    def write(self, vals):
        result = super().write(vals)
        if not WATCHED.isdisjoint(vals):
            self.env["marketing.touchpoint"]._wake_ingestion()
        return result

    def _get_touchpoint_query(self):
        """Touches of the contact, of its address and, for a company, of the people in it."""
        own = self._touchpoints_of_people("id")
        return SQL(
            """%s UNION
               SELECT o.id AS owner_id, t.id AS touchpoint_id
                 FROM res_partner o
                 JOIN res_partner member ON member.commercial_partner_id = o.id
                 JOIN marketing_touchpoint t ON t.partner_id = member.id
                WHERE o.is_company AND o.id IN %s""",
            own,
            tuple(self.ids) or (0,),
        )
