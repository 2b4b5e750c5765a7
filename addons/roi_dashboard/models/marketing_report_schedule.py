from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import get_lang

from ..tools.calendar_periods import last_period, period_start, shift
from .marketing_report_export import KINDS, READERS

UNITS = [("week", "Week"), ("month", "Month"), ("quarter", "Quarter"), ("year", "Year")]


class MarketingReportSchedule(models.Model):
    """A report of each week, month, quarter or year, mailed when the period is over.

    Each recipient gets a file of one's own, with the figures one may read: margins are in the
    workbook of finance and not in the marketer's. Who lost the role, or works in another company,
    gets nothing.
    """

    _name = "marketing.report.schedule"
    _description = "Scheduled Marketing Report"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(KINDS, string="Report", required=True, default="review")
    unit = fields.Selection(UNITS, string="Each", required=True, default="month")
    days_after = fields.Integer(
        string="Days after Its End",
        default=3,
        help="Bills and invoices of a period arrive some days after it.",
    )
    date_next = fields.Date(
        string="Next on", compute="_compute_date_next", store=True, readonly=False
    )
    user_ids = fields.Many2many("res.users", string="Recipients", required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    model_id = fields.Many2one("marketing.attribution.model", string="Attribution Model")
    campaign_ids = fields.Many2many(
        "utm.campaign", string="Campaigns", domain="[('is_template', '=', False)]"
    )
    has_rows = fields.Boolean(string="With All Rows")
    export_ids = fields.One2many("marketing.report.export", "schedule_id", readonly=True)

    _days_positive = models.Constraint(
        "CHECK(days_after >= 0)", "A report cannot be sent before its period is over."
    )

    @api.depends("unit", "days_after")
    def _compute_date_next(self):
        for schedule in self:
            schedule.date_next = schedule._get_date_next(fields.Date.context_today(schedule))

    def _get_date_next(self, today):
        """The first sending after a day."""
        start = period_start(today, self.unit or "month", self._get_week_start())
        day = fields.Date.add(start, days=self.days_after)
        if day <= today:
            day = fields.Date.add(shift(start, self.unit or "month", 1), days=self.days_after)
        return day

    @api.model
    def _get_week_start(self):
        return int(get_lang(self.env).week_start)

    @api.constrains("user_ids", "company_id")
    def _check_user_ids(self):
        """Only people who may read the figures."""
        for schedule in self:
            # sudo: roles and companies of other people
            for user in schedule.user_ids.sudo():
                if not user.has_groups(READERS) or schedule.company_id not in user.company_ids:
                    raise ValidationError(
                        self.env._(
                            "%(user)s may not read the campaigns of %(company)s: give the role "
                            "first, or leave the person out.",
                            user=user.name,
                            company=schedule.company_id.name,
                        )
                    )

    def action_send_now(self):
        self.ensure_one()
        self.check_access("write")
        self._send()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The reports are being made and mailed."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @api.model
    def _cron_send(self):
        today = fields.Date.context_today(self)
        due = self.search([("date_next", "<=", today)])
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for schedule in due:
            schedule._send()
            schedule.date_next = schedule._get_date_next(today)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _send(self):
        """One report per recipient who may still read it, made by the job."""
        self.ensure_one()
        start, end = last_period(fields.Date.context_today(self), self.unit, self._get_week_start())
        # sudo: roles and companies of other people
        readers = self.user_ids.sudo().filtered(
            lambda user: (
                user.active and user.has_groups(READERS) and self.company_id in user.company_ids
            )
        )
        # sudo: reports of others are asked for by the schedule alone
        self.env["marketing.report.export"].sudo().create(
            [
                {
                    "kind": self.kind,
                    "user_id": user.id,
                    "schedule_id": self.id,
                    "date_from": start,
                    "date_to": end,
                    "company_id": self.company_id.id,
                    "company_ids": [(6, 0, self.company_id.ids)],
                    "model_id": self.model_id.id,
                    "campaign_ids": [(6, 0, self.campaign_ids.ids)],
                    "has_rows": self.has_rows,
                }
                for user in readers
            ]
        )._enqueue()
