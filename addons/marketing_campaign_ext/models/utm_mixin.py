from odoo import api, models


class UtmMixin(models.AbstractModel):
    """Identifiers of campaigns across companies and across time.

    ``utm.campaign.name`` is unique over the whole database, while a user sees the campaigns of
    own companies only: what is taken is looked up without record rules, or a creation would fail
    on a name that the user cannot even see. And a link may carry an identifier that belongs to
    another campaign by now: aliases are followed before a campaign is made from a link.
    """

    _inherit = "utm.mixin"

    @api.model
    def _get_unique_names(self, model_name, names):
        if model_name != "utm.campaign":
            return super()._get_unique_names(model_name, names)
        # sudo: only to know which identifiers are taken, nothing of them is shown
        unique = super(UtmMixin, self.sudo())._get_unique_names(model_name, names)
        aliases = self.env["utm.campaign.alias"].sudo()._get_taken(unique)
        if not aliases:
            return unique
        bumped = []
        for name in unique:
            if name and name.lower() in aliases:
                base, count = self._split_name_and_count(name)
                bumped.append(f"{base} [{count + 1}]")
            else:
                bumped.append(name)
        return self._get_unique_names(model_name, bumped)

    def _find_or_create_record(self, model_name, name):
        if model_name == "utm.campaign" and name.strip():
            campaign = self.env["utm.campaign"]._find_by_identifier(name.strip())
            if campaign:
                return campaign
        return super()._find_or_create_record(model_name, name)
