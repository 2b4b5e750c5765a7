from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.marketing_touchpoint.models.fact_source import NOTHING, FactSource


class MarketingTouchpoint(models.Model):
    _inherit = "marketing.touchpoint"

    kind = fields.Selection(
        selection_add=[("survey", "Survey Completed")], ondelete={"survey": "cascade"}
    )

    @api.model
    def _get_fact_sources(self):
        return super()._get_fact_sources() + [self._survey_source()]

    @api.model
    def _survey_source(self):
        """Somebody finished a survey; trying it out in the editor is not a touch.

        The lead that the answers created, if any, is the one that counts, with its campaign.
        """
        has_lead = "lead_id" in self.env["survey.user_input"]._fields  # with survey_crm
        lead = SQL("l.id") if has_lead else NOTHING
        lead_join = (
            SQL("LEFT JOIN crm_lead l ON l.id = s.lead_id")
            if has_lead
            else SQL("LEFT JOIN crm_lead l ON FALSE")
        )
        return FactSource(
            code="survey",
            res_model="survey.user_input",
            facts=(
                (
                    "survey",
                    SQL(
                        """CASE WHEN s.state = 'done'
                           THEN COALESCE(s.end_datetime, s.create_date) END"""
                    ),
                ),
            ),
            only=SQL("s.test_entry IS NOT TRUE"),
            joins=SQL(
                """
                  LEFT JOIN survey_survey sv ON sv.id = s.survey_id
                  %s
                  LEFT JOIN res_partner p ON p.id = s.partner_id AND p.active
                """,
                lead_join,
            ),
            campaign=SQL("l.campaign_id"),
            source=SQL("l.source_id"),
            medium=SQL("l.medium_id"),
            name=self._sql_translated(SQL("sv.title")),
            email=SQL(
                "COALESCE(%s, p.email_normalized, l.email_normalized)",
                self._sql_normalized_email(SQL("s.email")),
            ),
            partner=SQL("COALESCE(p.id, l.partner_id)"),
            lead=lead,
            company=SQL("l.company_id"),
        )
