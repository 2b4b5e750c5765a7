from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.roi_dashboard.report.marketing_roi_report_reach import LeadSource

# Source numbers in the report's row ids.
MQL_SOURCE, SQL_SOURCE = 9, 10


class MarketingRoiReport(models.Model):
    """Leads that became qualified, by the date they first did, and what one costs."""

    _inherit = "marketing.roi.report"

    fact = fields.Selection(
        selection_add=[("mql", "Marketing Qualified Lead"), ("sql", "Sales Qualified Lead")]
    )
    mql_count = fields.Integer(
        string="MQL",
        readonly=True,
        help="Leads of the campaign by the day they first were marketing qualified.",
    )
    sql_count = fields.Integer(
        string="SQL",
        readonly=True,
        help="Leads of the campaign by the day a salesperson first took them as an opportunity.",
    )
    cost_per_mql = fields.Monetary(string="Cost per MQL", readonly=True, aggregator="avg")
    cost_per_sql = fields.Monetary(string="Cost per SQL", readonly=True, aggregator="avg")

    _depends = {"crm.lead": ["date_mql", "date_sql"]}

    @api.model
    def _get_counts(self):
        return (*super()._get_counts(), "mql_count", "sql_count")

    @api.model
    def _get_ratios(self):
        return super()._get_ratios() | {
            "cost_per_mql": ("cost_actual", "mql_count"),
            "cost_per_sql": ("cost_actual", "sql_count"),
        }

    @api.model
    def _get_lead_sources(self):
        return [
            *super()._get_lead_sources(),
            self._get_qualified_source(MQL_SOURCE, "mql"),
            self._get_qualified_source(SQL_SOURCE, "sql"),
        ]

    def _get_qualified_source(self, number, stage):
        date = SQL.identifier("lead", f"date_{stage}")
        return LeadSource(
            number,
            SQL("%s::varchar", stage),
            {stage: f"{stage}_count"},
            date,
            SQL("%s IS NOT NULL", date),
        )
