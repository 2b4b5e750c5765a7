from odoo import api, models
from odoo.tools import SQL


class MarketingTouchpoint(models.Model):
    """Touches that come, change or go make the scores of their people due."""

    _inherit = "marketing.touchpoint"

    @api.model
    def _touchpoints_changed(self, touch_ids):
        result = super()._touchpoints_changed(touch_ids)
        self._mark_scores_due(touch_ids)
        return result

    @api.model
    def _mark_scores_due(self, touch_ids):
        """Mark the leads of these touches: the same people the engine would find."""
        if not touch_ids:
            return
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
                 UNION
                SELECT former.lead_id
                  FROM marketing_touchpoint touch
                  JOIN marketing_touchpoint_address former
                       ON former.email_normalized = touch.email_normalized
                      AND former.date_until >= touch.date
                 WHERE touch.id = ANY(%(ids)s)
                """,
                ids=list(touch_ids),
            )
        )
