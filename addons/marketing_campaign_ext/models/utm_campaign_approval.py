from odoo import api, fields, models
from odoo.exceptions import AccessError

from .utm_campaign import MANAGER, PLAN_READERS

APPROVAL_ACTIVITY = "marketing_campaign_ext.mail_activity_type_approval"


class UtmCampaign(models.Model):
    """Who approves a campaign: by the amount of its budget, and never one's own above a limit.

    A campaign is somebody's own who is responsible for it or has submitted it. The rules are the
    same for the first approval and for a revised budget: ``_check_may_approve(amount)``.
    """

    _inherit = "utm.campaign"

    submitted_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approver_ids = fields.Many2many(
        "res.users",
        string="To be Approved by",
        compute="_compute_approver_ids",
        groups=PLAN_READERS,
    )

    @api.depends("budget_amount", "company_id", "user_id", "submitted_by_id", "state")
    def _compute_approver_ids(self):
        for campaign in self:
            campaign.approver_ids = campaign._get_approvers(campaign.budget_amount)

    def _get_approvers(self, amount):
        """Users who may approve this campaign with a budget of ``amount``."""
        self.ensure_one()
        company = self.company_id or self.env.company
        # sudo: levels and group members decide, whoever looks at the campaign
        level = self.env["marketing.approval.level"].sudo()._find(company, amount)
        managers = (
            self.env.ref(MANAGER)
            .sudo()
            .all_user_ids.filtered(lambda user: user.active and company in user.company_ids)
        )
        approvers = managers & level.approver_ids if level else managers
        if amount > company.campaign_own_approval_limit:
            approvers -= self.user_id | self.submitted_by_id
        return approvers - self.env.ref("base.user_root")

    def _check_may_approve(self, amount):
        """Refuse the approval of ``amount`` by the present user, and say who may instead."""
        self.ensure_one()
        if self.env.su:
            return
        user = self.env.user
        if not user.has_group(MANAGER):
            raise AccessError(self.env._("Only a campaign manager approves campaigns."))
        approvers = self._get_approvers(amount)
        if user in approvers:
            return
        names = ", ".join(approvers.mapped("name"))
        nobody = self.env._(
            "nobody: ask an administrator for an approval level or a higher own approval limit"
        )
        if user in self.user_id | self.submitted_by_id:
            raise AccessError(
                self.env._(
                    "%(campaign)s is your own and its budget of %(amount)s is above the limit up "
                    "to which managers approve their own campaigns. It can be approved by: "
                    "%(names)s.",
                    campaign=self.title,
                    amount=self.currency_id.format(amount),
                    names=names or nobody,
                )
            )
        raise AccessError(
            self.env._(
                "The budget of %(campaign)s, %(amount)s, is not within your approval level. "
                "It can be approved by: %(names)s.",
                campaign=self.title,
                amount=self.currency_id.format(amount),
                names=names or nobody,
            )
        )

    def _check_state_change(self, state):
        result = super()._check_state_change(state)
        if state == "approved":
            for campaign in self:
                campaign._check_may_approve(campaign.budget_amount)
        return result

    def _after_state_change(self):
        result = super()._after_state_change()
        for campaign in self:
            # sudo: who submitted and who approved is kept by the lifecycle
            if campaign.state == "submitted":
                campaign.sudo().submitted_by_id = self.env.user
                campaign._ask_for_approval(campaign.budget_amount)
            elif campaign.state == "approved":
                campaign.sudo().approved_by_id = self.env.user
        self.filtered(lambda campaign: campaign.state != "submitted")._drop_approval_requests()
        return result

    def _ask_for_approval(self, amount, note=None):
        """One activity for each person who may approve."""
        self.ensure_one()
        for user in self._get_approvers(amount):
            # sudo: the marketer asks people whose activities he may not manage
            asked = self.sudo().with_context(lang=user.lang)
            asked.activity_schedule(
                APPROVAL_ACTIVITY,
                user_id=user.id,
                summary=asked.env._(
                    "Approve a budget of %(amount)s", amount=self.currency_id.format(amount)
                ),
                note=note,
            )

    def _drop_approval_requests(self):
        # sudo: requests to other approvers fall away with the decision of one
        self.sudo().activity_unlink([APPROVAL_ACTIVITY])

    @api.model
    def _get_plan_fields(self):
        return super()._get_plan_fields() | {"submitted_by_id", "approved_by_id"}
