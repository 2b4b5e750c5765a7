from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.roi_dashboard.models.marketing_dashboard import MOST_OPENED
from odoo.addons.roi_dashboard.tools import dashboard


class MarketingDashboard(models.AbstractModel):
    """Qualified leads and response times on the dashboard."""

    _inherit = "marketing.dashboard"

    @api.model
    def _get_panels(self):
        return [*super()._get_panels(), "quality"]

    @api.model
    def _get_measure_facts(self):
        return super()._get_measure_facts() | {"mql_count": "mql", "sql_count": "sql"}

    # ------------------------------------------------------------------ cards

    @api.model
    def _get_kpis(self):
        return [
            *super()._get_kpis(),
            {
                "key": "cost_per_mql",
                "label": self.env._("Cost per MQL"),
                "help": self.env._("Cost / leads that became marketing qualified."),
                "kind": "money",
                "spec": "cost_per_mql:avg",
                "measures": ["cost_actual", "mql_count"],
                "better": "down",
            },
        ]

    @api.model
    def _get_other_cards(self, scope):
        return [*super()._get_other_cards(scope), *self._get_response_card(scope)]

    @api.model
    def _get_response_card(self, scope):
        """How soon the leads of these campaigns are answered; no card while nothing is timed."""
        leads = self._get_campaign_leads(scope)
        now = self._read_response(leads, scope.span)
        before = self._read_response(leads, scope.before)
        if now is None and before is None:
            return []
        label = self.env._("Response Time")
        return [
            {
                "key": "response",
                "label": label,
                "help": self.env._("Median working hours from receiving a lead to answering it."),
                "kind": "hours",
                "better": "down",
                "value": now,
                "before": before,
                "change": dashboard.change(now, before),
                "spark": [],
                "target": None,
                "open": self._can_open_response() and {"lazy": "response"},
            }
        ]

    @api.model
    def _get_campaign_leads(self, scope):
        return self._lead_ids_sql(scope.lifetime() & Domain("fact", "=", "lead"))

    @api.model
    def _get_clock_domain(self, leads, span):
        after = datetime.combine(span.end + timedelta(days=1), time.min)
        return (
            Domain("lead_id", "in", leads)
            & Domain("company_id", "in", [*self.env.companies.ids, False])
            & Domain("state", "=", "answered")
            & Domain("date_start", ">=", datetime.combine(span.start, time.min))
            & Domain("date_start", "<", after)
        )

    @api.model
    def _read_response(self, leads, span):
        if not span:
            return None
        # sudo: marketers and finance see how fast leads are answered, not whose they are
        report = self.env["lead.response.report"].sudo()
        [(median,)] = report._read_group(
            self._get_clock_domain(leads, span), [], ["response_median:avg"]
        )
        return self._number(median)

    @api.model
    def _can_open_response(self):
        return self.env["lead.response.report"].has_access("read") or None

    @api.model
    def _open_response(self, scope):
        report = self.env["lead.response.report"]
        domain = self._get_clock_domain(self._get_campaign_leads(scope), scope.span)
        rows = report.search(domain, limit=MOST_OPENED)
        return {
            "model": report._name,
            "domain": [["id", "in", rows.ids]],
            "name": self.env._("Response Time"),
        }

    @api.model
    def _get_lazy_records(self):
        return {
            **super()._get_lazy_records(),
            "breaches": self._open_breaches,
            "response": self._open_response,
        }

    # ------------------------------------------------------------------ funnel

    @api.model
    def _get_funnel_stages(self):
        stages = super()._get_funnel_stages()
        place = 1 + next(index for index, stage in enumerate(stages) if stage[0] == "lead")
        return [
            *stages[:place],
            ["mql", self.env._("MQL"), "mql_count"],
            ["sql", self.env._("SQL"), "sql_count"],
            *stages[place:],
        ]

    @api.model
    def _get_funnel_times(self):
        return super()._get_funnel_times() | {
            "mql": "EXTRACT(EPOCH FROM lead.date_mql - lead.create_date) / 86400",
            "sql": "EXTRACT(EPOCH FROM lead.date_sql - lead.date_mql) / 86400",
        }

    # ------------------------------------------------------------------ attention

    @api.model
    def _get_attention_items(self, scope):
        return [*super()._get_attention_items(scope), self._get_breaches(scope)]

    @api.model
    def _get_breaches(self, scope):
        return self._prepare_lead_item(
            "breaches",
            "danger",
            self.env._("Answers overdue"),
            self.env._("Leads that wait longer than the follow-up policy allows."),
            self._breaches_sql(scope),
        )

    @api.model
    def _open_breaches(self, scope):
        return self._open_leads(self._breaches_sql(scope), self.env._("Answers overdue"))

    @api.model
    def _breaches_sql(self, scope):
        """Leads that wait for an answer longer than promised, longest first.

        Anybody who is responsible for the campaigns sees how many; the leads themselves open with
        the reader's own rights.
        """
        self.env["lead.followup.clock"].flush_model()
        return SQL(
            """
            SELECT clock.lead_id
              FROM lead_followup_clock clock
             WHERE clock.lead_id IN %(leads)s AND clock.state = 'running' AND clock.is_breached
               AND (clock.company_id IS NULL OR clock.company_id = ANY(%(companies)s))
             GROUP BY clock.lead_id
             ORDER BY MIN(clock.date_due), clock.lead_id
            """,
            leads=self._get_campaign_leads(scope),
            companies=self.env.companies.ids,
        )
