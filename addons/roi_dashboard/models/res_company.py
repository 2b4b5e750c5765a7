from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    customer_life_months = fields.Integer(
        string="Life of a Customer (months)",
        default=36,
        help="How long a customer is expected to stay; the base of the lifetime value.",
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
