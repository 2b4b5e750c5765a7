from odoo import models
from odoo.tools import SQL


class ResPartner(models.Model):
    """A contact's facts are facts of its leads, when a rule looks at them."""

    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if self.ids and self.env["lead.score.model"]._watches_contacts():
            self.env["lead.score.queue"]._mark(
                SQL("SELECT id FROM crm_lead WHERE partner_id = ANY(%s)", list(self.ids))
            )
        return result
