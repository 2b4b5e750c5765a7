from odoo import api, models


class UtmMixin(models.AbstractModel):
    """Identifiers of campaigns across companies.

    ``utm.campaign.name`` is unique over the whole database, while a user sees the campaigns of
    own companies only. What is taken must therefore be looked up without record rules, or the
    creation would fail on a name that the user cannot even see.
    """

    _inherit = "utm.mixin"

    @api.model
    def _get_unique_names(self, model_name, names):
        if model_name == "utm.campaign":
            # sudo: only to know which identifiers are taken, nothing of them is shown
            self = self.sudo()
        return super()._get_unique_names(model_name, names)
