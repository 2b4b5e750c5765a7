from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class UtmCampaign(models.Model):
    """Campaigns made from templates, and templates made from campaigns.

    A template is a campaign that is never submitted; its dates only say how far its parts lie
    from its start. A copy takes the programme, the budget lines, targets and planned work with
    their dates shifted, and the mailings that are still drafts. It never takes costs, revisions,
    approvals, the analytic account, leads or touches: those belong to what has happened.
    """

    _inherit = "utm.campaign"

    @api.constrains("is_template", "parent_id")
    def _check_is_template(self):
        for campaign in self:
            if campaign.parent_id and campaign.parent_id.is_template != campaign.is_template:
                raise ValidationError(
                    self.env._(
                        "%(campaign)s and its programme must both be templates, or neither.",
                        campaign=campaign.title,
                    )
                )
            if campaign.is_template and campaign.state != "draft":
                raise ValidationError(
                    self.env._(
                        "%(campaign)s is on its way already. Save it as a template: that makes "
                        "a copy.",
                        campaign=campaign.title,
                    )
                )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if "title" not in (default or {}):
            for campaign, vals in zip(self, vals_list, strict=True):
                vals["title"] = self.env._("%(title)s (copy)", title=campaign.title)
        for vals in vals_list:
            vals.pop("name", None)
        return vals_list

    def _check_state_change(self, state):
        self._check_not_template()
        return super()._check_state_change(state)

    def _ensure_analytic_account(self):
        self._check_not_template()
        return super()._ensure_analytic_account()

    def _check_not_template(self):
        """Nothing happens in a template: its costs would be in no figure."""
        # sudo: whoever books a cost need not see the plan of the campaign
        templates = self.sudo().filtered("is_template")
        if templates:
            raise UserError(
                self.env._(
                    "%(campaign)s is a template. Make a campaign from it first.",
                    campaign=templates[0].title,
                )
            )

    # ------------------------------------------------------------------ actions

    def action_save_as_template(self):
        self.ensure_one()
        template = self._copy_programme({"is_template": True, "parent_id": False}, self.date_start)
        return template._get_form_action()

    def action_new_from_template(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_campaign_ext.marketing_campaign_from_template_action"
        )
        action["context"] = {"default_template_id": self.id}
        return action

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------------ business

    def _copy_programme(self, values, date_start):
        """Copy the campaign and all below it, moved in time to begin on ``date_start``.

        ``values`` apply to the copy of the campaign itself; who, which company and whether it is
        a template apply to the whole programme.
        """
        self.ensure_one()
        inherited = {
            fname: values[fname]
            for fname in ("is_template", "company_id", "user_id")
            if fname in values
        }
        shift = timedelta()
        if date_start and self.date_start:
            shift = date_start - self.date_start
        copies = {}
        for campaign in self._get_programme().sorted(lambda node: node.parent_path.count("/")):
            own = (
                values
                if campaign == self
                else {
                    **inherited,
                    "title": campaign.title,
                    "parent_id": copies[campaign.parent_id.id].id,
                }
            )
            copies[campaign.id] = campaign._copy_in_time(own, shift)
        return copies[self.id]

    def _copy_in_time(self, values, shift):
        """Copy one campaign with its dates, its budget lines and its draft mailings moved.

        Amounts of another company are converted at today's rate. Those of a template that is
        shared have no currency: they are taken as they stand.
        """
        self.ensure_one()
        copy = self.copy(
            {
                "title": self.title,
                "is_template": False,
                "date_start": self.date_start and self.date_start + shift,
                "date_end": self.date_end and self.date_end + shift,
                **values,
            }
        )
        for line in copy.budget_line_ids:
            line.write(
                {
                    "date_from": line.date_from + shift,
                    "date_to": line.date_to + shift,
                    "amount": self._convert_for(copy, line.amount),
                }
            )
        money = copy.target_ids._get_money_metrics()
        for target in copy.target_ids.filtered(lambda target: target.metric in money):
            target.target_value = self._convert_for(copy, target.target_value)
        self._copy_draft_mailings(copy)
        return copy

    def _convert_for(self, copy, amount):
        if not (self.company_id and copy.company_id):
            return amount
        today = fields.Date.context_today(self)
        return self.currency_id._convert(amount, copy.currency_id, copy.company_id, today)

    def _copy_draft_mailings(self, campaign):
        """Mailings not sent yet go along, for users who may write mailings."""
        mailings = self.env["mailing.mailing"]
        if not mailings.has_access("create"):
            return mailings
        for mailing in mailings.search([("campaign_id", "=", self.id), ("state", "=", "draft")]):
            mailings |= mailing.copy({"campaign_id": campaign.id, "subject": mailing.subject})
        return mailings
