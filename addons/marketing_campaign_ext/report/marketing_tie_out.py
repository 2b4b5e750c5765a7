from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class MarketingTieOut(models.Model):
    """Posted journal items of the marketing accounts: how much of each reached a campaign.

    For any period, assigned + unassigned is the balance of these accounts in the ledger: both
    come from the same journal items, nothing is left out. The marketing accounts are chosen per
    company in the settings.
    """

    _name = "marketing.tie.out"
    _description = "Tie-out to the Ledger"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "name"

    name = fields.Char(string="Label", readonly=True)
    date = fields.Date(readonly=True)
    move_id = fields.Many2one("account.move", string="Journal Entry", readonly=True)
    account_id = fields.Many2one("account.account", string="Account", readonly=True)
    journal_id = fields.Many2one("account.journal", string="Journal", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Partner", readonly=True)
    product_id = fields.Many2one("product.product", string="Product", readonly=True)
    company_id = fields.Many2one("res.company", string="Company", readonly=True)
    currency_id = fields.Many2one("res.currency", string="Currency", readonly=True)
    balance = fields.Monetary(string="Ledger Balance", readonly=True)
    amount_assigned = fields.Monetary(string="On Campaigns", readonly=True)
    amount_unassigned = fields.Monetary(string="Unassigned", readonly=True)
    status = fields.Selection(
        [("assigned", "Assigned"), ("partly", "Partly Assigned"), ("unassigned", "Unassigned")],
        readonly=True,
    )

    _depends = {
        "account.analytic.line": ["amount", "move_line_id"],
        "account.move.line": [
            "account_id",
            "balance",
            "company_id",
            "date",
            "journal_id",
            "move_id",
            "name",
            "parent_state",
            "partner_id",
            "product_id",
        ],
        "res.company": ["campaign_account_ids", "currency_id"],
        "utm.campaign": ["analytic_account_id"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT line.id, COALESCE(line.name, move.name) AS name, line.date, line.move_id,
                   line.account_id, line.journal_id, line.partner_id, line.product_id,
                   line.company_id, company.currency_id, line.balance,
                   COALESCE(assigned.amount, 0) AS amount_assigned,
                   line.balance - COALESCE(assigned.amount, 0) AS amount_unassigned,
                   CASE WHEN COALESCE(assigned.amount, 0) = line.balance THEN 'assigned'
                        WHEN COALESCE(assigned.amount, 0) = 0 THEN 'unassigned'
                        ELSE 'partly'
                   END AS status
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN res_company company ON company.id = line.company_id
              JOIN campaign_ledger_account_rel chosen
                ON chosen.company_id = line.company_id AND chosen.account_id = line.account_id
         LEFT JOIN LATERAL (
                    SELECT SUM(-analytic.amount) AS amount
                      FROM account_analytic_line analytic
                      JOIN utm_campaign node ON node.analytic_account_id = %(account)s
                     WHERE analytic.move_line_id = line.id
                   ) AS assigned ON TRUE
             WHERE line.parent_state = 'posted'
               AND line.balance <> 0
            """,
            account=self.env["marketing.money.sql"]._sql_campaign_account("analytic"),
        )

    def action_open_move(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    def _assign(self, campaign):
        """Put the rest of these journal items on a campaign, by analytic distribution."""
        # sudo: an accountant may use the account of a campaign without planning campaigns
        account = campaign.sudo()._ensure_analytic_account()
        for row in self:
            item = self.env["account.move.line"].browse(row.id)
            if item.company_id != (campaign.company_id or item.company_id):
                raise UserError(
                    self.env._(
                        "%(item)s belongs to %(company)s and cannot be a cost of %(campaign)s.",
                        item=row.name,
                        company=item.company_id.name,
                        campaign=campaign.title,
                    )
                )
            shares = item._get_campaign_shares()
            rest = 100.0 - sum(shares.values())
            if rest > 0:
                shares[account.id] = shares.get(account.id, 0.0) + rest
                item._set_campaign_shares(shares)


class ResCompany(models.Model):
    _inherit = "res.company"

    campaign_account_ids = fields.Many2many(
        "account.account",
        "campaign_ledger_account_rel",
        "company_id",
        "account_id",
        string="Marketing Accounts",
        help="Accounts whose balance should be found on campaigns.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    campaign_account_ids = fields.Many2many(
        related="company_id.campaign_account_ids", readonly=False
    )
