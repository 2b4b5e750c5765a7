from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import formatLang

PROTECTED_FIELDS = {"campaign_id", "date", "amount", "currency_id", "company_id", "external_ref"}


class MarketingCostLine(models.Model):
    """A cost that is known before its bill: ad spend of a day, a fee agreed by phone.

    It counts as accrued until the journal item that books it is posted; then it is settled and
    the bill counts instead, so nothing counts twice. The state follows that journal item: a bill
    that is reset to draft, reversed or deleted gives the accrued cost back.
    """

    _name = "marketing.cost.line"
    _description = "Accrued Campaign Cost"
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Description", required=True)
    campaign_id = fields.Many2one(
        "utm.campaign",
        string="Campaign",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_template', '=', False)]",
    )
    category_id = fields.Many2one(
        "marketing.cost.category", string="Cost Category", index=True, ondelete="restrict"
    )
    date = fields.Date(required=True, index=True, default=fields.Date.context_today)
    amount = fields.Monetary(required=True)
    currency_id = fields.Many2one(
        "res.currency",
        string="Currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    company_id = fields.Many2one(
        "res.company",
        string="Company",
        required=True,
        index=True,
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        help="The company that will pay.",
    )
    company_currency_id = fields.Many2one(
        "res.currency", string="Company Currency", related="company_id.currency_id"
    )
    amount_company = fields.Monetary(
        string="Amount in Company Currency",
        currency_field="company_currency_id",
        compute="_compute_amount_company",
        store=True,
        help="The amount at the rate of its own date.",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Vendor", index="btree_not_null", check_company=True
    )
    platform = fields.Char(help="Where an imported cost comes from, e.g. the ad platform.")
    external_ref = fields.Char(
        string="External Reference",
        copy=False,
        readonly=True,
        help="Identifies an imported cost, so that importing it again changes nothing.",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Settled by",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        groups="account.group_account_invoice,account.group_account_readonly",
        help="The journal item that books this cost.",
    )
    state = fields.Selection(
        [("accrued", "Accrued"), ("settled", "Settled")],
        compute="_compute_state",
        compute_sudo=True,
        store=True,
        index=True,
        help="Accrued costs count for the campaign; settled ones are counted by their bill.",
    )

    _external_ref_unique = models.UniqueIndex(
        "(company_id, external_ref) WHERE external_ref IS NOT NULL",
        "This cost has already been imported.",
    )

    @api.depends("campaign_id")
    def _compute_company_id(self):
        for line in self:
            line.company_id = line.campaign_id.company_id or line.company_id or self.env.company

    @api.depends("company_id")
    def _compute_currency_id(self):
        for line in self:
            line.currency_id = line.currency_id or line.company_id.currency_id

    @api.depends("amount", "currency_id", "company_id", "date")
    def _compute_amount_company(self):
        for line in self:
            if line.currency_id and line.company_id:
                line.amount_company = line.currency_id._convert(
                    line.amount,
                    line.company_id.currency_id,
                    line.company_id,
                    line.date or fields.Date.context_today(line),
                )
            else:
                line.amount_company = line.amount

    @api.depends("move_line_id.parent_state", "move_line_id.move_id.payment_state")
    def _compute_state(self):
        for line in self:
            item = line.move_line_id
            is_booked = item.parent_state == "posted" and item.move_id.payment_state != "reversed"
            line.state = "settled" if is_booked else "accrued"

    @api.constrains("campaign_id", "company_id")
    def _check_company_of_campaign(self):
        for line in self:
            company = line.campaign_id.company_id
            if company and company != line.company_id:
                raise ValidationError(
                    self.env._(
                        "%(line)s: %(campaign)s belongs to %(company)s, so its costs do too.",
                        line=line.name,
                        campaign=line.campaign_id.title,
                        company=company.name,
                    )
                )

    @api.constrains("campaign_id")
    def _check_campaign_is_no_template(self):
        self.campaign_id._check_not_template()

    def write(self, vals):
        if PROTECTED_FIELDS.intersection(vals):
            self._check_not_settled()
            before = {line: line.amount_company for line in self}
            result = super().write(vals)
            self._log_changes(before)
            return result
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_settled(self):
        self._check_not_settled()
        for campaign, lines in self.grouped("campaign_id").items():
            campaign.message_post(
                body=self.env._(
                    "%(count)s accrued costs deleted (%(amount)s).",
                    count=len(lines),
                    amount=self._format(sum(lines.mapped("amount_company")), lines[0]),
                )
            )

    def action_unsettle(self):
        """Take a cost back from the journal item that settled it."""
        self.write({"move_line_id": False})

    def _check_not_settled(self):
        settled = self.filtered(lambda line: line.state == "settled")
        if settled:
            raise UserError(
                self.env._(
                    "%(line)s is settled by a posted bill and cannot change. "
                    "Ask accounting to correct the bill, or to release the settlement first.",
                    line=settled[0].name,
                )
            )

    def _log_changes(self, before):
        """Keep a trail of typed money in the chatter of its campaign."""
        for campaign, lines in self.grouped("campaign_id").items():
            changed = lines.filtered(
                lambda line: line.company_currency_id.compare_amounts(
                    before[line], line.amount_company
                )
            )
            if changed:
                campaign.message_post(
                    body=Markup("<br/>").join(
                        self.env._(
                            "Accrued cost %(name)s: %(old)s becomes %(new)s",
                            name=line.name,
                            old=self._format(before[line], line),
                            new=self._format(line.amount_company, line),
                        )
                        for line in changed[:20]
                    )
                )

    def _format(self, amount, line):
        return formatLang(self.env, amount, currency_obj=line.company_currency_id)
