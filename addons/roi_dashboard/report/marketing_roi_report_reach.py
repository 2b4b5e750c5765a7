from odoo import models
from odoo.tools import SQL


class MarketingRoiReport(models.Model):
    """Rows of people met and won over: touches, leads, opportunities and how they ended."""

    _inherit = "marketing.roi.report"

    def _touch_facts(self, days=None):
        """Touches of campaigns; without company they are the campaign's, else the first's."""
        return self._fact_query(
            4,
            "touch",
            self._model_row_id_sql(SQL("touch.id")),
            SQL(
                """
                FROM marketing_touchpoint touch
                JOIN utm_campaign node ON node.id = touch.campaign_id
                %s
                WHERE %s AND %s
                """,
                self._any_model_sql(),
                self._counted_touch_sql(),
                self._on_days_sql(days) if days else self._in_period_sql(SQL("touch.date")),
            ),
            date=SQL("touch.date"),
            company_id=self._touch_company_sql(),
            model_id=SQL("model.id"),
            res_model=SQL("'marketing.touchpoint'"),
            res_id=SQL("touch.id"),
            name=SQL("touch.name"),
            campaign_id=SQL("touch.campaign_id"),
            source_id=SQL("touch.source_id"),
            medium_id=SQL("touch.medium_id"),
            mailing_id=SQL("touch.mailing_id"),
            link_id=SQL("touch.link_id"),
            partner_id=SQL("touch.partner_id"),
            person_key=SQL(
                "COALESCE(touch.email_normalized, 'p' || touch.partner_id, 'l' || touch.lead_id)"
            ),
            touch_count=SQL("1"),
            many=days is not None,
        )

    def _counted_touch_sql(self):
        """To be sent something is no meeting, and machines meet nobody."""
        return SQL("(touch.is_bot IS NOT TRUE AND touch.kind != 'mail_sent')")

    def _touch_company_sql(self):
        return SQL("COALESCE(touch.company_id, node.company_id, %s)", self._main_company())

    def _main_company(self):
        return SQL("(SELECT MIN(id) FROM res_company)")

    def _lead_columns(self):
        return {
            "company_id": SQL(
                "COALESCE(lead.company_id, team.company_id, node.company_id, %s)",
                self._main_company(),
            ),
            "model_id": SQL("model.id"),
            "res_model": SQL("'crm.lead'"),
            "res_id": SQL("lead.id"),
            "name": SQL("lead.name"),
            "campaign_id": SQL("lead.campaign_id"),
            "source_id": SQL("lead.source_id"),
            "medium_id": SQL("lead.medium_id"),
            "partner_id": SQL("lead.partner_id"),
            "user_id": SQL("lead.user_id"),
            "team_id": SQL("lead.team_id"),
            "country_id": SQL("lead.country_id"),
        }

    def _lead_body(self, condition):
        return SQL(
            """
            FROM crm_lead lead
            LEFT JOIN crm_team team ON team.id = lead.team_id
            LEFT JOIN utm_campaign node ON node.id = lead.campaign_id
            %s
            WHERE %s
            """,
            self._any_model_sql(),
            condition,
        )

    def _lead_facts(self):
        """Every lead counts once, by its creation; merged ones as the one they became."""
        return self._fact_query(
            5,
            "lead",
            self._model_row_id_sql(SQL("lead.id")),
            self._lead_body(self._in_period_sql(SQL("lead.create_date"))),
            date=SQL("lead.create_date"),
            lead_count=SQL("1"),
            many=True,
            **self._lead_columns(),
        )

    def _opportunity_facts(self):
        return self._fact_query(
            6,
            "opportunity",
            self._model_row_id_sql(SQL("lead.id")),
            self._lead_body(SQL("lead.type = 'opportunity'")),
            date=SQL("COALESCE(lead.date_conversion, lead.create_date)"),
            opportunity_count=SQL("1"),
            many=True,
            **self._lead_columns(),
        )

    def _closed_facts(self):
        return self._fact_query(
            7,
            SQL("lead.won_status"),
            self._model_row_id_sql(SQL("lead.id")),
            self._lead_body(
                SQL("lead.type = 'opportunity' AND lead.won_status IN ('won', 'lost')")
            ),
            facts=("won", "lost"),
            date=SQL("COALESCE(lead.date_closed, lead.write_date)"),
            won_count=SQL("(lead.won_status = 'won')::int"),
            lost_count=SQL("(lead.won_status = 'lost')::int"),
            many=True,
            **self._lead_columns(),
        )
