from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.money import apportion

SPREAD_RULES = [
    ("budget", "By budget"),
    ("leads", "By number of leads"),
    ("equal", "In equal parts"),
]


class MarketingCostSpread(models.TransientModel):
    """Spread shared costs over campaigns by a rule: agency fees, a stand, a tool for all.

    What of each posted item is on no campaign yet is handed out, through the analytic distribution
    of the item: the ledger itself says whose cost it is, and the sum over campaigns is the item to
    the cent. The rule gives weights: the budget of each campaign, the leads it brought in the
    period, or one for each. Percentages have the precision of analytic accounting.
    """

    _name = "marketing.cost.spread"
    _description = "Spread Shared Costs"

    move_line_ids = fields.Many2many("account.move.line", string="Journal Items", readonly=True)
    company_id = fields.Many2one("res.company", compute="_compute_amount")
    currency_id = fields.Many2one("res.currency", compute="_compute_amount")
    amount = fields.Monetary(string="To Spread", compute="_compute_amount")
    rule = fields.Selection(SPREAD_RULES, required=True, default="budget")
    date_from = fields.Date(
        string="Leads from", compute="_compute_period", store=True, readonly=False
    )
    date_to = fields.Date(
        string="Leads until", compute="_compute_period", store=True, readonly=False
    )
    campaign_ids = fields.Many2many(
        "utm.campaign",
        string="Campaigns",
        compute="_compute_campaign_ids",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', (company_id, False)), ('is_template', '=', False)]",
    )
    line_ids = fields.One2many(
        "marketing.cost.spread.line", "spread_id", string="Shares", compute="_compute_line_ids"
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") in ("marketing.tie.out", "account.move.line"):
            # A row of the tie-out has the id of its journal item
            values["move_line_ids"] = [Command.set(self.env.context.get("active_ids", []))]
        return values

    @api.depends("move_line_ids")
    def _compute_amount(self):
        for spread in self:
            spread.company_id = spread.move_line_ids.company_id[:1]
            spread.currency_id = spread.company_id.currency_id
            spread.amount = sum(
                item.balance * rest / 100 for item, rest in spread._get_rests().items()
            )

    @api.depends("move_line_ids")
    def _compute_period(self):
        """The months of the items."""
        for spread in self:
            dates = spread.move_line_ids.mapped("date")
            spread.date_from = dates and min(dates).replace(day=1)
            spread.date_to = dates and fields.Date.end_of(max(dates), "month")

    @api.depends("move_line_ids")
    def _compute_campaign_ids(self):
        """Campaigns that were under way when the costs were booked."""
        for spread in self:
            if not spread.date_from:
                spread.campaign_ids = False
                continue
            spread.campaign_ids = self.env["utm.campaign"].search(
                [
                    ("is_template", "=", False),
                    ("child_ids", "=", False),
                    ("state", "in", ("approved", "running", "done")),
                    ("company_id", "in", (spread.company_id.id, False)),
                    ("date_start", "<=", spread.date_to),
                    "|",
                    ("date_end", "=", False),
                    ("date_end", ">=", spread.date_from),
                ]
            )

    @api.depends("move_line_ids", "rule", "campaign_ids", "date_from", "date_to")
    def _compute_line_ids(self):
        for spread in self:
            weights = spread._get_weights()
            total = sum(weights.values())
            amounts = (
                apportion(spread.amount, list(weights.values()), spread.currency_id.rounding)
                if total > 0 and spread.currency_id
                else [0.0] * len(weights)
            )
            spread.line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "campaign_id": campaign.id,
                            "weight": weight,
                            "share": weight / total if total else 0.0,
                            "amount": amount,
                            "currency_id": spread.currency_id.id,
                        }
                    )
                    for (campaign, weight), amount in zip(weights.items(), amounts, strict=True)
                ),
            ]

    def action_spread(self):
        """Distribute every item; what of it is on a campaign already stays there."""
        self.ensure_one()
        weights = {campaign: weight for campaign, weight in self._get_weights().items() if weight}
        if not weights:
            raise UserError(
                self.env._(
                    "None of these campaigns has a share by this rule: choose other campaigns, or "
                    "another rule."
                )
            )
        # sudo: an accountant may use the accounts of campaigns without planning campaigns
        accounts = [campaign.sudo()._ensure_analytic_account().id for campaign in weights]
        precision = self.env["decimal.precision"].precision_get("Percentage Analytic")
        for item, rest in self._get_rests().items():
            shares = item._get_campaign_shares()
            parts = apportion(rest, list(weights.values()), 10**-precision)
            for account_id, part in zip(accounts, parts, strict=True):
                shares[account_id] = shares.get(account_id, 0.0) + part
            item._set_campaign_shares(shares)
        return {"type": "ir.actions.act_window_close"}

    def _get_rests(self):
        """Percent of each posted item that is on no campaign yet."""
        rests = {}
        for item in self.move_line_ids._origin:
            if item.parent_state != "posted":
                continue
            rest = 100.0 - sum(item._get_campaign_shares().values())
            if rest > 0:
                rests[item] = rest
        return rests

    def _get_weights(self):
        """Campaign -> weight by the rule."""
        campaigns = self.campaign_ids._origin
        if self.rule == "budget":
            # sudo: the budget is a weight here; finance reads it, an accountant need not
            return {campaign: campaign.sudo().budget_amount for campaign in campaigns}
        if self.rule == "leads":
            counts = self._count_leads(campaigns)
            return {campaign: counts.get(campaign.id, 0) for campaign in campaigns}
        return dict.fromkeys(campaigns, 1)

    def _count_leads(self, campaigns):
        domain = [("campaign_id", "in", campaigns.ids)]
        if self.date_from:
            domain.append(("create_date", ">=", self.date_from))
        if self.date_to:
            domain.append(("create_date", "<", fields.Date.add(self.date_to, days=1)))
        # sudo: numbers of leads, lost ones too; accountants read no leads
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        groups = leads._read_group(domain, ["campaign_id"], ["__count"])
        return {campaign.id: count for campaign, count in groups}


class MarketingCostSpreadLine(models.TransientModel):
    _name = "marketing.cost.spread.line"
    _description = "Share of a Campaign in Shared Costs"

    spread_id = fields.Many2one("marketing.cost.spread", required=True, ondelete="cascade")
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    weight = fields.Float(readonly=True)
    share = fields.Float(readonly=True)
    amount = fields.Monetary(readonly=True)
