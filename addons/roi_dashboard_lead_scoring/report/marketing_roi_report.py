from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.roi_dashboard.report.marketing_roi_report_reach import LeadSource

# Source numbers in the report's row ids.
MQL_SOURCE, SQL_SOURCE = 9, 10
LEAD_KEYS = {
    "lead_fit": SQL("LEFT(lead.score_grade, 1)"),
    "lead_outcome": SQL("lead.won_status"),
}


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

    lead_fit = fields.Selection(
        [("A", "A"), ("B", "B"), ("C", "C")],
        string="Fit",
        readonly=True,
        help="First letter of the grade the lead has now. Leads only.",
    )
    lead_outcome = fields.Selection(
        [("pending", "Open"), ("won", "Won"), ("lost", "Lost")],
        string="Outcome",
        readonly=True,
        help="What became of the lead. Leads only.",
    )

    _depends = {"crm.lead": ["date_mql", "date_sql", "score_grade", "won_status"]}

    @api.model
    def _get_dimensions(self):
        return super()._get_dimensions() | dict.fromkeys(LEAD_KEYS, "varchar")

    @api.model
    def _get_lead_keys(self):
        return super()._get_lead_keys() | LEAD_KEYS

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
