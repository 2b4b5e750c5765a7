from odoo import fields, models

READERS = "marketing_campaign_ext.group_campaign_user,marketing_campaign_ext.group_campaign_finance"


class UtmCampaign(models.Model):
    """A campaign's figures for reports, and its review."""

    _inherit = "utm.campaign"

    campaign_review_ids = fields.One2many(
        "marketing.campaign.review", "campaign_id", groups=READERS
    )

    def _get_report_domain(self):
        """The figures of the campaign and those below it, in the chosen companies."""
        self.ensure_one()
        return [
            ("campaign_id", "child_of", self.id),
            ("company_id", "in", self.env.companies.ids),
        ]

    def action_open_review(self):
        """The review of the campaign; a new one with its figures if there is none."""
        self.ensure_one()
        review = self.campaign_review_ids[:1] or self.env["marketing.campaign.review"].create(
            {"campaign_id": self.id}
        )
        return review.get_formview_action()
