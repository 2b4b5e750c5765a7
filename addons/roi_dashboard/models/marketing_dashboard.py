from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, ormcache
from odoo.tools.misc import get_lang

from ..tools import periods

# Models whose record rules decide which figures and names a reader gets.
GUARDED = ("marketing.roi.report", "utm.campaign", "crm.lead")
# A longer period would ask for more points than a chart can show.
LONGEST_DAYS = 3700
# Nobody reads a longer list; the first of them are opened.
MOST_OPENED = 10_000
OPTIONS = {"date_from", "date_to", "compare", "model_id", "model2_id"}


@dataclass(frozen=True)
class Scope:
    """What a panel is asked for: a filter, a period, what to compare it with, and under which
    attribution models."""

    filter: Domain
    span: periods.Span | None
    before: periods.Span | None
    model_id: int
    model2_id: int

    def ever(self) -> "Scope":
        """The same question of no period."""
        return replace(self, span=None, before=None)

    def at(self, span: periods.Span, model_id: int | None = None) -> Domain:
        """The filter within a period, under one attribution model."""
        return (
            self.lifetime(model_id)
            & Domain("date", ">=", span.start)
            & Domain("date", "<=", span.end)
        )

    def lifetime(self, model_id: int | None = None) -> Domain:
        """The filter without a period."""
        return self.filter & Domain("model_id", "=", model_id or self.model_id)


class MarketingDashboard(models.AbstractModel):
    """The panels of the Marketing ROI dashboard: one method each, read-only, cached.

    Every figure is read from ``marketing.roi.report`` with the reader's own rights and comes
    with the domain of the rows it is the sum of, so that a click opens exactly these. A panel
    takes a domain on the report and the options ``date_from``, ``date_to``, ``compare`` (none,
    previous_period, previous_year), ``model_id`` and ``model2_id`` (a second attribution model
    to look at side by side).

    The cache knows by rights, not by person: who has the same groups, record rules, companies
    and language gets the same answer, and nobody else does.
    """

    _name = "marketing.dashboard"
    _description = "Marketing ROI Dashboard"

    # ------------------------------------------------------------------ panels

    @api.model
    @api.readonly
    def get_setup(self):
        """What the screen needs to know before it asks for panels."""
        report = self.env["marketing.roi.report"]
        report.check_access("read")
        attribution_models = self.env["marketing.attribution.model"].search([])
        default = attribution_models._get_default_model()
        last_run = self.env["marketing.attribution.run"].search([], limit=1)
        return {
            "models": [
                {"id": model.id, "name": model.display_name} for model in attribution_models
            ],
            "default_model_id": default.id,
            "default_model2_id": self._get_second_model(default).id,
            "panels": self._get_panels(),
            "card_count": self._count_cards(),
            # Counted to one, for a search would sort all rows before it takes the first.
            "has_facts": bool(
                report.search_count([("company_id", "in", self.env.companies.ids)], limit=1)
            ),
            "last_run": fields.Datetime.to_string(last_run.date_start) or False,
            "can_recompute": self.env.user.has_group("marketing_campaign_ext.group_campaign_user"),
            "currency_id": self.env.company.currency_id.id,
            "search_view_id": self.env.ref("roi_dashboard.marketing_dashboard_view_search").id,
            "today": fields.Date.to_string(fields.Date.context_today(self)),
        }

    @api.model
    def _get_panels(self):
        """Hook for bridges: names of the panels there are; each has a method ``get_<name>``."""
        return ["kpis", "trend", "funnel", "campaigns", "channels", "attention"]

    @api.model
    @api.readonly
    def get_kpis(self, domain=None, options=None):
        return self._get_panel("kpis", domain, options)

    @api.model
    @api.readonly
    def get_trend(self, domain=None, options=None):
        return self._get_panel("trend", domain, options)

    @api.model
    @api.readonly
    def get_funnel(self, domain=None, options=None):
        return self._get_panel("funnel", domain, options)

    @api.model
    @api.readonly
    def get_campaigns(self, domain=None, options=None):
        return self._get_panel("campaigns", domain, options)

    @api.model
    @api.readonly
    def get_channels(self, domain=None, options=None):
        return self._get_panel("channels", domain, options)

    @api.model
    @api.readonly
    def get_attention(self, domain=None, options=None):
        return self._get_panel("attention", domain, options)

    @api.model
    def _get_panel(self, panel, domain, options):
        # A copy: what is in the cache must not change by what a caller does with it.
        return deepcopy(self._get_cached(panel, self._get_scope(domain, options)))

    @api.model
    @ormcache("panel", "self._get_cache_key(scope)")
    def _get_cached(self, panel, scope):
        return getattr(self, f"_panel_{panel}")(scope) | {
            "currency_id": self.env.company.currency_id.id
        }

    @api.model
    def _get_cache_key(self, scope):
        rules = self.env["ir.rule"]
        return (
            tuple(repr(rules._compute_domain(name, "read")) for name in GUARDED),
            tuple(sorted(self.env.user._get_group_ids())),
            tuple(self.env.companies.ids),
            self.env.company.id,
            get_lang(self.env).code,
            fields.Date.context_today(self),
            repr(list(scope.filter)),
            (scope.span, scope.before, scope.model_id, scope.model2_id),
            self._get_data_version(),
        )

    @api.model
    def _get_data_version(self):
        """Changes whenever a figure may have changed, and at least every minute."""
        return self.env["marketing.roi.report"]._get_data_version()

    # ------------------------------------------------------------------ what is asked for

    @api.model
    def _get_scope(self, domain, options):
        self.env["marketing.roi.report"].check_access("read")
        options = self._check_options(options or {})
        span = self._get_span(options)
        compare = options.get("compare") or "none"
        if compare not in periods.COMPARISONS:
            raise UserError(self.env._("There is no comparison called “%(name)s”.", name=compare))
        model = self._get_model(options.get("model_id"))
        second = (
            self._get_model(options["model2_id"])
            if options.get("model2_id")
            else self._get_second_model(model)
        )
        return Scope(
            filter=self._check_domain(domain) & Domain("company_id", "in", self.env.companies.ids),
            span=span,
            before=periods.compared(span, compare),
            model_id=model.id,
            model2_id=second.id,
        )

    @api.model
    def _check_options(self, options):
        if not isinstance(options, dict) or options.keys() - OPTIONS:
            raise UserError(
                self.env._(
                    "The dashboard knows these options only: %(names)s.",
                    names=", ".join(sorted(OPTIONS)),
                )
            )
        return options

    @api.model
    def _check_domain(self, domain):
        try:
            checked = Domain(domain or [])
            checked.validate(self.env["marketing.roi.report"])
        except (ValueError, TypeError, KeyError) as error:
            raise UserError(
                self.env._("This filter cannot be used on the dashboard: %(error)s", error=error)
            ) from error
        return checked

    @api.model
    def _get_span(self, options):
        """The period asked for; the last 90 days when none is."""
        today = fields.Date.context_today(self)
        start = self._check_date(options.get("date_from")) or today - timedelta(days=89)
        end = self._check_date(options.get("date_to")) or today
        if start > end:
            raise UserError(self.env._("A period ends after it begins."))
        if (end - start).days > LONGEST_DAYS:
            raise UserError(self.env._("A period is ten years at most."))
        if not 1970 < start.year <= end.year < 2200:
            raise UserError(self.env._("Choose a period between 1971 and 2199."))
        return periods.Span(start, end)

    @api.model
    def _check_date(self, value):
        if not value:
            return None
        try:
            return value if type(value) is date else date.fromisoformat(str(value)[:10])
        except ValueError as error:
            raise UserError(
                self.env._("“%(value)s” is no date; write it as 2026-12-31.", value=value)
            ) from error

    @api.model
    def _get_model(self, model_id):
        attribution_models = self.env["marketing.attribution.model"]
        if not model_id:
            return attribution_models._get_default_model()
        found = (
            attribution_models.search([("id", "=", model_id)])
            if isinstance(model_id, int)
            else attribution_models
        )
        if not found:
            raise UserError(
                self.env._("This attribution model is archived or gone. Choose another one.")
            )
        return found

    @api.model
    def _get_second_model(self, model):
        """The model to put beside another: one that shares, beside one that does not."""
        others = self.env["marketing.attribution.model"].search([("id", "!=", model.id)])
        wanted = "linear" if model.method != "linear" else "last"
        return others.filtered(lambda other: other.method == wanted)[:1] or others[:1] or model

    # ------------------------------------------------------------------ reading

    @api.model
    def _read_sums(self, domain, specs):
        """Aggregates over all rows of a domain; unknown ones are ``None``."""
        [row] = self.env["marketing.roi.report"]._read_group(domain, [], specs)
        return dict(zip(specs, map(self._number, row), strict=True))

    @api.model
    def _read_by(self, domain, groupby, specs):
        """The same for each group: ``{key: {spec: number}}``; several groupings make tuples."""
        rows = self.env["marketing.roi.report"]._read_group(domain, groupby, specs)
        size = len(groupby)
        return {
            row[0] if size == 1 else row[:size]: dict(
                zip(specs, map(self._number, row[size:]), strict=True)
            )
            for row in rows
        }

    @api.model
    def _number(self, value):
        return None if value is None or value is False else float(value)

    @api.model
    def _get_week_start(self):
        return int(get_lang(self.env).week_start)

    @api.model
    def _get_buckets(self, span):
        """``(first day, part of the period)`` of the points of a chart over a period."""
        size = periods.interval(span)
        return size, list(periods.buckets(span, size, self._get_week_start()))

    @api.model
    def _lead_ids_sql(self, domain, condition=None):
        """The leads that are rows of the report, as a subquery; ``condition`` is over ``lead``."""
        report = self.env["marketing.roi.report"]
        rows = domain & Domain("res_model", "=", "crm.lead")
        return report._select_leads(rows, {"lead_id": SQL("lead.id")}, condition)

    # ------------------------------------------------------------------ opening what is behind

    @api.model
    def _get_measure_facts(self):
        """Hook for bridges: measure -> the facts that carry it."""
        return {
            "cost_planned": "cost",
            "cost_committed": "cost",
            "cost_actual": "cost",
            "revenue_ordered": "ordered",
            "revenue_invoiced": "invoiced",
            "revenue_margin": "invoiced",
            "pipeline_amount": "pipeline",
            "pipeline_weighted": "pipeline",
            "conversion_count": "conversion",
            "new_customer_count": "conversion",
            "customer_months": "conversion",
            "customer_margin": "conversion",
            "touch_count": "touch",
            "lead_count": "lead",
            "opportunity_count": "opportunity",
            "won_count": "won",
            "lost_count": "lost",
        }

    @api.model
    def _rows_of(self, domain, *measures):
        """The rows that make up some measures, as a domain a window action can take."""
        facts = self._get_measure_facts()
        rows = Domain.OR(
            Domain("fact", "=", facts[name]) & Domain(name, "!=", 0) for name in measures
        )
        return self._plain(domain & rows)

    @api.model
    def _plain(self, domain):
        """A domain as JSON."""
        return [
            [*term[:2], fields.Date.to_string(term[2]) if isinstance(term[2], date) else term[2]]
            if isinstance(term, tuple | list)
            else term
            for term in domain
        ]

    @api.model
    @api.readonly
    def get_records(self, domain=None, options=None, key=None):
        """The records behind a figure that are too many to name beside it."""
        records = self._get_lazy_records()
        if key not in records:
            raise UserError(self.env._("The dashboard has no records called “%(key)s”.", key=key))
        return records[key](self._get_scope(domain, options))

    @api.model
    def _get_lazy_records(self):
        """Hook: name -> method that takes the scope and says what to open."""
        return {}

    @api.model
    def _open_leads(self, lead_ids: SQL, name):
        """Leads as such for those who may read them, else as rows of the report."""
        rows = self.env.execute_query(SQL("%s LIMIT %s", lead_ids, MOST_OPENED))
        ids = [lead_id for (lead_id,) in rows]
        if self.env["crm.lead"].has_access("read"):
            domain = [["id", "in", ids], ["active", "in", [True, False]]]
            return {"model": "crm.lead", "domain": domain, "name": name}
        domain = [["fact", "=", "lead"], ["res_id", "in", ids]]
        return {"model": "marketing.roi.report", "domain": domain, "name": name}
