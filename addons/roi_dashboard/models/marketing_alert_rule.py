from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import robust
from .marketing_report_export import READERS
from .marketing_report_figures import MAIN_MEASURES

FINANCE = "marketing_campaign_ext.group_campaign_finance"


class MarketingAlertRule(models.Model):
    """What somebody wants to be told of: one measure, over one kind of period, for each subject.

    The last complete period of each subject (everything together, each campaign, each channel) is
    judged every day:

    * threshold: the figure itself is above or below the limit;
    * change: it rose or fell against the period before by more than the limit, in percent;
    * deviation: it lies further from the median of the own earlier periods than the limit, in
      robust standard deviations (see ``tools/robust.py``).

    What cannot be computed is no alert. A subject that was told of rests for the cool-down. Rules
    are off until somebody switches them on.
    """

    _name = "marketing.alert.rule"
    _description = "Marketing Alert Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(string="On", default=False)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    # What is looked at
    measure = fields.Selection(selection="_selection_measure", required=True)
    is_finance_only = fields.Boolean(
        compute="_compute_is_finance_only",
        store=True,
        help="Margins are for finance; alerts on them go to nobody else.",
    )
    model_id = fields.Many2one("marketing.attribution.model", string="Attribution Model")
    subject = fields.Selection(
        [
            ("total", "Everything Together"),
            ("campaign", "Each Campaign"),
            ("medium", "Each Channel"),
        ],
        string="Of",
        required=True,
        default="campaign",
    )
    campaign_ids = fields.Many2many(
        "utm.campaign",
        string="Only Campaigns",
        domain="[('is_template', '=', False)]",
        help="Empty: all campaigns.",
    )
    unit = fields.Selection(
        [("day", "Day"), ("week", "Week"), ("month", "Month"), ("quarter", "Quarter")],
        string="Over Each",
        required=True,
        default="month",
    )
    minimum_cost = fields.Monetary(
        string="If It Cost at Least",
        help="Subjects that cost less in the period are too small to alarm anybody.",
    )

    # What is too much
    kind = fields.Selection(
        [
            ("threshold", "Is beyond a Limit"),
            ("change", "Changed against the Period Before"),
            ("deviation", "Deviates from Its Own History"),
        ],
        string="When It",
        required=True,
        default="threshold",
    )
    direction = fields.Selection(
        [("above", "Above"), ("below", "Below"), ("both", "Both")],
        required=True,
        default="above",
    )
    limit_value = fields.Float(
        string="Limit",
        required=True,
        digits=(16, 2),
        help="Rates and changes in percent; deviations in robust standard deviations (3.5 is "
        "usual for an outlier).",
    )
    history_count = fields.Integer(
        string="Periods of History", default=12, help="How many earlier periods are compared with."
    )
    cooldown_days = fields.Integer(
        string="Cool-down (days)",
        default=14,
        help="A subject that was told of is not told of again for so long.",
    )

    # Who is told
    user_ids = fields.Many2many("res.users", string="Recipients")
    channel_id = fields.Many2one("discuss.channel", string="Channel", ondelete="set null")
    has_activity = fields.Boolean(
        string="Activity for the Responsible",
        help="A to-do on the campaign for the person responsible for it.",
    )
    alert_ids = fields.One2many("marketing.alert", "rule_id")
    alert_count = fields.Integer(compute="_compute_alert_count")

    _cooldown_positive = models.Constraint(
        "CHECK(cooldown_days >= 0)", "The cool-down cannot be negative."
    )
    _limit_sensible = models.Constraint(
        "CHECK(kind = 'threshold' OR limit_value > 0)",
        "The limit of a change or a deviation must be above zero; the direction says which way.",
    )
    _threshold_direction = models.Constraint(
        "CHECK(kind != 'threshold' OR direction != 'both')",
        "A threshold is exceeded or undercut: choose above or below.",
    )

    @api.model
    def _selection_measure(self):
        """The measures and ratios of the ROI report, bridges' included."""
        report = self.env["marketing.roi.report"]
        names = [name for name in MAIN_MEASURES if name in report._fields]
        names += list(report._get_ratios())
        labels = report.fields_get(names, ["string"])
        return [
            (name, labels[name]["string"] if name in labels else report._fields[name].string)
            for name in names
        ]

    @api.depends("measure")
    def _compute_is_finance_only(self):
        report = self.env["marketing.roi.report"]
        for rule in self:
            rule.is_finance_only = bool(rule.measure and report._fields[rule.measure].groups)

    @api.depends("alert_ids")
    def _compute_alert_count(self):
        counts = dict(
            self.env["marketing.alert"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.alert_count = counts.get(rule, 0)

    @api.constrains("kind", "history_count")
    def _check_history_count(self):
        for rule in self:
            if rule.kind == "deviation" and rule.history_count < robust.MINIMUM:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: fewer than %(count)s periods are no history.",
                        rule=rule.name,
                        count=robust.MINIMUM,
                    )
                )

    @api.constrains("user_ids", "measure", "company_id", "channel_id")
    def _check_recipients(self):
        for rule in self:
            refused = rule.user_ids - rule._get_readers(rule.user_ids)
            if refused:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: %(users)s may not read this figure in %(company)s.",
                        rule=rule.name,
                        users=", ".join(refused.mapped("name")),
                        company=rule.company_id.name,
                    )
                )
            if rule.channel_id and rule.is_finance_only:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: margins are for finance and are not told in a channel.",
                        rule=rule.name,
                    )
                )

    @api.constrains("has_activity", "subject")
    def _check_activity(self):
        for rule in self:
            if rule.has_activity and rule.subject != "campaign":
                raise ValidationError(
                    self.env._(
                        "%(rule)s: only campaigns have a person responsible.", rule=rule.name
                    )
                )

    def _get_readers(self, users):
        """Of some people, those who may read the figure of the rule."""
        self.ensure_one()
        groups = FINANCE if self.is_finance_only else READERS
        # sudo: roles and companies of other people
        return users.sudo().filtered(
            lambda user: (
                user.active and user.has_groups(groups) and self.company_id in user.company_ids
            )
        )

    def action_open_alerts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "roi_dashboard.marketing_alert_action"
        )
        action["domain"] = [("rule_id", "=", self.id)]
        return action

    def action_check_now(self):
        """What the rules would tell today, told."""
        self.check_access("write")
        # sudo: the ledger of alerts is written by the rules alone
        alerts = self.sudo()._run_checks()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if alerts else "success",
                "message": self.env._("%(count)s alerts.", count=len(alerts)),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
