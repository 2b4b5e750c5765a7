from odoo import api, models


class UtmCampaign(models.Model):
    """Leads of a campaign that have ever qualified: the date they did is kept, so losing the
    score later does not take them out of the count."""

    _inherit = "utm.campaign"

    def _measure_mql(self):
        return self._count_leads([("date_mql", "!=", False)])

    def _measure_sql(self):
        return self._count_leads([("date_sql", "!=", False)])

    @api.model
    def _get_formulas(self):
        return super()._get_formulas() | {"cost_per_mql": {"cost", "mql"}}

    @api.model
    def _formula_cost_per_mql(self, cost, mql):
        return self._formula_cost_per_lead(cost=cost, leads=mql)
