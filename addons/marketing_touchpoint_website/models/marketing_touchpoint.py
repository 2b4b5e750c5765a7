from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.marketing_touchpoint.models.fact_source import FactSource

# The lead a visitor left last, if any.
VISITOR_LEAD = """
  LEFT JOIN LATERAL (
        SELECT vl.id, vl.partner_id, vl.email_normalized, vl.company_id
          FROM crm_lead_website_visitor_rel rel
          JOIN crm_lead vl ON vl.id = rel.crm_lead_id
         WHERE rel.website_visitor_id = v.id
      ORDER BY vl.create_date DESC, vl.id DESC
         LIMIT 1) AS vlead ON TRUE
  LEFT JOIN res_partner vp ON vp.id = v.partner_id
        AND NOT EXISTS (SELECT 1 FROM res_users u WHERE u.partner_id = vp.id
                                                    AND u.share IS NOT TRUE)
"""

# Visitors who became known, or changed, since the watermark.
VISITORS_CHANGED = """
    SELECT cv.id FROM website_visitor cv WHERE cv.write_date >= %(since)s
     UNION
    SELECT rel.website_visitor_id
      FROM crm_lead_website_visitor_rel rel
      JOIN crm_lead cl ON cl.id = rel.crm_lead_id
     WHERE cl.write_date >= %(since)s
"""


class MarketingTouchpoint(models.Model):
    _inherit = "marketing.touchpoint"

    kind = fields.Selection(
        selection_add=[("page_view", "Page Viewed")], ondelete={"page_view": "cascade"}
    )

    @api.model
    def _get_fact_sources(self):
        return super()._get_fact_sources() + [self._page_view_source()]

    @api.model
    def _page_view_source(self):
        """Tracked pages read by visitors we know: they logged in or left a lead.

        What they read before they became known counts as well, once they are. Our own staff
        looking at the website is nobody.
        """
        return FactSource(
            code="page_view",
            res_model="website.track",
            facts=(
                (
                    "page_view",
                    SQL(
                        """CASE WHEN vp.id IS NOT NULL OR (v.partner_id IS NULL
                                 AND vlead.id IS NOT NULL) THEN s.visit_datetime END"""
                    ),
                ),
            ),
            changed=lambda since: SQL(
                "(s.visit_datetime >= %s OR s.visitor_id IN (%s))",
                since,
                SQL(VISITORS_CHANGED, since=since),
            ),
            joins=SQL(
                """
                  JOIN website_visitor v ON v.id = s.visitor_id
                  LEFT JOIN website w ON w.id = v.website_id
                  %s
                  LEFT JOIN utm_campaign uc ON lower(uc.name) = %s
                  LEFT JOIN utm_source us ON lower(us.name) = %s
                  LEFT JOIN utm_medium um ON lower(um.name) = %s
                """,
                SQL(VISITOR_LEAD),
                self._sql_url_parameter("utm_campaign"),
                self._sql_url_parameter("utm_source"),
                self._sql_url_parameter("utm_medium"),
            ),
            campaign=SQL("uc.id"),
            source=SQL("us.id"),
            medium=SQL("um.id"),
            name=SQL("split_part(s.url, '?', 1)"),
            email=SQL("COALESCE(vp.email_normalized, vlead.email_normalized)"),
            partner=SQL("COALESCE(vp.id, vlead.partner_id)"),
            lead=SQL("vlead.id"),
            company=SQL("COALESCE(vlead.company_id, w.company_id)"),
        )

    @api.model
    def _link_click_source(self):
        """An anonymous click gets a name when the visitor who made it becomes known."""
        spec = super()._link_click_source()
        return replace(
            spec,
            joins=SQL(
                """%s
                  LEFT JOIN website_visitor v ON v.access_token = s.visitor_token
                  %s""",
                spec.joins,
                SQL(VISITOR_LEAD),
            ),
            changed=lambda since: SQL(
                """(%s OR s.visitor_token IN (
                        SELECT known.access_token FROM website_visitor known
                         WHERE known.id IN (%s)))""",
                spec.changed(since),
                SQL(VISITORS_CHANGED, since=since),
            ),
            email=SQL(
                "COALESCE(%s, vp.email_normalized, vlead.email_normalized)",
                spec.email,
            ),
            partner=SQL("COALESCE(%s, vp.id, vlead.partner_id)", spec.partner),
            lead=SQL("COALESCE(%s, vlead.id)", spec.lead),
            company=SQL("COALESCE(%s, vlead.company_id)", spec.company),
        )

    @api.model
    def _sql_url_parameter(self, name):
        """A query parameter of the visited address, unescaped as far as names need it."""
        return SQL(
            "lower(replace(replace(substring(s.url from %s), '+', ' '), '%%20', ' '))",
            f"[?&]{name}=([^&#]+)",
        )
