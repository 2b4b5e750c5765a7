from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition, DomainOr
from odoo.tools import SQL

SOURCES = 16  # the id of a row ends on the number of its source
MANY_CAMPAIGNS = 10  # from here on, looking all documents through is no slower


class CostScope(NamedTuple):
    """What part of all costs a question can have an answer in."""

    sources: frozenset[int]
    campaigns: tuple[int, ...] | None = None  # None: all
    has_category: bool = True


class MarketingCostReport(models.Model):
    """Questions pay for what they ask: what a statement need not look at is not part of it.

    Planning a statement over all sources takes longer than running it, a document that is split
    over campaigns must be opened to know whose it is, and a category takes joins to find. So the
    states, ids, campaigns and fields of a question are looked at before the statement is written;
    they narrow it, and never decide: the domain itself is still applied to every row.
    """

    _inherit = "marketing.cost.report"

    def _search(self, domain, *args, **kwargs):
        domain = Domain(domain).optimize_full(self)
        has_category = not self.env.context.get("marketing_cost_without_category") or any(
            condition.field_expr.startswith("category_id") for condition in domain.iter_conditions()
        )
        report = self._with_scope(
            self._get_sources(domain), self._get_campaigns(domain), has_category
        )
        return super(MarketingCostReport, report)._search(domain, *args, **kwargs)

    def _read_group(self, domain, groupby=(), aggregates=(), *args, **kwargs):
        report = self._for_fields([*groupby, *aggregates, kwargs.get("order")])
        rows = super(MarketingCostReport, report)._read_group(
            domain, groupby, aggregates, *args, **kwargs
        )
        # What was left out is the business of this statement, not of the records it found
        return [
            tuple(
                value.with_env(self.env) if isinstance(value, models.BaseModel) else value
                for value in row
            )
            for row in rows
        ]

    def search_fetch(self, domain, field_names=None, *args, **kwargs):
        if field_names is None:
            return super().search_fetch(domain, field_names, *args, **kwargs)
        report = self._for_fields([*field_names, kwargs.get("order")])
        found = super(MarketingCostReport, report).search_fetch(
            domain, field_names, *args, **kwargs
        )
        return found.with_env(self.env)

    def _for_fields(self, specs):
        """The report for a question that reads these fields, aggregates and orders."""
        without = not any("category_id" in (spec or "") for spec in specs)
        return self.with_context(marketing_cost_without_category=without)

    def _with_scope(self, sources, campaigns=None, has_category=True):
        """The report over these sources, and over these campaigns if that is worth a look."""
        ids = None
        if campaigns is not None and len(campaigns) <= MANY_CAMPAIGNS:
            ids = campaigns._ids
        return self.with_context(
            marketing_cost_scope=CostScope(frozenset(sources), ids, has_category)
        )

    @api.model
    def _get_scope(self):
        return self.env.context.get("marketing_cost_scope") or CostScope(
            frozenset(self._fact_sources())
        )

    @api.model
    def _get_state_sources(self, states):
        """Numbers of the sources that have rows in one of these states."""
        return {
            number
            for number, (known, _make) in self._fact_sources().items()
            if not known.isdisjoint(states)
        }

    @api.model
    def _get_sources(self, domain):
        """Numbers of the sources that may have rows in an optimized domain."""
        everything = set(self._fact_sources())
        if isinstance(domain, DomainAnd):
            return everything.intersection(*map(self._get_sources, domain.children))
        if isinstance(domain, DomainOr):
            return set().union(*map(self._get_sources, domain.children))
        if isinstance(domain, DomainCondition) and domain.operator in ("in", "not in"):
            if domain.field_expr == "id" and domain.operator == "in":
                return {key % SOURCES for key in domain.value if key} & everything
            if domain.field_expr == "state":
                states = set(dict(self._fields["state"].selection))
                known = states & set(domain.value)
                return self._get_state_sources(known if domain.operator == "in" else states - known)
        return everything

    @api.model
    def _get_campaigns(self, domain):
        """Campaigns outside of which no row can be in an optimized domain, None if unknown."""
        parts = domain.children if isinstance(domain, DomainAnd) else [domain]
        # sudo: this only narrows, what the reader may see is checked where the rows are read
        campaigns = self.env["utm.campaign"].sudo().with_context(active_test=False)
        for part in parts:
            if not isinstance(part, DomainCondition) or part.field_expr != "campaign_id":
                continue
            if part.operator == "in" and not isinstance(part.value, str):
                return campaigns.browse(key for key in part.value if key)
            if part.operator in ("any", "any!") and isinstance(part.value, Domain):
                return campaigns.search(part.value, limit=MANY_CAMPAIGNS + 1)
        return None

    @api.model
    def _sql_in_scope(self, model) -> SQL:
        """Condition on ``line``: its analytic distribution names a campaign asked for.

        It is the expression that Odoo indexes.
        """
        campaigns = self._get_scope().campaigns
        if campaigns is None:
            return SQL("line.analytic_distribution IS NOT NULL")
        return SQL(
            """
            line.analytic_distribution IS NOT NULL
            AND %s && ARRAY(SELECT analytic_account_id::text FROM utm_campaign WHERE id = ANY(%s))
            """,
            self.env[model]._query_analytic_accounts("line"),
            list(campaigns),
        )
