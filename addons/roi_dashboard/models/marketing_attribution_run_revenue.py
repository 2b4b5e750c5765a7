from odoo import models
from odoo.tools import SQL


class MarketingAttributionRun(models.Model):
    """The money of the conversions, line by line."""

    _inherit = "marketing.attribution.run"

    def _sync_revenue(self, since):
        """Make the revenue rows match the order and invoice lines.

        What is wanted is computed from the documents, what is frozen is taken off, and the open
        rows are replaced where they differ. So a document that changed after its period was
        frozen leaves a difference on the first open day.
        """
        scope = self._create_revenue_scope(since)
        self._create_wanted_revenue(scope)
        self._compare_revenue(scope)
        self._take_off(
            SQL(
                """SELECT conversion_id FROM attribution_unwanted
                    UNION SELECT conversion_id FROM attribution_missing"""
            )
        )
        return self._replace_revenue()

    def _create_revenue_scope(self, since):
        """Restrict the comparison to documents that changed; ``None`` compares everything."""
        if since is None:
            return None
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS attribution_move;
                CREATE TEMP TABLE attribution_move ON COMMIT DROP AS
                    SELECT id FROM account_move
                     WHERE write_date >= %s
                       AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                """,
                since,
            )
        )
        return SQL(
            """(entry.move_id IN (SELECT id FROM attribution_move)
                OR entry.conversion_id IN (SELECT id FROM attribution_dirty))"""
        )

    def _create_wanted_revenue(self, scope):
        """What should stand on open days: the documents, less what is frozen of them."""
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE attribution_want ON COMMIT DROP AS
                WITH wanted AS (SELECT * FROM (%(documents)s) AS entry WHERE %(scope)s),
                frozen AS (
                    SELECT entry.kind, entry.line_id, entry.conversion_id, entry.company_id,
                           MAX(entry.order_line_id) AS order_line_id,
                           MAX(entry.move_line_id) AS move_line_id, MAX(entry.move_id) AS move_id,
                           MAX(entry.date_document) AS date_document,
                           BOOL_OR(entry.is_refund) AS is_refund,
                           MAX(entry.product_id) AS product_id,
                           MAX(entry.product_categ_id) AS product_categ_id,
                           SUM(entry.amount) AS amount,
                           SUM(entry.collected_amount) AS collected_amount,
                           SUM(entry.cost_amount) AS cost_amount
                      FROM marketing_attribution_revenue entry
                      JOIN attribution_lock lock ON lock.company_id = entry.company_id
                     WHERE entry.date <= lock.date AND %(frozen_scope)s
                     GROUP BY entry.kind, entry.line_id, entry.conversion_id, entry.company_id
                )
                SELECT kind, line_id, conversion_id, company_id,
                       COALESCE(wanted.order_line_id, frozen.order_line_id) AS order_line_id,
                       COALESCE(wanted.move_line_id, frozen.move_line_id) AS move_line_id,
                       COALESCE(wanted.move_id, frozen.move_id) AS move_id,
                       GREATEST(wanted.date_document, lock.date + 1) AS date,
                       COALESCE(wanted.date_document, frozen.date_document) AS date_document,
                       COALESCE(wanted.is_refund, frozen.is_refund) AS is_refund,
                       (frozen.line_id IS NOT NULL
                        OR wanted.date_document <= lock.date) AS is_delta,
                       COALESCE(wanted.product_id, frozen.product_id) AS product_id,
                       COALESCE(wanted.product_categ_id, frozen.product_categ_id)
                           AS product_categ_id,
                       COALESCE(wanted.amount, 0) - COALESCE(frozen.amount, 0) AS amount,
                       COALESCE(wanted.collected_amount, 0)
                           - COALESCE(frozen.collected_amount, 0) AS collected_amount,
                       CASE WHEN frozen.line_id IS NULL THEN wanted.cost_amount
                            ELSE COALESCE(frozen.cost_amount / NULLIF(frozen.amount, 0)
                                 * (COALESCE(wanted.amount, 0) - frozen.amount), 0)
                        END AS cost_amount
                  FROM wanted
                  FULL JOIN frozen USING (kind, line_id, conversion_id, company_id)
                  JOIN attribution_lock lock USING (company_id)
                 WHERE COALESCE(wanted.amount, 0) != COALESCE(frozen.amount, 0)
                    OR COALESCE(wanted.collected_amount, 0)
                       != COALESCE(frozen.collected_amount, 0)
                """,
                documents=SQL(" UNION ALL ").join(
                    SQL("(%s)", query) for query in self._revenue_queries()
                ),
                scope=scope or SQL("TRUE"),
                frozen_scope=scope or SQL("TRUE"),
            )
        )
        self.env.cr.execute("CREATE INDEX ON attribution_want (kind, line_id, conversion_id)")
        self.env.cr.execute("ANALYZE attribution_want")
        self._analyze("marketing_attribution_revenue")

    def _same_row_sql(self):
        """An open row that already says what is wanted; its cost of goods stays as it was."""
        return SQL(
            """(want.kind = entry.kind AND want.line_id = entry.line_id
                AND want.conversion_id = entry.conversion_id AND want.date = entry.date
                AND want.amount = entry.amount AND want.collected_amount = entry.collected_amount
                AND want.product_categ_id IS NOT DISTINCT FROM entry.product_categ_id)"""
        )

    def _compare_revenue(self, scope):
        """Note which open rows say something else, and what no open row says."""
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS attribution_unwanted, attribution_missing;
                CREATE TEMP TABLE attribution_unwanted ON COMMIT DROP AS
                SELECT entry.id, entry.conversion_id
                  FROM marketing_attribution_revenue entry
                  JOIN attribution_lock lock
                    ON lock.company_id = entry.company_id AND entry.date > lock.date
                 WHERE (%(scope)s
                        OR entry.kind = 'invoiced' AND entry.move_line_id IS NULL
                        OR entry.kind = 'ordered' AND entry.order_line_id IS NULL)
                   AND NOT EXISTS (SELECT 1 FROM attribution_want want WHERE %(same)s);
                CREATE TEMP TABLE attribution_missing ON COMMIT DROP AS
                SELECT want.*
                  FROM attribution_want want
                  JOIN attribution_lock lock ON lock.company_id = want.company_id
                 WHERE NOT EXISTS (
                       SELECT 1 FROM marketing_attribution_revenue entry
                        WHERE entry.date > lock.date AND %(same)s)
                """,
                scope=scope or SQL("TRUE"),
                same=self._same_row_sql(),
            )
        )

    def _replace_revenue(self):
        """Take away the rows that are not wanted and add what is missing."""
        self.env.cr.execute(
            """
            DELETE FROM marketing_attribution_revenue
             WHERE id = ANY(ARRAY(SELECT id FROM attribution_unwanted))
            """
        )
        removed = self.env.cr.rowcount
        self.env.cr.execute(
            """
            INSERT INTO marketing_attribution_revenue (
                   kind, line_id, conversion_id, company_id, order_line_id, move_line_id,
                   move_id, date, date_document, is_refund, is_delta, product_id,
                   product_categ_id, amount, collected_amount, cost_amount, position)
            SELECT want.kind, want.line_id, want.conversion_id, want.company_id,
                   want.order_line_id, want.move_line_id, want.move_id, want.date,
                   want.date_document, want.is_refund, want.is_delta, want.product_id,
                   want.product_categ_id, want.amount, want.collected_amount,
                   want.cost_amount,
                   COALESCE(numbered.position, 0) + ROW_NUMBER() OVER (
                       PARTITION BY want.conversion_id ORDER BY want.kind, want.line_id)
              FROM attribution_missing want
              LEFT JOIN (
                   SELECT conversion_id, MAX(position) AS position
                     FROM marketing_attribution_revenue
                    WHERE conversion_id IN (SELECT conversion_id FROM attribution_missing)
                    GROUP BY conversion_id
                   ) AS numbered ON numbered.conversion_id = want.conversion_id
            """
        )
        return removed + self.env.cr.rowcount

    # ------------------------------------------------------------------ documents

    def _revenue_queries(self):
        """Hook: one SELECT per source of revenue, in company currency."""
        return [self._ordered_query(), self._invoiced_query()]

    def _ordered_query(self):
        return SQL(
            """
            SELECT 'ordered' AS kind, line.id AS line_id, conversion.id AS conversion_id,
                   conversion.company_id, line.id AS order_line_id,
                   NULL::integer AS move_line_id, NULL::integer AS move_id,
                   sale.date_order::date AS date_document, FALSE AS is_refund,
                   line.product_id, template.categ_id AS product_categ_id,
                   ROUND(line.price_subtotal / COALESCE(NULLIF(sale.currency_rate, 0), 1),
                         currency.decimal_places) AS amount,
                   0.0 AS collected_amount, 0.0 AS cost_amount
              FROM marketing_attribution_conversion conversion
              JOIN sale_order sale ON sale.id = conversion.order_id AND sale.state = 'sale'
              JOIN sale_order_line line
                ON line.order_id = sale.id AND line.display_type IS NULL
               AND line.is_downpayment IS NOT TRUE
              JOIN res_company company ON company.id = conversion.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
              LEFT JOIN product_product product ON product.id = line.product_id
              LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            """
        )

    def _invoiced_query(self):
        """Posted customer invoice lines, split over the orders they stand for.

        Almost every line stands for one order. One that stands for several is split by what
        their lines are worth; the largest takes what rounding leaves.
        """
        return SQL(
            """
            WITH link AS (%(links)s),
            share AS (
                SELECT link.item_id, link.conversion_id, link.order_line_id,
                       CASE WHEN SUM(link.worth) OVER line > 0
                            THEN link.worth / SUM(link.worth) OVER line
                            ELSE 1.0 / COUNT(*) OVER line END AS share,
                       ROW_NUMBER() OVER (PARTITION BY link.item_id
                                          ORDER BY link.worth DESC, link.conversion_id DESC) AS rank
                  FROM link
                WINDOW line AS (PARTITION BY link.item_id)
            ),
            part AS (
                SELECT share.*, item.move_id, item.date, item.product_id, item.quantity,
                       item.product_uom_id, item.company_id, currency.decimal_places,
                       -item.balance AS total,
                       ROUND(-item.balance * share.share, currency.decimal_places) AS rounded
                  FROM share
                  JOIN account_move_line item ON item.id = share.item_id
                  JOIN res_company company ON company.id = item.company_id
                  JOIN res_currency currency ON currency.id = company.currency_id
            ),
            exact AS (
                SELECT part.*,
                       CASE WHEN part.rank = 1
                            THEN part.rounded + part.total - SUM(part.rounded) OVER line
                            ELSE part.rounded END AS amount
                  FROM part WINDOW line AS (PARTITION BY part.item_id)
            ),
            written_off AS (%(written_off)s)
            SELECT 'invoiced', exact.item_id, exact.conversion_id, exact.company_id,
                   exact.order_line_id, exact.item_id, exact.move_id, exact.date,
                   move.move_type = 'out_refund', exact.product_id, template.categ_id,
                   exact.amount,
                   ROUND(exact.amount * CASE WHEN move.amount_total_signed = 0 THEN 1
                         ELSE 1 - move.amount_residual_signed / move.amount_total_signed
                              - COALESCE(written_off.amount / ABS(move.amount_total_signed), 0)
                          END,
                         exact.decimal_places),
                   ROUND((exact.quantity * exact.share
                          * COALESCE(uom.factor, 1) / COALESCE(NULLIF(base_uom.factor, 0), 1)
                          * COALESCE((product.standard_price ->> exact.company_id::text)::numeric,
                                     0)
                          * CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END)::numeric,
                         exact.decimal_places)
              FROM exact
              JOIN account_move move ON move.id = exact.move_id
              LEFT JOIN written_off ON written_off.move_id = move.id
              LEFT JOIN product_product product ON product.id = exact.product_id
              LEFT JOIN product_template template ON template.id = product.product_tmpl_id
              LEFT JOIN uom_uom uom ON uom.id = exact.product_uom_id
              LEFT JOIN uom_uom base_uom ON base_uom.id = template.uom_id
            """,
            links=SQL(" UNION ALL ").join(self._invoice_link_queries()),
            written_off=self._written_off_query(),
        )

    def _written_off_query(self):
        """What of an invoice was settled without money: against income or expense.

        The difference of a payment that pays in full (a bank's fee, a discount for cash) stands in
        the entry of the payment, a bad debt in an entry of its own. What the exchange rate took
        is no write-off: the customer paid all.
        """
        return SQL(
            """
            SELECT settled.move_id, SUM(settled.amount * loss.share) AS amount
              FROM (
                   SELECT part.move_id, LEAST(ABS(part.lost) / ABS(part.settled), 1) AS share
                     FROM (
                          SELECT line.move_id,
                                 SUM(line.balance) FILTER (
                                     WHERE account.account_type LIKE 'income%%'
                                        OR account.account_type LIKE 'expense%%') AS lost,
                                 SUM(line.balance) FILTER (
                                     WHERE account.account_type = 'asset_receivable') AS settled
                            FROM account_move entry
                            JOIN res_company company ON company.id = entry.company_id
                            JOIN account_move_line line ON line.move_id = entry.id
                            JOIN account_account account ON account.id = line.account_id
                           WHERE entry.move_type = 'entry' AND entry.state = 'posted'
                             AND entry.journal_id IS DISTINCT FROM
                                 company.currency_exchange_journal_id
                           GROUP BY line.move_id
                          ) AS part
                    WHERE part.lost != 0 AND part.settled != 0
                   ) AS loss
              JOIN account_move_line other ON other.move_id = loss.move_id
              JOIN LATERAL (
                   SELECT invoiced.move_id, reconciled.amount
                     FROM account_partial_reconcile reconciled
                     JOIN account_move_line invoiced ON invoiced.id = reconciled.debit_move_id
                    WHERE reconciled.credit_move_id = other.id
                    UNION ALL
                   SELECT refunded.move_id, reconciled.amount
                     FROM account_partial_reconcile reconciled
                     JOIN account_move_line refunded ON refunded.id = reconciled.credit_move_id
                    WHERE reconciled.debit_move_id = other.id
                   ) AS settled ON TRUE
             GROUP BY settled.move_id
            """
        )

    def _invoice_link_queries(self):
        """Which invoice line stands for which conversion, and how much of it.

        A line knows its order lines. A credit note typed by hand does not, but knows the invoice
        it takes back: its lines follow the shares of that invoice.
        """
        posted = SQL(
            """item.parent_state = 'posted' AND item.display_type = 'product'
               AND item.account_id IS NOT NULL"""
        )
        return [
            SQL(
                """
                SELECT item.id AS item_id, conversion.id AS conversion_id,
                       MIN(line.id) AS order_line_id, SUM(ABS(line.price_subtotal)) AS worth
                  FROM account_move_line item
                  JOIN account_move move
                    ON move.id = item.move_id
                   AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                  JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id
                  JOIN sale_order_line line ON line.id = rel.order_line_id
                  JOIN marketing_attribution_conversion conversion
                    ON conversion.order_id = line.order_id
                   AND conversion.company_id = item.company_id
                 WHERE %s
                 GROUP BY item.id, conversion.id
                """,
                posted,
            ),
            SQL(
                """
                SELECT item.id, conversion.id, NULL::integer, SUM(ABS(original.balance))
                  FROM account_move_line item
                  JOIN account_move move
                    ON move.id = item.move_id AND move.move_type = 'out_refund'
                  JOIN account_move_line original
                    ON original.move_id = move.reversed_entry_id
                   AND original.display_type = 'product'
                  JOIN LATERAL (
                       SELECT DISTINCT line.order_id
                         FROM sale_order_line_invoice_rel rel
                         JOIN sale_order_line line ON line.id = rel.order_line_id
                        WHERE rel.invoice_line_id = original.id) AS sale ON TRUE
                  JOIN marketing_attribution_conversion conversion
                    ON conversion.order_id = sale.order_id
                   AND conversion.company_id = item.company_id
                 WHERE %s
                   AND NOT EXISTS (SELECT 1 FROM sale_order_line_invoice_rel rel
                                    WHERE rel.invoice_line_id = item.id)
                 GROUP BY item.id, conversion.id
                """,
                posted,
            ),
        ]
