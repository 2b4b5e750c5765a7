from odoo import api, fields, models
from odoo.exceptions import AccessError


class MarketingDataHealth(models.TransientModel):
    """What is wrong with the money of campaigns today: one row per check, with a count and a way.

    A check counts and opens records with the rights of the reader; what one may not read is not
    counted and its check is left out. Bridges add checks to ``_get_checks``.
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
        self.ensure_one()
        check = next(check for check in self._get_checks() if check["code"] == self.code)
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": check["model"],
            "views": check.get("views", [(False, "list"), (False, "form")]),
            "domain": check["domain"],
            "context": check.get("context", {}),
        }

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
        spending = ("state", "in", ("running", "done"))
        return [
            {
                "code": "unassigned",
                "sequence": 10,
                "severity": "1_high",
                "name": self.env._("Journal items on marketing accounts without a campaign"),
                "advice": self.env._("Select them and assign them to a campaign."),
                "model": "marketing.tie.out",
                "domain": [("amount_unassigned", "!=", 0)],
                "views": [(False, "list")],
            },
            {
                "code": "late_cost",
                "sequence": 20,
                "severity": "1_high",
                "name": self.env._("Costs after the end of their campaign"),
                "advice": self.env._("Move them to the right campaign, or correct its dates."),
                "model": "marketing.cost.report",
                "domain": [("id", "in", self._get_late_cost_ids())],
                "views": [(False, "list")],
            },
            {
                "code": "over_budget",
                "sequence": 30,
                "severity": "1_high",
                "name": self.env._("Campaigns over budget"),
                "advice": self.env._("Revise the budget, transfer some, or stop spending."),
                "model": "utm.campaign",
                "domain": [
                    ("state", "in", ("approved", "running")),
                    ("budget_remaining", "<", 0),
                ],
            },
            {
                "code": "no_cost",
                "sequence": 40,
                "severity": "2_low",
                "name": self.env._("Running or closed campaigns without any cost"),
                "advice": self.env._("Distribute their bills, or type the accrued costs."),
                "model": "utm.campaign",
                "domain": [spending, ("child_ids", "=", False), ("cost_actual", "=", 0)],
            },
            {
                "code": "no_budget",
                "sequence": 50,
                "severity": "2_low",
                "name": self.env._("Campaigns with costs and without a budget"),
                "advice": self.env._("Plan a budget, or accept that remaining is negative."),
                "model": "utm.campaign",
                "domain": [("budget_amount", "=", 0), ("cost_actual", ">", 0)],
            },
            {
                "code": "uncategorised",
                "sequence": 60,
                "severity": "2_low",
                "name": self.env._("Costs without a category"),
                "advice": self.env._("Map their products or accounts to categories."),
                "model": "marketing.cost.report",
                "domain": [("category_id", "=", False), ("state", "!=", "planned")],
                "views": [(False, "list")],
            },
            {
                "code": "old_accrual",
                "sequence": 70,
                "severity": "2_low",
                "name": self.env._("Accrued costs waiting for a bill over 60 days"),
                "advice": self.env._("Settle them by their bill, or delete what will not come."),
                "model": "marketing.cost.line",
                "domain": [("state", "=", "accrued"), ("date", "<", "today -60d")],
            },
        ]

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
