import operator as operators

from odoo import api, fields, models
from odoo.tools import SQL, float_compare, formatLang

from ..tools import money
from .utm_campaign import FINANCE, MANAGER, PLAN_READERS

COMPARISONS = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


def _figure(fname, string, help_text=None, field=fields.Monetary, **options):
    """A computed figure of a campaign that can be searched like a stored one."""
    return field(
        string=string,
        compute="_compute_costs",
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
    cost_paid = _figure("cost_paid", "Paid", "The part of the booked costs that is paid.")
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
    cost_paid_total = _figure("cost_paid_total", "Paid (programme)")
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
        own_sums, total_sums = self._get_cost_sums()
        for campaign in self:
            own = own_sums.get(campaign._origin.id, {})
            total = total_sums.get(campaign._origin.id, {})
            campaign.update(campaign._prepare_cost_figures(own, campaign.budget_amount, ""))
            campaign.update(
                campaign._prepare_cost_figures(total, total.get("planned", 0.0), "_total")
            )

    def _prepare_cost_figures(self, sums, budget, suffix):
        """Figures of one scope from the sums of its cost states."""
        committed = sums.get("committed", 0.0)
        booked = sums.get("booked", 0.0)
        accrued = sums.get("accrued", 0.0)
        actual = booked + accrued
        planned = 0.0 if self.state in ("done", "cancelled") else sums.get("planned", 0.0)
        figures = {
            "cost_committed": committed,
            "cost_draft": sums.get("draft", 0.0),
            "cost_booked": booked,
            "cost_paid": sums.get("paid", 0.0),
            "cost_accrued": accrued,
            "cost_actual": actual,
            "cost_forecast": money.forecast_at_completion(planned, committed, actual),
            "budget_remaining": budget - committed - actual,
            "budget_used_rate": money.used_rate(budget, committed, actual) or 0.0,
        }
        return {f"{fname}{suffix}": value for fname, value in figures.items()}

    def _get_cost_sums(self):
        """Sums by cost state, own and over the programme, in each campaign's currency.

        Two mappings campaign id -> {state: amount} from one query for the whole set.
        """
        own, total = {}, {}
        if not self._origin.ids:
            return own, total
        programme = self._get_programme()
        rows = self.env.execute_query(self._cost_sums_sql(programme.ids, self.env.companies.ids))
        for campaign_id, state, own_amount, total_amount, own_paid, total_paid in rows:
            for sums, amount, paid in (
                (own, own_amount, own_paid),
                (total, total_amount, total_paid),
            ):
                scope = sums.setdefault(campaign_id, {})
                scope[state] = float(amount or 0.0)
                scope["paid"] = scope.get("paid", 0.0) + float(paid or 0.0)
        return own, total

    def _cost_sums_sql(self, programme_ids, company_ids):
        report = self.env["marketing.cost.report"]
        amount = report._sql_convert(
            SQL("fact.amount"),
            SQL("fact.currency_id"),
            SQL("target_currency.id"),
            SQL("target_currency.rounding"),
            SQL("COALESCE(target.company_id, %s)", self.env.company.id),
            SQL("fact.date"),
        )
        return SQL(
            """
            SELECT target.id, fact.state,
                   SUM(%(amount)s) FILTER (WHERE fact.campaign_id = target.id),
                   SUM(%(amount)s),
                   SUM(%(paid)s) FILTER (WHERE fact.campaign_id = target.id),
                   SUM(%(paid)s)
              FROM %(facts)s AS fact
              JOIN utm_campaign node ON node.id = fact.campaign_id
        CROSS JOIN LATERAL UNNEST(STRING_TO_ARRAY(RTRIM(node.parent_path, '/'), '/'))
                   AS above(campaign_id)
              JOIN utm_campaign target ON target.id = above.campaign_id::int
         LEFT JOIN res_company target_company ON target_company.id = target.company_id
              JOIN res_currency target_currency
                ON target_currency.id = COALESCE(target_company.currency_id, %(fallback)s)
             WHERE fact.campaign_id = ANY(%(programme_ids)s)
               AND fact.company_id = ANY(%(company_ids)s)
               AND target.id = ANY(%(ids)s)
          GROUP BY target.id, fact.state
            """,
            amount=amount,
            paid=SQL("ROUND(%s * fact.paid_rate, 2)", amount),
            facts=report._table_sql,
            fallback=self.env.company.currency_id.id,
            programme_ids=programme_ids,
            company_ids=company_ids,
            ids=self._origin.ids,
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
        return [
            ("id", "in", [key for key, figure in campaigns._get_figures(fname) if matches(figure)])
        ]

    def _get_figures(self, fname):
        """One figure of every campaign of the set, as pairs (id, value)."""
        own_sums, total_sums = self._get_cost_sums()
        is_total = fname.endswith("_total")
        for campaign in self:
            sums = (total_sums if is_total else own_sums).get(campaign.id, {})
            budget = sums.get("planned", 0.0) if is_total else campaign.budget_amount
            yield (
                campaign.id,
                campaign._prepare_cost_figures(sums, budget, "")[fname.removesuffix("_total")],
            )

    # ------------------------------------------------------------------ opening what is summed

    def action_open_committed(self):
        return self._action_open_costs(["committed"], self.env._("Committed"))

    def action_open_draft_bills(self):
        return self._action_open_costs(["draft"], self.env._("Draft Bills"))

    def action_open_booked(self):
        return self._action_open_costs(["booked"], self.env._("Booked Costs"))

    def action_open_accrued(self):
        return self._action_open_costs(["accrued"], self.env._("Accrued Costs"))

    def action_open_actual(self):
        return self._action_open_costs(["booked", "accrued"], self.env._("Actual Costs"))

    def action_open_actual_total(self):
        return self._action_open_costs(
            ["booked", "accrued"], self.env._("Actual Costs of the Programme"), "child_of"
        )

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
            context={"search_default_group_state": len(states) > 1 and first == "list"},
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
