from odoo import models
from odoo.exceptions import UserError


class IrModelFields(models.Model):
    """A field that score rules look at is not deleted behind their back."""

    _inherit = "ir.model.fields"

    def unlink(self):
        self._check_not_in_score_rules()
        return super().unlink()

    def _check_not_in_score_rules(self):
        if self.env.context.get("_force_unlink"):
            return  # an addon is uninstalled: its rules are left out and say so
        # sudo: whoever deletes a field need not be allowed to read the rules
        rules = (
            self.env["lead.score.rule"]
            .sudo()
            .search([("model_id.state", "in", ("draft", "shadow", "active"))])
            .filtered(lambda rule: not rule._get_compile_error())
        )
        for field in self:
            for rule in rules:
                if rule._uses_field(field.model, field.name):
                    raise UserError(
                        self.env._(
                            "The field “%(field)s” cannot be deleted: rule “%(rule)s” of rule set "
                            "“%(model)s” looks at it. Remove the rule or publish a version "
                            "without it first.",
                            field=field.field_description,
                            rule=rule.name,
                            model=rule.model_id.name,
                        )
                    )
