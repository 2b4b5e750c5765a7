from odoo import models


class AccountMove(models.Model):
    """Bills pass the budget gate when they are posted."""

    _name = "account.move"
    _inherit = ["account.move", "marketing.budget.gate"]

    def _post(self, soft=True):
        spending = self.filtered(lambda move: not move.is_sale_document(include_receipts=True))
        if not spending:
            return super()._post(soft)
        post = super()._post
        return spending._through_budget_gate(lambda: post(soft))

    def _get_gate_lines(self):
        return self.line_ids

    def _gate_operation(self):
        return self._post(soft=False)

    def _spend_unchecked(self):
        # Past the gate of this class on purpose: this only ever runs in a simulation.
        return super()._post(soft=False)  # pylint: disable=super-method-mismatch
