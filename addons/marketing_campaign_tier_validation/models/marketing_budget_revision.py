from odoo import models


class MarketingBudgetRevision(models.Model):
    """Approval of budget revisions by tiers, where tiers are defined for them.

    Only what needs an approval is asked for: a revision within the tolerance of the company
    applies at once, tiers or not. The last review applies the revision, a rejection refuses it and
    leaves the budget as it is.
    """

    _name = "marketing.budget.revision"
    _inherit = ["marketing.budget.revision", "tier.validation"]

    _tier_validation_manual_config = False
    _state_from = ["pending"]
    _state_to = ["applied"]
    _cancel_state = "refused"

    def _compute_need_validation(self):
        result = super()._compute_need_validation()
        for revision in self:
            revision.need_validation &= revision.is_approval_needed
        return result

    def _ask_for_decision(self):
        if self.need_validation:
            return self.request_validation()
        return super()._ask_for_decision()

    def _check_may_approve(self):
        # Under validation the tiers decide: writing the outcome is refused until they have
        if self.review_ids:
            return None
        return super()._check_may_approve()

    def _validate_tier(self, tiers=False):
        result = super()._validate_tier(tiers)
        if self.state == "pending" and self.validation_status == "validated":
            # sudo: the tiers have decided, reviewers need not be campaign managers
            self.sudo().action_approve()
        return result

    def _rejected_tier(self, tiers=False):
        result = super()._rejected_tier(tiers)
        if self.state == "pending" and self.validation_status == "rejected":
            rejected = self.review_ids.filtered(lambda review: review.status == "rejected")
            comments = [review.comment for review in rejected if review.comment]
            # sudo: the tiers have decided, reviewers need not be campaign managers
            self.sudo().action_refuse()
            if comments:
                self.sudo().campaign_id.message_post(body="; ".join(comments))
        return result
