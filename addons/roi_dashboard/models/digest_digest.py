from odoo import api, fields, models
from odoo.exceptions import AccessError

from .marketing_report_export import READERS

KPIS = {
    "kpi_marketing_cost": "cost_actual",
    "kpi_marketing_revenue": "revenue_invoiced",
    "kpi_marketing_conversions": "conversion_count",
    "kpi_marketing_new_customers": "new_customer_count",
}


class DigestDigest(models.Model):
    """Marketing in the digest: cost, revenue, conversions, new customers of each time frame.

    Figures are those of the ROI report for the company and the person the mail is for; who may
    not read the report does not get them.
    """

    _inherit = "digest.digest"

    kpi_marketing_cost = fields.Boolean("Marketing Cost")
    kpi_marketing_cost_value = fields.Monetary(compute="_compute_kpi_marketing_cost_value")
    kpi_marketing_revenue = fields.Boolean("Invoiced Revenue of Campaigns")
    kpi_marketing_revenue_value = fields.Monetary(compute="_compute_kpi_marketing_revenue_value")
    kpi_marketing_conversions = fields.Boolean("Conversions of Campaigns")
    kpi_marketing_conversions_value = fields.Float(
        compute="_compute_kpi_marketing_conversions_value"
    )
    kpi_marketing_new_customers = fields.Boolean("New Customers of Campaigns")
    kpi_marketing_new_customers_value = fields.Float(
        compute="_compute_kpi_marketing_new_customers_value"
    )

    def _compute_kpi_marketing_cost_value(self):
        self._calculate_marketing_kpi("kpi_marketing_cost")

    def _compute_kpi_marketing_revenue_value(self):
        self._calculate_marketing_kpi("kpi_marketing_revenue")

    def _compute_kpi_marketing_conversions_value(self):
        self._calculate_marketing_kpi("kpi_marketing_conversions")

    def _compute_kpi_marketing_new_customers_value(self):
        self._calculate_marketing_kpi("kpi_marketing_new_customers")

    def _calculate_marketing_kpi(self, name):
        """A measure of what campaigns did in the time frame, for the company of each digest."""
        if not self.env.user.has_groups(READERS):
            raise AccessError(
                self.env._("Do not have access, skip this data for user's digest email")
            )
        start, end, companies = self._get_kpi_compute_parameters()
        start, end = fields.Datetime.to_datetime(start), fields.Datetime.to_datetime(end)
        for company in companies:
            sums = (
                self.with_context(allowed_company_ids=company.ids)
                .env["marketing.report.figures"]
                ._get_total(
                    [
                        ("company_id", "=", company.id),
                        ("campaign_id", "!=", False),
                        ("date", ">=", start.date()),
                        ("date", "<", end.date()),
                    ],
                    [KPIS[name]],
                )
            )
            for digest in self:
                if (digest.company_id or self.env.company) == company:
                    digest[f"{name}_value"] = sums[KPIS[name]]

    @api.model
    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("marketing_campaign_ext.menu_campaign_root").id
        action = f"roi_dashboard.marketing_roi_report_action?menu_id={menu}"
        return actions | dict.fromkeys(KPIS, action)
