from odoo import api, fields, models

from .utm_campaign import PLAN_READERS


class UtmCampaign(models.Model):
    """The work of a campaign: what it launches by itself, and what its type proposes."""

    _inherit = "utm.campaign"

    action_ids = fields.One2many(
        "marketing.campaign.action",
        "campaign_id",
        string="Planned Work",
        copy=True,
        groups=PLAN_READERS,
    )

    @api.onchange("type_id")
    def _onchange_type_id(self):
        """Propose what the type usually has, where the campaign has nothing yet."""
        if not self.is_plan_editable or self.state != "draft":
            return
        campaign_type = self.type_id
        if not self.budget_line_ids and (self.company_id or self.is_template):
            self.budget_line_ids = [
                fields.Command.create({"category_id": category.id, "amount": 0})
                for category in campaign_type.category_ids
            ]
        if not self.target_ids:
            self.target_ids = [
                fields.Command.create(
                    {"metric": target.metric, "target_value": target.target_value}
                )
                for target in campaign_type.target_ids
            ]
        if not self.action_ids and campaign_type.activity_plan_id:
            self.action_ids = [
                fields.Command.create(
                    {
                        "kind": "activity_plan",
                        "activity_plan_id": campaign_type.activity_plan_id.id,
                    }
                )
            ]

    def _after_state_change(self):
        result = super()._after_state_change()
        # sudo: the actions of a campaign follow its life, whoever moves it
        actions = self.sudo().action_ids
        actions.filtered(
            lambda action: action.state == "planned" and action.campaign_id.state == "cancelled"
        ).write({"state": "skipped"})
        actions._run_due()
        return result

    @api.model
    def _get_plan_fields(self):
        return super()._get_plan_fields() | {"action_ids"}
