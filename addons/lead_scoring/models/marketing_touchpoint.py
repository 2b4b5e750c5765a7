from odoo import api, models
from odoo.tools import SQL


class MarketingTouchpoint(models.Model):
    """Touches that come, change or go make the scores of their people due."""

    _inherit = "marketing.touchpoint"

    @api.model_create_multi
    def create(self, vals_list):
        touches = super().create(vals_list)
        touches._mark_scores_due()
        return touches

    def write(self, vals):
        self._mark_scores_due()
        result = super().write(vals)
        self._mark_scores_due()
        return result

    def unlink(self):
        self._mark_scores_due()
        return super().unlink()

    @api.model
    def _after_ingest(self, touch_ids):
        result = super()._after_ingest(touch_ids)
        self.browse(touch_ids)._mark_scores_due()
        return result

    def _mark_scores_due(self):
        """Mark the leads of these touches: the same people the engine would find."""
        if not self.ids:
            return
        self.flush_recordset(["lead_id", "partner_id", "email_normalized"])
        self.env["lead.score.queue"]._mark(
            SQL(
                """
                SELECT lead_id FROM marketing_touchpoint
                 WHERE id = ANY(%(ids)s) AND lead_id IS NOT NULL
                 UNION
                SELECT lead.id
                  FROM marketing_touchpoint touch
                  JOIN crm_lead lead ON lead.partner_id = touch.partner_id
                 WHERE touch.id = ANY(%(ids)s)
                 UNION
                SELECT lead.id
                  FROM marketing_touchpoint touch
                  JOIN crm_lead lead ON lead.email_normalized = touch.email_normalized
                 WHERE touch.id = ANY(%(ids)s)
                """,
                ids=list(self.ids),
            )
        )
