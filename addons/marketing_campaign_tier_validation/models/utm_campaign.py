from odoo import models


class UtmCampaign(models.Model):
    """Approval of campaigns by tiers, where tiers are defined.

    Submitting a campaign that matches a tier definition asks its reviewers; approval levels and
    own approval limits do not count for it then. The last review approves the campaign, a
    rejection sends it back to draft with the comments as the reason. Campaigns that match no
    definition are approved as without this addon; revisions of budgets have tiers of their own.
    """

    _name = "utm.campaign"
    _inherit = ["utm.campaign", "tier.validation"]

    _tier_validation_manual_config = False
    _state_from = ["submitted"]
    _state_to = ["approved"]
    _cancel_state = "cancelled"

    def write(self, vals):
        if vals.get("state") == "draft":
            # Withdrawing or refusing a campaign under validation is no edit of it
            self = self.with_context(skip_validation_check=True)
        return super().write(vals)

    def _after_state_change(self):
        result = super()._after_state_change()
        submitted = self.filtered(lambda campaign: campaign.state == "submitted")
        for campaign in submitted.filtered("need_validation"):
            campaign.request_validation()
        return result

    def _is_tier_validated(self):
        """Whether tiers decide about the approval of this campaign."""
        self.ensure_one()
        return self.state == "submitted" and bool(self.review_ids or self.need_validation)

    def _ask_for_approval(self, amount, note=None):
        if self._is_tier_validated():
            return None
        return super()._ask_for_approval(amount, note=note)

    def _get_approvers(self, amount):
        if self._is_tier_validated():
            return self.reviewer_ids
        return super()._get_approvers(amount)

    def _check_may_approve(self, amount):
        if self._is_tier_validated():
            return None
        return super()._check_may_approve(amount)

    def _validate_tier(self, tiers=False):
        result = super()._validate_tier(tiers)
        if self.state == "submitted" and self.validation_status == "validated":
            # sudo: the tiers have decided, reviewers need not be campaign managers
            self.sudo().action_approve()
        return result

    def _rejected_tier(self, tiers=False):
        result = super()._rejected_tier(tiers)
        if self.state == "submitted" and self.validation_status == "rejected":
            rejected = self.review_ids.filtered(lambda review: review.status == "rejected")
            comments = [review.comment for review in rejected if review.comment]
            reason = "; ".join(comments) or self.env._(
                "rejected by %(users)s", users=", ".join(rejected.done_by.mapped("name"))
            )
            # sudo: the tiers have decided, reviewers need not be campaign managers
            self.sudo()._refuse(reason)
        return result
