from odoo import api, fields, models

from ..tools import kpi
from .utm_campaign import READERS


class UtmCampaign(models.Model):
    """What was planned to come back, and targets measured by what the campaign is credited with."""

    _inherit = "utm.campaign"

    roi_planned_text = fields.Char(
        string="Planned ROI",
        compute="_compute_planned_return",
        groups=READERS,
        help="(Targeted revenue - budget) / budget, the campaigns below it included. A dash: there "
        "is no revenue target or no budget.",
    )

    @api.depends("target_ids.metric", "target_ids.target_value", "budget_amount_total")
    def _compute_planned_return(self):
        for campaign in self:
            target = campaign.target_ids.filtered(lambda target: target.metric == "revenue")[:1]
            planned = kpi.roi(target.target_value, campaign.budget_amount_total) if target else None
            campaign.roi_planned_text = self._format_rate(planned)

    def _total_revenue(self, programme):
        """Targets of revenue and ROI look at the share the attribution gives a campaign.

        Not at the orders that name the campaign: these two are rarely the same. In the currency of
        each campaign, converted at the dates of the invoices.
        """
        totals = {}
        for company, campaigns in self.grouped("company_id").items():
            reader = campaigns.with_company(company or self.env.company)
            sums = reader._get_return_sums(["campaign_id"], companies=self.env.companies)
            for campaign in reader:
                totals[campaign.id] = campaign._sum_programme(sums)["revenue_invoiced"]
        return totals

    # ------------------------------------------------------------------ rows of one figure

    def action_open_revenue(self):
        """The shares of invoice lines that the attribution gives this campaign and those below."""
        action = self._action_open_return("revenue_amount_total", "invoiced")
        # rows of all companies count in the currency of the campaign, as the figure does
        action["context"]["marketing_cost_campaign"] = self.id
        return action

    def action_open_roi_cost(self):
        return self._action_open_return("roi_cost_amount", "cost")

    def action_open_roi_revenue(self):
        return self._action_open_return("roi_revenue_amount", "invoiced")

    def action_open_roi_pipeline(self):
        return self._action_open_return("roi_pipeline_amount", "pipeline")

    def _action_open_return(self, fname, fact):
        """The rows that a figure of the programme sums."""
        action = self.action_open_roi()
        label = self._fields[fname]._description_string(self.env)
        action.update(
            name=f"{self.title}: {label}",
            display_name=f"{self.title}: {label}",
            domain=[
                *action["domain"],
                # campaigns of companies one has not chosen are in no figure
                ("campaign_id.company_id", "in", [*self.env.companies.ids, False]),
                ("fact", "=", fact),
            ],
            context={},
            views=[
                (self.env.ref(f"roi_dashboard.marketing_roi_report_view_list_{fact}").id, "list"),
                (False, "kanban"),
                *(view for view in action["views"] if view[1] in ("pivot", "graph")),
            ],
        )
        if self._is_longer_than_a_page(action):
            action["context"]["search_default_group_month"] = True
        return action
