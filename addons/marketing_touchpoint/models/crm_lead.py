from odoo import api, models
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

    def _merge_dependences(self, opportunities):
        """The survivor inherits every touch of the leads merged into it."""
        result = super()._merge_dependences(opportunities)
        self.env["marketing.touchpoint"]._move_to_lead(opportunities, self)
        return result

    def _get_touchpoint_query(self):
        return self._touchpoints_of_people("partner_id", lead=SQL("t.lead_id = o.id"))
