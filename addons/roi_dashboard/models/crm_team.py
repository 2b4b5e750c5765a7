from odoo import models
from odoo.tools import SQL


class CrmTeam(models.Model):
    """Leads without company are their team's."""

    _inherit = "crm.team"

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            self.env["marketing.roi.stale.day"]._mark(
                "crm_lead", SQL("team_id = ANY(%s)", self.ids)
            )
        return result
