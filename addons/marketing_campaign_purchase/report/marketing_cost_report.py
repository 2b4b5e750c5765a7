from odoo import api, models
from odoo.tools import SQL


class MarketingCostReport(models.Model):
    """Committed money: what confirmed purchase orders still have to be billed.

    A line commits its untaxed price times the part that no posted bill has billed yet, at the
    rate of the order's date, split like its analytic distribution. Draft bills bill nothing, so a
    bill that is reset to draft gives the commitment back, and one that is posted takes it over:
    at no moment does money count twice. What is billed above the order
    shows as actual cost; a commitment is never negative.

    A vendor refund reopens the order as far as its money goes: a bill that is reversed as a whole
    is as if it had not been, while a small credit on a large line reopens that small part only.
    A down payment is actual cost and reduces the commitment until the final bill deducts it.
    """

    _inherit = "marketing.cost.report"
    _depends = {
        "account.move.line": [
            "balance",
            "currency_id",
            "parent_state",
            "price_subtotal",
            "product_uom_id",
            "purchase_line_id",
            "quantity",
        ],
        "product.category": ["property_account_expense_categ_id"],
        "product.template": ["property_account_expense_id"],
        "purchase.order": [
            "company_id",
            "currency_id",
            "currency_rate",
            "date_order",
            "is_commitment_released",
            "name",
            "partner_id",
            "state",
        ],
        "purchase.order.line": [
            "analytic_distribution",
            "company_id",
            "display_type",
            "is_downpayment",
            "name",
            "order_id",
            "price_subtotal",
            "product_id",
            "product_qty",
            "product_uom_id",
        ],
        "res.company": ["expense_account_id"],
        "uom.uom": ["factor"],
    }

    @api.model
    def _fact_queries(self):
        return [*super()._fact_queries(), self._purchase_facts(), self._down_payment_facts()]

    @api.model
    def _purchase_facts(self) -> SQL:
        account = self._sql_purchase_account()
        return self._fact_query(
            4,
            "committed",
            "purchase.order.line",
            SQL(
                """
                FROM purchase_order_line line
                JOIN purchase_order po ON po.id = line.order_id
                JOIN res_company company ON company.id = line.company_id
                JOIN res_currency currency ON currency.id = company.currency_id
                LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
                CROSS JOIN LATERAL (%(billed)s) AS billed
                CROSS JOIN LATERAL (%(shares)s) AS share
                %(category_joins)s
                WHERE po.state = 'purchase'
                  AND po.is_commitment_released IS NOT TRUE
                  AND line.display_type IS NULL
                  AND line.analytic_distribution IS NOT NULL
                  AND line.product_qty <> 0
                  AND billed.quantity / line.product_qty < 1
                """,
                billed=self._sql_billed_quantity(),
                shares=self._sql_campaign_shares(
                    SQL("line.analytic_distribution"),
                    SQL(
                        """
                        (line.price_subtotal / COALESCE(NULLIF(po.currency_rate, 0), 1)
                         * LEAST(1, 1 - billed.quantity / line.product_qty))
                        """
                    ),
                    SQL("currency.rounding"),
                ),
                category_joins=self._sql_category_joins(SQL("line.product_id"), account),
            ),
            record_id=SQL("line.id"),
            part=SQL("share.part"),
            name=SQL("po.name || ': ' || line.name"),
            date=SQL("po.date_order::date"),
            campaign_id=SQL("share.campaign_id"),
            category_id=self._sql_category(),
            partner_id=SQL("po.partner_id"),
            product_id=SQL("line.product_id"),
            account_id=account,
            company_id=SQL("line.company_id"),
            currency_id=SQL("company.currency_id"),
            amount=SQL("share.amount"),
        )

    @api.model
    def _sql_billed_quantity(self) -> SQL:
        """Quantity of an order line that posted bills have taken, in the unit of the order."""
        return SQL(
            """
            SELECT COALESCE(SUM(
                       CASE WHEN move.move_type <> 'in_refund' THEN bill.in_unit
                            WHEN bill.currency_id <> po.currency_id
                                 OR line.price_subtotal = 0 THEN -bill.in_unit
                            ELSE -LEAST(
                                bill.in_unit,
                                ABS(bill.price_subtotal * line.product_qty / line.price_subtotal)
                            )
                       END), 0) AS quantity
              FROM (
                    SELECT item.*,
                           item.quantity * COALESCE(item_unit.factor, 1)
                           / COALESCE(NULLIF(unit.factor, 0), 1) AS in_unit
                      FROM account_move_line item
                 LEFT JOIN uom_uom item_unit ON item_unit.id = item.product_uom_id
                     WHERE item.purchase_line_id = line.id
                       AND item.parent_state = 'posted'
                   ) AS bill
              JOIN account_move move ON move.id = bill.move_id
             WHERE move.move_type IN ('in_invoice', 'in_refund', 'in_receipt')
            """
        )

    @api.model
    def _sql_purchase_account(self) -> SQL:
        """Account that a bill of the order line will most likely use."""
        return SQL(
            """
            COALESCE(
                (mapped_template.property_account_expense_id ->> line.company_id::text)::int,
                (SELECT (family.property_account_expense_categ_id ->> line.company_id::text)::int
                   FROM product_category family WHERE family.id = mapped_template.categ_id),
                company.expense_account_id
            )
            """
        )

    @api.model
    def _down_payment_facts(self) -> SQL:
        plan = self.env.ref("marketing_campaign_ext.analytic_plan_campaigns").sudo()
        column = self.env["account.analytic.line"]._fields[plan._column_name()]
        return self._fact_query(
            6,
            "committed",
            "account.analytic.line",
            SQL(
                """
                FROM purchase_order_line down
                JOIN purchase_order po ON po.id = down.order_id
                JOIN account_move_line item ON item.purchase_line_id = down.id
                JOIN account_analytic_line line ON line.move_line_id = item.id
                JOIN utm_campaign node ON node.analytic_account_id = %(column)s
                JOIN res_company company ON company.id = line.company_id
                %(category_joins)s
                WHERE down.is_downpayment
                  AND po.state = 'purchase'
                  AND po.is_commitment_released IS NOT TRUE
                  AND item.parent_state = 'posted'
                """,
                column=SQL.identifier("line", column.name, to_flush=column),
                category_joins=self._sql_category_joins(
                    SQL("line.product_id"), SQL("line.general_account_id")
                ),
            ),
            record_id=SQL("line.id"),
            name=SQL("po.name || ': ' || line.name"),
            date=SQL("line.date"),
            campaign_id=SQL("node.id"),
            category_id=self._sql_category(),
            partner_id=SQL("line.partner_id"),
            product_id=SQL("line.product_id"),
            account_id=SQL("line.general_account_id"),
            company_id=SQL("line.company_id"),
            currency_id=SQL("company.currency_id"),
            amount=SQL("line.amount"),
        )

    @api.model
    def _get_document_of(self, model, record_id, campaign):
        if model == "purchase.order.line":
            # Only the link is read with more rights; opening the order is checked by the caller.
            line = self.env[model].sudo().browse(record_id)
            return line.order_id.sudo(False)
        return super()._get_document_of(model, record_id, campaign)
