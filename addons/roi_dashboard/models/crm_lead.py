from odoo import models


class CrmLead(models.Model):
    """Leads are found by the day on which they became an opportunity, and were won or lost."""

    _inherit = "crm.lead"

    _opportunity_day_index = models.Index(
        "(COALESCE(date_conversion, create_date)) WHERE type = 'opportunity'"
    )
    _closed_day_index = models.Index(
        "(COALESCE(date_closed, create_date))"
        " WHERE type = 'opportunity' AND won_status IN ('won', 'lost')"
    )
