import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.ad_export import AdExportError, read_ad_export


class MarketingCostImport(models.TransientModel):
    """Import the daily spend of an ad platform as accrued costs.

    Reading shows which campaigns of the platform the file names and which of ours they stand
    for; importing writes one accrued cost per account, campaign and day. Each is known by what it
    is, not by its file: the same spend imported again changes nothing, a corrected figure
    replaces the old one, and what a bill has settled stays.
    """

    _name = "marketing.cost.import"
    _description = "Import Ad Spend"

    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()
    day = fields.Date(
        string="Day of the Costs",
        help="Only for files whose rows have no day of their own.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="For files that do not name their currency.",
    )
    partner_id = fields.Many2one("res.partner", string="Vendor")
    category_id = fields.Many2one("marketing.cost.category", string="Cost Category")
    state = fields.Selection([("file", "File"), ("match", "Match")], default="file", readonly=True)
    platform = fields.Char(readonly=True)
    line_ids = fields.One2many("marketing.cost.import.line", "import_id")
    unmatched_count = fields.Integer(compute="_compute_unmatched_count")
    has_currency = fields.Boolean(compute="_compute_has_currency")

    @api.depends("line_ids.currency_name")
    def _compute_has_currency(self):
        for wizard in self:
            wizard.has_currency = any(wizard.line_ids.mapped("currency_name"))

    @api.depends("line_ids.campaign_id", "line_ids.is_skipped")
    def _compute_unmatched_count(self):
        for wizard in self:
            wizard.unmatched_count = len(
                wizard.line_ids.filtered(lambda line: not line.campaign_id and not line.is_skipped)
            )

    def action_read(self):
        """Show what the file holds, matched with our campaigns as far as known."""
        export = self._read_file()
        groups = {}
        for cost in export.costs:
            groups.setdefault((cost.account, cost.campaign, cost.currency), []).append(cost)
        matches = self._match_campaigns(export.platform, groups)
        self.write(
            {
                "state": "match",
                "platform": export.platform,
                "line_ids": [
                    Command.clear(),
                    *(
                        Command.create(self._prepare_line_vals(key, costs, matches.get(key)))
                        for key, costs in groups.items()
                    ),
                ],
            }
        )
        return self._reopen()

    def action_back(self):
        self.state = "file"
        return self._reopen()

    def action_import(self):
        """Write the costs of the matched campaigns and remember the matches."""
        if self.unmatched_count:
            raise UserError(
                self.env._(
                    "%s campaigns of the file are not matched. Choose a campaign for each, or "
                    "skip it.",
                    self.unmatched_count,
                )
            )
        campaigns = {
            (line.account or "", line.name or "", line.currency_name or ""): line.campaign_id
            for line in self.line_ids
            if not line.is_skipped
        }
        export = self._read_file()
        self._learn(export.platform, campaigns)
        vals_list = [
            self._prepare_cost_vals(export.platform, cost, campaign)
            for cost in export.costs
            if (campaign := campaigns.get((cost.account, cost.campaign, cost.currency)))
        ]
        counts = self._write_costs(vals_list)
        return self._show_result(counts)

    def _read_file(self):
        try:
            return read_ad_export(base64.b64decode(self.file), self.day or None)
        except AdExportError as refusal:
            raise UserError(self._explain(refusal)) from refusal

    @api.model
    def _explain(self, refusal):
        """Say why a file is refused and what to do."""
        details = {"line": "?", "value": "", **refusal.details}
        reasons = {
            "empty": self.env._("The file is empty."),
            "encoding": self.env._("The file cannot be read as text or as a workbook."),
            "no_cost": self.env._(
                "The file has no column with a cost (Cost, Amount spent, 消费 …). Export a report "
                "of campaigns with their cost."
            ),
            "no_day": self.env._(
                "The file does not say on which day the money was spent. Export it again with the "
                "segment Day, or give the day if the whole file is of one day."
            ),
            "range": self.env._(
                "The file sums up several days. Export it again broken down by day."
            ),
            "no_rows": self.env._("The file holds no costs."),
            "bad_amount": self.env._("Line %(line)s: “%(value)s” is not an amount.", **details),
            "bad_day": self.env._("Line %(line)s: “%(value)s” is not a day.", **details),
            "short_line": self.env._(
                "Line %(line)s has fewer columns than the header: the file is cut off.", **details
            ),
        }
        return reasons[refusal.code]

    def _match_campaigns(self, platform, keys):
        """Our campaign for each (account, name, currency): what was learned, else the same name."""
        learned = {
            (alias.account or "", alias.name): alias.campaign_id
            for alias in self.env["marketing.cost.alias"].search(
                [("platform", "=", platform), ("company_id", "=", self.company_id.id)]
            )
        }
        names = {name for _account, name, _currency in keys if name}
        by_name = {}
        for campaign in self.env["utm.campaign"].search(
            [
                ("company_id", "in", (self.company_id.id, False)),
                ("is_template", "=", False),
                "|",
                ("title", "in", list(names)),
                ("name", "in", list(names)),
            ]
        ):
            by_name.update({campaign.title: campaign, campaign.name: campaign})
        return {key: learned.get((key[0], key[1])) or by_name.get(key[1]) for key in keys}

    def _learn(self, platform, campaigns):
        aliases = self.env["marketing.cost.alias"]
        for (account, name, _currency), campaign in campaigns.items():
            if not name:
                continue
            known = aliases.search(
                [
                    ("platform", "=", platform),
                    ("account", "=", account or False),
                    ("name", "=", name),
                    ("company_id", "=", self.company_id.id),
                ]
            )
            if known:
                if known.campaign_id != campaign:
                    known.campaign_id = campaign
            else:
                aliases.create(
                    {
                        "platform": platform,
                        "account": account,
                        "name": name,
                        "campaign_id": campaign.id,
                        "company_id": self.company_id.id,
                    }
                )

    def _write_costs(self, vals_list):
        """Create what is new, correct what changed, leave what is settled; say how many of each."""
        costs = self.env["marketing.cost.line"]
        known = {
            line.external_ref: line
            for line in costs.search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("external_ref", "in", [vals["external_ref"] for vals in vals_list]),
                ]
            )
        }
        counts = {"new": 0, "changed": 0, "same": 0, "settled": 0}
        to_create = []
        for vals in vals_list:
            line = known.get(vals["external_ref"])
            if not line:
                to_create.append(vals)
                counts["new"] += 1
            elif not self._is_changed(line, vals):
                counts["same"] += 1
            elif line.state == "settled":
                counts["settled"] += 1
            else:
                line.write({fname: vals[fname] for fname in ("amount", "campaign_id")})
                counts["changed"] += 1
        costs.create(to_create)
        return counts

    @api.model
    def _is_changed(self, line, vals):
        return bool(
            line.currency_id.compare_amounts(line.amount, vals["amount"])
            or line.campaign_id.id != vals["campaign_id"]
        )

    def _show_result(self, counts):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Ad spend imported"),
                "message": self.env._(
                    "%(new)s new, %(changed)s corrected, %(same)s unchanged, %(settled)s left as "
                    "their bill has settled them.",
                    **counts,
                ),
                "next": self.env["ir.actions.act_window"]._for_xml_id(
                    "marketing_campaign_ext.marketing_cost_line_action"
                ),
            },
        }

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Ad Spend"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _get_currency(self, name):
        if not name:
            return self.currency_id
        currency = self.env["res.currency"].search([("name", "=", name)])
        if not currency:
            raise UserError(
                self.env._(
                    "The file is in %s, which is not an active currency. Activate it first.", name
                )
            )
        return currency

    @api.model
    def _prepare_line_vals(self, key, costs, campaign):
        account, name, currency = key
        days = [cost.day for cost in costs]
        return {
            "name": name,
            "account": account,
            "currency_name": currency,
            "date_from": min(days),
            "date_to": max(days),
            "amount": float(sum(cost.amount for cost in costs)),
            "campaign_id": campaign.id if campaign else False,
        }

    def _prepare_cost_vals(self, platform, cost, campaign):
        title = cost.campaign or campaign.title
        return {
            "name": f"{platform}: {title}",
            "campaign_id": campaign.id,
            "category_id": (self.category_id or campaign.type_id.category_ids[:1]).id,
            "date": cost.day,
            "amount": float(cost.amount),
            "currency_id": self._get_currency(cost.currency).id,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "platform": platform,
            "external_ref": "|".join((platform, cost.account, cost.campaign, str(cost.day))),
        }


class MarketingCostImportLine(models.TransientModel):
    _name = "marketing.cost.import.line"
    _description = "Campaign in an Ad Spend File"

    import_id = fields.Many2one("marketing.cost.import", required=True, ondelete="cascade")
    name = fields.Char(string="Name on the Platform", readonly=True)
    account = fields.Char(string="Platform Account", readonly=True)
    currency_name = fields.Char(string="Currency", readonly=True)
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    amount = fields.Float(readonly=True, digits=(16, 2))
    campaign_id = fields.Many2one(
        "utm.campaign", string="Campaign", domain="[('is_template', '=', False)]"
    )
    is_skipped = fields.Boolean(string="Skip")
