from odoo import api, fields, models

GATED_FIELDS = {"product_qty", "price_unit", "discount", "analytic_distribution"}


class PurchaseOrder(models.Model):
    """Orders pass the budget gate when they are confirmed, and when they grow afterwards."""

    _name = "purchase.order"
    _inherit = ["purchase.order", "marketing.budget.gate"]

    is_commitment_released = fields.Boolean(
        string="Commitment Released",
        copy=False,
        readonly=True,
        tracking=True,
        help="Nothing more will be billed: what is still open no longer counts as committed "
        "money of a campaign.",
    )
    has_campaign_share = fields.Boolean(compute="_compute_has_campaign_share")

    def _compute_has_campaign_share(self):
        # sudo: purchasers read neither analytic accounts nor the plans of campaigns
        lines = self.sudo().order_line
        campaigns = (
            self.env["utm.campaign"]
            .sudo()
            .with_context(active_test=False)
            .search([("analytic_account_id", "in", lines.distribution_analytic_account_ids.ids)])
        )
        accounts = campaigns.analytic_account_id
        for order in self:
            used = order.sudo().order_line.distribution_analytic_account_ids
            order.has_campaign_share = bool(used & accounts)

    def button_approve(self, force=False):
        approve = super().button_approve
        return self._through_budget_gate(lambda: approve(force=force))

    def action_release_commitment(self):
        """Say that the rest of the order will never be billed."""
        self.write({"is_commitment_released": True})

    def action_restore_commitment(self):
        """Commit the open rest again, if the budget still has room for it."""
        self._through_budget_gate(lambda: self.write({"is_commitment_released": False}))

    def _get_gate_lines(self):
        return self.order_line

    def _gate_operation(self):
        self.ensure_one()
        if self.state in ("draft", "sent"):
            return self.button_confirm()
        return self.button_approve()

    def _spend_unchecked(self):
        # Past the gate of this class on purpose: this only ever runs in a simulation.
        return super().button_approve(force=True)  # pylint: disable=super-method-mismatch


class PurchaseOrderLine(models.Model):
    """A confirmed order that grows spends more: the gate looks again."""

    _inherit = "purchase.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        orders = self.env["purchase.order"].browse({vals.get("order_id") for vals in vals_list})
        confirmed = orders.filtered(lambda order: order.state == "purchase")
        create = super().create
        if not confirmed:
            return create(vals_list)
        distributions = [vals.get("analytic_distribution") or {} for vals in vals_list]
        return confirmed._through_budget_gate(lambda: create(vals_list), distributions)

    def write(self, vals):
        confirmed = self.filtered(lambda line: line.order_id.state == "purchase").order_id
        write = super().write
        if not confirmed or not GATED_FIELDS.intersection(vals):
            return write(vals)
        return confirmed._through_budget_gate(
            lambda: write(vals), [vals.get("analytic_distribution") or {}]
        )
