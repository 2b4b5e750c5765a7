import operator as operators

from odoo import api, fields, models
from odoo.tools import SQL, float_compare

from ..tools import money
from .utm_campaign import PLAN_READERS

COMPARISONS = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


def _figure(fname, string, help_text=None, field=fields.Monetary, **options):
    """A computed figure of a campaign that can be searched like a stored one."""
    options.setdefault("compute", "_compute_costs")
    return field(
        string=string,
        search=lambda self, operator, value: self._search_figure(fname, operator, value),
        groups=PLAN_READERS,
        help=help_text,
        **options,
    )


class UtmCampaign(models.Model):
    """What a campaign costs: sums over the rows of ``marketing.cost.report``.

    The figures are computed, never kept: each is the sum of rows that one click opens. Rows of
    companies the user has not chosen are in no figure, whatever the tree looks like. The figures
    of any number of campaigns and their programmes are one query.
    """

    _inherit = "utm.campaign"

    cost_line_ids = fields.One2many(
        "marketing.cost.line", "campaign_id", string="Accrued Costs", groups=PLAN_READERS
    )

    cost_committed = _figure(
        "cost_committed", "Committed", "Confirmed orders that are not billed yet."
    )
    cost_draft = _figure(
        "cost_draft", "Draft Bills", "Bills that are not posted; shown, never added to costs."
    )
    cost_booked = _figure("cost_booked", "Booked", "Costs in the ledger, net of refunds.")
    cost_paid = _figure(
        "cost_paid",
        "Paid",
        "The part of the booked costs that is paid.",
        compute="_compute_paid",
    )
    cost_accrued = _figure(
        "cost_accrued", "Accrued", "Costs typed or imported that no posted bill has booked yet."
    )
    cost_actual = _figure("cost_actual", "Actual Cost", "Booked and accrued costs.")
    cost_forecast = _figure(
        "cost_forecast",
        "Forecast",
        "Cost expected at completion: the plan, or what is spent and committed if that is more. "
        "Once a campaign is closed, only what is spent and committed.",
    )
    budget_remaining = _figure(
        "budget_remaining", "Remaining", "Budget less committed and actual cost."
    )
    budget_used_rate = _figure(
        "budget_used_rate",
        "Budget Used",
        "Share of the budget that is spent or committed.",
        field=fields.Float,
        aggregator=None,
    )
    cost_committed_total = _figure("cost_committed_total", "Committed (programme)")
    cost_draft_total = _figure("cost_draft_total", "Draft Bills (programme)")
    cost_booked_total = _figure("cost_booked_total", "Booked (programme)")
    cost_paid_total = _figure("cost_paid_total", "Paid (programme)", compute="_compute_paid")
    cost_accrued_total = _figure("cost_accrued_total", "Accrued (programme)")
    cost_actual_total = _figure("cost_actual_total", "Actual Cost (programme)")
    cost_forecast_total = _figure("cost_forecast_total", "Forecast (programme)")
    budget_remaining_total = _figure("budget_remaining_total", "Remaining (programme)")
    budget_used_rate_total = _figure(
        "budget_used_rate_total", "Budget Used (programme)", field=fields.Float, aggregator=None
    )

    @api.depends(
        "state",
        "parent_path",
        "budget_amount",
        "child_ids.budget_amount",
        "cost_line_ids.amount_company",
        "cost_line_ids.state",
        "analytic_account_id",
    )
    @api.depends_context("company", "allowed_company_ids")
    def _compute_costs(self):
        self._fill_figures(self._get_cost_figures())

    @api.depends("parent_path", "analytic_account_id")
    @api.depends_context("company", "allowed_company_ids")
    def _compute_paid(self):
        self._fill_figures(self._get_paid_figures())

    def _fill_figures(self, figures):
        # The sums are rounded already: a list has a thousand figures, each goes straight in.
        for campaign, values in figures:
            for fname, value in values.items():
                self._fields[fname]._update_cache(campaign, value)

    def _get_cost_figures(self):
        """All figures of each campaign of the set, as pairs (campaign, {field: value})."""
        own_sums, total_sums = self._get_cost_sums()
        for campaign in self:
            own = own_sums.get(campaign._origin.id, {})
            total = total_sums.get(campaign._origin.id, {})
            is_over = campaign.state in ("done", "cancelled")
            places = campaign.currency_id.decimal_places
            yield (
                campaign,
                self._prepare_cost_figures(own, campaign.budget_amount, is_over, places, "")
                | self._prepare_cost_figures(
                    total, total.get("planned", 0.0), is_over, places, "_total"
                ),
            )

    def _get_paid_figures(self):
        """What is paid, asked apart: it takes the bills behind the booked costs."""
        own_sums, total_sums = self._get_cost_sums({"booked"}, is_paid=True)
        for campaign in self:
            yield (
                campaign,
                {
                    "cost_paid": own_sums.get(campaign._origin.id, {}).get("booked", 0.0),
                    "cost_paid_total": total_sums.get(campaign._origin.id, {}).get("booked", 0.0),
                },
            )

    @api.model
    def _prepare_cost_figures(self, sums, budget, is_over, places, suffix):
        """Figures of one scope from the sums of its cost states, in decimal places."""
        committed = sums.get("committed", 0.0)
        booked = sums.get("booked", 0.0)
        accrued = sums.get("accrued", 0.0)
        actual = round(booked + accrued, places)
        planned = 0.0 if is_over else sums.get("planned", 0.0)
        forecast = money.forecast_at_completion(planned, committed, actual)
        return {
            f"cost_committed{suffix}": committed,
            f"cost_draft{suffix}": sums.get("draft", 0.0),
            f"cost_booked{suffix}": booked,
            f"cost_accrued{suffix}": accrued,
            f"cost_actual{suffix}": actual,
            f"cost_forecast{suffix}": round(forecast, places),
            f"budget_remaining{suffix}": round(budget - committed - actual, places),
            f"budget_used_rate{suffix}": money.used_rate(budget, committed, actual) or 0.0,
        }

    def _get_cost_sums(self, states=None, is_paid=False):
        """Sums by cost state, own and over the programme; ``states``: only these."""
        return self._get_programme_sums(
            lambda programme, targets: self._cost_sums_sql(
                programme, targets, self.env.companies, states, is_paid
            )
        )

    def _get_programme_sums(self, make_statement):
        """Sums by kind, own and over the programme, in each campaign's currency.

        Two mappings campaign id -> {kind: amount} from one query for the whole set: every
        campaign below is summed once for each currency that it or a campaign above counts in.
        ``make_statement(programme, targets)`` gives rows of campaign, currency, company, kind and
        amount; ``targets`` are triples (campaign, currency, company).
        """
        own, total = {}, {}
        wanted = self._origin._get_money_targets()
        if not wanted:
            return own, total
        programme = self._get_programme()
        above = {node.id: [key for key in node._get_path() if key in wanted] for node in programme}
        targets = {(node_id, *wanted[key]) for node_id, keys in above.items() for key in keys}
        sums = {}
        for *target, kind, amount in self.env.execute_query(make_statement(programme, targets)):
            sums.setdefault(tuple(target), []).append((kind, float(amount)))
        for node_id, keys in above.items():
            for key in keys:
                for kind, amount in sums.get((node_id, *wanted[key]), ()):
                    scope = total.setdefault(key, {})
                    scope[kind] = scope.get(kind, 0.0) + amount
                    if node_id == key:
                        own.setdefault(key, {})[kind] = amount
        return own, total

    def _get_money_targets(self):
        """Campaign id -> the currency it counts in, and the company whose rates convert to it."""
        if self.env["marketing.cost.report"]._is_single_currency():
            return dict.fromkeys(self.ids, (self.env.company.currency_id.id, self.env.company.id))
        return {
            campaign.id: (campaign.currency_id.id, (campaign.company_id or self.env.company).id)
            for campaign in self
        }

    def _cost_sums_sql(self, programme, targets, companies, states=None, is_paid=False):
        """Sums of a programme by campaign, target and state, of costs of these companies."""
        report = self.env["marketing.cost.report"]
        report = report._with_scope(
            report._get_state_sources(states) if states else report._fact_sources(),
            programme,
            has_category=False,
        )
        amount = report._sql_convert_to_target("fact")
        if is_paid:
            amount = report._sql_round(SQL("%s * fact.paid_rate", amount), SQL("target.rounding"))
        return SQL(
            """
            SELECT target.campaign_id, target.currency_id, target.company_id, fact.state,
                   SUM(%(amount)s)
              FROM (%(facts)s) AS fact
              JOIN %(targets)s ON target.campaign_id = fact.campaign_id
             WHERE fact.campaign_id = ANY(%(programme_ids)s)
               AND fact.company_id = ANY(%(allowed_ids)s)
          GROUP BY target.campaign_id, target.currency_id, target.company_id, fact.state
            """,
            amount=amount,
            facts=report._facts_sql(),
            targets=report._sql_targets(targets),
            programme_ids=programme.ids,
            allowed_ids=companies.ids,
        )

    @api.model
    def _search_figure(self, fname, operator, value):
        """Search a computed figure by computing it for every campaign the user may see."""
        if operator in COMPARISONS:
            compare = COMPARISONS[operator]

            def matches(figure):
                return compare(figure, value)

        elif operator == "in":

            def matches(figure):
                return any(
                    not float_compare(figure, wanted or 0.0, precision_digits=2) for wanted in value
                )

        else:
            return NotImplemented
        campaigns = self.with_context(active_test=False).search([])
        is_paid = fname.startswith("cost_paid")
        figures = campaigns._get_paid_figures() if is_paid else campaigns._get_cost_figures()
        found = [campaign.id for campaign, values in figures if matches(values[fname])]
        return [("id", "in", found)]
