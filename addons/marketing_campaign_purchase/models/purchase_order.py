from odoo import fields, models


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    is_commitment_released = fields.Boolean(
        string="Commitment Released",
        copy=False,
        tracking=True,
        help="Nothing more will be billed: what is still open no longer counts as committed "
        "money of a campaign.",
    )
    has_campaign_share = fields.Boolean(compute="_compute_has_campaign_share")

    def _compute_has_campaign_share(self):
        """Is any line distributed to a campaign? (sudo: purchasers read no analytic accounts)"""
        keys = self.sudo().order_line.distribution_analytic_account_ids
        campaigns = (
            self.env["utm.campaign"].sudo().search([("analytic_account_id", "in", keys.ids)])
        )
        accounts = campaigns.analytic_account_id
        for order in self:
            lines = order.sudo().order_line
            order.has_campaign_share = bool(lines.distribution_analytic_account_ids & accounts)

    def action_release_commitment(self):
        """Say that the rest of the order will never be billed."""
        self.write({"is_commitment_released": True})

    def action_restore_commitment(self):
        self.write({"is_commitment_released": False})
