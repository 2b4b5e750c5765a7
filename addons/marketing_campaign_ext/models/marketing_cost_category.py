from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# Records that keep the category they were planned or spent under
USES = [
    ("marketing.budget.line", "category_id"),
    ("marketing.budget.revision.line", "category_id"),
    ("marketing.budget.transfer", "source_category_id"),
    ("marketing.budget.transfer", "target_category_id"),
    ("marketing.budget.exception", "category_id"),
    ("marketing.cost.line", "category_id"),
]


class MarketingCostCategory(models.Model):
    """What the money of a campaign is spent on: a tree shared by all companies.

    A bill, an order or an expense finds its category by itself: first by its product, then by the
    nearest product category that is mapped (a mapped family counts for the families below it),
    then by its account. What matches nothing stays uncategorised until somebody maps it. Each
    product, family and account belongs to one category at most, so the answer is never a choice.
    """

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

    # Mapping
    product_ids = fields.Many2many(
        "product.product",
        "marketing_cost_category_product_rel",
        "category_id",
        "product_id",
        string="Products",
        help="Costs of these products belong to this category.",
    )
    product_category_ids = fields.Many2many(
        "product.category",
        "marketing_cost_category_family_rel",
        "category_id",
        "family_id",
        string="Product Categories",
        help="Costs of products in these product categories, and in those below them, belong to "
        "this category unless the product itself says otherwise.",
    )
    account_ids = fields.Many2many(
        "account.account",
        "marketing_cost_category_account_rel",
        "category_id",
        "account_id",
        string="Accounts",
        help="Costs booked on these accounts belong to this category unless the product says "
        "otherwise.",
    )

    @api.depends("name", "parent_id.complete_name")
    @api.depends_context("lang")
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

    @api.constrains("product_ids", "product_category_ids", "account_ids")
    def _check_mapped_once(self):
        """Two categories for one product would count its costs twice."""
        for fname in self._get_mapping_fields():
            targets = self[fname]
            if not targets:
                continue
            groups = self.with_context(active_test=False)._read_group(
                [(fname, "in", targets.ids)], [fname], ["id:recordset"]
            )
            for target, categories in groups:
                if target in targets and len(categories) > 1:
                    raise ValidationError(
                        self.env._(
                            "%(target)s is already mapped to %(categories)s. Remove it from one "
                            "of them: a cost has one category.",
                            target=target.display_name,
                            categories=", ".join(categories.mapped("complete_name")),
                        )
                    )

    @api.ondelete(at_uninstall=False)
    def _unlink_if_unused(self):
        for category in self:
            # sudo: a use is a use, in whatever company
            if category.child_ids or any(
                self.env[model].sudo().search_count([(fname, "=", category.id)], limit=1)
                for model, fname in USES
            ):
                raise UserError(
                    self.env._(
                        "%(category)s has budgets, costs or subcategories: archive it instead. "
                        "What is there keeps it, nothing new will use it.",
                        category=category.complete_name,
                    )
                )

    def _map(self, fname, target):
        """Map a product, family or account to this category, taking it from any other."""
        self.ensure_one()
        others = self.with_context(active_test=False).search([(fname, "in", target.ids)]) - self
        others.write({fname: [fields.Command.unlink(target.id)]})
        self.write({fname: [fields.Command.link(target.id)]})

    @api.model
    def _get_mapping_fields(self):
        return ["product_ids", "product_category_ids", "account_ids"]
