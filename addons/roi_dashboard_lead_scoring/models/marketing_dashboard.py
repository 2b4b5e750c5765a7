from datetime import datetime, time, timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from odoo.addons.roi_dashboard.models.marketing_dashboard import MOST_OPENED
from odoo.addons.roi_dashboard.tools import dashboard, goals


class Response(NamedTuple):
    """Answers to the leads received in some days; hours are working hours."""

    median: float | None = None
    promise: float | None = None
    promised: int = 0
    kept: int = 0


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
                "goal": lambda plans: goals.unit_cost(plans, "mql", "cost_per_mql"),
                "goal_help": self.env._(
                    "Budgets by MQL targets of the approved campaigns that have both, compared "
                    "with what an MQL of their programmes cost."
                ),
                "better": "down",
            },
        ]

    @api.model
    def _get_other_cards(self, scope):
        return [*super()._get_other_cards(scope), *self._get_response_card(scope)]

    @api.model
    def _count_cards(self):
        # sudo: whether answers are timed at all is no secret
        clocks = self.env["lead.followup.clock"].sudo()
        return super()._count_cards() + clocks.search_count([], limit=1)

    @api.model
    def _get_response_card(self, scope):
        """How soon the leads of these campaigns are answered; no card while nothing is timed."""
        _size, parts = self._get_buckets(scope.span)
        spans = [scope.span, scope.before or scope.span, *(part for _start, part in parts)]
        now, before, *line = self._read_response(self._get_timed_leads(scope, spans), spans)
        if not scope.before:
            before = Response()
        if now.median is None and before.median is None:
            return []
        label = self.env._("Response Time")
        return [
            {
                "key": "response",
                "label": label,
                "help": self.env._("Median working hours from receiving a lead to answering it."),
                "kind": "hours",
                "better": "down",
                "value": now.median,
                "before": before.median,
                "change": dashboard.change(now.median, before.median),
                "spark": [part.median for part in line],
                "target": self._prepare_promise(now),
                "open": self._can_open_response() and {"lazy": "response"},
            }
        ]

    @api.model
    def _prepare_promise(self, now):
        """What was promised for these leads, and how many were answered by then."""
        if not now.promised:
            return None
        in_time = 100 * now.kept / now.promised
        return {
            "label": self.env._("Promised"),
            "help": self.env._(
                "Median of the hours that assignment rules and follow-up policies allow for these "
                "leads; in time are those of them that were answered within their own limit."
            ),
            "value": now.promise,
            "actual": None,
            "rate": None if now.median is None else now.median / now.promise,
            "is_share": False,
            "detail": self.env._(
                "%(rate)s %% in time", rate=formatLang(self.env, in_time, digits=0)
            ),
            "open": False,
        }

    @api.model
    def _get_campaign_leads(self, scope, condition):
        return self._lead_ids_sql(scope.lifetime() & Domain("fact", "=", "lead"), condition)

    @api.model
    def _get_timed_leads(self, scope, spans):
        """The leads of the campaigns whose answer was timed in some of these spans."""
        return self._get_campaign_leads(
            scope,
            SQL(
                """lead.id IN (
                    SELECT clock.lead_id
                      FROM lead_followup_clock clock
                     WHERE clock.date_start >= %s AND clock.date_start < %s)
                """,
                min(datetime.combine(span.start, time.min) for span in spans),
                max(map(self._get_day_after, spans)),
            ),
        )

    @api.model
    def _get_clock_domain(self, leads, span):
        return (
            Domain("lead_id", "in", leads)
            & Domain("company_id", "in", [*self.env.companies.ids, False])
            & Domain("state", "=", "answered")
            & Domain("date_start", ">=", datetime.combine(span.start, time.min))
            & Domain("date_start", "<", self._get_day_after(span))
        )

    @api.model
    def _get_day_after(self, span):
        return datetime.combine(span.end + timedelta(days=1), time.min)

    @api.model
    def _read_response(self, leads, spans) -> list[Response]:
        """Median time to answer in each of the spans, and what was promised, in one statement.

        Marketers and finance see how fast leads are answered, not whose they are. A lead taken
        away or left to the manager for want of an answer broke the promise too.
        """
        for name in ("lead.followup.clock", "lead.followup.policy", "lead.assignment.rule"):
            self.env[name].flush_model()
        self.env["crm.lead"].flush_model(["assignment_rule_id"])
        starts = [datetime.combine(span.start, time.min) for span in spans]
        ends = [self._get_day_after(span) for span in spans]
        rows = self.env.execute_query(
            SQL(
                """
                WITH timed AS MATERIALIZED (
                     SELECT clock.date_start, clock.state, clock.is_breached,
                            CASE WHEN clock.state = 'answered'
                                 THEN clock.response_hours END AS hours,
                            NULLIF(COALESCE(rule.response_hours, policy.response_hours), 0)
                                AS promise
                       FROM lead_followup_clock clock
                       JOIN crm_lead lead ON lead.id = clock.lead_id
                  LEFT JOIN lead_followup_policy policy ON policy.id = clock.policy_id
                  LEFT JOIN lead_assignment_rule rule
                         ON rule.id = lead.assignment_rule_id AND rule.response_hours > 0
                      WHERE clock.lead_id IN (%(leads)s)
                        AND clock.state IN ('answered', 'rerouted', 'escalated')
                        AND clock.date_start >= %(first)s AND clock.date_start < %(after)s
                        AND (clock.company_id IS NULL OR clock.company_id = ANY(%(companies)s))
                )
                SELECT part.number,
                       PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY timed.hours),
                       PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY timed.promise),
                       COUNT(timed.promise),
                       COUNT(timed.promise) FILTER (
                           WHERE timed.state = 'answered' AND timed.is_breached IS NOT TRUE)
                  FROM UNNEST(%(starts)s::timestamp[], %(ends)s::timestamp[])
                       WITH ORDINALITY AS part(first, after, number)
                  JOIN timed ON timed.date_start >= part.first AND timed.date_start < part.after
              GROUP BY part.number
                """,
                leads=leads,
                companies=self.env.companies.ids,
                starts=starts,
                ends=ends,
                first=min(starts),
                after=max(ends),
            )
        )
        found = {number: Response(*values) for number, *values in rows}
        return [found.get(number, Response()) for number in range(1, len(spans) + 1)]

    @api.model
    def _can_open_response(self):
        return self.env["lead.response.report"].has_access("read") or None

    @api.model
    def _open_response(self, scope):
        report = self.env["lead.response.report"]
        leads = SQL("(%s)", self._get_timed_leads(scope, [scope.span]))
        domain = self._get_clock_domain(leads, scope.span)
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
            SQL(
                """(SELECT MIN(clock.date_due) FROM lead_followup_clock clock
                     WHERE clock.lead_id = lead.id AND clock.state = 'running'
                       AND clock.is_breached)"""
            ),
        )

    @api.model
    def _open_breaches(self, scope):
        return self._open_leads(self._breaches_sql(scope), self.env._("Answers overdue"))

    @api.model
    def _breaches_sql(self, scope):
        """Leads that wait for an answer longer than promised.

        Anybody who is responsible for the campaigns sees how many; the leads themselves open with
        the reader's own rights.
        """
        self.env["lead.followup.clock"].flush_model()
        return self._get_campaign_leads(
            scope,
            SQL(
                """lead.id IN (
                    SELECT clock.lead_id
                      FROM lead_followup_clock clock
                     WHERE clock.state = 'running' AND clock.is_breached
                       AND (clock.company_id IS NULL OR clock.company_id = ANY(%s)))
                """,
                self.env.companies.ids,
            ),
        )
