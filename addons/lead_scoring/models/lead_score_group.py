import uuid

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class LeadScoreGroup(models.Model):
    """Rules that belong together, on one axis: who the lead is, or what it does."""

    _name = "lead.score.group"
    _inherit = ["lead.score.limit.mixin"]
    _description = "Lead Score Group"
    _order = "axis desc, sequence, id"

    name = fields.Char(required=True, translate=True)
    model_id = fields.Many2one(
        "lead.score.model", "Rule Set", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="model_id.company_id", store=True, index=True)
    state = fields.Selection(related="model_id.state")
    axis = fields.Selection(
        [("fit", "Fit"), ("engagement", "Engagement")],
        required=True,
        default="fit",
        help="Fit: who they are (country, company, function). "
        "Engagement: what they do (clicks, forms, events).",
    )
    key = fields.Char(
        required=True,
        readonly=True,
        default=lambda self: uuid.uuid4().hex,
        help="Stays the same from version to version, so that changes can be compared.",
        export_string_translation=False,
    )
    sequence = fields.Integer(default=10)
    rule_ids = fields.One2many("lead.score.rule", "group_id", "Rules", copy=True)

    @api.constrains("name", "model_id", "rule_ids")
    def _check_complete(self):
        if self.env.context.get("install_mode"):
            return  # data files write a record at a time: publishing checks what they made
        self.filtered(lambda group: group.state == "draft")._check_has_rules()

    def _check_has_rules(self):
        for group in self:
            if not group.rule_ids:
                raise ValidationError(
                    self.env._(
                        "Group “%(group)s” of rule set “%(model)s” has no rules: add a rule or "
                        "remove the group.",
                        group=group.name,
                        model=group.model_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        groups.model_id._check_unlocked()
        return groups

    def write(self, vals):
        self.model_id._check_unlocked()
        result = super().write(vals)
        self.model_id._check_unlocked()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self.model_id._check_unlocked()
