from odoo import fields, models


class ResUsers(models.Model):
    """Salespeople who claim leads."""

    _inherit = "res.users"

    lead_claim_count = fields.Integer(
        "Claims of Leads",
        readonly=True,
        copy=False,
        groups="sales_team.group_sale_manager",
        help="Raised with each claim from a public pool, which is what lets the limits of a pool "
        "hold when somebody claims in two windows at once.",
    )
