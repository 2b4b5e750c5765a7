from odoo import api, models, tools
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
    def _sql_round(self, amount: SQL, rounding: SQL) -> SQL:
        """Round to the smallest unit of a currency."""
        return SQL("(ROUND(%(x)s / %(unit)s) * %(unit)s)", x=amount, unit=rounding)

    @api.model
    def _sql_targets(self, targets) -> SQL:
        """The table ``target``: which campaign is summed in which currency, at whose rates.

        ``targets`` are triples (campaign, currency, company).
        """
        currencies = self.env["res.currency"].browse({target[1] for target in targets})
        rounding = {currency.id: currency.rounding for currency in currencies}
        rows = [(*target, rounding[target[1]]) for target in targets]
        return SQL(
            """
            UNNEST(%s, %s, %s, %s::numeric[])
                AS target(campaign_id, currency_id, company_id, rounding)
            """,
            *([row[position] for row in rows] for position in range(4)),
        )

    @api.model
    def _sql_convert_to_target(self, fact: str) -> SQL:
        """The amount of a dated fact with a currency in that of the ``target`` it is summed in."""
        return self._sql_convert(
            SQL.identifier(fact, "amount"),
            SQL.identifier(fact, "currency_id"),
            SQL("target.currency_id"),
            SQL("target.rounding"),
            SQL("target.company_id"),
            SQL.identifier(fact, "date"),
        )

    @api.model
    def _get_reporting_company(self):
        """The company in whose currency and at whose rates rows are read.

        Where the total of a campaign opens its rows, ``marketing_cost_campaign`` names it.
        """
        campaign_id = self.env.context.get("marketing_cost_campaign")
        # sudo: only the currency and the rates of the company are asked
        return self.env["utm.campaign"].sudo().browse(campaign_id).company_id or self.env.company

    @api.model
    @tools.ormcache()
    def _is_single_currency(self) -> bool:
        """Whether all companies count in one currency; forgotten when a company changes its own."""
        # sudo: a fact about the database, not about its companies
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        return companies._read_group([], [], ["currency_id:count_distinct"])[0][0] == 1

    @api.model
    @tools.ormcache()
    def _get_campaign_column(self) -> str:
        """Name of the column for the plan "Campaigns": it differs from database to database."""
        # sudo: the plan is configuration that its readers have no rights on
        return self.env.ref("marketing_campaign_ext.analytic_plan_campaigns").sudo()._column_name()

    @api.model
    def _sql_campaign_account(self, alias="line") -> SQL:
        """Column of an analytic line that holds the account of its campaign."""
        column = self.env["account.analytic.line"]._fields[self._get_campaign_column()]
        return SQL.identifier(alias, column.name, to_flush=column)

    @api.model
    def _sql_rounding(self, company_id: SQL) -> SQL:
        """Smallest unit of the currency of a company."""
        if self._is_single_currency():
            return SQL("%s::numeric", self.env.company.currency_id.rounding)
        return SQL(
            """
            (SELECT currency.rounding FROM res_company owner
               JOIN res_currency currency ON currency.id = owner.currency_id
              WHERE owner.id = %s)
            """,
            company_id,
        )

    @api.model
    def _sql_share_joins(self, distribution: SQL) -> SQL:
        """Join a row with the campaigns of its analytic distribution, as ``share`` and ``node``.

        A key may name accounts of several plans ("12,34") and a campaign may appear under several
        keys. The id of a row has room for 4095 of them; to say so also tells PostgreSQL that keys
        are few, where it would expect a hundred per row and plan for millions.
        """
        return SQL(
            """
            JOIN LATERAL JSONB_EACH_TEXT(%s) WITH ORDINALITY AS share(accounts, percent, part)
              ON share.part < 4096
            JOIN utm_campaign node
              ON node.analytic_account_id = ANY(STRING_TO_ARRAY(share.accounts, ',')::int[])
            """,
            distribution,
        )

    @api.model
    def _sql_share(self, amount: SQL, rounding: SQL) -> SQL:
        """A campaign's part of an amount, to the cent; the row is ``line``.

        Like ``tools.money.split_percent``, a share is the difference of two rounded running
        totals: the shares of one line add up to the rounded total of its percentages. The company
        is part of the partition so that PostgreSQL may look at its rows alone.
        """
        reached = SQL(
            "SUM(share.percent::numeric) OVER (PARTITION BY line.id, line.company_id"
            " ORDER BY share.part, node.id ROWS UNBOUNDED PRECEDING)"
        )
        return SQL(
            """
            (ROUND(%(amount)s * %(reached)s / (100 * %(rounding)s))
             - ROUND(%(amount)s * (%(reached)s - share.percent::numeric) / (100 * %(rounding)s))
            ) * %(rounding)s
            """,
            amount=amount,
            reached=reached,
            rounding=rounding,
        )
