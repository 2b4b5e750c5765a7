from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..models.marketing_roi_stale_day import LEAD, TOUCH
from ..models.marketing_roi_total import FACT_MEASURES, MEASURES
from .report_question import Question

# What the total of a campaign's month knows.
CAMPAIGN_COLUMNS = (
    "fact",
    "date",
    "model_id",
    "company_id",
    "currency_id",
    "campaign_id",
    "programme_id",
    "type_id",
)
# What the other totals know. Who was touched they do not: touches are read for that, see below.
TOTAL_COLUMNS = (
    *CAMPAIGN_COLUMNS,
    "source_id",
    "medium_id",
    "mailing_id",
    "is_new_customer",
    "person_key",
)
DIMENSIONS = ("campaign_id", "source_id", "medium_id", "mailing_id", "is_new_customer")
SHARED_FACTS = tuple(fact for fact in FACT_MEASURES if fact != "touch")


class MarketingRoiReport(models.Model):
    """Rows of the stored totals, where they know all that is asked.

    Whole months within the period asked for are read as one row each, the days at its ends as days.
    """

    _inherit = "marketing.roi.report"

    def _shared_totals(self, question):
        """What the attribution run added up: revenue, conversions, pipeline and new customers.

        How long somebody has been a customer depends on the day: no month knows it.
        """
        if question.models is not None and not question.models & self._get_summed_models():
            return []
        facts = {
            fact
            for fact in SHARED_FACTS
            if question.needs((fact,), {*FACT_MEASURES[fact], "customer_months"})
        }
        totals = [self._shared_total(facts, question.whole_months())]
        if question.asks_measure("customer_months") and "conversion" in facts:
            totals.append(self._customer_total())
        return totals

    def _get_total_columns(self):
        return (*TOTAL_COLUMNS, *self._get_lead_keys())

    def _get_summed_models(self):
        """The models whose totals are kept (ids)."""
        # sudo: how an answer is found is no secret, and every reader gets the same one
        models = self.env["marketing.attribution.model"].sudo()
        return frozenset(models.search([("has_totals", "=", True)]).ids)

    def _is_summed(self, question):
        """Whether the totals have all of the credits that are asked for."""
        return question.models is not None and question.models <= self._get_summed_models()

    def _unsummed_sql(self):
        """The credits that have to be read, where the totals answer for the others."""
        question = self._get_question() or Question()
        if not question.within(self._get_total_columns()):
            return SQL("TRUE")
        return SQL("credit.model_id != ALL(%s)", sorted(self._get_summed_models()))

    def _shared_total(self, facts, months):
        if not facts:
            return None
        return self._fact_query(
            15,
            SQL("total.fact"),
            SQL("total.id"),
            SQL(
                "FROM marketing_roi_total total WHERE total.fact = ANY(%s) AND %s",
                sorted(facts),
                self._grain_sql(months),
            ),
            facts=facts,
            model_id=SQL("total.model_id"),
            **self._total_columns(set(MEASURES) - {"touch_count"}),
        )

    def _customer_total(self):
        """How long new customers have been customers, which depends on the day and today.

        The rows themselves are counted with the others.
        """
        age = SQL("GREATEST(1, (%s::date - total.date) * 12 / 365.25)", self._today())
        columns = self._total_columns(set()) | {"row_count": SQL("0::bigint")}
        return self._fact_query(
            15,
            SQL("total.fact"),
            SQL("total.id"),
            SQL(
                """
                FROM marketing_roi_total total
                WHERE total.fact = 'conversion' AND NOT total.is_month
                  AND total.new_customer_count != 0
                """
            ),
            facts=("conversion",),
            customer_months=SQL("total.new_customer_count * %s", age),
            model_id=SQL("total.model_id"),
            **columns,
        )

    def _touch_totals(self, question):
        """Touches added up, except on the days that touches changed on since: those are read."""
        if not question.needs(("touch",), {"touch_count", "person_key"}):
            return []
        if question.looks_at("person_key"):
            return [self._touch_facts()]
        days = self._get_stale_days(question, TOUCH)
        totals = self._reach_total(
            question,
            {"touch"},
            days,
            # a campaign that was deleted left its touches without one
            SQL("JOIN utm_campaign node ON node.id = total.campaign_id"),
            self._total_columns({"touch_count"}),
        )
        return [totals, self._touch_facts(days)] if days else [totals]

    def _lead_totals(self, question):
        """Leads added up, and how far they got, except on the days that leads changed on since."""
        sources = [
            source
            for source in self._get_lead_sources()
            if question.needs(tuple(source.measures), set(source.measures.values()))
        ]
        measures = {
            fact: measure for source in sources for fact, measure in source.measures.items()
        }
        if not measures:
            return []
        if question.looks_at("person_key"):
            return [self._lead_facts(source) for source in sources]
        days = self._get_stale_days(question, LEAD)
        totals = self._reach_total(
            question,
            set(measures),
            days,
            SQL(),
            self._total_columns(set())
            | {name: SQL.identifier("total", name) for name in self._get_lead_keys()}
            | {
                measure: SQL("CASE WHEN total.fact = %s THEN total.row_count ELSE 0 END", fact)
                for fact, measure in measures.items()
            },
        )
        return [totals, *(self._lead_facts(source, days) for source in sources if days)]

    def _reach_total(self, question, facts, stale, join, columns):
        """Totals that are the same under every model, without the days that are stale."""
        opened = sorted({day.replace(day=1) for day in stale})
        return self._fact_query(
            15,
            SQL("total.fact"),
            SQL("total.id"),
            SQL(
                """
                FROM marketing_roi_total total
                %s %s
                WHERE total.model_id IS NULL AND total.fact = ANY(%s) AND %s AND %s
                """,
                join,
                self._any_model_sql(),
                sorted(facts),
                self._grain_sql(question.whole_months(), opened),
                SQL("total.date != ALL(%s)", stale) if stale else SQL("TRUE"),
            ),
            facts=facts,
            model_id=SQL("model.id"),
            **columns,
        )

    def _total_columns(self, measures):
        names = ("date", "company_id", "row_count", *DIMENSIONS)
        columns = {name: SQL.identifier("total", name) for name in names}
        return columns | {
            name: SQL("COALESCE(%s, 0)", SQL.identifier("total", name)) for name in measures
        }

    def _grain_sql(self, months, opened=()):
        """Months where a whole month is meant, days elsewhere and in the months to be opened.

        Said as a choice of ranges, each of which the index knows.
        """
        if months is None:
            return SQL("NOT total.is_month")
        question = self._get_question() or Question()
        start, end = months
        month = [
            SQL("total.is_month"),
            SQL("total.is_campaign")
            if question.within(CAMPAIGN_COLUMNS)
            else SQL("NOT total.is_campaign"),
        ]
        days = []
        if start:
            month.append(SQL("total.date >= %s", start))
            days.append(SQL("total.date < %s", start))
        if end:
            month.append(SQL("total.date < %s", end))
            days.append(SQL("total.date >= %s", end))
        if opened:
            month.append(SQL("total.date != ALL(%s)", list(opened)))
        for first in opened:
            after = (first + timedelta(days=32)).replace(day=1)
            days.append(SQL("total.date >= %s AND total.date < %s", first, after))
        ranges = [
            SQL(" AND ").join(month),
            *(SQL("NOT total.is_month AND NOT total.is_campaign AND %s", part) for part in days),
        ]
        return SQL("(%s)", SQL(" OR ").join(SQL("(%s)", part) for part in ranges))

    def _get_stale_days(self, question, fact):
        """Days of the period asked for whose touches or leads changed since they were added up."""
        # what is not in the database yet has marked no day
        self.env["marketing.touchpoint" if fact == TOUCH else "crm.lead"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT date FROM marketing_roi_stale_day"
                " WHERE fact = %s AND date BETWEEN COALESCE(%s, date) AND COALESCE(%s, date)"
                " ORDER BY date",
                fact,
                question.date_from,
                question.date_to,
            )
        )
        return [day for (day,) in rows]

    def _today(self):
        return fields.Date.context_today(self)

    def _on_days_sql(self, moment, days):
        """Moments on some days, said so that an index on the moment can find them."""
        return SQL(
            "%(moment)s >= %(first)s AND %(moment)s < %(end)s"
            " AND (%(moment)s)::date = ANY(%(days)s)",
            moment=moment,
            first=min(days),
            end=max(days) + timedelta(days=1),
            days=days,
        )
