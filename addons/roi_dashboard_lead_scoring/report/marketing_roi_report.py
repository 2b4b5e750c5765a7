from odoo import api, fields, models
from odoo.tools import SQL

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
    def _fact_queries(self):
        return [
            *super()._fact_queries(),
            self._qualified_facts(MQL_SOURCE, "mql"),
            self._qualified_facts(SQL_SOURCE, "sql"),
        ]

    def _qualified_facts(self, source_no, stage):
        date = SQL.identifier("lead", f"date_{stage}")
        return self._fact_query(
            source_no,
            stage,
            self._model_row_id_sql(SQL("lead.id")),
            self._lead_body(SQL("%s IS NOT NULL AND %s", date, self._in_period_sql(date))),
            date=date,
            many=True,
            **{f"{stage}_count": SQL("1")},
            **self._lead_columns(),
        )
