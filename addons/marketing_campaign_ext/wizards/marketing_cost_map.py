from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class MarketingCostMap(models.TransientModel):
    """Give uncategorised costs a category by mapping what they have in common."""

    _name = "marketing.cost.map"
    _description = "Map Costs to Categories"

    line_ids = fields.One2many("marketing.cost.map.line", "map_id", string="Costs")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        values["line_ids"] = [Command.create(vals) for vals in self._find_uncategorised()]
        return values

    @api.model
    def _find_uncategorised(self):
        """What is spent without a category, by product and account, the largest first."""
        groups = self.env["marketing.cost.report"]._read_group(
            [("category_id", "=", False), ("state", "!=", "planned")],
            ["product_id", "account_id"],
            ["amount_reporting:sum", "__count"],
        )
        found = [
            {
                "product_id": product.id,
                "account_id": account.id,
                "amount": amount,
                "count": count,
                "by": "product" if product else "account",
            }
            for product, account, amount, count in groups
            if product or account
        ]
        return sorted(found, key=lambda vals: -abs(vals["amount"]))

    def action_map(self):
        chosen = self.line_ids.filtered("category_id")
        if not chosen:
            raise UserError(self.env._("Choose a category for at least one line."))
        for line in chosen:
            line._apply()
        return {"type": "ir.actions.act_window_close"}


class MarketingCostMapLine(models.TransientModel):
    _name = "marketing.cost.map.line"
    _description = "Uncategorised Costs of a Product or Account"

    map_id = fields.Many2one("marketing.cost.map", required=True, ondelete="cascade")
    product_id = fields.Many2one("product.product")
    account_id = fields.Many2one("account.account")
    count = fields.Integer(string="Rows", readonly=True)
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", default=lambda self: self.env.company.currency_id)
    by = fields.Selection(
        [
            ("product", "This product"),
            ("family", "Its product category"),
            ("account", "This account"),
        ],
        string="Found by",
        required=True,
    )
    category_id = fields.Many2one("marketing.cost.category", string="Cost Category")

    def _apply(self):
        self.ensure_one()
        targets = {
            "product": ("product_ids", self.product_id),
            "family": ("product_category_ids", self.product_id.categ_id),
            "account": ("account_ids", self.account_id),
        }
        fname, target = targets[self.by]
        if not target:
            raise UserError(
                self.env._("This cost has nothing of that kind to map. Choose another way.")
            )
        self.category_id._map(fname, target)
