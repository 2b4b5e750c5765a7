from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import kpi

MEASURES = ("cost_planned", "cost_actual", "revenue_invoiced", "revenue_refunded")


class MarketingRoiComparison(models.TransientModel):
    """Two models or two periods side by side, campaign by campaign, and what made the change.

    The change of ROI is taken apart in steps that add up: new revenue, credit notes, cost, and
    re-attribution. That is what the second period's revenue gained or lost without any customer's
    doing: by touches that arrived after it had been credited, and by looking at it with the second
    model instead of the first.
    """

    _name = "marketing.roi.comparison"
    _description = "ROI Comparison"

    model_before_id = fields.Many2one(
        "marketing.attribution.model",
        string="First Model",
        required=True,
        default=lambda self: self.env["marketing.attribution.model"]._get_default_model(),
    )
    date_before_from = fields.Date(
        string="First Period", required=True, default=lambda self: self._default_month(-2)
    )
    date_before_to = fields.Date(
        string="First Period until", required=True, default=lambda self: self._default_month(-1, -1)
    )
    model_after_id = fields.Many2one(
        "marketing.attribution.model",
        string="Second Model",
        required=True,
        default=lambda self: self.env["marketing.attribution.model"]._get_default_model(),
    )
    date_after_from = fields.Date(
        string="Second Period", required=True, default=lambda self: self._default_month(-1)
    )
    date_after_to = fields.Date(
        string="Second Period until", required=True, default=lambda self: self._default_month(0, -1)
    )
    campaign_ids = fields.Many2many(
        "utm.campaign",
        string="Campaigns",
        domain=[("is_template", "=", False)],
        help="With all campaigns below them; empty for all campaigns.",
    )
    line_ids = fields.One2many("marketing.roi.comparison.line", "comparison_id")

    @api.model
    def _default_month(self, months, days=0):
        first = fields.Date.context_today(self).replace(day=1)
        return first + relativedelta(months=months, days=days)

    @api.constrains("date_before_from", "date_before_to", "date_after_from", "date_after_to")
    def _check_dates(self):
        for comparison in self:
            if (
                comparison.date_before_from > comparison.date_before_to
                or comparison.date_after_from > comparison.date_after_to
            ):
                raise UserError(self.env._("A period ends after it begins."))

    def action_compare(self):
        self.ensure_one()
        self.line_ids.unlink()
        before = self._get_sums(self.model_before_id, self.date_before_from, self.date_before_to)
        after = self._get_sums(self.model_after_id, self.date_after_from, self.date_after_to)
        same_model = self._get_sums(self.model_before_id, self.date_after_from, self.date_after_to)
        late = self._get_moved(self.model_before_id, self.date_after_from, self.date_after_to)
        campaigns = sorted(
            {*before, *after, *late}, key=lambda campaign: (not campaign, campaign.title or "")
        )
        lines = [
            self._prepare_line_vals(
                campaign.title or self.env._("Without Campaign"),
                *(sums.get(campaign, {}) for sums in (before, after, same_model)),
                late.get(campaign, 0.0),
            )
            | {"campaign_id": campaign.id}
            for campaign in campaigns
        ]
        if lines:
            lines.insert(0, self._prepare_total_vals(before, after, same_model, late))
        self.env["marketing.roi.comparison.line"].create(lines)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("ROI Comparison"),
            "res_model": "marketing.roi.comparison.line",
            "view_mode": "list,kanban,graph",
            "mobile_view_mode": "kanban",
            "domain": [("comparison_id", "=", self.id)],
        }

    def _get_sums(self, model, date_from, date_to):
        domain = [
            ("model_id", "=", model.id),
            ("date", ">=", date_from),
            ("date", "<=", date_to),
            ("fact", "in", ("cost", "invoiced")),
            ("company_id", "in", self.env.companies.ids),
        ]
        if self.campaign_ids:
            domain.append(("campaign_id", "child_of", self.campaign_ids.ids))
        groups = self.env["marketing.roi.report"]._read_group(
            domain, ["campaign_id"], [f"{name}:sum" for name in MEASURES]
        )
        return {row[0]: dict(zip(MEASURES, map(float, row[1:]), strict=True)) for row in groups}

    def _get_moved(self, model, date_from, date_to):
        """What late touches moved of a period's revenue, in the reader's currency."""
        domain = [
            ("model_id", "=", model.id),
            ("date", ">=", date_from),
            ("date", "<=", date_to),
            ("company_id", "in", self.env.companies.ids),
        ]
        if self.campaign_ids:
            domain.append(("campaign_id", "child_of", self.campaign_ids.ids))
        groups = self.env["marketing.attribution.shift"]._read_group(
            domain,
            ["campaign_id", "company_id", "date:day"],
            ["amount:sum"],
        )
        moved = defaultdict(float)
        for campaign, company, day, amount in groups:
            moved[campaign] += company.currency_id._convert(
                amount, self.env.company.currency_id, self.env.company, day
            )
        return moved

    def _prepare_total_vals(self, before, after, same_model, late):
        """All campaigns together: ratios of the sums, as in the ROI report."""

        def total(sums):
            return {name: sum(values[name] for values in sums.values()) for name in MEASURES}

        return self._prepare_line_vals(
            self.env._("Total"), *map(total, (before, after, same_model)), sum(late.values())
        ) | {"is_total": True}

    def _prepare_line_vals(self, name, before, after, same_model, late):
        def amount(sums, name):
            return sums.get(name, 0.0)

        moved = amount(after, "revenue_invoiced") - amount(same_model, "revenue_invoiced")
        moved += late
        bridge = kpi.roi_bridge(self._get_period(before), self._get_period(after), moved)
        steps = {
            "step_revenue": bridge.new_revenue,
            "step_refund": bridge.refunds,
            "step_cost": bridge.cost,
            "step_reattribution": bridge.reattribution,
        }
        known = bridge.new_revenue is not None
        return {
            "comparison_id": self.id,
            "name": name,
            "currency_id": self.env.company.currency_id.id,
            "cost_planned_before": amount(before, "cost_planned"),
            "cost_before": amount(before, "cost_actual"),
            "revenue_before": amount(before, "revenue_invoiced"),
            "cost_planned_after": amount(after, "cost_planned"),
            "cost_after": amount(after, "cost_actual"),
            "revenue_after": amount(after, "revenue_invoiced"),
            "revenue_moved": moved,
            "roi_before_text": self.env["utm.campaign"]._format_rate(bridge.before),
            "roi_after_text": self.env["utm.campaign"]._format_rate(bridge.after),
            "is_known": known,
            "roi_change": bridge.after - bridge.before if known else 0.0,
            **{name: value or 0.0 for name, value in steps.items()},
        }

    @api.model
    def _get_period(self, sums):
        refunded = sums.get("revenue_refunded", 0.0)
        return kpi.Period(
            cost=sums.get("cost_actual", 0.0),
            invoiced=sums.get("revenue_invoiced", 0.0) - refunded,
            refunded=refunded,
        )


class MarketingRoiComparisonLine(models.TransientModel):
    """One campaign of a comparison, what no campaign can claim, or all of it together."""

    _name = "marketing.roi.comparison.line"
    _description = "ROI Comparison of a Campaign"
    _order = "id"
    _rec_name = "name"

    comparison_id = fields.Many2one(
        "marketing.roi.comparison", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(readonly=True)
    is_total = fields.Boolean(readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", readonly=True)
    cost_planned_before = fields.Monetary(string="Planned Cost, First", readonly=True)
    cost_before = fields.Monetary(string="Cost, First", readonly=True)
    revenue_before = fields.Monetary(string="Revenue, First", readonly=True)
    roi_before_text = fields.Char(string="ROI, First", readonly=True)
    cost_planned_after = fields.Monetary(string="Planned Cost, Second", readonly=True)
    cost_after = fields.Monetary(string="Cost, Second", readonly=True)
    revenue_after = fields.Monetary(string="Revenue, Second", readonly=True)
    roi_after_text = fields.Char(string="ROI, Second", readonly=True)
    revenue_moved = fields.Monetary(
        string="Re-Attributed",
        readonly=True,
        help="The part of the second period's revenue that late touches or the other model moved "
        "to this campaign (or away from it).",
    )
    is_known = fields.Boolean(
        string="Comparable", readonly=True, help="There is cost in both, so there is a change."
    )
    roi_change = fields.Float(string="Change of ROI", readonly=True, aggregator=None)
    step_revenue = fields.Float(string="By New Revenue", readonly=True, aggregator=None)
    step_refund = fields.Float(string="By Credit Notes", readonly=True, aggregator=None)
    step_cost = fields.Float(string="By Cost", readonly=True, aggregator=None)
    step_reattribution = fields.Float(string="By Re-Attribution", readonly=True, aggregator=None)

    def action_open_moved(self):
        """What was moved by late touches, run by run."""
        self.ensure_one()
        comparison = self.comparison_id
        domain = [
            ("model_id", "=", comparison.model_before_id.id),
            ("campaign_id", "=", self.campaign_id.id),
            ("date", ">=", comparison.date_after_from),
            ("date", "<=", comparison.date_after_to),
        ]
        return {
            "type": "ir.actions.act_window",
            "res_model": "marketing.attribution.shift",
            "view_mode": "list",
            "domain": domain,
            "name": self.env._("Moved Revenue"),
        }
