from dataclasses import dataclass

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .report_question import QUESTION, LeadChoice, Question, read_facts, read_period


@dataclass(frozen=True)
class LeadSource:
    """Rows of leads: which leads, by which of their days, and what they count for.

    ``fact`` is the kind of row as SQL over ``lead``, ``measures`` says for each kind what a row
    of it counts for. ``number`` tells the rows of the sources apart in the report's ids.
    """

    number: int
    fact: SQL
    measures: dict[str, str]
    date: SQL
    condition: SQL


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
                self._on_days_sql(SQL("touch.date"), days)
                if days
                else self._in_period_sql(SQL("touch.date")),
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

    @api.model
    def _get_lead_sources(self) -> list[LeadSource]:
        """Hook for bridges: where rows of leads come from.

        Every lead counts once by its creation, merged ones as the one they became. What was closed
        on no known day came as closed.
        """
        return [
            LeadSource(
                5, SQL("'lead'"), {"lead": "lead_count"}, SQL("lead.create_date"), SQL("TRUE")
            ),
            LeadSource(
                6,
                SQL("'opportunity'"),
                {"opportunity": "opportunity_count"},
                SQL("COALESCE(lead.date_conversion, lead.create_date)"),
                SQL("lead.type = 'opportunity'"),
            ),
            LeadSource(
                7,
                SQL("lead.won_status"),
                {"won": "won_count", "lost": "lost_count"},
                SQL("COALESCE(lead.date_closed, lead.create_date)"),
                SQL("lead.type = 'opportunity' AND lead.won_status IN ('won', 'lost')"),
            ),
        ]

    def _lead_facts(self, source, days=None):
        """Rows of leads; on some days, or in the period asked for."""
        question = self._get_question()
        choice = (question and question.leads) or LeadChoice({})
        return self._fact_query(
            source.number,
            source.fact,
            self._model_row_id_sql(SQL("lead.id")),
            SQL(
                """
                FROM crm_lead lead %s
                %s
                WHERE %s AND %s AND %s
                """,
                SQL("TABLESAMPLE SYSTEM (%s) REPEATABLE (0)", choice.percent)
                if choice.percent < 100
                else SQL(),
                self._any_model_sql(),
                source.condition,
                choice.condition or SQL("TRUE"),
                self._on_days_sql(source.date, days) if days else self._in_period_sql(source.date),
            ),
            facts=tuple(source.measures),
            date=source.date,
            many=True,
            extra=choice.columns,
            **{
                measure: SQL("(%s = %s)::int", source.fact, fact)
                for fact, measure in source.measures.items()
            },
            **self._lead_columns(),
        )

    @api.model
    def _select_leads(self, domain, columns, condition=None, percent=100.0) -> SQL:
        """Values of the leads behind the rows of a domain, with the reader's rights.

        A statement of one column for each value; the leads are read once, and a condition on them
        is looked at there.

        :param domain: on the report; names the ``fact``
        :param columns: name -> SQL over ``lead``
        """
        domain = Domain(domain)
        first, last = read_period(domain) or (None, None)
        question = Question(
            facts=read_facts(domain),
            date_from=first,
            date_to=last,
            leads=LeadChoice(columns, condition, percent),
        )
        self.env["crm.lead"].flush_model()
        query = self.with_context(**{QUESTION: question})._search(domain)
        return query.select(*(SQL.identifier(self._table, name) for name in columns))

    def _lead_columns(self):
        return {
            "company_id": self._lead_company_sql(),
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
            **self._get_lead_keys(),
        }

    def _lead_company_sql(self):
        """A lead without company is its team's, its campaign's, or the first one's; looked up only
        for such leads.
        """
        return SQL(
            """COALESCE(
                   lead.company_id,
                   (SELECT company_id FROM crm_team WHERE id = lead.team_id),
                   (SELECT company_id FROM utm_campaign WHERE id = lead.campaign_id),
                   %s)""",
            self._main_company(),
        )
