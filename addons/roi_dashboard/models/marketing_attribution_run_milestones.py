from odoo import models
from odoo.tools import SQL


class MarketingAttributionRun(models.Model):
    """When the customer of a conversion was first met, and which one was a customer's first."""

    _inherit = "marketing.attribution.run"

    def _sync_milestones(self, with_journeys=True):
        """Write the dates that differ, in one statement: rows of this transaction are dear to
        write again, because PostgreSQL checks all their references anew.

        :param with_journeys: whether there are journeys to find first touches in
        """
        self._find_new_customers()
        self._find_first_touches(with_journeys)
        self.env.cr.execute(
            """
            DROP TABLE IF EXISTS attribution_milestone;
            CREATE TEMP TABLE attribution_milestone ON COMMIT DROP AS
            SELECT conversion.id,
                   CASE WHEN customer.id IS NULL THEN conversion.date_new_customer
                        ELSE customer.date END AS date_new_customer,
                   CASE WHEN customer.id IS NULL THEN conversion.customer_margin
                        ELSE customer.margin END AS customer_margin,
                   CASE WHEN met.id IS NULL THEN conversion.date_first_touch
                        ELSE met.date END AS date_first_touch
              FROM attribution_customer customer
              FULL JOIN attribution_met met USING (id)
              JOIN marketing_attribution_conversion conversion USING (id);
            ANALYZE attribution_milestone
            """
        )
        self._take_off(SQL("SELECT id FROM attribution_milestone"))
        self.env.cr.execute(
            """
            UPDATE marketing_attribution_conversion conversion
               SET date_new_customer = milestone.date_new_customer,
                   customer_margin = milestone.customer_margin,
                   date_first_touch = milestone.date_first_touch
              FROM attribution_milestone milestone
             WHERE milestone.id = conversion.id
            """
        )

    def _find_new_customers(self):
        """Find the conversion of the first invoice a customer ever got from the company.

        With it, all margin of that customer so far: the base of the lifetime value.
        """
        self.env.cr.execute(
            """
            DROP TABLE IF EXISTS attribution_customer;
            CREATE TEMP TABLE attribution_customer ON COMMIT DROP AS
            WITH first_invoice AS (
                SELECT DISTINCT ON (move.commercial_partner_id, move.company_id)
                       move.id, move.date
                  FROM account_move move
                 WHERE move.move_type = 'out_invoice' AND move.state = 'posted'
                 ORDER BY move.commercial_partner_id, move.company_id, move.date, move.id
            ),
            chosen AS (
                SELECT DISTINCT ON (first_invoice.id)
                       revenue.conversion_id AS id, first_invoice.date
                  FROM first_invoice
                  JOIN marketing_attribution_revenue revenue ON revenue.move_id = first_invoice.id
                  JOIN marketing_attribution_conversion conversion
                    ON conversion.id = revenue.conversion_id
                 ORDER BY first_invoice.id, conversion.date, conversion.id
            ),
            marked AS (
                SELECT same.id, same.commercial_partner_id, same.company_id,
                       same.date_new_customer AS before, same.customer_margin,
                       CASE WHEN COALESCE(same.date_new_customer > lock.date, TRUE)
                             AND COALESCE(chosen.date > lock.date, TRUE)
                            THEN chosen.date ELSE same.date_new_customer END AS date
                  FROM marketing_attribution_conversion same
                  JOIN attribution_lock lock ON lock.company_id = same.company_id
                  LEFT JOIN chosen ON chosen.id = same.id
                 WHERE chosen.id IS NOT NULL OR same.date_new_customer IS NOT NULL
            ),
            earned AS (
                SELECT sale.commercial_partner_id, sale.company_id,
                       SUM(revenue.amount - revenue.cost_amount) AS margin
                  FROM marketing_attribution_conversion sale
                  JOIN marketing_attribution_revenue revenue
                    ON revenue.conversion_id = sale.id AND revenue.kind = 'invoiced'
                 GROUP BY sale.commercial_partner_id, sale.company_id
            )
            SELECT marked.id, marked.date,
                   CASE WHEN marked.date IS NOT NULL THEN COALESCE(earned.margin, 0) END AS margin
              FROM marked
              LEFT JOIN earned USING (commercial_partner_id, company_id)
             WHERE marked.before IS DISTINCT FROM marked.date
                OR marked.customer_margin IS DISTINCT FROM
                   CASE WHEN marked.date IS NOT NULL THEN COALESCE(earned.margin, 0) END
            """
        )

    def _find_first_touches(self, with_journeys):
        """Since when the customer of a conversion has been met; the base of the cycle time."""
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS attribution_met;
                CREATE TEMP TABLE attribution_met ON COMMIT DROP AS %s
                """,
                SQL(
                    """
                    SELECT target.id, journey.date
                      FROM attribution_target target
                      LEFT JOIN attribution_journey journey
                             ON journey.conversion_id = target.id AND journey.number = 1
                     WHERE target.date_first_touch IS DISTINCT FROM journey.date
                    """
                )
                if with_journeys
                else SQL("SELECT NULL::integer AS id, NULL::timestamp AS date WHERE FALSE"),
            )
        )
