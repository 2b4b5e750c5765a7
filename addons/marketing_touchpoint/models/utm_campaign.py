from odoo import models
from odoo.tools import SQL

from .marketing_touchpoint_mixin import TIMELINE_LENGTH


class UtmCampaign(models.Model):
    _name = "utm.campaign"
    _inherit = ["utm.campaign", "marketing.touchpoint.mixin"]

    def _get_touchpoint_query(self):
        return self._touchpoints_by_column("campaign_id")

    def _latest_touchpoints(self):
        """A campaign may have a million touches: walk the index instead of ranking them all."""
        return self.env.execute_query(
            SQL(
                """
                SELECT o.id, array_agg(latest.id ORDER BY latest.date DESC, latest.id DESC)
                  FROM unnest(%s) AS o (id)
            CROSS JOIN LATERAL (
                    SELECT t.id, t.date FROM marketing_touchpoint t
                     WHERE t.campaign_id = o.id AND t.id IN %s
                  ORDER BY t.date DESC, t.id DESC LIMIT %s) AS latest
              GROUP BY o.id
                """,
                list(self.ids),
                self._readable_touchpoints(),
                TIMELINE_LENGTH,
            )
        )

    def action_view_touchpoints(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_touchpoint.marketing_touchpoint_action"
        )
        return {**action, "domain": [("campaign_id", "=", self.id)], "context": {}}
