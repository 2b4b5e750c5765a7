from odoo import api, fields, models


class MarketingRoiBenchmark(models.Model):
    """What a qualified lead usually costs."""

    _inherit = "marketing.roi.benchmark"

    metric = fields.Selection(
        selection_add=[("cost_per_mql", "Cost per MQL"), ("cost_per_sql", "Cost per SQL")]
    )

    _depends = {"crm.lead": ["date_mql", "date_sql"]}

    @api.model
    def _get_metrics(self):
        return [
            *super()._get_metrics(),
            ("cost_per_mql", 16, "NULLIF(cost, 0) / NULLIF(mqls, 0)"),
            ("cost_per_sql", 17, "NULLIF(cost, 0) / NULLIF(sqls, 0)"),
        ]

    @api.model
    def _get_sums(self):
        return super()._get_sums() | {"mqls": "mql_count", "sqls": "sql_count"}
