from odoo import api, fields, models
from odoo.tools.misc import format_amount, formatLang

from ..tools import pace

METRICS = [
    ("touches", "Touches"),
    ("registrations", "Registrations"),
    ("leads", "Leads"),
    ("opportunities", "Opportunities"),
    ("won", "Won Opportunities"),
    ("revenue", "Invoiced Revenue"),
    ("cost_per_lead", "Cost per Lead"),
    ("roi", "Return on Investment"),
]


class MarketingCampaignTargetMixin(models.AbstractModel):
    """A metric and the value it should reach; bridges add metrics to the selection.

    For a metric of one's own add it with ``selection_add``, and a measure or a formula:
    ``utm.campaign._measure_<metric>()`` gives own values by campaign id, or
    ``_formula_<metric>(measures)`` computes it from the measures named in ``_get_formulas``.
    """

    _name = "marketing.campaign.target.mixin"
    _description = "Target of a Campaign or of a Campaign Type"

    sequence = fields.Integer(default=10)
    metric = fields.Selection(METRICS, required=True)
    target_value = fields.Float(string="Target", required=True)


class MarketingCampaignTarget(models.Model):
    """What a campaign and everything below it should reach, and how it is doing.

    The actual value is counted from the records of Odoo over the campaign and its programme;
    nothing is typed. The forecast carries the present pace on to the planned end; ratios have no
    pace, their forecast is what they are now. What cannot be computed is shown as a dash.
    """

    _name = "marketing.campaign.target"
    _inherit = ["marketing.campaign.target.mixin"]
    _description = "Campaign Target"
    _order = "campaign_id, sequence, id"
    _rec_name = "metric"

    campaign_id = fields.Many2one("utm.campaign", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    is_known = fields.Boolean(compute="_compute_actual_value")
    actual_value = fields.Float(string="Actual", compute="_compute_actual_value")
    progress_percent = fields.Float(string="Progress", compute="_compute_actual_value")
    forecast_value = fields.Float(string="Forecast", compute="_compute_actual_value")
    is_forecast_known = fields.Boolean(compute="_compute_actual_value")
    target_label = fields.Char(string="Target Value", compute="_compute_labels")
    actual_label = fields.Char(string="Actual Value", compute="_compute_labels")
    forecast_label = fields.Char(string="Forecast at Pace", compute="_compute_labels")

    _metric_unique = models.Constraint(
        "UNIQUE(campaign_id, metric)", "A metric has one target in a campaign."
    )

    @api.depends("metric", "target_value", "campaign_id.date_start", "campaign_id.date_end")
    @api.depends_context("allowed_company_ids")
    def _compute_actual_value(self):
        values = self.campaign_id._origin._get_metric_values(set(self.mapped("metric")) - {False})
        today = fields.Date.context_today(self)
        ratios = self.env["utm.campaign"]._get_formulas()
        for target in self:
            campaign = target.campaign_id._origin
            actual = values.get(target.metric, {}).get(campaign.id)
            elapsed = pace.elapsed_rate(
                campaign.date_start or campaign.date_started, campaign.date_end, today
            )
            forecast = actual
            if actual is not None and target.metric not in ratios:
                forecast = pace.forecast_at_pace(actual, elapsed)
            progress = pace.progress_rate(
                actual, target.target_value, target.metric in self._get_lower_is_better()
            )
            target.is_known = actual is not None
            target.actual_value = actual or 0.0
            target.is_forecast_known = forecast is not None
            target.forecast_value = forecast or 0.0
            target.progress_percent = 100 * max(progress or 0.0, 0.0)

    @api.depends("metric", "target_value", "actual_value", "forecast_value")
    @api.depends_context("lang")
    def _compute_labels(self):
        for target in self:
            target.target_label = target._format(target.target_value)
            target.actual_label = target._format(target.actual_value, target.is_known)
            target.forecast_label = target._format(target.forecast_value, target.is_forecast_known)

    def _format(self, value, is_known=True):
        self.ensure_one()
        if not is_known:
            return "—"
        if self.metric in self._get_money_metrics():
            return format_amount(self.env, value, self.campaign_id.currency_id)
        if self.metric in self._get_rate_metrics():
            return f"{formatLang(self.env, value, digits=0)} %"
        return formatLang(self.env, value, digits=0)

    @api.model
    def _get_money_metrics(self):
        return {"revenue", "cost_per_lead"}

    @api.model
    def _get_rate_metrics(self):
        """Metrics in percent."""
        return {"roi"}

    @api.model
    def _get_lower_is_better(self):
        return {"cost_per_lead"}
