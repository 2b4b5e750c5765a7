from odoo import api, fields, models

from ..tools.dashboard import share_of_step
from ..tools.formulas import ratio_value

SECTIONS = [
    ("plan", "Plan and Actual"),
    ("funnel", "Funnel"),
    ("best", "Best Touches"),
    ("worst", "Worst Touches"),
]
# Benchmarks beside what was planned, in the order of the page.
BENCHMARKED = ("roi", "cost_per_lead", "cost_per_opportunity", "cost_per_win", "cac", "win_rate")
# Metrics of targets that a measure of the report answers.
TARGET_MEASURES = {
    "touches": "touch_count",
    "leads": "lead_count",
    "opportunities": "opportunity_count",
    "won": "won_count",
    "revenue": "revenue_invoiced",
    "cost_per_lead": "cost_per_lead",
    "roi": "roi",
}
# The median of fewer campaigns is what those did, not what is usual.
FEW_CAMPAIGNS = 3
TOUCHES_SHOWN = 5
# With fewer touches nothing can be said of a source.
FEW_TOUCHES = 5


class MarketingCampaignReview(models.Model):
    """The figures of a review: from the ROI report, the targets and the benchmarks."""

    _inherit = "marketing.campaign.review"

    def _take_figures(self):
        for review in self:
            own = review.with_company(review.company_id).with_context(
                allowed_company_ids=review.company_id.ids
            )
            own._take_own_figures()

    def _take_own_figures(self):
        figures = self.env["marketing.report.figures"]
        domain = self.campaign_id._get_report_domain()
        total = figures._get_total(domain)
        ratios = figures._get_ratios()
        values = {
            name: ratio_value(ratios[name], total, figures._get_needs(name)) for name in ratios
        } | total
        touches = self._get_touches(domain)
        lines = [
            *self._prepare_plan_lines(values),
            *self._prepare_funnel_lines(total),
            *self._prepare_touch_lines(touches),
        ]
        # sudo: figures are taken from the report and never typed
        self.sudo().write(
            {
                "line_ids": [fields.Command.clear(), *map(fields.Command.create, lines)],
                "date_figures": fields.Datetime.now(),
                "cost_amount": values["cost_actual"],
                "revenue_amount": values["revenue_invoiced"],
                "is_roi_known": values["roi"] is not None,
                "roi": values["roi"] or 0.0,
                "medium_id": self._get_main_medium(touches),
            }
        )

    # ------------------------------------------------------------------ sections

    def _prepare_plan_lines(self, values):
        """Budget and targets beside what came of them, and what is usual for the type."""
        targets = {
            TARGET_MEASURES[target.metric]: target.target_value
            for target in self.campaign_id.target_ids
            if target.metric in TARGET_MEASURES
        }
        if "roi" in targets:
            targets["roi"] /= 100  # typed in percent
        usual = self._get_usual()
        planned = {"cost_actual": values["cost_planned"] or None} | targets
        names = dict.fromkeys(["cost_actual", "revenue_invoiced", *targets, *BENCHMARKED])
        return [
            self._prepare_line(
                "plan", number, name, values[name], planned.get(name), usual.get(name)
            )
            for number, name in enumerate(names)
        ]

    def _get_usual(self):
        """Medians of the campaigns of the same type, by measure; nothing of too few."""
        if not self.type_id:
            return {}
        benchmarks = self.env["marketing.roi.benchmark"].search(
            [
                ("dimension", "=", "type"),
                ("type_id", "=", self.type_id.id),
                ("company_id", "=", self.company_id.id),
                ("campaign_count", ">=", FEW_CAMPAIGNS),
            ]
        )
        return {benchmark.metric: benchmark.median for benchmark in benchmarks}

    def _prepare_funnel_lines(self, total):
        names = self.env["marketing.report.figures"]._get_funnel_measures()
        before, lines = None, []
        for number, name in enumerate(names):
            share = share_of_step(total[name], before)
            lines.append(self._prepare_line("funnel", number, name, total[name], share=share))
            before = total[name]
        return lines

    def _get_touches(self, domain):
        """Sums by channel and source of the touches."""
        return self.env["marketing.report.figures"]._get_sums(
            domain,
            ["medium_id", "source_id"],
            ["touch_count", "lead_count", "conversion_count", "revenue_invoiced"],
        )

    def _prepare_touch_lines(self, touches):
        """Most and least revenue per touch, among what was tried often enough."""
        tried = [group for group in touches if group[1]["touch_count"] >= FEW_TOUCHES]
        tried.sort(key=lambda group: -group[1]["revenue_invoiced"] / group[1]["touch_count"])
        best = [group for group in tried if group[1]["revenue_invoiced"] > 0][:TOUCHES_SHOWN]
        worst = [group for group in reversed(tried) if group not in best][:TOUCHES_SHOWN]
        return [
            {
                "section": section,
                "sequence": number,
                "medium_id": medium.id,
                "source_id": source.id,
                "touch_count": sums["touch_count"],
                "lead_count": sums["lead_count"],
                "conversion_count": sums["conversion_count"],
                "actual_value": sums["revenue_invoiced"],
                "is_actual_known": True,
                "measure": "revenue_invoiced",
            }
            for section, groups in (("best", best), ("worst", worst))
            for number, ((medium, source), sums) in enumerate(groups)
        ]

    def _get_main_medium(self, touches):
        counts = {}
        for (medium, _source), sums in touches:
            if medium:
                counts[medium.id] = counts.get(medium.id, 0) + sums["touch_count"]
        return max(counts, key=counts.get) if any(counts.values()) else False

    @api.model
    def _prepare_line(self, section, number, name, actual, planned=None, usual=None, share=None):
        vals = {"section": section, "sequence": number, "measure": name}
        for key, value in (
            ("actual", actual),
            ("planned", planned),
            ("usual", usual),
            ("share", share),
        ):
            vals[f"{key}_value"] = value or 0.0
            vals[f"is_{key}_known"] = value is not None
        return vals


class MarketingCampaignReviewLine(models.Model):
    """One figure of a review, as it was. Texts are made for whoever reads."""

    _name = "marketing.campaign.review.line"
    _description = "Figure of a Campaign Review"
    _order = "review_id, section, sequence, id"

    review_id = fields.Many2one(
        "marketing.campaign.review", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="review_id.company_id", store=True, index=True)
    section = fields.Selection(SECTIONS, required=True)
    sequence = fields.Integer()
    measure = fields.Char(required=True)
    label = fields.Char(string="Figure", compute="_compute_texts")
    actual_value = fields.Float()
    is_actual_known = fields.Boolean()
    planned_value = fields.Float()
    is_planned_known = fields.Boolean()
    usual_value = fields.Float()
    is_usual_known = fields.Boolean()
    share_value = fields.Float()
    is_share_known = fields.Boolean()
    actual_text = fields.Char(string="Actual", compute="_compute_texts")
    planned_text = fields.Char(string="Planned", compute="_compute_texts")
    usual_text = fields.Char(string="Usual for the Type", compute="_compute_texts")
    share_text = fields.Char(string="Of the Step Before", compute="_compute_texts")
    medium_id = fields.Many2one("utm.medium", string="Channel", ondelete="set null")
    source_id = fields.Many2one("utm.source", ondelete="set null")
    touch_count = fields.Integer(string="Touches")
    lead_count = fields.Integer(string="Leads")
    conversion_count = fields.Float(string="Conversions")

    @api.depends("measure", "actual_value", "planned_value", "usual_value", "share_value")
    @api.depends_context("lang")
    def _compute_texts(self):
        for line in self:
            page = self.env["marketing.report.page"].with_company(line.company_id)
            line.label = self.env["marketing.report.figures"]._get_label(line.measure)
            for key in ("actual", "planned", "usual"):
                value = line[f"{key}_value"] if line[f"is_{key}_known"] else None
                line[f"{key}_text"] = page._format(line.measure, value)
            line.share_text = page._format_rate(line.share_value if line.is_share_known else None)
