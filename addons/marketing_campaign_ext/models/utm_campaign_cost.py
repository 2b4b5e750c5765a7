import operator as operators

from odoo import api, fields, models
from odoo.tools import SQL, float_compare, formatLang

from ..tools import money
from .utm_campaign import FINANCE, MANAGER, PLAN_READERS

# States of the rows that a figure sums
FIGURE_STATES = {
    "cost_committed": ["committed"],
    "cost_draft": ["draft"],
    "cost_booked": ["booked"],
    "cost_accrued": ["accrued"],
    "cost_actual": ["booked", "accrued"],
}
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
        own_sums, total_sums = self._get_cost_sums(is_paid=True)
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

    def _get_cost_sums(self, is_paid=False):
        """Sums by cost state, own and over the programme, in each campaign's currency.

        Two mappings campaign id -> {state: amount} from one query for the whole set: every
        campaign below is summed once for each currency that it or a campaign above counts in.
        """
        own, total = {}, {}
        wanted = self._origin._get_money_targets()
        if not wanted:
            return own, total
        programme = self._get_programme()
        above = {node.id: [key for key in node._get_path() if key in wanted] for node in programme}
        targets = {(node_id, *wanted[key]) for node_id, keys in above.items() for key in keys}
        sums = {}
        statement = self._cost_sums_sql(programme, targets, is_paid)
        for *target, state, amount in self.env.execute_query(statement):
            sums.setdefault(tuple(target), []).append((state, float(amount)))
        for node_id, keys in above.items():
            for key in keys:
                for state, amount in sums.get((node_id, *wanted[key]), ()):
                    scope = total.setdefault(key, {})
                    scope[state] = scope.get(state, 0.0) + amount
                    if node_id == key:
                        own.setdefault(key, {})[state] = amount
        return own, total

    def _get_money_targets(self):
        """Campaign id -> the currency it counts in, and the company whose rates convert to it."""
        if self.env["marketing.cost.report"]._is_single_currency():
            return dict.fromkeys(self.ids, (self.env.company.currency_id.id, self.env.company.id))
        return {
            campaign.id: (campaign.currency_id.id, (campaign.company_id or self.env.company).id)
            for campaign in self
        }

    def _cost_sums_sql(self, programme, targets, is_paid):
        """Sums of a programme by campaign, target and state; ``targets`` are triples
        (campaign, currency, company)."""
        report = self.env["marketing.cost.report"]
        report = report._with_scope(
            report._get_state_sources({"booked"}) if is_paid else report._fact_sources(),
            programme,
            has_category=False,
        )
        amount = report._sql_convert(
            SQL("fact.amount"),
            SQL("fact.currency_id"),
            SQL("target.currency_id"),
            SQL("target.rounding"),
            SQL("target.company_id"),
            SQL("fact.date"),
        )
        if is_paid:
            amount = SQL("ROUND(%s * fact.paid_rate, 2)", amount)
        rounding = {
            currency.id: currency.rounding
            for currency in self.env["res.currency"].browse({target[1] for target in targets})
        }
        rows = [(*target, rounding[target[1]]) for target in targets]
        return SQL(
            """
            SELECT target.campaign_id, target.currency_id, target.company_id, fact.state,
                   SUM(%(amount)s)
              FROM (%(facts)s) AS fact
              JOIN UNNEST(%(campaign_ids)s, %(currency_ids)s, %(company_ids)s, %(roundings)s)
                   AS target(campaign_id, currency_id, company_id, rounding)
                ON target.campaign_id = fact.campaign_id
             WHERE fact.campaign_id = ANY(%(programme_ids)s)
               AND fact.company_id = ANY(%(allowed_ids)s)
          GROUP BY target.campaign_id, target.currency_id, target.company_id, fact.state
            """,
            amount=amount,
            facts=report._facts_sql(),
            campaign_ids=[row[0] for row in rows],
            currency_ids=[row[1] for row in rows],
            company_ids=[row[2] for row in rows],
            roundings=[row[3] for row in rows],
            programme_ids=programme.ids,
            allowed_ids=self.env.companies.ids,
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

    # ------------------------------------------------------------------ opening what is summed

    def action_open_committed(self):
        return self._action_open_figure("cost_committed")

    def action_open_draft_bills(self):
        return self._action_open_figure("cost_draft")

    def action_open_booked(self):
        return self._action_open_figure("cost_booked")

    def action_open_accrued(self):
        return self._action_open_figure("cost_accrued")

    def action_open_actual(self):
        return self._action_open_figure("cost_actual")

    def action_open_committed_total(self):
        return self._action_open_figure("cost_committed_total")

    def action_open_draft_total(self):
        return self._action_open_figure("cost_draft_total")

    def action_open_booked_total(self):
        return self._action_open_figure("cost_booked_total")

    def action_open_accrued_total(self):
        return self._action_open_figure("cost_accrued_total")

    def action_open_actual_total(self):
        return self._action_open_figure("cost_actual_total")

    def _action_open_figure(self, fname):
        """The rows that a figure sums, own or of the whole programme."""
        is_total = fname.endswith("_total")
        states = FIGURE_STATES[fname.removesuffix("_total")]
        title = self._fields[fname]._description_string(self.env)
        return self._action_open_costs(states, title, "child_of" if is_total else "=")

    def action_open_all_costs(self):
        return self._action_open_costs(
            ["planned", "committed", "draft", "booked", "accrued"],
            self.env._("Plan and Costs"),
            "child_of",
            first="pivot",
        )

    def action_open_ledger(self):
        """Costs and revenue of the campaign and its programme, for finance."""
        self.ensure_one()
        name = self.env._("%s: Ledger", self.title)
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "marketing_campaign_ext.marketing_campaign_ledger_action"
            ),
            "name": name,
            "display_name": name,
            "domain": [("campaign_id", "child_of", self.id)],
            "context": {"search_default_group_kind": True},
        }

    def _action_open_costs(self, states, title, scope="=", first="list"):
        """The rows behind a figure; what the user may not read is named, not dropped silently."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_campaign_ext.marketing_cost_report_action"
        )
        domain = [("campaign_id", scope, self.id), ("state", "in", states)]
        name = f"{self.title}: {title}{self._describe_hidden_costs(domain)}"
        action.update(
            name=name,
            display_name=name,
            domain=domain,
            context={
                "search_default_group_state": len(states) > 1 and first == "list",
                # the rows of a programme count in the currency of its total
                "marketing_cost_campaign": self.id,
            },
            views=[
                (view_id, kind)
                for kind in sorted(("list", "pivot", "graph"), key=lambda kind: kind != first)
                for view_id, view_kind in action["views"]
                if view_kind == kind
            ],
        )
        return action

    def _describe_hidden_costs(self, domain):
        """Say how much of a total stands in rows that only finance and managers may read."""
        if self.env.user.has_group(FINANCE) or self.env.user.has_group(MANAGER):
            return ""
        # sudo: only a sum leaves this method, and it is part of a total the user already sees
        hidden = (
            self.env["marketing.cost.report"]
            .sudo()
            .with_context(marketing_cost_campaign=self.id)
            ._read_group(
                [
                    *domain,
                    ("is_people_cost", "=", True),
                    ("company_id", "in", self.env.companies.ids),
                ],
                [],
                ["amount_campaign:sum"],
            )[0][0]
        )
        if not hidden:
            return ""
        return self.env._(
            " (people cost of %(amount)s not listed)",
            amount=formatLang(self.env, hidden, currency_obj=self.currency_id),
        )
