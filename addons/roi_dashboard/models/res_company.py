from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    customer_life_months = fields.Integer(
        string="Life of a Customer (months)",
        default=36,
        help="How long a customer is expected to stay; the base of the lifetime value.",
    )

    customer_cost_limit = fields.Monetary(
        string="A New Customer May Cost",
        currency_field="currency_id",
        help="The limit for CAC on the Marketing ROI dashboard. 0: no limit is shown.",
    )
    ltv_cac_goal = fields.Float(
        string="Sound LTV : CAC",
        digits=(16, 1),
        default=3.0,
        help="From this on winning customers is worth its cost; three is usual. 0: no target "
        "is shown.",
    )
    pipeline_coverage = fields.Float(
        string="Pipeline Coverage",
        digits=(16, 1),
        help="How many times the revenue still missing of the campaigns' targets should be in open "
        "opportunities; three to four is usual. 0: no target is shown.",
    )

    _dashboard_goals_positive = models.Constraint(
        "CHECK(customer_cost_limit >= 0 AND ltv_cac_goal >= 0 AND pipeline_coverage >= 0)",
        "Targets of the dashboard cannot be negative.",
    )
    _customer_life_positive = models.Constraint(
        "CHECK(customer_life_months > 0)", "The life of a customer must be at least one month."
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # sudo: who opens a company need not be a manager of campaigns
        self.env["marketing.alert.rule"].sudo()._create_examples(companies)
        return companies
