from odoo import api, fields, models
from odoo.fields import Domain
from odoo.models import BaseModel
from odoo.tools import SQL

from ..models.link_tracker import BY_CONTENT
from .marketing_roi_report import MONEY
from .marketing_roi_report_ratios import COMPOSED
from .report_question import (
    MONTHLY,
    QUESTION,
    Question,
    read_facts,
    read_models,
    read_names,
    read_period,
)

# Columns of every row, whatever it is about.
COMMON = ("id", "fact", "date", "model_id", "company_id")
# What every row knows and what says nothing about which rows are meant.
NEUTRAL = {"currency_id"}
# Who asks for one of these chooses the attribution model; else it is the one used for ROI.
CHOOSING = {"id", "model_id"}


class MarketingRoiReport(models.Model):
    """How a question reaches the rows: which model, which sources, days or whole months.

    A group of the report is answered from the sources that can have the measures asked for and,
    where the stored totals know all that is asked, from them instead of the credits. Both ways give
    the same sums, see ``marketing.roi.total``. A list of rows always reads the rows themselves.
    """

    _inherit = "marketing.roi.report"

    # ------------------------------------------------------------------ questions

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Show the model chosen for ROI unless the reader asks for others.

        Without this, every fact would be counted once per model.
        """
        domain = Domain(domain)
        asked = {condition.field_expr.split(".")[0] for condition in domain.iter_conditions()}
        self._flush_costs()
        if not asked & CHOOSING:
            model = self.env["marketing.attribution.model"]._get_default_model()
            domain &= Domain("model_id", "=", model.id)
        report = self
        if self._get_question() is None:
            first, last = read_period(domain) or (None, None)
            question = Question(facts=read_facts(domain), date_from=first, date_to=last)
            report = self.with_context(**{QUESTION: question})
        return super(MarketingRoiReport, report)._search(domain, *args, **kwargs)

    def _flush_costs(self):
        """The cost report knows which pending writes it depends on; bridges add to it."""
        for model, names in self.env["marketing.cost.report"]._depends.items():
            self.env[model].flush_model(names)

    @api.model
    def _read_group(
        self,
        domain,
        groupby=(),
        aggregates=(),
        having=(),
        offset=0,
        limit=None,
        order=None,
    ):
        report = self._with_question(domain, groupby, [*aggregates, *_terms(having)], order)
        rows = super(MarketingRoiReport, report)._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )
        return [self._forget_question(row) for row in rows]

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        groupby = {spec for groupby in grouping_sets for spec in groupby}
        report = self._with_question(domain, groupby, aggregates, order)
        answer = super(MarketingRoiReport, report)._read_grouping_sets(
            domain, grouping_sets, aggregates, order
        )
        return [[self._forget_question(row) for row in rows] for rows in answer]

    def _forget_question(self, row):
        """What is read from the records of a group has nothing to do with the question."""
        return tuple(
            self._without_question(value) if isinstance(value, BaseModel) else value
            for value in row
        )

    def _without_question(self, records):
        """A link is called by its content: a short address tells nobody which button it was."""
        records = records.with_env(self.env)
        if records._name == "link.tracker":
            return records.with_context(**{BY_CONTENT: True})
        return records

    @api.model
    def _get_question(self) -> Question | None:
        question = self.env.context.get(QUESTION)
        return question if isinstance(question, Question) else None

    def _with_question(self, domain, groupby, aggregates, order):
        """Work out what has to be looked at for an answer."""
        domain = Domain(domain)
        terms = [term.split()[0] for term in (order or "").split(",") if term.strip()]
        wanted = {term for term in [*aggregates, *terms] if term not in set(groupby)}
        measures, columns = self._read_aggregates(wanted - {"__count"})
        names = read_names(domain)
        rules = self._get_rule_names()
        if names is None or rules is None:
            columns = None
        if columns is not None:
            columns |= names | rules | {_split(spec)[0] for spec in groupby}
            columns |= {"company_id", "model_id"}
        period = read_period(domain) if columns is not None else None
        every_row = not measures or "__count" in wanted
        by_month = (
            period is not None
            and self._is_single_currency()
            and all(part in MONTHLY for name, part in map(_split, groupby) if name == "date")
        )
        question = Question(
            columns=None if columns is None else frozenset(columns),
            measures=None if columns is None else frozenset(measures),
            facts=read_facts(domain),
            models=self._read_asked_models(domain),
            every_row=every_row,
            by_month=by_month,
            date_from=period and period[0],
            date_to=period and period[1],
        )
        return self.with_context(**{QUESTION: question})

    def _read_asked_models(self, domain):
        names = read_names(domain)
        if names is not None and not names & CHOOSING:
            return frozenset(self.env["marketing.attribution.model"]._get_default_model().ids)
        return read_models(domain)

    def _read_aggregates(self, specs):
        """Measures that are added up, and the columns that other aggregates look at.

        Rows that know none of the measures add nothing to a sum. An aggregate of another kind may
        look at anything: there are no columns then, which stands for all.
        """
        additive = {*MONEY, *self._get_counts()}
        ratios = {*self._get_ratios(), *COMPOSED}
        measures, columns = set(), set()
        for spec in specs:
            name, _colon, function = spec.partition(":")
            if name in NEUTRAL:
                continue
            if name in additive and function == "sum":
                measures.add(name)
            elif name in ratios:
                measures |= self._get_ratio_measures(name)
            elif name == "person_key":
                measures.add(name)
                columns.add(name)
            else:
                return measures, None
        return measures, columns

    def _get_rule_names(self):
        """The fields that access rules look at."""
        if self.env.su:
            return set()
        return read_names(Domain(self.env["ir.rule"]._compute_domain(self._name, "read")))

    # ------------------------------------------------------------------ the table

    @property
    def _table_query(self) -> SQL:
        question = self._get_question() or Question()
        reporting = self._get_reporting_company().currency_id
        columns = [
            SQL("fact.%s", SQL.identifier(name))
            for name in (*COMMON, *self._get_dimensions())
            if question.looks_at(name)
        ]
        if question.looks_at("type_id") or question.looks_at("programme_id"):
            columns.append(SQL("campaign.type_id"))
            columns.append(SQL("SPLIT_PART(campaign.parent_path, '/', 1)::integer AS programme_id"))
            campaign = SQL("LEFT JOIN utm_campaign campaign ON campaign.id = fact.campaign_id")
        else:
            campaign = SQL()
        columns += [
            SQL("fact.%s", SQL.identifier(name))
            for name in self._get_counts()
            if question.asks_measure(name)
        ]
        columns += [
            self._reported_sql(name, reporting) for name in MONEY if question.asks_measure(name)
        ]
        if question.columns is None:
            columns += [
                SQL("NULL::float8 AS %s", SQL.identifier(name))
                for name in [*self._get_ratios(), *COMPOSED]
            ]
        if question.leads:
            columns += [SQL("fact.%s", SQL.identifier(name)) for name in question.leads.columns]
        queries = [query for query in self._fact_queries() if query is not None]
        return SQL(
            """
            SELECT fact.row_count, %(reporting)s::integer AS currency_id, %(columns)s
              FROM (%(facts)s) AS fact
              %(campaign)s
              %(rate)s
            """,
            reporting=reporting.id,
            columns=SQL(", ").join(columns),
            facts=SQL(" UNION ALL ").join(
                SQL("(%s)", query) for query in queries or [self._no_facts()]
            ),
            campaign=campaign,
            rate=SQL() if self._is_single_currency() else self._rate_join_sql(reporting),
        )

    def _reported_sql(self, name, reporting):
        """An amount in the reader's currency.

        Costs are rounded row by row, as the cost report does it. What is shared over campaigns is
        exact in the company's currency and is converted as it is: a day's rows converted one by one
        are the day's total converted.
        """
        column = SQL.identifier(name)
        if self._is_single_currency():
            return SQL("fact.%s", column)
        amount = SQL("fact.%s * rate.factor", column)
        if name.startswith("cost_"):
            amount = SQL("ROUND(%s, %s)", amount, reporting.decimal_places)
        return SQL("%s AS %s", amount, column)

    @api.model
    def _sql_row_count(self):
        """A stored total stands for many rows."""
        if self._get_question() is None:
            return None
        return SQL("COALESCE(SUM(%s), 0)::bigint", SQL.identifier(self._table, "row_count"))

    def _rate_join_sql(self, reporting):
        """Rate from the company of the fact to the reporting currency, at the fact's date.

        OFFSET 0 keeps the look-up from being repeated for every measure of the row.
        """
        company = self._get_reporting_company()
        return SQL(
            """
            JOIN res_company own_company ON own_company.id = fact.company_id
            CROSS JOIN LATERAL (
                SELECT CASE WHEN own_company.currency_id = %(reporting)s THEN 1.0
                            ELSE %(target)s / %(source)s END AS factor
                OFFSET 0
            ) AS rate
            """,
            reporting=reporting.id,
            target=self._sql_rate(
                SQL("%s::integer", reporting.id),
                SQL("%s::integer", company.id),
                SQL("fact.date"),
            ),
            source=self._sql_rate(
                SQL("own_company.currency_id"),
                SQL("%s::integer", company.id),
                SQL("fact.date"),
            ),
        )

    # ------------------------------------------------------------------ versions

    @api.model
    def _get_data_version(self):
        """Changes when a figure may have changed: what was computed, what waits to be, the minute.

        Costs and leads are read as they are, so nothing older than a minute is ever the same.
        """
        [version] = self.env.execute_query(
            SQL(
                """SELECT (SELECT MAX(id) FROM marketing_attribution_run),
                          (SELECT MAX(id) FROM marketing_roi_stale_day)"""
            )
        )
        return (*version, fields.Datetime.now().replace(second=0))


def _terms(having):
    """The aggregates a condition on groups looks at."""
    return [term[0] for term in having if isinstance(term, tuple | list)]


def _split(spec):
    """Name and granularity of a grouping; a date is grouped by month unless it says otherwise."""
    name, _colon, granularity = spec.partition(":")
    return name.split(".")[0], granularity or "month"
