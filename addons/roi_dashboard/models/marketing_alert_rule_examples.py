from odoo import api, models
from odoo.fields import Command

EXAMPLES = ("roi", "cost", "cost_per_lead", "leads", "revenue")


class MarketingAlertRule(models.Model):
    """The examples that every company starts with: off, and telling nobody."""

    _inherit = "marketing.alert.rule"

    @api.model
    def _create_examples(self, companies=None):
        """Give companies that have no rules the shipped ones, which belong to the first company.

        They are copied, so that their names come in every language there is.
        """
        rules = self.with_context(active_test=False)
        companies = companies or self.env["res.company"].search([])
        companies -= rules.search([("company_id", "in", companies.ids)]).company_id
        for company in companies:
            for example in self._get_examples():
                example.copy(self._prepare_example_vals(company))

    @api.model
    def _get_examples(self):
        """The shipped rules that nobody deleted."""
        examples = self.browse()
        for name in EXAMPLES:
            record = self.env.ref(
                f"roi_dashboard.marketing_alert_rule_{name}", raise_if_not_found=False
            )
            examples |= record or examples
        return examples

    @api.model
    def _prepare_example_vals(self, company):
        """What the first company has put in for itself stays with it."""
        return {
            "company_id": company.id,
            "active": False,
            "model_id": False,
            "campaign_ids": [Command.clear()],
            "user_ids": [Command.clear()],
            "channel_id": False,
            "has_activity": False,
        }
