from dataclasses import replace

from odoo import api, models

from odoo.addons.roi_dashboard.models.marketing_roi_stale_day import LEADS

# A watch of its own: its triggers go with the columns they look at.
QUALIFIED_LEADS = replace(
    LEADS,
    name="marketing_roi_qualified_lead",
    days=(*LEADS.days, "date_mql", "date_sql"),
    keys=(*LEADS.keys, "score_grade"),
    # the fit; how much somebody is interested changes every night
    parts={"score_grade": "LEFT(%s, 1)"},
)


class MarketingRoiStaleDay(models.Model):
    """Leads also count on the days they were qualified, and by their fit."""

    _inherit = "marketing.roi.stale.day"

    def init(self):
        result = super().init()
        self._watch(QUALIFIED_LEADS)
        return result

    @api.model
    def _get_watches(self):
        return (*super()._get_watches(), QUALIFIED_LEADS)
