from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MarketingCostCategory(models.Model):
    """What the money of a campaign is spent on: a tree shared by all companies."""

    _name = "marketing.cost.category"
    _description = "Marketing Cost Category"
    _parent_store = True
    _rec_name = "complete_name"
    _order = "parent_path, sequence, id"

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        string="Full Name",
        compute="_compute_complete_name",
        search="_search_complete_name",
        recursive=True,
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    parent_id = fields.Many2one(
        "marketing.cost.category", string="Parent Category", index=True, ondelete="restrict"
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("marketing.cost.category", "parent_id", string="Subcategories")

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for category in self:
            parent_name = category.parent_id.complete_name
            category.complete_name = (
                f"{parent_name} / {category.name}" if parent_name else category.name
            )

    def _search_complete_name(self, operator, value):
        return [("name", operator, value)]

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A cost category cannot be its own parent, at any distance.")
            )
