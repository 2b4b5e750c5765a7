from odoo import api, models
from odoo.tools import SQL


class MarketingCostReport(models.Model):
    """Committed money: what confirmed purchase orders still have to be billed.

    A line commits its untaxed price times the part that no posted bill has billed yet, at the
    rate of the order's date, split like its analytic distribution. An order for one piece is billed
    by money, other orders by quantity, see ``_sql_billed_rate``. Draft bills bill nothing, so a
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
    def _fact_sources(self):
        return super()._fact_sources() | {
            4: ({"committed"}, self._purchase_facts),
            6: ({"committed"}, self._down_payment_facts),
        }

    @api.model
    def _purchase_facts(self) -> SQL:
        return self._fact_query(
            4,
            "committed",
            "purchase.order.line",
            SQL(
                "FROM (%s) AS line %s WHERE line.billed_rate < 1",
                self._billed_lines_sql(),
                self._sql_share_joins(SQL("line.analytic_distribution")),
            ),
            record_id=SQL("line.id"),
            part=SQL("share.part"),
            name=SQL("line.order_name || ': ' || line.name"),
            date=SQL("line.date"),
            campaign_id=SQL("node.id"),
            partner_id=SQL("line.partner_id"),
            product_id=SQL("line.product_id"),
            account_id=self._sql_purchase_account(),
            company_id=SQL("line.company_id"),
            amount=self._sql_share(
                SQL("line.amount * LEAST(1, 1 - line.billed_rate)"),
                self._sql_rounding(SQL("line.company_id")),
            ),
        )

    @api.model
    def _billed_lines_sql(self) -> SQL:
        """Order lines with their amount in the currency of the company, and how much is billed."""
        return SQL(
            """
            SELECT line.id, line.name, line.company_id, line.product_id,
                   line.analytic_distribution, po.name AS order_name, po.partner_id,
                   po.date_order::date AS date,
                   line.price_subtotal / COALESCE(NULLIF(po.currency_rate, 0), 1) AS amount,
                   COALESCE(SUM(%(billed_rate)s), 0) AS billed_rate
              FROM purchase_order_line line
              JOIN purchase_order po ON po.id = line.order_id
         LEFT JOIN account_move_line item
                ON item.purchase_line_id = line.id AND item.parent_state = 'posted'
         LEFT JOIN account_move move
                ON move.id = item.move_id AND move.move_type IN %(vendor_documents)s
             WHERE po.state = 'purchase'
               AND po.is_commitment_released IS NOT TRUE
               AND line.display_type IS NULL
               AND line.product_qty <> 0
               AND %(in_scope)s
          GROUP BY line.id, po.id
            """,
            billed_rate=self._sql_billed_rate(),
            vendor_documents=self._vendor_documents,
            in_scope=self._sql_in_scope("purchase.order.line"),
        )

    @api.model
    def _sql_billed_rate(self) -> SQL:
        """Part of an order line that one posted bill line has taken.

        An order for one piece is a sum of money: what was billed of it says how much is left. In
        other orders the quantity does, and the price may differ; only a refund reopens no more
        than its money.
        """
        billed_money = SQL(
            """
            CASE WHEN item.currency_id = po.currency_id
                 THEN item.price_subtotal
                      * CASE move.move_type WHEN 'in_refund' THEN -1 ELSE 1 END
                 ELSE item.balance * COALESCE(NULLIF(po.currency_rate, 0), 1)
            END / NULLIF(line.price_subtotal, 0)
            """
        )
        billed_pieces = SQL(
            """
            item.quantity / line.product_qty
            * CASE WHEN item.product_uom_id = line.product_uom_id THEN 1
                   ELSE COALESCE(
                       (SELECT billed.factor / NULLIF(ordered.factor, 0)
                          FROM uom_uom billed, uom_uom ordered
                         WHERE billed.id = item.product_uom_id
                           AND ordered.id = line.product_uom_id), 1)
              END
            """
        )
        return SQL(
            """
            CASE WHEN move.id IS NULL THEN 0
                 WHEN line.product_qty = 1 AND line.price_subtotal <> 0 THEN %(money)s
                 ELSE GREATEST(
                     CASE move.move_type WHEN 'in_refund' THEN -1 ELSE 1 END * %(pieces)s,
                     CASE move.move_type WHEN 'in_refund' THEN %(money)s END
                 )
            END
            """,
            money=billed_money,
            pieces=billed_pieces,
        )

    @api.model
    def _sql_purchase_account(self) -> SQL:
        """Account that a bill of the order line will most likely use."""
        return SQL(
            """
            COALESCE(
                (SELECT COALESCE(
                            template.property_account_expense_id ->> line.company_id::text,
                            family.property_account_expense_categ_id ->> line.company_id::text
                        )::int
                   FROM product_product product
                   JOIN product_template template ON template.id = product.product_tmpl_id
              LEFT JOIN product_category family ON family.id = template.categ_id
                  WHERE product.id = line.product_id),
                (SELECT company.expense_account_id FROM res_company company
                  WHERE company.id = line.company_id)
            )
            """
        )

    @api.model
    def _down_payment_facts(self) -> SQL:
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
                JOIN utm_campaign node ON node.analytic_account_id = %(account)s
                WHERE down.is_downpayment
                  AND po.state = 'purchase'
                  AND po.is_commitment_released IS NOT TRUE
                  AND item.parent_state = 'posted'
                """,
                account=self._sql_campaign_account(),
            ),
            **self._sql_analytic_line() | {"name": SQL("po.name || ': ' || line.name")},
            amount=SQL("line.amount"),
        )

    @api.model
    def _get_document_of(self, model, record_id, campaign):
        if model == "purchase.order.line":
            # Only the link is read with more rights; opening the order is checked by the caller.
            line = self.env[model].sudo().browse(record_id)
            return line.order_id.sudo(False)
        return super()._get_document_of(model, record_id, campaign)
