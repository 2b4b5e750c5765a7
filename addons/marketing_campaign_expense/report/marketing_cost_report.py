from odoo import api, models
from odoo.tools import SQL


class MarketingCostReport(models.Model):
    """Expenses on their way to the ledger.

    A submitted expense is shown as a draft; an approved one is money the company owes, hence
    committed; once it has a journal entry, the ledger speaks for it. Untaxed, in the currency of
    the company at the date of the expense, split like its analytic distribution.
    """

    _inherit = "marketing.cost.report"
    _depends = {
        "hr.expense": [
            "account_id",
            "account_move_id",
            "analytic_distribution",
            "company_id",
            "date",
            "name",
            "product_id",
            "state",
            "tax_amount",
            "total_amount",
            "vendor_id",
        ],
    }

    @api.model
    def _fact_sources(self):
        return super()._fact_sources() | {5: ({"draft", "committed"}, self._expense_facts)}

    @api.model
    def _expense_facts(self) -> SQL:
        return self._fact_query(
            5,
            "committed",
            "hr.expense",
            SQL(
                """
                FROM hr_expense line
                %(shares)s
                WHERE line.state IN ('submitted', 'approved')
                  AND line.account_move_id IS NULL
                  AND %(in_scope)s
                """,
                shares=self._sql_share_joins(SQL("line.analytic_distribution")),
                in_scope=self._sql_in_scope("hr.expense"),
            ),
            state=SQL("CASE line.state WHEN 'approved' THEN 'committed' ELSE 'draft' END"),
            record_id=SQL("line.id"),
            part=SQL("share.part"),
            name=SQL("line.name"),
            date=SQL("line.date"),
            campaign_id=SQL("node.id"),
            partner_id=SQL("line.vendor_id"),
            product_id=SQL("line.product_id"),
            account_id=SQL("line.account_id"),
            company_id=SQL("line.company_id"),
            amount=self._sql_share(
                SQL("(line.total_amount - COALESCE(line.tax_amount, 0))"),
                self._sql_rounding(SQL("line.company_id")),
            ),
        )
