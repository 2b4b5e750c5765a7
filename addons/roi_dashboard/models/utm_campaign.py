from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, ormcache
from odoo.tools.misc import formatLang

from ..tools import kpi

READERS = "marketing_campaign_ext.group_campaign_user,marketing_campaign_ext.group_campaign_finance"
MEASURES = (
    "cost_actual",
    "revenue_invoiced",
    "pipeline_amount",
    "pipeline_weighted",
    "conversion_count",
)
STARTED = ("running", "done")


class UtmCampaign(models.Model):
    """What a campaign and its programme returned, under the model chosen for ROI.

    Money is in the currency of the company one works in, as in the ROI report these figures are
    read from. A ratio without a basis is shown as a dash; a campaign younger than the usual time
    from first touch to order is not judged.
    """

    _inherit = "utm.campaign"

    roi_currency_id = fields.Many2one("res.currency", compute="_compute_return", groups=READERS)
    roi_cost_amount = fields.Monetary(
        string="Cost",
        compute="_compute_return",
        currency_field="roi_currency_id",
        groups=READERS,
    )
    roi_revenue_amount = fields.Monetary(
        string="Attributed Revenue",
        compute="_compute_return",
        currency_field="roi_currency_id",
        groups=READERS,
        help="Invoiced revenue net of credit notes, the share of this campaign and those below it.",
    )
    roi_pipeline_amount = fields.Monetary(
        string="Weighted Pipeline",
        compute="_compute_return",
        currency_field="roi_currency_id",
        groups=READERS,
    )
    roi_conversion_count = fields.Float(
        string="Conversions", compute="_compute_return", groups=READERS, digits=(16, 2)
    )
    roi_text = fields.Char(string="Actual ROI", compute="_compute_return", groups=READERS)
    roi_expected_text = fields.Char(
        string="Expected ROI",
        compute="_compute_return",
        groups=READERS,
        help="(Revenue + weighted pipeline - forecast cost) / forecast cost. The range: all open "
        "deals lost, all won.",
    )
    date_break_even = fields.Date(
        string="Broke Even on",
        compute="_compute_return",
        groups=READERS,
        help="Since this day the revenue so far covers the cost so far.",
    )
    is_too_young = fields.Boolean(
        string="Too Young to Judge",
        compute="_compute_age",
        groups=READERS,
        help="Younger than the median time from first touch to order, or not started yet.",
    )

    @api.depends("state", "date_start", "date_started")
    @api.depends_context("company", "allowed_company_ids")
    def _compute_age(self):
        cycle = self._get_median_cycle_days()
        today = fields.Date.context_today(self)
        for campaign in self:
            start = campaign.date_started or campaign.date_start
            age = (today - start).days if start else None
            campaign.is_too_young = bool(start and start > today) or kpi.is_too_young(age, cycle)

    @api.depends("parent_path", "cost_forecast_total")
    @api.depends_context("company", "allowed_company_ids", "lang")
    def _compute_return(self):
        currency = self.env.company.currency_id
        sums = self._get_return_sums(["campaign_id"])
        days = self._get_daily_returns()
        for campaign in self:
            total = campaign._sum_programme(sums)
            forecast = campaign.currency_id._convert(
                campaign.cost_forecast_total,
                currency,
                self.env.company,
                fields.Date.context_today(self),
            )
            campaign.roi_currency_id = currency
            campaign.roi_cost_amount = total["cost_actual"]
            campaign.roi_revenue_amount = total["revenue_invoiced"]
            campaign.roi_pipeline_amount = total["pipeline_weighted"]
            campaign.roi_conversion_count = total["conversion_count"]
            campaign.roi_text = self._format_rate(
                kpi.roi(total["revenue_invoiced"], total["cost_actual"])
            )
            campaign.roi_expected_text = self._format_expectation(
                kpi.expected_roi(
                    total["revenue_invoiced"],
                    total["pipeline_amount"],
                    total["pipeline_weighted"],
                    max(forecast, total["cost_actual"]),
                )
            )
            campaign.date_break_even = kpi.break_even(days[campaign._origin.id])

    @api.depends("is_too_young")
    def _compute_performance(self):
        """Judge no campaign before its time: revenue and ROI are what the ROI report shows."""
        result = super()._compute_performance()
        for campaign in self.filtered("is_too_young"):
            if campaign.roi_label != "—":
                campaign.roi_label = self.env._("too early")
        return result

    # ------------------------------------------------------------------ figures

    def _get_return_sums(self, groupby, companies=None):
        """Sums over each campaign of the programmes of the set, in the user's currency."""
        if not self._origin.ids:
            return {}
        companies = companies or self.env.companies
        groups = self.env["marketing.roi.report"]._read_group(
            [
                ("campaign_id", "in", self._get_programme().ids),
                ("company_id", "in", companies.ids),
                ("fact", "in", ("cost", "invoiced", "conversion", "pipeline")),
            ],
            groupby,
            [f"{name}:sum" for name in MEASURES],
        )
        return {
            key[0]: dict(zip(MEASURES, map(float, values), strict=True))
            for key, values in ((row[:1], row[1:]) for row in groups)
        }

    def _sum_programme(self, sums):
        """Add up what campaigns below this one brought; each row counts once."""
        total = dict.fromkeys(MEASURES, 0.0)
        marker = f"/{self._origin.id}/"
        for campaign, values in sums.items():
            if marker in f"/{campaign.parent_path}":
                for name, value in values.items():
                    total[name] += value
        return total

    def _get_daily_returns(self):
        """``(day, cost, revenue)`` of each campaign's programme, for the break-even date."""
        daily = defaultdict(list)
        if not self._origin.ids:
            return daily
        groups = self.env["marketing.roi.report"]._read_group(
            [
                ("campaign_id", "in", self._get_programme().ids),
                ("company_id", "in", self.env.companies.ids),
                ("fact", "in", ("cost", "invoiced")),
            ],
            ["campaign_id", "date:day"],
            ["cost_actual:sum", "revenue_invoiced:sum"],
        )
        wanted = set(self._origin.ids)
        for campaign, day, cost, revenue in groups:
            for ancestor in map(int, campaign.parent_path.split("/")[:-1]):
                if ancestor in wanted and day:
                    daily[ancestor].append((day, float(cost), float(revenue)))
        return daily

    @api.model
    def _get_median_cycle_days(self):
        """Median days from the first touch to the order, in the chosen companies."""
        [(last_run,)] = self.env.execute_query(SQL("SELECT MAX(id) FROM marketing_attribution_run"))
        return self._compute_median_cycle_days(tuple(self.env.companies.ids), last_run)

    @api.model
    @ormcache("company_ids", "last_run")
    def _compute_median_cycle_days(self, company_ids, last_run):
        """Conversions change with a run of the attribution only."""
        [(median,)] = self.env.execute_query(
            SQL(
                """
                SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (
                           ORDER BY EXTRACT(EPOCH FROM date - date_first_touch) / 86400)
                  FROM marketing_attribution_conversion
                 WHERE date_first_touch IS NOT NULL AND kind != 'pipeline'
                   AND company_id = ANY(%s)
                """,
                list(company_ids),
            )
        )
        return median

    @api.model
    def _format_rate(self, rate):
        if rate is None:
            return "—"
        return f"{formatLang(self.env, 100 * rate, digits=0)} %"

    @api.model
    def _format_expectation(self, answer):
        if answer.expected is None:
            return "—"
        return self.env._(
            "%(expected)s (%(low)s to %(high)s)",
            expected=self._format_rate(answer.expected),
            low=self._format_rate(answer.low),
            high=self._format_rate(answer.high),
        )

    # ------------------------------------------------------------------ consequences

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:  # touches and leads without company are their campaign's
            for table in ("marketing_touchpoint", "crm_lead"):
                self.env["marketing.roi.stale.day"]._mark(
                    table, SQL("campaign_id = ANY(%s)", self.ids)
                )
        return result

    # ------------------------------------------------------------------ actions

    def action_open_roi(self):
        """The rows behind the figures: this campaign and those below it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "roi_dashboard.marketing_roi_report_action"
        )
        action["display_name"] = self.env._("ROI of %(campaign)s", campaign=self.title)
        action["domain"] = [("campaign_id", "child_of", self.id)]
        action["context"] = {"search_default_group_fact": 1}
        action["path"] = False
        return action

    @api.ondelete(at_uninstall=False)
    def _unlink_except_credited(self):
        """A campaign that was credited is part of the figures of others; archive it instead."""
        # sudo: the figures of other companies count too
        credited = (
            self.env["marketing.attribution.credit"]
            .sudo()
            .search([("campaign_id", "in", self.ids)], limit=1)
        )
        if credited:
            raise UserError(
                self.env._(
                    "%(campaign)s is credited with conversions and cannot be deleted. "
                    "Archive it instead.",
                    campaign=credited.campaign_id.title,
                )
            )
