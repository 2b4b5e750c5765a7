from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import money, pace


class MarketingBudgetLine(models.Model):
    """What a campaign plans to spend on one category in one period."""

    _name = "marketing.budget.line"
    _description = "Campaign Budget Line"
    _order = "campaign_id, date_from, sequence, id"
    _rec_name = "category_id"

    campaign_id = fields.Many2one(
        "utm.campaign", string="Campaign", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    category_id = fields.Many2one(
        "marketing.cost.category", string="Category", index=True, ondelete="restrict"
    )
    name = fields.Char(string="Note")
    date_from = fields.Date(
        string="From",
        required=True,
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_to = fields.Date(
        string="To",
        required=True,
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary(required=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_spreadable = fields.Boolean(compute="_compute_is_spreadable")

    _amount_positive = models.Constraint("CHECK(amount >= 0)", "A budget line cannot be negative.")
    _date_order = models.Constraint(
        "CHECK(date_to >= date_from)", "The period of a budget line cannot end before it starts."
    )

    @api.depends("campaign_id")
    def _compute_dates(self):
        today = fields.Date.context_today(self)
        for line in self:
            campaign = line.campaign_id
            line.date_from = line.date_from or campaign.date_start or today
            line.date_to = max(line.date_to or campaign.date_end or line.date_from, line.date_from)

    @api.depends("date_from", "date_to")
    def _compute_is_spreadable(self):
        for line in self:
            first, last = line.date_from, line.date_to
            line.is_spreadable = bool(
                first and last and (first.year, first.month) != (last.year, last.month)
            )

    @api.constrains("company_id", "campaign_id")
    def _check_company_id(self):
        for line in self:
            if not line.company_id and not line.campaign_id.is_template:
                raise ValidationError(
                    self.env._(
                        "%(campaign)s is shared by all companies and cannot hold a budget itself. "
                        "Choose the company that pays, or plan the budget on campaigns below it.",
                        campaign=line.campaign_id.title,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.campaign_id._check_budget_unlocked()
        return lines

    def write(self, vals):
        self.campaign_id._check_budget_unlocked()
        result = super().write(vals)
        if "campaign_id" in vals:
            self.campaign_id._check_budget_unlocked()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_if_budget_unlocked(self):
        self.campaign_id._check_budget_unlocked()

    def action_spread_over_months(self):
        """Cut each line at month ends, in proportion to the days, without losing a cent."""
        for line in self.filtered("is_spreadable"):
            months = pace.months_between(line.date_from, line.date_to)
            currency = line.currency_id or line.campaign_id.currency_id
            shares = money.apportion(
                line.amount, [(last - first).days + 1 for first, last in months], currency.rounding
            )
            parts = [
                {"date_from": first, "date_to": last, "amount": share}
                for (first, last), share in zip(months, shares, strict=True)
            ]
            for part in parts[1:]:
                line.copy(part)
            line.write(parts[0])

    def action_open_campaign(self):
        """Budget lines are planned on their campaign."""
        self.ensure_one()
        return self.campaign_id._get_records_action()

    def _prepare_revision_line_vals(self):
        self.ensure_one()
        return {
            "budget_line_id": self.id,
            "category_id": self.category_id.id,
            "name": self.name,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "amount_before": self.amount,
            "amount_after": self.amount,
        }
