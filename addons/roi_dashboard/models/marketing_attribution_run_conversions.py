from odoo import models
from odoo.tools import SQL

COLUMNS = (
    "name",
    "kind",
    "order_id",
    "lead_id",
    "partner_id",
    "commercial_partner_id",
    "country_id",
    "company_id",
    "user_id",
    "team_id",
    "date",
    "date_booked",
    "date_lead",
    "date_opportunity",
    "amount",
    "weighted_amount",
    "recurring_amount",
)


class MarketingAttributionRun(models.Model):
    """Which documents are conversions."""

    _inherit = "marketing.attribution.run"

    def _sync_conversions(self, since):
        """Insert, change and remove conversions so that they match their documents.

        What changed is noted in ``attribution_dirty``. Frozen conversions stay as they are.
        """
        removed = self._remove_conversions()
        orders = self._upsert_conversions(self._order_query(since), "order_id", SQL("= 'order'"))
        leads = self._upsert_conversions(self._lead_query(since), "lead_id", SQL("!= 'order'"))
        self._analyze("marketing_attribution_conversion")
        self.env.cr.execute("ANALYZE attribution_dirty")
        return removed + orders + leads

    def _upsert_conversions(self, query, key, kinds):
        """Write the conversions that are new or say something else than their documents.

        They are compared first: to write those that stay the same would lock and rewrite them all.
        """
        columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS attribution_change;
                CREATE TEMP TABLE attribution_change ON COMMIT DROP AS
                SELECT want.*, conversion.id AS conversion_id
                  FROM (%(query)s) AS want
                  LEFT JOIN marketing_attribution_conversion conversion
                    ON conversion.%(key)s = want.%(key)s AND conversion.kind %(kinds)s
                 WHERE conversion.id IS NULL
                    OR (%(current)s) IS DISTINCT FROM (%(wanted)s) AND NOT %(frozen)s
                """,
                query=query,
                key=SQL.identifier(key),
                kinds=kinds,
                current=self._columns_of("conversion"),
                wanted=self._columns_of("want"),
                frozen=self._is_frozen_sql(),
            )
        )
        self._take_off(SQL("SELECT conversion_id FROM attribution_change"))
        self.env.cr.execute(
            SQL(
                """
                WITH written AS (
                    UPDATE marketing_attribution_conversion conversion
                       SET (%(columns)s) = ROW(%(values)s)
                      FROM attribution_change change
                     WHERE change.conversion_id = conversion.id
                ),
                added AS (
                    INSERT INTO marketing_attribution_conversion (%(columns)s)
                    SELECT %(values)s FROM attribution_change change
                     WHERE change.conversion_id IS NULL
                    RETURNING id
                ),
                taken AS (INSERT INTO attribution_taken SELECT id FROM added)
                INSERT INTO attribution_dirty
                SELECT id FROM added
                 UNION ALL
                SELECT conversion_id FROM attribution_change WHERE conversion_id IS NOT NULL
                """,
                columns=columns,
                values=self._columns_of("change"),
            )
        )
        return self.env.cr.rowcount

    def _columns_of(self, alias):
        return SQL(", ").join(SQL.identifier(alias, name) for name in COLUMNS)

    def _is_frozen_sql(self):
        """Open opportunities are a state of affairs, not a result: they never freeze."""
        return SQL(
            """(conversion.kind != 'pipeline' AND conversion.date_booked <= (
                    SELECT lock.date FROM attribution_lock lock
                     WHERE lock.company_id = conversion.company_id))"""
        )

    def _order_query(self, since):
        """Confirmed orders, and cancelled ones that were invoiced: their money is in the books."""
        changed = SQL(
            "AND (sale.write_date >= %(since)s OR lead.write_date >= %(since)s "
            "OR partner.write_date >= %(since)s)",
            since=since,
        )
        return SQL(
            """
            SELECT sale.name, 'order' AS kind, sale.id AS order_id,
                   sale.opportunity_id AS lead_id, sale.partner_id,
                   partner.commercial_partner_id,
                   COALESCE(partner.country_id, company_of_partner.country_id) AS country_id,
                   sale.company_id, sale.user_id, sale.team_id, sale.date_order AS date,
                   GREATEST(sale.date_order::date, lock.date + 1) AS date_booked,
                   lead.create_date AS date_lead, %(date_opportunity)s AS date_opportunity,
                   ROUND(sale.amount_untaxed / COALESCE(NULLIF(sale.currency_rate, 0), 1),
                         currency.decimal_places) AS amount,
                   0.0 AS weighted_amount,
                   COALESCE(lead.recurring_revenue_monthly, 0) AS recurring_amount
              FROM sale_order sale
              JOIN res_company company ON company.id = sale.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
              JOIN attribution_lock lock ON lock.company_id = sale.company_id
              JOIN res_partner partner ON partner.id = sale.partner_id
              LEFT JOIN res_partner company_of_partner
                     ON company_of_partner.id = partner.commercial_partner_id
              LEFT JOIN crm_lead lead ON lead.id = sale.opportunity_id
             WHERE %(is_conversion)s %(changed)s
            """,
            date_opportunity=self._date_opportunity_sql(),
            is_conversion=self._is_order_conversion_sql(),
            changed=changed if since else SQL(),
        )

    def _is_order_conversion_sql(self):
        return SQL(
            """(sale.state = 'sale' OR sale.state = 'cancel' AND EXISTS (
                    SELECT 1
                      FROM sale_order_line line
                      JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = line.id
                      JOIN account_move_line item ON item.id = rel.invoice_line_id
                     WHERE line.order_id = sale.id AND item.parent_state = 'posted'))"""
        )

    def _date_opportunity_sql(self):
        return SQL(
            "CASE WHEN lead.type = 'opportunity' "
            "THEN COALESCE(lead.date_conversion, lead.create_date) END"
        )

    def _lead_query(self, since):
        """Won opportunities without order, and open ones as pipeline.

        An open one may still be touched: its journey reaches to the end of today.
        """
        changed = SQL(
            "AND (lead.write_date >= %(since)s OR lead.won_status = 'pending')", since=since
        )
        return SQL(
            """
            SELECT lead.name,
                   CASE lead.won_status WHEN 'won' THEN 'opportunity' ELSE 'pipeline' END AS kind,
                   NULL::integer AS order_id, lead.id AS lead_id, lead.partner_id,
                   partner.commercial_partner_id,
                   COALESCE(lead.country_id, partner.country_id) AS country_id,
                   lock.company_id, lead.user_id, lead.team_id, moment.date,
                   CASE lead.won_status WHEN 'won'
                        THEN GREATEST(moment.date::date, lock.date + 1)
                        ELSE COALESCE(lead.date_conversion, lead.create_date)::date
                    END AS date_booked,
                   lead.create_date AS date_lead, %(date_opportunity)s AS date_opportunity,
                   COALESCE(lead.expected_revenue, 0) AS amount,
                   CASE lead.won_status WHEN 'won' THEN 0
                        ELSE COALESCE(lead.prorated_revenue, 0) END AS weighted_amount,
                   COALESCE(lead.recurring_revenue_monthly, 0) AS recurring_amount
              FROM crm_lead lead
              LEFT JOIN res_partner partner ON partner.id = lead.partner_id
              LEFT JOIN crm_team team ON team.id = lead.team_id
              LEFT JOIN res_users salesperson ON salesperson.id = lead.user_id
              JOIN attribution_lock lock ON lock.company_id = COALESCE(
                       lead.company_id, team.company_id, salesperson.company_id,
                       (SELECT MIN(id) FROM res_company))
             CROSS JOIN LATERAL (
                   SELECT CASE lead.won_status WHEN 'won'
                               THEN COALESCE(lead.date_closed, lead.write_date)
                               ELSE %(today)s::date + 1 END AS date
                   ) AS moment
             WHERE %(is_conversion)s %(changed)s
            """,
            date_opportunity=self._date_opportunity_sql(),
            today=self.env.cr.now().date(),
            is_conversion=self._is_lead_conversion_sql(),
            changed=changed if since else SQL(),
        )

    def _is_lead_conversion_sql(self):
        return SQL(
            """(lead.type = 'opportunity'
                AND (lead.won_status = 'won' OR lead.won_status = 'pending' AND lead.active)
                AND NOT EXISTS (
                    SELECT 1 FROM sale_order sale
                     WHERE sale.opportunity_id = lead.id AND %s))""",
            self._is_order_conversion_sql(),
        )

    def _remove_conversions(self):
        """Take back what is no conversion any more: cancelled, lost, reopened, deleted."""
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS attribution_gone;
                CREATE TEMP TABLE attribution_gone ON COMMIT DROP AS
                SELECT conversion.id
                  FROM marketing_attribution_conversion conversion
                 WHERE NOT %(frozen)s
                   AND NOT EXISTS (
                       SELECT 1 FROM sale_order sale
                        WHERE sale.id = conversion.order_id AND %(is_order)s)
                   AND NOT EXISTS (
                       SELECT 1 FROM crm_lead lead
                        WHERE conversion.kind != 'order' AND lead.id = conversion.lead_id
                          AND %(is_lead)s)
                   AND NOT EXISTS (
                       SELECT 1 FROM marketing_attribution_revenue revenue
                         JOIN attribution_lock lock ON lock.company_id = revenue.company_id
                        WHERE revenue.conversion_id = conversion.id
                          AND revenue.date <= lock.date)
                """,
                frozen=self._is_frozen_sql(),
                is_order=self._is_order_conversion_sql(),
                is_lead=self._is_lead_conversion_sql(),
            )
        )
        self._take_off(SQL("SELECT id FROM attribution_gone"))
        self.env.cr.execute(
            """
            DELETE FROM marketing_attribution_revenue
             WHERE conversion_id = ANY(ARRAY(SELECT id FROM attribution_gone));
            DELETE FROM marketing_attribution_conversion
             WHERE id = ANY(ARRAY(SELECT id FROM attribution_gone))
            """
        )
        return self.env.cr.rowcount
