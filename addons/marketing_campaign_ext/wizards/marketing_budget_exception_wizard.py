from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.marketing_budget_gate import OVERRIDE


class MarketingBudgetExceptionWizard(models.TransientModel):
    """Ask why a document must pass over budget; override it, or ask those who may."""

    _name = "marketing.budget.exception.wizard"
    _description = "Pass over Budget"

    res_model = fields.Char(string="Document Model", required=True)
    res_id = fields.Many2oneReference(string="Document ID", model_field="res_model", required=True)
    message = fields.Text(compute="_compute_message")
    reason = fields.Text(required=True)
    can_override = fields.Boolean(compute="_compute_message")

    @api.depends("res_model", "res_id")
    def _compute_message(self):
        for wizard in self:
            document = wizard._get_document()
            wizard.message = document._describe_breaches(wizard._get_breaches(document))
            wizard.can_override = self.env.user.has_group(OVERRIDE)

    def action_ask(self):
        """Ask the campaign managers, with an activity for the responsible ones."""
        document = self._get_document()
        exceptions = self._create_exceptions(document)
        for exception in exceptions:
            exception._ask()
        return {"type": "ir.actions.act_window_close"}

    def action_override(self):
        """Let the document pass now and keep who did it and why."""
        if not self.env.user.has_group(OVERRIDE):
            raise AccessError(
                self.env._("Only a person with the right to override budget checks may do this.")
            )
        document = self._get_document()
        self._create_exceptions(document).action_approve()
        document._gate_operation()
        return document._get_records_action()

    def _create_exceptions(self, document):
        breaches = self._get_breaches(document)
        if not breaches:
            raise UserError(
                self.env._("%s fits the budget by now: confirm it.", document.display_name)
            )
        model = self.env["marketing.budget.exception"]
        # sudo: who asks may not write exceptions; figures are computed here, not typed
        return (
            model.sudo()
            .create([model._prepare_vals(document, breach, self.reason) for breach in breaches])
            .sudo(False)
        )

    def _get_breaches(self, document):
        return [
            breach
            for breach in document._simulate_budget_gate()
            if breach.policy != "warn"
            and not self.env["marketing.budget.exception"]._covers(document, breach)
        ]

    def _get_document(self):
        self.ensure_one()
        model = self.env.get(self.res_model)
        if model is None or not hasattr(model, "_through_budget_gate"):
            raise UserError(self.env._("This document has no budget to check."))
        document = model.browse(self.res_id)
        document.check_access("write")
        return document
