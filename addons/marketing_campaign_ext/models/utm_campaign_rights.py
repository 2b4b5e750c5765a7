from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .utm_campaign import FINANCE, MANAGER, MARKETER

EDITABLE_VIEWS = ("form", "list", "kanban", "calendar")


class UtmCampaign(models.Model):
    """Who may write what of a campaign: everybody Odoo's part, marketers the plan, finance nothing.

    Rights on the model stay Odoo's: links of visitors and salespeople go on creating campaigns.
    What the plan is, ``_get_plan_fields`` says.
    """

    _inherit = "utm.campaign"

    is_plan_editable = fields.Boolean(compute="_compute_is_plan_editable")
    is_plan_manager = fields.Boolean(compute="_compute_is_plan_editable")
    is_read_only = fields.Boolean(compute="_compute_is_plan_editable")

    @api.depends_context("uid")
    def _compute_is_plan_editable(self):
        self.is_plan_editable = self.env.user.has_group(MARKETER)
        self.is_plan_manager = self.env.user.has_group(MANAGER)
        self.is_read_only = self._is_finance_reader()

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self._is_finance_reader())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Finance is offered nothing that would be refused when it is saved."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type in EDITABLE_VIEWS and self._is_finance_reader():
            for operation in ("create", "edit", "delete"):
                arch.set(operation, "0")
        return arch, view

    def _check_plan_access(self, vals):
        """Refuse the plan of a campaign to users who are not marketers."""
        if self.env.su or self.env.user.has_group(MARKETER):
            return
        if self and self._is_finance_reader():
            raise AccessError(
                self.env._("Finance reads campaigns and their money, marketers change them.")
            )
        refused = self._get_plan_fields().intersection(vals)
        if refused:
            labels = sorted(self._fields[name]._description_string(self.env) for name in refused)
            raise AccessError(
                self.env._(
                    "Only marketers plan campaigns. You may not change: %(fields)s. "
                    "Ask for the role Campaigns / Marketer.",
                    fields=", ".join(labels),
                )
            )

    @api.model
    def _is_finance_reader(self):
        """Finance has the reading part only; whoever is a marketer too may plan."""
        user = self.env.user
        return user.has_group(FINANCE) and not user.has_group(MARKETER)

    def _check_company_change(self, vals):
        """The company of a campaign pays for it: it changes as long as nothing is decided."""
        if self.env.su or "company_id" not in vals:
            return
        changing = self.filtered(lambda campaign: campaign.company_id.id != vals["company_id"])
        if changing and not self.env.user.has_group(MARKETER):
            raise AccessError(self.env._("Only marketers move a campaign to another company."))
        for campaign in changing:
            if campaign.state != "draft" or campaign.analytic_account_id:
                raise UserError(
                    self.env._(
                        "%(campaign)s has an account or was submitted: its company cannot change.",
                        campaign=campaign.title,
                    )
                )
