from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    campaign_own_approval_limit = fields.Monetary(
        string="Own Approval Limit",
        help="Managers approve campaigns that they are responsible for, or have submitted "
        "themselves, up to this budget.",
    )
    campaign_revision_tolerance = fields.Float(
        string="Revision Tolerance",
        help="A revised budget that is not more than this share above the approved one "
        "applies without another approval.",
    )

    _campaign_revision_tolerance_positive = models.Constraint(
        "CHECK(campaign_revision_tolerance IS NULL OR campaign_revision_tolerance >= 0)",
        "The tolerance of budget revisions cannot be negative.",
    )

    def cache_invalidation_fields(self):
        # whether all companies share one currency is remembered, see marketing.money.sql
        return super().cache_invalidation_fields() | {"currency_id"}
