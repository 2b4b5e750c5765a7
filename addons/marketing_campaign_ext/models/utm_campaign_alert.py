from odoo import api, fields, models

from ..tools import money
from .utm_campaign import PLAN_READERS

ALERT_ACTIVITY = "marketing_campaign_ext.mail_activity_type_budget_alert"


class UtmCampaign(models.Model):
    """Tell the responsible when a budget is nearly or fully used, or used too fast; once each.

    The levels already told are kept on the campaign. Falling below a level, by a refund or a
    larger budget, forgets it: the next crossing is told again.
    """

    _inherit = "utm.campaign"

    spend_pace = fields.Float(
        string="Pace",
        compute="_compute_spend_pace",
        groups=PLAN_READERS,
        aggregator=None,
        help="Share of the budget spent over share of the time passed: 1 is on plan, 2 is twice "
        "as fast as the calendar.",
    )
    alert_level = fields.Integer(
        readonly=True, copy=False, groups=PLAN_READERS, help="Last budget level told, in percent."
    )
    is_pace_alerted = fields.Boolean(readonly=True, copy=False, groups=PLAN_READERS)

    @api.depends("cost_actual", "budget_amount", "date_start", "date_end")
    @api.depends_context("company", "allowed_company_ids", "tz")
    def _compute_spend_pace(self):
        for campaign in self:
            campaign.spend_pace = (
                money.pace(campaign.cost_actual, campaign.budget_amount, campaign._get_elapsed())
                or 0.0
            )

    def _get_elapsed(self):
        """Share of the campaign's time that has passed; None when it has no period."""
        self.ensure_one()
        if not self.date_start or not self.date_end:
            return None
        today = fields.Date.context_today(self)
        return money.elapsed_rate(
            self.date_start.toordinal(), self.date_end.toordinal(), today.toordinal()
        )

    @api.model
    def _cron_budget_alerts(self):
        """Look at every running campaign of the companies that want alerts."""
        for company in self.env["res.company"].search([("campaign_alerts", "=", True)]):
            self.with_company(company).with_context(allowed_company_ids=company.ids).search(
                [
                    ("company_id", "=", company.id),
                    ("state", "in", ("approved", "running")),
                    ("budget_amount", ">", 0),
                ]
            )._alert_on_budget()

    def _alert_on_budget(self):
        """Schedule an activity for each level or pace crossed since the last look."""
        for campaign in self:
            # The responsible reads the alert in the language he works in.
            campaign.with_context(
                lang=campaign.user_id.lang or self.env.lang
            )._alert_on_own_budget()

    def _alert_on_own_budget(self):
        self.ensure_one()
        level = money.alert_level(self.budget_used_rate)
        if level > self.alert_level:
            self._schedule_alert(self._describe_level(level))
        if level != self.alert_level:
            self.alert_level = level
        limit = (self.company_id or self.env.company).campaign_alert_pace
        is_fast = bool(limit) and self.spend_pace > limit
        if is_fast and not self.is_pace_alerted:
            self._schedule_alert(self._describe_pace())
        if is_fast != self.is_pace_alerted:
            self.is_pace_alerted = is_fast

    def _schedule_alert(self, summary):
        self.ensure_one()
        show = self.currency_id.format
        self.activity_schedule(
            ALERT_ACTIVITY,
            user_id=self.user_id.id,
            summary=summary,
            note=self.env._(
                "Budget %(budget)s, committed %(committed)s, actual %(actual)s, remaining "
                "%(remaining)s, forecast %(forecast)s.",
                budget=show(self.budget_amount),
                committed=show(self.cost_committed),
                actual=show(self.cost_actual),
                remaining=show(self.budget_remaining),
                forecast=show(self.cost_forecast),
            ),
        )

    def _describe_level(self, level):
        if level >= 100:
            return self.env._("The budget is used up")
        return self.env._("%s%% of the budget is used", level)

    def _describe_pace(self):
        return self.env._(
            "Spending is %(pace)s times as fast as planned", pace=f"{self.spend_pace:.1f}"
        )


class ResCompany(models.Model):
    _inherit = "res.company"

    campaign_alerts = fields.Boolean(
        string="Budget Alerts",
        help="Tell the responsible of a campaign at 80% and 100% of its budget, and when it is "
        "spent faster than planned.",
    )
    campaign_alert_pace = fields.Float(
        string="Pace Alert",
        default=1.25,
        help="Spending this many times as fast as the calendar is told; 0 tells nothing.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    campaign_alerts = fields.Boolean(related="company_id.campaign_alerts", readonly=False)
    campaign_alert_pace = fields.Float(related="company_id.campaign_alert_pace", readonly=False)
