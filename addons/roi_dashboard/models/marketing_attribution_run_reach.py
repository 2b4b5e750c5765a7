from odoo import models
from odoo.tools import SQL

from .marketing_roi_stale_day import LEAD, TOUCH


class MarketingAttributionRun(models.Model):
    """The totals of touches and of leads: all of them, or those of the days that changed."""

    _inherit = "marketing.attribution.run"

    def _sync_reach_totals(self, whole):
        self._sync_days(TOUCH, SQL("total.fact = 'touch'"), self._insert_touch_totals, whole)
        self._sync_days(LEAD, SQL("total.fact != 'touch'"), self._insert_lead_totals, whole)

    def _sync_days(self, kind, facts, insert, whole):
        """Add what changed on some days up again, and the months these days are in.

        A day that changes while this runs keeps its mark, because this transaction does not see it.
        """
        rows = self.env.execute_query(
            SQL("DELETE FROM marketing_roi_stale_day WHERE fact = %s RETURNING date", kind)
        )
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
                 WHERE total.model_id IS NULL AND %s
                   AND CASE WHEN total.is_month THEN %s ELSE %s END
                """,
                facts,
                of_months,
                of_days,
            )
        )
        insert(None if whole else days)
        self._add_months(
            SQL(
                """total.model_id IS NULL AND %s AND %s""",
                facts,
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
                       is_month, is_campaign, is_change, fact, date, company_id, campaign_id,
                       source_id, medium_id, mailing_id, row_count, touch_count)
                SELECT FALSE, FALSE, FALSE, 'touch', touch.date::date, %(company)s,
                       touch.campaign_id, touch.source_id, touch.medium_id, touch.mailing_id,
                       COUNT(*), COUNT(*)
                  FROM marketing_touchpoint touch
                  JOIN utm_campaign node ON node.id = touch.campaign_id
                 WHERE %(counted)s AND %(on_days)s
                 GROUP BY 5, 6, 7, 8, 9, 10
                """,
                company=report._touch_company_sql(),
                counted=report._counted_touch_sql(),
                on_days=report._on_days_sql(SQL("touch.date"), days) if days else SQL("TRUE"),
            )
        )

    def _insert_lead_totals(self, days):
        """A lead counts on the day it came, and again on each day it got further."""
        report = self.env["marketing.roi.report"]
        keys = {
            name: SQL.identifier("lead", name) for name in ("campaign_id", "source_id", "medium_id")
        } | report._get_lead_keys()
        for source in report._get_lead_sources():
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO marketing_roi_total (
                           is_month, is_campaign, is_change, row_count,
                           fact, date, company_id, %(names)s)
                    SELECT FALSE, FALSE, FALSE, COUNT(*), %(fact)s, (%(date)s)::date, %(company)s,
                           %(values)s
                      FROM crm_lead lead
                     WHERE %(condition)s AND %(on_days)s
                     GROUP BY %(groups)s
                    """,
                    names=SQL(", ").join(map(SQL.identifier, keys)),
                    fact=source.fact,
                    date=source.date,
                    company=report._lead_company_sql(),
                    values=SQL(", ").join(keys.values()),
                    condition=source.condition,
                    on_days=report._on_days_sql(source.date, days) if days else SQL("TRUE"),
                    groups=SQL(", ").join(SQL(str(number)) for number in range(5, 8 + len(keys))),
                )
            )
