from odoo import api, models
from odoo.tools.misc import format_amount


class ReportMarketingPeriodReview(models.AbstractModel):
    """The period review of an export, with the figures of the person it is for."""

    _name = "report.roi_dashboard.marketing_period_review"
    _description = "Marketing Review"

    @api.model
    def _get_report_values(self, docids, data=None):
        exports = self.env["marketing.report.export"].browse(docids)
        exports.check_access("read")
        readers = [export._as_reader() for export in exports]
        return {
            "doc_ids": docids,
            "doc_model": exports._name,
            "docs": exports,
            "pages": [
                {
                    "company": reader.env.company,
                    "lang": reader.env.lang,
                    "title": reader._get_title(),
                    "subtitle": reader._get_subtitle(),
                    "notes": reader._get_notes(),
                    "has_before": bool(reader._get_domain_before()),
                    **reader.env["marketing.report.page"]._get_blocks(
                        reader._get_domain(), reader._get_domain_before()
                    ),
                }
                for reader in readers
            ],
        }


class ReportMarketingCampaignSheet(models.AbstractModel):
    """One page per campaign with its programme: plan, cost, return, funnel, targets."""

    _name = "report.roi_dashboard.marketing_campaign_sheet"
    _description = "Campaign on One Page"

    @api.model
    def _get_report_values(self, docids, data=None):
        campaigns = self.env["utm.campaign"].browse(docids)
        campaigns.check_access("read")
        self.env["marketing.roi.report"].check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": "utm.campaign",
            "docs": campaigns,
            "pages": [self._prepare_page(campaign) for campaign in campaigns],
        }

    def _prepare_page(self, campaign):
        page = self.env["marketing.report.page"]
        domain = campaign._get_report_domain()
        return {
            "campaign": campaign,
            "company": campaign.company_id or self.env.company,
            "today": page._get_today_text(),
            "kpis": page._get_kpis(domain),
            "months": page._get_months(domain),
            "funnel": page._get_funnel(domain),
            "channels": page._get_groups(domain, "medium_id", 6, "revenue_invoiced"),
            "costs": self._get_costs(domain),
            "notes": self.env["marketing.report.export"]
            .new({"kind": "review", "company_ids": self.env.companies})
            ._get_notes(),
        }

    def _get_costs(self, domain):
        """Actual cost by category, the largest first."""
        groups = self.env["marketing.roi.report"]._read_group(
            [*domain, ("fact", "=", "cost")], ["cost_category_id"], ["cost_actual:sum"]
        )
        groups = sorted(
            ((category, float(amount or 0)) for category, amount in groups if amount),
            key=lambda group: -group[1],
        )
        top = max((amount for _category, amount in groups), default=0)
        return [
            {
                # sudo: the name of a category of readable costs
                "label": category.sudo().display_name or self.env._("Without"),
                "text": format_amount(self.env, amount, self.env.company.currency_id),
                "width": self.env["marketing.report.page"]._get_width(amount, top),
            }
            for category, amount in groups
        ]
