from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    campaign_cost_line_ids = fields.One2many(
        "marketing.cost.line",
        "move_line_id",
        string="Settled Campaign Costs",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    # Draft bills of campaigns are few among millions of items, every list of campaigns adds them
    _campaign_draft_idx = models.Index(
        "(company_id) WHERE parent_state = 'draft' AND display_type = 'product'"
        " AND analytic_distribution IS NOT NULL"
    )

    def _get_campaign_plan_column(self):
        return self.env["marketing.money.sql"]._get_campaign_column()

    def _get_campaign_shares(self):
        """Percent of each campaign account in the distribution of this line."""
        self.ensure_one()
        # sudo: which accounts belong to campaigns is no secret to who edits the line
        accounts = self.sudo().distribution_analytic_account_ids
        plan = self.env.ref("marketing_campaign_ext.analytic_plan_campaigns")
        campaign_ids = set(accounts.filtered(lambda account: account.root_plan_id == plan).ids)
        shares = {}
        for key, percent in (self.analytic_distribution or {}).items():
            for account_id in campaign_ids.intersection(map(int, key.split(","))):
                shares[account_id] = shares.get(account_id, 0.0) + percent
        return shares

    def _set_campaign_shares(self, shares):
        """Distribute each line over campaign accounts; other analytic plans keep their shares.

        ``shares`` maps analytic account ids to percents. Works on posted items too, the way Odoo
        allows it: their analytic lines are made anew.
        """
        if float_compare(sum(shares.values()), 100, precision_digits=2) > 0:
            raise UserError(self.env._("A line cannot be distributed by more than 100%."))
        for account_id in shares:
            # sudo: the account is created for the campaign, not chosen among others
            self.env["account.analytic.account"].sudo().browse(account_id).exists().ensure_one()
        for line in self:
            line.analytic_distribution = {
                **{str(account_id): percent for account_id, percent in shares.items()},
                "__update__": [self._get_campaign_plan_column()],
            }
