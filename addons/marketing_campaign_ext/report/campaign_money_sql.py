from odoo import api, models
from odoo.tools import SQL


class MarketingMoneySql(models.AbstractModel):
    """SQL pieces that every report on campaign money shares.

    Amounts convert at their own date, with the rates of the company that asks for the result (the
    campaign's for a campaign's figures, the reader's for a report), and are rounded to the target
    currency row by row, so that a total is always the sum of the rows it opens.
    """

    _name = "marketing.money.sql"
    _description = "SQL Pieces for Campaign Money"

    @api.model
    def _sql_rate(self, currency: SQL, company_id: SQL, date: SQL) -> SQL:
        """Rate of a currency on a date, by the same precedence as ``res.currency._get_rates``."""
        known = SQL(
            """
            FROM res_currency_rate rate
            JOIN res_company rated ON rated.id = %(company_id)s
           WHERE rate.currency_id = %(currency)s
             AND (rate.company_id IS NULL
                  OR rate.company_id = SPLIT_PART(rated.parent_path, '/', 1)::int)
            """,
            company_id=company_id,
            currency=currency,
        )
        return SQL(
            """
            COALESCE(
                (SELECT rate.rate %(known)s AND rate.name <= %(date)s
                  ORDER BY rate.company_id, rate.name DESC LIMIT 1),
                (SELECT rate.rate %(known)s ORDER BY rate.company_id, rate.name LIMIT 1),
                1.0
            )
            """,
            known=known,
            date=date,
        )

    @api.model
    def _sql_convert(self, amount, source, target, rounding, company_id, date) -> SQL:
        """Convert an amount at a date; equal currencies cost no look-up.

        ``source`` and ``target`` are currencies of companies: where all companies share one, there
        is nothing to convert and the statement stays short.
        """
        if self._is_single_currency():
            return amount
        return SQL(
            """
            CASE WHEN %(source)s = %(target)s THEN %(amount)s
                 ELSE ROUND(%(amount)s * %(target_rate)s / %(source_rate)s / %(rounding)s)
                      * %(rounding)s
            END
            """,
            amount=amount,
            source=source,
            target=target,
            rounding=rounding,
            target_rate=self._sql_rate(target, company_id, date),
            source_rate=self._sql_rate(source, company_id, date),
        )

    @api.model
    def _is_single_currency(self) -> bool:
        # sudo: a fact about the database, not about its companies
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        return companies._read_group([], [], ["currency_id:count_distinct"])[0][0] == 1

    @api.model
    def _sql_campaign_shares(self, distribution: SQL, amount: SQL, rounding: SQL) -> SQL:
        """Split an amount over the campaigns of an analytic distribution, to the cent.

        A key may name accounts of several plans ("12,34") and a campaign may appear under several
        keys. Like ``tools.money.split_percent``, a share is the difference of two rounded running
        totals: the shares of one line add up to the rounded total of its percentages.
        """
        return SQL(
            """
            SELECT share.campaign_id,
                   share.part,
                   (ROUND(%(amount)s * share.reached / 100 / %(rounding)s)
                    - ROUND(%(amount)s * (share.reached - share.percent) / 100 / %(rounding)s)
                   ) * %(rounding)s AS amount
              FROM (
                    SELECT node.id AS campaign_id,
                           key.part,
                           key.percent::numeric AS percent,
                           SUM(key.percent::numeric) OVER (ORDER BY key.part, node.id) AS reached
                      FROM JSONB_EACH_TEXT(%(distribution)s)
                           WITH ORDINALITY AS key(accounts, percent, part)
                CROSS JOIN LATERAL UNNEST(STRING_TO_ARRAY(key.accounts, ',')) AS account(id)
                      JOIN utm_campaign node ON node.analytic_account_id::text = account.id
                   ) AS share
            """,
            amount=amount,
            rounding=rounding,
            distribution=distribution,
        )
