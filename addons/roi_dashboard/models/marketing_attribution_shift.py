from odoo import fields, models
from odoo.tools import SQL

from .marketing_attribution_credit import DerivedMany2one
from .marketing_attribution_run_totals import SHARED


class MarketingAttributionShift(models.Model):
    """Revenue that moved from one campaign to another after it had been credited.

    A touch that arrives late, a touch that turns out to be a machine's, a merged contact or another
    parameter of the model give a conversion other credits. What that moved is written down, dated
    by the revenue and by the run that moved it: over all campaigns it adds up to nothing, and it is
    the part of a change of ROI that no customer had a hand in.
    """

    _name = "marketing.attribution.shift"
    _description = "Moved Revenue"
    _order = "date_moved desc, date desc, id desc"
    _rec_name = "date"
    _log_access = False

    run_id = DerivedMany2one("marketing.attribution.run", string="Run", readonly=True)
    date_moved = fields.Date(string="Moved on", required=True, readonly=True)
    date = fields.Date(string="Revenue of", required=True, readonly=True)
    model_id = DerivedMany2one(
        "marketing.attribution.model", string="Model", required=True, readonly=True
    )
    campaign_id = DerivedMany2one("utm.campaign", readonly=True)
    company_id = DerivedMany2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(string="Moved Revenue", readonly=True)

    _model_index = models.Index("(model_id, date)")


class MarketingAttributionRun(models.Model):
    """What a run moves: the same revenue, shared by the old credits and by the new ones."""

    _inherit = "marketing.attribution.run"

    def _begin_shift(self, group):
        """Before credits are replaced: who has been credited for what will be credited anew.

        A model that now refuses to be computed moves nothing: it has no opinion any more.
        """
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS attribution_held, attribution_share;
                CREATE TEMP TABLE attribution_held ON COMMIT DROP AS
                    SELECT changed.conversion_id, changed.model_id
                      FROM attribution_changed changed
                      JOIN attribution_target target ON target.id = changed.conversion_id
                     WHERE target.kind = 'order' AND changed.model_id = ANY(%(models)s)
                       AND EXISTS (SELECT 1 FROM marketing_attribution_credit credit
                                    WHERE credit.conversion_id = changed.conversion_id
                                      AND credit.model_id = changed.model_id);
                CREATE UNIQUE INDEX ON attribution_held (conversion_id, model_id);
                ANALYZE attribution_held;
                CREATE TEMP TABLE attribution_share ON COMMIT DROP AS %(shares)s
                """,
                models=group.filtered(lambda model: not model.refusal).ids,
                shares=self._shares_query(-1),
            )
        )

    def _end_shift(self):
        """Write down what came of it for each campaign and day."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO marketing_attribution_shift (
                       run_id, date_moved, date, model_id, campaign_id, company_id, amount)
                SELECT %(run)s, %(today)s, date, model_id, campaign_id, company_id, SUM(amount)
                  FROM (SELECT * FROM attribution_share UNION ALL %(shares)s) AS share
                 GROUP BY date, model_id, campaign_id, company_id
                HAVING SUM(amount) != 0
                """,
                run=self.id,
                today=self.env.cr.now().date(),
                shares=self._shares_query(1),
            )
        )

    def _shares_query(self, sign):
        values, body = self._revenue_contribution(
            SQL("JOIN attribution_held held ON held.conversion_id = conversion.id"),
            SQL("credit.model_id = held.model_id AND revenue.kind = 'invoiced'"),
            SHARED[:1],
        )
        return SQL(
            """
            SELECT share.date, share.model_id, share.campaign_id, share.company_id,
                   SUM(%(amount)s) * %(sign)s AS amount
              %(body)s GROUP BY share.date, share.model_id, share.campaign_id, share.company_id
            """,
            amount=values["revenue_invoiced"],
            sign=sign,
            body=body,
        )
