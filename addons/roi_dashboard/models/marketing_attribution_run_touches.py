from odoo import models
from odoo.tools import SQL


class MarketingAttributionRun(models.Model):
    """The totals of touches: all of them, or those of the days that changed."""

    _inherit = "marketing.attribution.run"

    def _sync_touch_totals(self, whole):
        """Add the touches of the changed days up again, and the months these days are in.

        A day that changes while this runs keeps its mark, because this transaction does not see it.
        """
        rows = self.env.execute_query(SQL("DELETE FROM marketing_roi_stale_day RETURNING date"))
        days = sorted({day for (day,) in rows})
        if not whole and not days:
            return
        months = sorted({day.replace(day=1) for day in days})
        of_days = SQL("TRUE") if whole else SQL("total.date = ANY(%s)", days)
        of_months = SQL("TRUE") if whole else SQL("total.date = ANY(%s)", months)
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM marketing_roi_total total
                 WHERE total.model_id IS NULL AND total.fact = 'touch'
                   AND CASE WHEN total.is_month THEN %s ELSE %s END
                """,
                of_months,
                of_days,
            )
        )
        self._insert_touch_totals(None if whole else days)
        self._add_months(
            SQL(
                """total.model_id IS NULL AND total.fact = 'touch' AND %s""",
                SQL("TRUE")
                if whole
                else SQL("DATE_TRUNC('month', total.date)::date = ANY(%s)", months),
            )
        )

    def _insert_touch_totals(self, days):
        report = self.env["marketing.roi.report"]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO marketing_roi_total (
                       is_month, is_change, fact, date, company_id, campaign_id, source_id,
                       medium_id, mailing_id, row_count, touch_count)
                SELECT FALSE, FALSE, 'touch', touch.date::date, %(company)s, touch.campaign_id,
                       touch.source_id, touch.medium_id, touch.mailing_id, COUNT(*), COUNT(*)
                  FROM marketing_touchpoint touch
                  JOIN utm_campaign node ON node.id = touch.campaign_id
                 WHERE %(counted)s AND %(on_days)s
                 GROUP BY 4, 5, 6, 7, 8, 9
                """,
                company=report._touch_company_sql(),
                counted=report._counted_touch_sql(),
                on_days=report._on_days_sql(days) if days else SQL("TRUE"),
            )
        )
