from odoo import api, models

from ..tools import dashboard, periods

# What LTV is worth having: three times what winning a customer cost.
SOUND_LTV_CAC = 3.0


class MarketingDashboard(models.AbstractModel):
    """The cards on top: value, change, the way there, and what it should be."""

    _inherit = "marketing.dashboard"

    @api.model
    def _get_kpis(self):
        """Hook for bridges: the cards in their order.

        ``kind`` says how to write the value (money, percent, ratio, number, hours), ``better``
        whether a rise is good (up), bad (down) or neither. ``measures`` are the sums behind it.
        """
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
                "target": ["cost_planned:sum", self.env._("Budget")],
                "better": None,
            },
            {
                "key": "revenue",
                "label": self.env._("Attributed Revenue"),
                "help": self.env._("Invoiced revenue less credit notes, untaxed."),
                "kind": "money",
                "spec": "revenue_invoiced:sum",
                "measures": ["revenue_invoiced"],
                "better": "up",
            },
            {
                "key": "roi",
                "label": self.env._("ROI"),
                "help": self.env._("(Invoiced revenue - cost) / cost. A dash: no cost, no ROI."),
                "kind": "percent",
                "spec": "roi:avg",
                "measures": ["cost_actual", "revenue_invoiced"],
                "better": "up",
            },
            {
                "key": "roas",
                "label": self.env._("ROAS"),
                "help": self.env._("Invoiced revenue / cost."),
                "kind": "ratio",
                "spec": "roas:avg",
                "measures": ["cost_actual", "revenue_invoiced"],
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
                "better": "up",
            },
            {
                "key": "cac",
                "label": self.env._("CAC"),
                "help": self.env._("Cost / new customers."),
                "kind": "money",
                "spec": "cac:avg",
                "measures": ["cost_actual", "new_customer_count"],
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
                "target": [SOUND_LTV_CAC, self.env._("Sound from")],
                "better": "up",
            },
            {
                "key": "cost_per_lead",
                "label": self.env._("Cost per Lead"),
                "help": self.env._("Cost / leads created."),
                "kind": "money",
                "spec": "cost_per_lead:avg",
                "measures": ["cost_actual", "lead_count"],
                "better": "down",
            },
        ]

    @api.model
    def _panel_kpis(self, scope):
        kpis = [kpi for kpi in self._get_kpis() if self._is_readable(kpi)]
        targets = [kpi["target"][0] for kpi in kpis if kpi.get("target")]
        specs = list(
            dict.fromkeys(
                [kpi["spec"] for kpi in kpis]
                + [target for target in targets if isinstance(target, str)]
            )
        )
        now = self._read_sums(scope.at(scope.span), specs)
        before = self._read_sums(scope.at(scope.before), specs) if scope.before else {}
        lines = self._read_lines(scope, [kpi["spec"] for kpi in kpis])
        cards = [self._prepare_card(kpi, scope, now, before, lines) for kpi in kpis]
        return {
            "cards": cards + self._get_other_cards(scope),
            "is_empty": not any(now.values()),
            "before": self._prepare_span(scope.before),
        }

    @api.model
    def _get_other_cards(self, scope):
        """Hook for bridges: cards whose figure does not come from the report."""
        return []

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
            "target": self._prepare_target(kpi, now),
            "open": {
                "model": "marketing.roi.report",
                "domain": self._rows_of(scope.at(scope.span), *kpi["measures"]),
                "name": kpi["label"],
            },
        }

    @api.model
    def _prepare_target(self, kpi, now):
        if not kpi.get("target"):
            return None
        wanted, label = kpi["target"]
        amount = now[wanted] if isinstance(wanted, str) else wanted
        if not amount:
            return None
        value = now[kpi["spec"]]
        return {
            "label": label,
            "value": amount,
            "rate": None if value is None else value / amount,
        }

    @api.model
    def _prepare_span(self, span: periods.Span | None):
        return span and {"date_from": span.start.isoformat(), "date_to": span.end.isoformat()}
