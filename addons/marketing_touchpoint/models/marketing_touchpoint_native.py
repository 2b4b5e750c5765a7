from odoo import api, models
from odoo.tools import SQL

from .fact_source import FactSource


class MarketingTouchpointNative(models.Model):
    """The native tables the log is read from, one method each."""

    _inherit = "marketing.touchpoint"

    @api.model
    def _sql_normalized_email(self, expression: SQL) -> SQL:
        """An address column that is not normalised, the way normalised ones are stored."""
        return SQL(
            """lower(substring(%s from '([^\\s<>"]+@[^\\s<>"]+)'))""",
            expression,
        )

    @api.model
    def _sql_translated(self, expression: SQL) -> SQL:
        """A translated name in the language of the system user, so that it does not change with
        whoever happens to start the ingestion."""
        lang = self.env.ref("base.user_root").lang or "en_US"
        return SQL(
            "COALESCE(%(name)s ->> %(lang)s, %(name)s ->> 'en_US')", name=expression, lang=lang
        )

    @api.model
    def _mailing_trace_source(self):
        """Emails of a mailing: sent, opened, clicked, replied.

        A mail that bounced or failed was not received, whatever its sending date says; one that
        was opened after all was. Clicks come from the link clicks, which know the link; a trace
        that is marked clicked without any such row stands for itself.
        """
        return FactSource(
            code="mailing_trace",
            res_model="mailing.trace",
            facts=(
                (
                    "mail_sent",
                    SQL(
                        """CASE WHEN s.trace_status IN ('pending', 'sent', 'open', 'reply')
                           THEN COALESCE(s.sent_datetime, s.create_date) END"""
                    ),
                ),
                ("mail_open", SQL("s.open_datetime")),
                (
                    "mail_click",
                    SQL(
                        """CASE WHEN s.links_click_datetime IS NOT NULL AND NOT EXISTS (
                                SELECT 1 FROM link_tracker_click lc
                                 WHERE lc.mailing_trace_id = s.id)
                           THEN s.links_click_datetime END"""
                    ),
                ),
                ("mail_reply", SQL("s.reply_datetime")),
            ),
            only=SQL("s.trace_type = 'mail' AND s.is_test_trace IS NOT TRUE"),
            joins=SQL(
                """
                  LEFT JOIN mailing_mailing m ON m.id = s.mass_mailing_id
                  LEFT JOIN utm_campaign c ON c.id = m.campaign_id
                  LEFT JOIN crm_lead l ON s.model = 'crm.lead' AND l.id = s.res_id
                  LEFT JOIN res_partner p ON s.model = 'res.partner' AND p.id = s.res_id
                """
            ),
            campaign=SQL("m.campaign_id"),
            source=SQL("m.source_id"),
            medium=SQL("m.medium_id"),
            mailing=SQL("m.id"),
            name=SQL("m.subject"),
            email=SQL("s.email"),
            partner=SQL("COALESCE(p.id, l.partner_id)"),
            lead=SQL("l.id"),
            company=SQL("COALESCE(l.company_id, c.company_id)"),
            trace=SQL("s.id"),
        )

    @api.model
    def _link_click_source(self):
        """Clicks on tracked links. A link in an email names who it was sent to; any other click
        is anonymous and stays so."""
        return FactSource(
            code="link_click",
            res_model="link.tracker.click",
            facts=(
                ("mail_click", SQL("CASE WHEN tr.trace_type = 'mail' THEN s.create_date END")),
                ("link_click", SQL("CASE WHEN tr.id IS NULL THEN s.create_date END")),
            ),
            joins=SQL(
                """
                  JOIN link_tracker lt ON lt.id = s.link_id
                  LEFT JOIN mailing_trace tr
                    ON tr.id = s.mailing_trace_id AND tr.is_test_trace IS NOT TRUE
                  LEFT JOIN mailing_mailing m ON m.id = tr.mass_mailing_id
                  LEFT JOIN utm_campaign c ON c.id = COALESCE(lt.campaign_id, m.campaign_id)
                  LEFT JOIN crm_lead l ON tr.model = 'crm.lead' AND l.id = tr.res_id
                  LEFT JOIN res_partner p ON tr.model = 'res.partner' AND p.id = tr.res_id
                """
            ),
            campaign=SQL("c.id"),
            source=SQL("COALESCE(lt.source_id, m.source_id)"),
            medium=SQL("COALESCE(lt.medium_id, m.medium_id)"),
            mailing=SQL("m.id"),
            link=SQL("lt.id"),
            name=SQL("COALESCE(NULLIF(lt.label, ''), lt.url)"),
            email=SQL("tr.email"),
            partner=SQL("COALESCE(p.id, l.partner_id)"),
            lead=SQL("l.id"),
            company=SQL("COALESCE(l.company_id, c.company_id)"),
            trace=SQL("s.mailing_trace_id"),
        )

    @api.model
    def _lead_source(self):
        """A lead arrived, by whatever way."""
        return FactSource(
            code="lead_created",
            res_model="crm.lead",
            facts=(("lead_created", SQL("s.create_date")),),
            joins=SQL("LEFT JOIN utm_campaign c ON c.id = s.campaign_id"),
            campaign=SQL("s.campaign_id"),
            source=SQL("s.source_id"),
            medium=SQL("s.medium_id"),
            name=SQL("s.name"),
            email=SQL("s.email_normalized"),
            partner=SQL("s.partner_id"),
            lead=SQL("s.id"),
            company=SQL("COALESCE(s.company_id, c.company_id)"),
        )

    @api.model
    def _order_source(self):
        """A quotation became an order; cancelling the order takes the touch back."""
        return FactSource(
            code="order",
            res_model="sale.order",
            facts=(("order", SQL("CASE WHEN s.state = 'sale' THEN s.date_order END")),),
            joins=SQL("LEFT JOIN res_partner p ON p.id = s.partner_id"),
            campaign=SQL("s.campaign_id"),
            source=SQL("s.source_id"),
            medium=SQL("s.medium_id"),
            name=SQL("s.name"),
            email=SQL("p.email_normalized"),
            partner=SQL("s.partner_id"),
            lead=SQL("s.opportunity_id"),
            company=SQL("s.company_id"),
            guess_lead=False,
            keep_deleted=False,
        )

    @api.model
    def _meeting_source(self):
        """A meeting about a lead took place: one that is still to come is not a touch yet."""
        return FactSource(
            code="meeting",
            res_model="calendar.event",
            facts=(
                (
                    "meeting",
                    SQL(
                        """CASE WHEN s.active AND l.id IS NOT NULL
                                 AND s.start <= now() AT TIME ZONE 'UTC' THEN s.start END"""
                    ),
                ),
            ),
            changed=lambda since: SQL(
                """(s.write_date >= %(since)s
                    OR s.start BETWEEN %(since)s AND now() AT TIME ZONE 'UTC')""",
                since=since,
            ),
            joins=self._lead_joins(SQL("s.opportunity_id")),
            name=SQL("s.name"),
            keep_deleted=False,
            **self._lead_columns(),
        )

    @api.model
    def _call_source(self):
        """A call planned on a lead was done. Done activities know the day, not the hour: a call
        done on the day it was planned counts from that moment, any other from midnight."""
        return FactSource(
            code="call",
            res_model="mail.activity",
            facts=(
                (
                    "call",
                    SQL(
                        """CASE WHEN NOT s.active AND s.date_done IS NOT NULL
                                 AND at.category = 'phonecall' AND l.id IS NOT NULL
                           THEN GREATEST(s.date_done::timestamp, s.create_date) END"""
                    ),
                ),
            ),
            only=SQL("s.res_model = 'crm.lead'"),
            joins=SQL(
                "LEFT JOIN mail_activity_type at ON at.id = s.activity_type_id %s",
                self._lead_joins(SQL("s.res_id")),
            ),
            name=SQL("COALESCE(NULLIF(s.summary, ''), s.res_name)"),
            keep_deleted=False,
            **self._lead_columns(),
        )

    @api.model
    def _lead_joins(self, lead_id: SQL) -> SQL:
        """The lead a record belongs to, and its campaign."""
        return SQL(
            """
              LEFT JOIN crm_lead l ON l.id = %s
              LEFT JOIN utm_campaign c ON c.id = l.campaign_id
            """,
            lead_id,
        )

    @api.model
    def _lead_columns(self) -> dict:
        """What a touch takes over from the lead it belongs to."""
        return {
            "campaign": SQL("l.campaign_id"),
            "source": SQL("l.source_id"),
            "medium": SQL("l.medium_id"),
            "email": SQL("l.email_normalized"),
            "partner": SQL("l.partner_id"),
            "lead": SQL("l.id"),
            "company": SQL("COALESCE(l.company_id, c.company_id)"),
        }
