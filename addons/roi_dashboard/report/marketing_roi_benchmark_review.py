from odoo import models


class MarketingRoiBenchmark(models.Model):
    """From a benchmark to the reviews of the campaigns of its kind."""

    _inherit = "marketing.roi.benchmark"

    def action_open_reviews(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "roi_dashboard.marketing_campaign_review_action"
        )
        domain = [("state", "=", "published")]
        if self.type_id:
            domain.append(("type_id", "=", self.type_id.id))
        if self.medium_id:
            domain.append(("medium_id", "=", self.medium_id.id))
        action["domain"] = domain
        action["context"] = {}
        return action
