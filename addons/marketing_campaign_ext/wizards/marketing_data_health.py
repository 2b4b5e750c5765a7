from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.utm_campaign import MANAGER, MARKETER
from ..tools.variants import find_variants

ACCOUNTANT = "account.group_account_invoice"
LIST = [(False, "list")]
LIST_FORM = [(False, "list"), (False, "form")]
CHECKS = [
    ("unassigned", "1_high", "marketing.tie.out", LIST),
    ("late_cost", "1_high", "marketing.cost.report", LIST),
    ("over_budget", "1_high", "utm.campaign", LIST_FORM),
    ("no_cost", "2_low", "utm.campaign", LIST_FORM),
    ("no_budget", "2_low", "utm.campaign", LIST_FORM),
    ("uncategorised", "2_low", "marketing.cost.report", LIST),
    ("old_accrual", "2_low", "marketing.cost.line", LIST_FORM),
    ("variants", "2_low", "utm.campaign", LIST_FORM),
    ("no_end", "2_low", "utm.campaign", LIST_FORM),
]
# Who may repair what a check has found
REPAIRERS = {
    "unassigned": ACCOUNTANT,
    "late_cost": MARKETER,
    "over_budget": MARKETER,
    "no_cost": MARKETER,
    "no_budget": MARKETER,
    "uncategorised": MANAGER,
    "old_accrual": ACCOUNTANT,
    "variants": MANAGER,
    "no_end": MARKETER,
}


class MarketingDataHealth(models.TransientModel):
    """What is wrong with the money of campaigns today: one row per check, with a count and a way.

    A check counts and opens records with the rights of the reader; what one may not read is not
    counted and its check is left out. Who may repair it has a button that does, or that opens what
    does; see ``marketing_data_health_fix``. Bridges add checks to ``_get_checks``.
    """

    _name = "marketing.data.health"
    _description = "Data Health of Campaign Money"
    _order = "severity, sequence, id"

    name = fields.Char(string="Check", readonly=True)
    advice = fields.Char(string="What to Do", readonly=True)
    sequence = fields.Integer()
    code = fields.Char(readonly=True)
    count = fields.Integer(readonly=True)
    severity = fields.Selection(
        [("1_high", "Wrong figures"), ("2_low", "Missing information"), ("3_good", "Good")],
        readonly=True,
    )
    can_fix = fields.Boolean(compute="_compute_can_fix")

    @api.depends("code", "count")
    @api.depends_context("uid")
    def _compute_can_fix(self):
        for check in self:
            repairer = REPAIRERS.get(check.code)
            check.can_fix = bool(check.count and repairer and self.env.user.has_group(repairer))

    @api.model
    def action_open_health(self):
        """Run all checks and show the result."""
        self.search([("create_uid", "=", self.env.uid)]).unlink()
        self.create([vals for check in self._get_checks() if (vals := self._prepare_vals(check))])
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "marketing_campaign_ext.marketing_data_health_action"
            ),
            "domain": [("create_uid", "=", self.env.uid)],
        }

    def action_open(self):
        """Open the records a check has found."""
        check = self._get_check()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": check["model"],
            "views": check["views"],
            "domain": check["domain"],
        }

    def _get_check(self):
        self.ensure_one()
        return next(check for check in self._get_checks() if check["code"] == self.code)

    @api.model
    def _prepare_vals(self, check):
        try:
            count = self.env[check["model"]].search_count(check["domain"])
        except AccessError:
            return None
        return {
            "name": check["name"],
            "advice": check["advice"],
            "sequence": check["sequence"],
            "code": check["code"],
            "count": count,
            "severity": check["severity"] if count else "3_good",
        }

    @api.model
    def _get_checks(self):
        """Hook: dicts of code, name, advice, severity, sequence, model, domain."""
        domains = self._get_check_domains()
        texts = self._get_check_texts()
        return [
            {
                "code": code,
                "sequence": sequence,
                "severity": severity,
                "name": texts[code][0],
                "advice": texts[code][1],
                "model": model,
                "domain": domains[code],
                "views": views,
            }
            for sequence, (code, severity, model, views) in enumerate(CHECKS)
        ]

    @api.model
    def _get_check_domains(self):
        return {
            "unassigned": [("amount_unassigned", "!=", 0)],
            "late_cost": [("id", "in", self._get_late_cost_ids())],
            "over_budget": [
                ("state", "in", ("approved", "running")),
                ("budget_remaining", "<", 0),
            ],
            "no_cost": [
                ("state", "in", ("running", "done")),
                ("child_ids", "=", False),
                ("cost_actual", "=", 0),
            ],
            "no_budget": [("budget_amount", "=", 0), ("cost_actual", ">", 0)],
            "uncategorised": [("category_id", "=", False), ("state", "!=", "planned")],
            "old_accrual": [("state", "=", "accrued"), ("date", "<", "today -60d")],
            "variants": [("id", "in", [key for keys in self._get_variants() for key in keys])],
            "no_end": [
                ("state", "in", ("approved", "running")),
                ("child_ids", "=", False),
                ("date_end", "=", False),
            ],
        }

    @api.model
    def _get_check_texts(self):
        """What each check finds, and what to do about it."""
        return {
            "unassigned": (
                self.env._("Journal items on marketing accounts without a campaign"),
                self.env._("Select them and assign them to a campaign."),
            ),
            "late_cost": (
                self.env._("Costs after the end of their campaign"),
                self.env._("Move them to the right campaign, or correct its dates."),
            ),
            "over_budget": (
                self.env._("Campaigns over budget"),
                self.env._("Revise the budget, transfer some, or stop spending."),
            ),
            "no_cost": (
                self.env._("Running or closed campaigns without any cost"),
                self.env._("Distribute their bills, or type the accrued costs."),
            ),
            "no_budget": (
                self.env._("Campaigns with costs and without a budget"),
                self.env._("Plan a budget, or accept that remaining is negative."),
            ),
            "uncategorised": (
                self.env._("Costs without a category"),
                self.env._("Map their products or accounts to categories."),
            ),
            "old_accrual": (
                self.env._("Accrued costs waiting for a bill over 60 days"),
                self.env._("Settle them by their bill, or delete what will not come."),
            ),
            "variants": (
                self.env._("Campaigns whose names are typing variants of each other"),
                self.env._("Merge them: links of all of them keep counting."),
            ),
            "no_end": (
                self.env._("Running campaigns without an end"),
                self.env._("Give them an end: pace and alerts need it."),
            ),
        }

    @api.model
    def _get_variants(self):
        """Groups of ids of campaigns that are one campaign, typed in several ways."""
        campaigns = self.env["utm.campaign"].search_fetch(
            [("is_template", "=", False)], ["title", "company_id"]
        )
        return find_variants(
            (campaign.id, campaign.title, campaign.company_id.id) for campaign in campaigns
        )

    @api.model
    def _get_late_cost_ids(self):
        """Rows of actual cost dated after the end of a campaign by more than a month of grace."""
        campaigns = self.env["utm.campaign"].search([("date_end", "!=", False)])
        rows = self.env["marketing.cost.report"].search_fetch(
            [("campaign_id", "in", campaigns.ids), ("state", "in", ("booked", "accrued"))],
            ["campaign_id", "date"],
        )
        return [
            row.id for row in rows if row.date and (row.date - row.campaign_id.date_end).days > 31
        ]
