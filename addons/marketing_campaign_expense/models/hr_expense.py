from odoo import models


class HrExpense(models.Model):
    """Expenses pass the budget gate when they are approved."""

    _name = "hr.expense"
    _inherit = ["hr.expense", "marketing.budget.gate"]

    def _do_approve(self, check=True):
        approve = super()._do_approve
        return self._through_budget_gate(lambda: approve(check))

    def _get_gate_lines(self):
        return self

    def _gate_operation(self):
        return self._do_approve()

    def _spend_unchecked(self):
        # Past the gate of this class on purpose: this only ever runs in a simulation.
        return super()._do_approve(check=False)  # pylint: disable=super-method-mismatch
