from odoo import api, models
from odoo.tools import SQL

from .marketing_roi_total import CAMPAIGN_KEYS, KEYS, MEASURES

# Changes are put together with what they change when there are this many, and this share, of them.
MANY_CHANGES = 10_000
MANY_CHANGES_RATE = 0.05
# What a total is about; some of it is known of every total of credits.
CELL = ("is_month", "is_campaign", *KEYS)
CERTAIN = ("is_month", "is_campaign", "fact", "date", "model_id", "company_id")
# What is shared of a revenue row.
SHARED = ("amount", "collected_amount", "cost_amount")


class MarketingAttributionRun(models.Model):
    """The totals of the ROI report, kept up to date while conversions change.

    Whoever is about to change conversions, their revenue or their credits first takes their
    contribution off (``_take_off``); at the end of the run it is added again as it is by then
    (``_add_up``). Models that are computed anew as a whole lose their totals and get them anew
    afterwards (``_sum_up``); until then the report reads their credits. Totals are kept of the
    models that people look at every day: two of them cost as much as the credits of eleven.
    """

    _inherit = "marketing.attribution.run"

    def _begin_totals(self, redone):
        """Remember where this run begins. Models that are redone lose their totals, and so do
        those whose totals are not wanted any more.
        """
        Model = self.env["marketing.attribution.model"].with_context(active_test=False)
        summed = (Model._get_kept() - redone).filtered("has_totals")
        (Model.search([("has_totals", "=", True)]) - summed).has_totals = False
        Model.flush_model()
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE attribution_taken (id integer PRIMARY KEY) ON COMMIT DROP;
                CREATE TEMP TABLE attribution_summed ON COMMIT DROP AS
                    SELECT id FROM marketing_attribution_model WHERE id = ANY(%(summed)s);
                DELETE FROM marketing_roi_total
                 WHERE model_id IS NOT NULL
                   AND model_id NOT IN (SELECT id FROM attribution_summed)
                """,
                summed=summed.ids,
            )
        )
        return self._get_last_total()

    def _get_last_total(self):
        [[last]] = self.env.execute_query(
            SQL("SELECT COALESCE(MAX(id), 0) FROM marketing_roi_total")
        )
        return last

    @api.model
    def _sum_up(self):
        """Make the totals of the models that should have some and have none."""
        # sudo: sums are of the documents of all companies; they are read under each reader's rules
        self = self.sudo()
        Model = self.env["marketing.attribution.model"]
        wanted = Model._get_kept().filtered(lambda model: not model.has_totals)
        if not wanted:
            return
        self._take_turn()
        # much is new: what is joined must not pass for empty
        self.env.cr.execute(
            "ANALYZE marketing_attribution_revenue; ANALYZE marketing_attribution_credit"
        )
        last = self._get_last_total()
        for model in wanted:
            self._insert_totals(None, SQL("credit.model_id = %s", model.id), is_change=False)
        self._add_months(SQL("total.id > %s", last))
        self.env.cr.execute("ANALYZE marketing_roi_total")
        wanted.has_totals = True

    def _rebuild_totals(self):
        """Make all totals anew from what is credited: after an upgrade, for instance."""
        self._take_turn()
        self.env.flush_all()
        self._create_work_tables()
        last = self._begin_totals(self.env["marketing.attribution.model"].search([]))
        self._sync_milestones(with_journeys=False)
        self._add_up(last)
        self._sum_up()
        self._sync_reach_totals(whole=True)
        self.env.invalidate_all()

    def _take_off(self, conversions: SQL):
        """Take the contribution of these conversions off the totals, once in a run."""
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS attribution_taking;
                CREATE TEMP TABLE attribution_taking ON COMMIT DROP AS
                    SELECT DISTINCT chosen.id FROM (%s) AS chosen(id)
                     WHERE chosen.id IS NOT NULL AND NOT EXISTS (
                           SELECT 1 FROM attribution_taken taken WHERE taken.id = chosen.id);
                ANALYZE attribution_taking;
                INSERT INTO attribution_taken SELECT id FROM attribution_taking
                """,
                conversions,
            )
        )
        if self.env.cr.rowcount:
            self._insert_totals(SQL("attribution_taking"), self._kept_models_sql(), sign=-1)

    def _add_up(self, last):
        """Add what has been taken off as it is now."""
        self.env.cr.execute("ANALYZE attribution_taken")
        self._insert_totals(SQL("attribution_taken"), self._kept_models_sql())
        self._add_months(SQL("total.id > %s AND total.fact != 'touch'", last))
        self._put_together()
        self._remove_emptied()

    def _kept_models_sql(self):
        """Models whose totals are changed and not made anew."""
        return SQL("credit.model_id IN (SELECT id FROM attribution_summed)")

    # ------------------------------------------------------------------ contributions

    def _insert_totals(self, chosen, models, sign=1, is_change=True):
        """Add the contribution of conversions, or of all, under some models."""
        only = SQL("JOIN %s AS chosen ON chosen.id = conversion.id", chosen) if chosen else SQL()
        for values, body in (
            self._revenue_contribution(only, models),
            self._conversion_contribution(only, models),
            self._customer_contribution(only, models),
        ):
            names = [name for name in (*KEYS, "row_count", *MEASURES) if name in values]
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO marketing_roi_total (is_month, is_campaign, is_change, %(names)s)
                    SELECT FALSE, FALSE, %(is_change)s, %(values)s
                      %(body)s
                     GROUP BY %(keys)s
                    """,
                    names=SQL(", ").join(map(SQL.identifier, names)),
                    is_change=is_change,
                    values=SQL(", ").join(
                        values[name]
                        if name in KEYS
                        else SQL("NULLIF(SUM(%s), 0) * %s", values[name], sign)
                        for name in names
                    ),
                    body=body,
                    keys=SQL(", ").join(SQL(str(number + 4)) for number in range(len(KEYS))),
                )
            )

    def _revenue_contribution(self, only, models, amounts=SHARED):
        """Shares of revenue, rounded row by row as the report does it.

        What rounding leaves of a row goes to the touch with the largest share.
        """

        def each(pattern):
            return SQL(", ").join(
                SQL(
                    pattern,
                    name=SQL.identifier(name),
                    part=SQL.identifier(f"part_{name}"),
                    whole=SQL.identifier(f"whole_{name}"),
                )
                for name in amounts
            )

        body = SQL(
            """
            FROM (
                 SELECT rounded.*, 1 AS row_count, %(exact)s
                   FROM (
                        SELECT revenue.id AS revenue_id, revenue.kind AS fact, revenue.date,
                               revenue.company_id, revenue.is_refund,
                               conversion.date_new_customer, credit.model_id, credit.campaign_id,
                               credit.source_id, credit.medium_id, credit.mailing_id,
                               credit.is_residual AND credit.weight != 1 AS takes_rest,
                               %(parts)s
                          FROM marketing_attribution_conversion conversion
                          %(only)s
                          JOIN marketing_attribution_revenue revenue
                            ON revenue.conversion_id = conversion.id
                          JOIN marketing_attribution_credit credit
                            ON credit.conversion_id = conversion.id AND %(models)s
                          JOIN res_company company ON company.id = revenue.company_id
                          JOIN res_currency currency ON currency.id = company.currency_id
                        ) AS rounded
                 WINDOW entry AS (PARTITION BY revenue_id, model_id)
                 ) AS share
            """,
            exact=each(
                "%(part)s + CASE WHEN takes_rest"
                " THEN %(whole)s - SUM(%(part)s) OVER entry ELSE 0 END AS %(name)s"
            ),
            parts=each(
                "revenue.%(name)s AS %(whole)s, ROUND(revenue.%(name)s"
                " * credit.weight::numeric, currency.decimal_places) AS %(part)s"
            ),
            only=only,
            models=models,
        )
        invoiced = SQL("share.fact = 'invoiced'")
        values = {name: SQL.identifier("share", name) for name in KEYS if name != "is_new_customer"}
        values |= {
            "is_new_customer": SQL("share.date_new_customer IS NOT NULL"),
            "row_count": SQL("share.row_count"),
            "revenue_invoiced": SQL("CASE WHEN %s THEN share.amount END", invoiced),
            "revenue_refunded": SQL(
                "CASE WHEN %s AND share.is_refund THEN share.amount END", invoiced
            ),
            "revenue_collected": SQL("CASE WHEN %s THEN share.collected_amount END", invoiced),
            "revenue_margin": SQL(
                "CASE WHEN %s THEN share.amount - share.cost_amount END", invoiced
            ),
            "revenue_ordered": SQL("CASE WHEN NOT %s THEN share.amount END", invoiced),
        }
        return values, body

    def _credit_values(self, fact, date):
        return {
            "fact": fact,
            "date": date,
            "company_id": SQL("conversion.company_id"),
            "is_new_customer": SQL("conversion.date_new_customer IS NOT NULL"),
            "row_count": SQL("1"),
        } | {
            name: SQL.identifier("credit", name)
            for name in ("model_id", "campaign_id", "source_id", "medium_id", "mailing_id")
        }

    def _credit_body(self, only, models, condition):
        return SQL(
            """
            FROM marketing_attribution_conversion conversion
            %s
            JOIN marketing_attribution_credit credit
              ON credit.conversion_id = conversion.id AND %s
            WHERE %s
            """,
            only,
            models,
            condition,
        )

    def _conversion_contribution(self, only, models):
        report = self.env["marketing.roi.report"]
        values = report._get_conversion_measures()
        fact = SQL("CASE WHEN conversion.kind = 'pipeline' THEN 'pipeline' ELSE 'conversion' END")
        values |= self._credit_values(fact, SQL("conversion.date_booked"))
        return values, self._credit_body(only, models, SQL("TRUE"))

    def _customer_contribution(self, only, models):
        values = self.env["marketing.roi.report"]._get_customer_measures()
        values |= self._credit_values(SQL("'conversion'"), SQL("conversion.date_new_customer"))
        condition = SQL("conversion.date_new_customer IS NOT NULL")
        return values, self._credit_body(only, models, condition)

    # ------------------------------------------------------------------ months

    def _add_months(self, condition):
        """Add the months of totals that were just added, so that all say the same."""
        lead_keys = self.env["marketing.roi.report"]._get_lead_keys()
        for is_campaign, known in ((False, (*KEYS, *lead_keys)), (True, CAMPAIGN_KEYS)):
            keys = [name for name in known if name != "date"]
            sums = ("row_count", *MEASURES)
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO marketing_roi_total (
                           is_month, is_campaign, is_change, date, %(names)s)
                    SELECT TRUE, %(is_campaign)s, is_change, DATE_TRUNC('month', date)::date,
                           %(keys)s, %(sums)s
                      FROM marketing_roi_total total
                     WHERE NOT total.is_month AND %(condition)s
                     GROUP BY is_change, DATE_TRUNC('month', date), %(keys)s
                    """,
                    is_campaign=is_campaign,
                    names=SQL(", ").join(map(SQL.identifier, (*keys, *sums))),
                    keys=SQL(", ").join(map(SQL.identifier, keys)),
                    sums=SQL(", ").join(SQL("SUM(%s)", SQL.identifier(name)) for name in sums),
                    condition=condition,
                )
            )

    def _put_together(self, least=MANY_CHANGES):
        """Merge changes with what they change, once there are enough of them to matter.

        One sort finds what belongs together: a join over ten columns that may be empty is one the
        planner misjudges while the statistics are young. It is done once, into an array: a
        planner that takes the table for empty would sort anew for every row.
        """
        [[changes, total]] = self.env.execute_query(
            SQL(
                """
                SELECT (SELECT COUNT(*) FROM marketing_roi_total WHERE is_change),
                       (SELECT GREATEST(reltuples, 0) FROM pg_class
                         WHERE oid = 'marketing_roi_total'::regclass)
                """
            )
        )
        if changes < max(least, MANY_CHANGES_RATE * total):
            return
        columns = SQL(", ").join(map(SQL.identifier, CELL))
        sums = ("row_count", *MEASURES)
        self.env.cr.execute(
            SQL(
                """
                WITH known AS (
                    SELECT id, BOOL_OR(is_change) OVER (PARTITION BY %(columns)s) AS is_changed
                      FROM marketing_roi_total
                ),
                gone AS (
                    DELETE FROM marketing_roi_total
                     WHERE id = ANY(ARRAY(SELECT id FROM known WHERE is_changed))
                    RETURNING *
                )
                INSERT INTO marketing_roi_total (is_change, %(columns)s, %(names)s)
                SELECT FALSE, %(columns)s, %(sums)s FROM gone
                 GROUP BY %(columns)s HAVING SUM(row_count) != 0
                """,
                columns=columns,
                names=SQL(", ").join(map(SQL.identifier, sums)),
                sums=SQL(", ").join(SQL("SUM(%s)", SQL.identifier(name)) for name in sums),
            )
        )

    def _remove_emptied(self):
        """Totals of which everything has been taken off are no totals of nothing: they go."""
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS attribution_cell;
                CREATE TEMP TABLE attribution_cell ON COMMIT DROP AS
                SELECT %(columns)s FROM marketing_roi_total WHERE is_change
                 GROUP BY %(columns)s HAVING SUM(row_count) <= 0
                """,
                columns=SQL(", ").join(map(SQL.identifier, CELL)),
            )
        )
        if not self.env.cr.rowcount:
            return
        self.env.cr.execute("ANALYZE attribution_cell")
        self._analyze("marketing_roi_total")
        self.env.cr.execute(
            SQL(
                """
                WITH counted AS (
                    SELECT total.id, SUM(total.row_count) OVER (PARTITION BY %(cells)s) AS rows
                      FROM marketing_roi_total total
                      JOIN attribution_cell cell ON %(same)s
                )
                DELETE FROM marketing_roi_total
                 WHERE id = ANY(ARRAY(SELECT id FROM counted WHERE rows = 0))
                """,
                cells=SQL(", ").join(SQL.identifier("total", name) for name in CELL),
                same=self._same_cell_sql(),
            )
        )

    def _same_cell_sql(self):
        """Rows about the same; what may be missing is compared so that it can be looked up."""
        return SQL(" AND ").join(
            SQL(
                "total.%(name)s = cell.%(name)s"
                if name in CERTAIN
                else "COALESCE(total.%(name)s::int, -1) = COALESCE(cell.%(name)s::int, -1)",
                name=SQL.identifier(name),
            )
            for name in CELL
        )
