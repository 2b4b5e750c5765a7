from odoo import api, models
from odoo.exceptions import ValidationError


class MarketingAttributionModel(models.Model):
    """The model used for ROI answers: one that refuses to be computed would say nobody sold."""

    _inherit = "marketing.attribution.model"

    @api.constrains("is_default", "method", "min_conversions", "min_paths")
    def _check_default_is_computed(self):
        for model in self.filtered(lambda model: model.is_default and model.refusal):
            raise ValidationError(
                self.env._(
                    "%(model)s is not computed: %(reason)s Use another model for ROI.",
                    model=model.name,
                    reason=model.refusal,
                )
            )
