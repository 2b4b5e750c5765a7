from odoo import api, models
from odoo.tools.misc import formatLang

from ..tools import dashboard, goals, periods


class MarketingDashboard(models.AbstractModel):
    """The cards on top: value, change, the way there, and what it should be."""

    _inherit = "marketing.dashboard"

    @api.model
    def _get_kpis(self):
        """Hook for bridges: the cards in their order.

        ``kind`` says how to write the value (money, percent, ratio, number, hours), ``better``
        whether a rise is good (up), bad (down) or neither. ``measures`` are the sums behind it.

        What it should be is either a ``target``: label, help, and an amount or the spec of one;
        or a ``goal``: a function of the plans of the campaigns, see ``tools.goals``, and its
        ``goal_help``. No target known, none shown.
        """
        company = self.env.company
        return_help = self.env._(
            "From the revenue or ROI targets and the budgets of the approved campaigns that have "
            "both, compared with what their programmes returned."
        )
        return [
            {
                "key": "cost",
                "label": self.env._("Spend"),
                "help": self.env._(
                    "Booked and accrued cost of the campaigns, against the budget planned."
                ),
                "kind": "money",
                "spec": "cost_actual:sum",
                "measures": ["cost_actual"],
                "target": [
                    self.env._("Budget"),
                    self.env._("The budget lines that begin in this period."),
                    "cost_planned:sum",
                ],
                "better": None,
            },
            {
                "key": "revenue",
                "label": self.env._("Attributed Revenue"),
                "help": self.env._("Invoiced revenue less credit notes, untaxed."),
                "kind": "money",
                "spec": "revenue_invoiced:sum",
                "measures": ["revenue_invoiced"],
                "goal": lambda plans: goals.total(plans, "revenue"),
                "goal_help": self.env._(
                    "The revenue targets of campaigns that were approved, each spread evenly over "
                    "the days of its campaign and compared with what its programme brought."
                ),
                "better": "up",
            },
            {
                "key": "roi",
                "label": self.env._("ROI"),
                "help": self.env._("(Invoiced revenue - cost) / cost. A dash: no cost, no ROI."),
                "kind": "percent",
                "spec": "roi:avg",
                "measures": ["cost_actual", "revenue_invoiced"],
                "goal": goals.roi,
                "goal_help": return_help,
                "better": "up",
            },
            {
                "key": "roas",
                "label": self.env._("ROAS"),
                "help": self.env._("Invoiced revenue / cost."),
                "kind": "ratio",
                "spec": "roas:avg",
                "measures": ["cost_actual", "revenue_invoiced"],
                "goal": goals.roas,
                "goal_help": return_help,
                "better": "up",
            },
            {
                "key": "pipeline",
                "label": self.env._("Open Pipeline"),
                "help": self.env._(
                    "Open opportunities of the period, shared by the attribution model."
                ),
                "kind": "money",
                "spec": "pipeline_amount:sum",
                "measures": ["pipeline_amount"],
                **self._get_pipeline_goal(company.pipeline_coverage),
                "better": "up",
            },
            {
                "key": "cac",
                "label": self.env._("CAC"),
                "help": self.env._("Cost / new customers."),
                "kind": "money",
                "spec": "cac:avg",
                "measures": ["cost_actual", "new_customer_count"],
                "target": [
                    self.env._("At most"),
                    self.env._("What a new customer may cost, from the settings of your company."),
                    company.customer_cost_limit,
                ],
                "better": "down",
            },
            {
                "key": "ltv_cac",
                "label": self.env._("LTV : CAC"),
                "help": self.env._("Lifetime value of a new customer to the cost of winning one."),
                "kind": "ratio",
                "spec": "ltv_cac:avg",
                "measures": [
                    "cost_actual",
                    "new_customer_count",
                    "customer_months",
                    "customer_margin",
                ],
                "target": [
                    self.env._("Sound from"),
                    self.env._("What the settings of your company call sound."),
                    company.ltv_cac_goal,
                ],
                "better": "up",
            },
            {
                "key": "cost_per_lead",
                "label": self.env._("Cost per Lead"),
                "help": self.env._("Cost / leads created."),
                "kind": "money",
                "spec": "cost_per_lead:avg",
                "measures": ["cost_actual", "lead_count"],
                "goal": lambda plans: goals.unit_cost(plans, "leads", "cost_per_lead"),
                "goal_help": self.env._(
                    "Budgets by lead targets of the approved campaigns that have both, compared "
                    "with what a lead of their programmes cost."
                ),
                "better": "down",
            },
        ]

    @api.model
    def _get_pipeline_goal(self, coverage):
        """So many times the revenue that is still to come; nothing where nobody says how many."""
        if not coverage:
            return {}
        return {
            "goal": lambda plans: goals.total(plans, "revenue"),
            "less": ["revenue_invoiced"],
            "times": coverage,
            "goal_help": self.env._(
                "%(times)s times what is still missing of the revenue targets in this period; how "
                "many times is in the settings of your company.",
                times=formatLang(self.env, coverage, digits=1),
            ),
        }

    @api.model
    def _panel_kpis(self, scope):
        kpis = [kpi for kpi in self._get_kpis() if self._is_readable(kpi)]
        targets = [kpi["target"][-1] for kpi in kpis if kpi.get("target")]
        specs = list(
            dict.fromkeys(
                [kpi["spec"] for kpi in kpis]
                + [target for target in targets if isinstance(target, str)]
            )
        )
        plans = self._get_plans(scope)
        now, by_campaign = self._read_now(scope, kpis, specs, plans)
        before = self._read_sums(scope.at(scope.before), specs) if scope.before else {}
        lines = self._read_lines(scope, [kpi["spec"] for kpi in kpis])
        cards = [
            self._prepare_card(kpi, scope, now, before, lines)
            | {"target": self._prepare_target(kpi, scope, now, by_campaign, plans)}
            for kpi in kpis
        ]
        return {
            "cards": cards + self._get_other_cards(scope),
            "is_empty": not any(now[spec] for spec in specs),
            "before": self._prepare_span(scope.before),
        }

    @api.model
    def _get_other_cards(self, scope):
        """Hook for bridges: cards whose figure does not come from the report."""
        return []

    @api.model
    def _count_cards(self):
        """Hook for bridges: how many cards there will be, so that nothing moves when they come."""
        return sum(map(self._is_readable, self._get_kpis()))

    @api.model
    def _is_readable(self, kpi):
        report = self.env["marketing.roi.report"]
        return all(
            report._has_field_access(report._fields[name], "read")
            for name in (kpi["spec"].split(":")[0], *kpi["measures"])
        )

    @api.model
    def _read_lines(self, scope, specs):
        """Each figure over time, ``{spec: [values]}``: without rows a sum is 0, a ratio unknown."""
        size, parts = self._get_buckets(scope.span)
        sums = self._read_by(scope.at(scope.span), [f"date:{size}"], specs)
        return {
            spec: [
                sums.get(start, {}).get(spec) or (0.0 if spec.endswith(":sum") else None)
                for start, _part in parts
            ]
            for spec in specs
        }

    @api.model
    def _prepare_card(self, kpi, scope, now, before, lines):
        spec = kpi["spec"]
        value = now[spec]
        card = {name: kpi.get(name) for name in ("key", "label", "help", "kind", "better")}
        return card | {
            "value": value,
            "before": before.get(spec),
            "change": dashboard.change(value, before.get(spec), kpi["kind"] == "percent"),
            "spark": lines[spec],
            "open": {
                "model": "marketing.roi.report",
                "domain": self._rows_of(scope.at(scope.span), *kpi["measures"]),
                "name": kpi["label"],
            },
        }

    @api.model
    def _prepare_target(self, kpi, scope, now, by_campaign, plans):
        """What a card should show, how far it is, and why so; ``None`` where nobody said it.

        ``actual`` is what to compare where that is not the value of the card: goals of some
        campaigns say nothing about the others.
        """
        if kpi.get("goal"):
            target = self._prepare_goal(kpi, now, by_campaign, plans)
        else:
            target = self._prepare_given(kpi, scope, now)
        return target and target | {"is_share": kpi["spec"].endswith(":sum")}

    @api.model
    def _prepare_given(self, kpi, scope, now):
        if not kpi.get("target"):
            return None
        label, text, wanted = kpi["target"]
        amount = now[wanted] if isinstance(wanted, str) else wanted
        if not amount:
            return None
        value = now[kpi["spec"]]
        return {
            "label": label,
            "help": text,
            "value": amount,
            "actual": None,
            "rate": None if value is None else value / amount,
            "open": isinstance(wanted, str)
            and {
                "model": "marketing.roi.report",
                "domain": self._rows_of(scope.at(scope.span), wanted.split(":")[0]),
                "name": label,
                "list_view_id": self.env.ref(
                    "roi_dashboard.marketing_roi_report_view_list_planned"
                ).id,
            },
        }

    @api.model
    def _prepare_span(self, span: periods.Span | None):
        return span and {"date_from": span.start.isoformat(), "date_to": span.end.isoformat()}
