from odoo import fields, models


class MarketingApprovalLevel(models.Model):
    """Who approves campaigns from which budget on.

    Of the levels of a company, the one with the highest threshold that the budget reaches
    decides: one of its approvers has to approve, other managers may not. A budget below every
    threshold, or a company without levels, is approved by any campaign manager.
    """

    _name = "marketing.approval.level"
    _description = "Campaign Approval Level"
    _order = "company_id, amount_from"

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_from = fields.Monetary(
        string="From Budget", required=True, help="The level applies from this budget on."
    )
    approver_ids = fields.Many2many(
        "res.users",
        string="Approvers",
        required=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Campaign managers who may approve budgets of this level.",
    )

    _amount_unique = models.Constraint(
        "UNIQUE(company_id, amount_from)",
        "The company has a level with this threshold already.",
    )

    def _find(self, company, amount):
        """The level that decides about a budget, or none."""
        return self.search(
            [("company_id", "=", company.id), ("amount_from", "<=", amount)],
            order="amount_from desc",
            limit=1,
        )
