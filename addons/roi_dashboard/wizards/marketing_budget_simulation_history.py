from collections import defaultdict
from dataclasses import asdict

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL

from ..tools.cost_curve import NoCurveError, fit_cost_curve, valued_curve

MIN_MONTHS = 6
# Revenue of a month is counted once so many of the deals that start in it are usually closed.
MATURITY = 0.8
# Any seed would do; the same past always gives the same answer.
SEED = 20


class MarketingBudgetSimulation(models.TransientModel):
    """What a simulation knows of the past: months of spend, leads and revenue per channel.

    Costs count in the month they were booked or accrued, leads in the month they came, revenue in
    the month of the touch it is credited to, for that is when the money was spent on it. Months
    whose deals are mostly still open are left out for revenue.
    """

    _inherit = "marketing.budget.simulation"

    def _get_min_months(self):
        return MIN_MONTHS

    def _prepare_lines(self):
        """One channel per medium or type that ever cost something or has money now."""
        self.ensure_one()
        facts = {
            "spend": self._read_months("cost", "date", "cost_actual"),
            "leads": self._read_months("lead", "date", "lead_count"),
            "revenue": self._read_months("invoiced", "touch_date", "revenue_invoiced"),
        }
        left = self._get_left_amounts()
        campaigns = self.env["utm.campaign"].concat(*{c for fact in facts.values() for c in fact})
        # Channels come in the same order every time, the largest first.
        campaigns = (campaigns | self.env["utm.campaign"].concat(*left)).sorted("id")
        months = self._get_months(facts)
        if not months:
            return []
        mature_until = self._get_mature_month()
        channels = self._get_channels(campaigns)
        vals_list = []
        for channel, members in channels.items():
            rows = [
                [
                    fields.Date.to_string(month),
                    *(self._sum_month(fact, members, month) for fact in facts.values()),
                    month <= mature_until,
                ]
                for month in months
            ]
            present = self._get_present_amount(rows, sum(left.get(c, 0.0) for c in members))
            if present > 0:
                vals_list.append(self._prepare_line_vals(channel, members, rows, present))
        vals_list.sort(key=lambda vals: -vals["present_amount"])
        return vals_list

    def _sum_month(self, fact, campaigns, month):
        return sum(fact.get(campaign, {}).get(month, 0.0) for campaign in campaigns)

    def _prepare_line_vals(self, channel, members, rows, present):
        field = "medium_id" if self.channel_by == "medium" else "type_id"
        return {
            field: channel.id,
            "campaign_ids": [fields.Command.set(members.ids)],
            "present_amount": present,
            "new_amount": present,
            "learned": {"rows": rows, **self._learn(rows)},
        }

    def _learn(self, rows):
        """Curves of leads and revenue, or why there is none."""
        mature = [row for row in rows if row[4]]
        leads = self._fit(rows, 2)
        revenue = self._fit(mature, 3)
        if "curve" not in revenue and "curve" in leads:
            valued = self._value(leads, mature)
            revenue = valued if "curve" in valued else revenue
        for answer in (leads, revenue):
            if "curve" in answer:
                answer["curve"] = asdict(answer["curve"])
        return {"leads": leads, "revenue": revenue}

    def _fit(self, rows, column):
        try:
            curve = fit_cost_curve(
                [row[1] for row in rows],
                [row[column] for row in rows],
                min_months=self._get_min_months(),
                seed=SEED,
            )
        except NoCurveError as error:
            return {"reason": error.reason, "found": error.found}
        return {"curve": curve}

    def _value(self, leads, mature):
        """Revenue through leads: the curve of leads times what a lead brought so far."""
        try:
            curve = valued_curve(
                leads["curve"], [row[2] for row in mature], [row[3] for row in mature], seed=SEED
            )
        except NoCurveError as error:
            return {"reason": error.reason, "found": error.found}
        return {"curve": curve, "is_valued": True}

    # ------------------------------------------------------------------ facts

    def _read_months(self, fact, date_field, measure):
        """``{campaign: {first day of the month: sum}}``, with the reader's rights."""
        groups = (
            self.env["marketing.roi.report"]
            .with_company(self.company_id)
            ._read_group(
                [
                    ("fact", "=", fact),
                    ("company_id", "=", self.company_id.id),
                    ("model_id", "=", self.model_id.id),
                    ("campaign_id", "!=", False),
                    (date_field, ">=", self.date_from),
                    (date_field, "<=", self.date_to),
                ],
                ["campaign_id", f"{date_field}:month"],
                [f"{measure}:sum"],
            )
        )
        months = defaultdict(dict)
        for campaign, month, amount in groups:
            months[campaign][month] = float(amount or 0.0)
        return dict(months)

    def _get_months(self, facts):
        """Every month since the first with a fact; before that nothing was recorded."""
        known = {month for fact in facts.values() for row in fact.values() for month in row}
        if not known:
            return []
        month, months = min(known), []
        while month <= self.date_to:
            months.append(month)
            month += relativedelta(months=1)
        return months

    def _get_channels(self, campaigns):
        """``{medium or type: its campaigns}``; a campaign belongs to one channel."""
        if self.channel_by == "type":
            return campaigns.grouped("type_id")
        mediums = self._get_main_mediums(campaigns)
        nothing = self.env["utm.medium"]
        return campaigns.grouped(lambda campaign: mediums.get(campaign, nothing))

    def _get_main_mediums(self, campaigns):
        """The medium of most touches of each campaign; of equal ones, the first known."""
        groups = (
            self.env["marketing.roi.report"]
            .with_company(self.company_id)
            ._read_group(
                [
                    ("fact", "=", "touch"),
                    ("model_id", "=", self.model_id.id),
                    ("campaign_id", "in", campaigns.ids),
                    ("medium_id", "!=", False),
                ],
                ["campaign_id", "medium_id"],
                ["touch_count:sum"],
            )
        )
        ranked = sorted(groups, key=lambda row: (row[2], -row[1].id))
        return {campaign: medium for campaign, medium, _count in ranked}

    def _get_left_amounts(self):
        """What approved and running campaigns may still spend."""
        campaigns = self.env["utm.campaign"].search(
            [("company_id", "=", self.company_id.id), ("state", "in", ("approved", "running"))]
        )
        return {
            campaign: campaign.budget_remaining
            for campaign in campaigns
            if campaign.budget_remaining > 0
        }

    def _get_present_amount(self, rows, left):
        """What a channel has for the months ahead."""
        if self.basis == "left":
            return self.currency_id.round(left)
        # The last twelve months are the usual spend; older ones only teach the curve.
        recent = [row[1] for row in rows[-12:]]
        return self.currency_id.round(self.months * sum(recent) / len(recent))

    def _get_mature_month(self):
        """The last month most of whose deals had the time to close."""
        # Flushed by the readings before: the conversions are written by runs only.
        [(days,)] = self.env.execute_query(
            SQL(
                """
                SELECT PERCENTILE_CONT(%s) WITHIN GROUP (
                           ORDER BY EXTRACT(EPOCH FROM date - date_first_touch) / 86400)
                  FROM marketing_attribution_conversion
                 WHERE date_first_touch IS NOT NULL AND kind != 'pipeline' AND company_id = %s
                """,
                MATURITY,
                self.company_id.id,
            )
        )
        last_day = fields.Date.subtract(fields.Date.context_today(self), days=round(days or 0))
        return (last_day + relativedelta(days=1)).replace(day=1) - relativedelta(months=1)
