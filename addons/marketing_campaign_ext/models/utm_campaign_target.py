from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..tools import pace
from .utm_campaign import PLAN_READERS


class UtmCampaign(models.Model):
    _inherit = "utm.campaign"

    target_ids = fields.One2many(
        "marketing.campaign.target",
        "campaign_id",
        string="Targets",
        copy=True,
        groups=PLAN_READERS,
    )

    revenue_amount_total = fields.Monetary(
        string="Invoiced Revenue",
        compute="_compute_performance",
        groups=PLAN_READERS,
        help="Posted invoice lines less credit notes, untaxed, of orders and invoices that name "
        "this campaign or one below it.",
    )
    roi_label = fields.Char(
        string="ROI",
        compute="_compute_performance",
        groups=PLAN_READERS,
        help="Invoiced revenue less actual cost, divided by actual cost. A dash: no cost yet.",
    )
    elapsed_rate = fields.Float(string="Time Passed", compute="_compute_elapsed_rate")

    @api.depends("parent_path", "cost_actual_total")
    @api.depends_context("company", "allowed_company_ids", "lang")
    def _compute_performance(self):
        campaigns = self._origin
        values = campaigns._get_metric_values({"revenue", "roi"}) if campaigns else {}
        for campaign in self:
            campaign_id = campaign._origin.id
            roi = values.get("roi", {}).get(campaign_id)
            campaign.revenue_amount_total = values.get("revenue", {}).get(campaign_id, 0.0)
            campaign.roi_label = "—" if roi is None else f"{formatLang(self.env, roi, digits=0)} %"

    @api.depends("date_start", "date_end", "date_started")
    def _compute_elapsed_rate(self):
        today = fields.Date.context_today(self)
        for campaign in self:
            campaign.elapsed_rate = (
                pace.elapsed_rate(
                    campaign.date_start or campaign.date_started, campaign.date_end, today
                )
                or 0.0
            )

    # ------------------------------------------------------------------ metrics

    def _get_metric_values(self, metrics):
        """Values over each campaign's programme: metric -> {campaign id: value or None}.

        One query for each measure that the metrics need, for any number of campaigns.
        """
        formulas = self._get_formulas()
        needed = set().union(*(formulas.get(metric, {metric}) for metric in metrics))
        programme = self._get_programme()
        measures = {
            measure: self._get_measure_total(measure, programme) for measure in sorted(needed)
        }
        return {
            metric: (
                self._apply_formula(metric, measures) if metric in formulas else measures[metric]
            )
            for metric in metrics
        }

    @api.model
    def _get_formulas(self):
        """Metrics that are computed from measures: metric -> names of the measures."""
        return {"cost_per_lead": {"cost", "leads"}, "roi": {"revenue", "cost"}}

    def _apply_formula(self, metric, measures):
        """Values of one computed metric for each campaign of the set."""
        formula = getattr(self, f"_formula_{metric}")
        names = self._get_formulas()[metric]
        return {
            campaign.id: formula(**{name: measures[name].get(campaign.id) for name in names})
            for campaign in self
        }

    @api.model
    def _formula_cost_per_lead(self, cost, leads):
        return pace.ratio(cost, leads) if leads is not None and cost else None

    @api.model
    def _formula_roi(self, revenue, cost):
        ratio = pace.ratio(revenue - cost, cost)
        return None if ratio is None else 100 * ratio

    def _get_measure_total(self, measure, programme):
        """One measure over the programme of each campaign of the set."""
        if hasattr(self, f"_total_{measure}"):
            return getattr(self, f"_total_{measure}")(programme)
        return self._sum_over_programme(programme, getattr(programme, f"_measure_{measure}")())

    def _sum_over_programme(self, programme, own):
        """Sum own values of the programme up to each campaign of the set.

        ``None`` instead of a mapping means that the measure does not exist in this database.
        """
        if own is None:
            return dict.fromkeys(self.ids)
        wanted = set(self.ids)
        totals = dict.fromkeys(self.ids, 0.0)
        for campaign in programme:
            value = own.get(campaign.id)
            if not value:
                continue
            for ancestor_id in map(int, campaign.parent_path.split("/")[:-1]):
                if ancestor_id in wanted:
                    totals[ancestor_id] += value
        return totals

    # Each measure gives own values of the campaigns of the set by id. They count with sudo:
    # marketers may not read leads, invoices or registrations, but they may know how many of
    # their own companies there are. The companies of the user are therefore in each domain.

    def _measure_leads(self):
        return self._count_leads([])

    def _measure_opportunities(self):
        return self._count_leads([("type", "=", "opportunity")])

    def _measure_won(self):
        return self._count_leads([("won_status", "=", "won")])

    def _count_leads(self, domain):
        return self._count_by_campaign(
            self.env["crm.lead"].with_context(active_test=False),
            "campaign_id",
            [*domain, ("company_id", "in", [*self.env.companies.ids, False])],
        )

    def _measure_registrations(self):
        """Confirmed or attended registrations, when events are there."""
        if "event.registration" not in self.env:
            return None
        return self._count_by_campaign(
            self.env["event.registration"],
            "utm_campaign_id",
            [
                ("state", "in", ("open", "done")),
                ("company_id", "in", [*self.env.companies.ids, False]),
            ],
        )

    def _measure_touches(self):
        """Touches by people; without a touch log, clicks and opened mails."""
        if "marketing.touchpoint" in self.env:
            return self._count_by_campaign(
                self.env["marketing.touchpoint"],
                "campaign_id",
                [
                    ("is_bot", "=", False),
                    ("kind", "!=", "mail_sent"),
                    ("company_id", "in", [*self.env.companies.ids, False]),
                ],
            )
        clicks = self._count_by_campaign(self.env["link.tracker.click"], "campaign_id", [])
        opened = self._count_by_campaign(
            self.env["mailing.trace"], "campaign_id", [("open_datetime", "!=", False)]
        )
        return {
            campaign_id: clicks.get(campaign_id, 0) + opened.get(campaign_id, 0)
            for campaign_id in self.ids
        }

    def _count_by_campaign(self, model, fname, domain):
        groups = model.sudo()._read_group([(fname, "in", self.ids), *domain], [fname], ["__count"])
        return {campaign.id: count for campaign, count in groups}

    # Money is not summed before it is in one currency: totals of their own.

    def _total_cost(self, programme):
        return {campaign.id: campaign.cost_actual_total for campaign in self}

    def _total_revenue(self, programme):
        """Posted customer invoice lines net of credit notes, untaxed, by the order's campaign.

        By line, not by invoice: an invoice may merge the orders of several campaigns. Amounts
        are converted at the date of the invoice; the campaign ledger has the rows.
        """
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["campaign_id", "move_type"])
        self.env["sale.order"].flush_model(["campaign_id"])
        _own, totals = self._get_programme_sums(self._revenue_sql)
        return {key: totals.get(key, {}).get("invoiced", 0.0) for key in self.ids}

    @api.model
    def _revenue_sql(self, programme, targets):
        """Revenue by campaign and the currency it is summed in.

        The candidates are found by the indexes of campaigns on orders and invoices; which of
        them count for which campaign is decided after that, line by line.
        """
        report = self.env["marketing.campaign.ledger"]
        return SQL(
            """
            WITH candidate AS (
                 SELECT rel.invoice_line_id AS id
                   FROM sale_order sale
                   JOIN sale_order_line sale_line ON sale_line.order_id = sale.id
                   JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sale_line.id
                  WHERE sale.campaign_id = ANY(%(campaign_ids)s)
                  UNION
                 SELECT line.id
                   FROM account_move move
                   JOIN account_move_line line ON line.move_id = move.id
                  WHERE move.campaign_id = ANY(%(campaign_ids)s)
            ),
            fact AS (
                 SELECT COALESCE(origin.campaign_id, move.campaign_id) AS campaign_id,
                        line.date, -line.balance AS amount, company.currency_id
                   FROM candidate
                   JOIN account_move_line line ON line.id = candidate.id
                   JOIN account_move move ON move.id = line.move_id
                   JOIN res_company company ON company.id = line.company_id
              LEFT JOIN LATERAL (
                        SELECT sale.campaign_id
                          FROM sale_order_line_invoice_rel rel
                          JOIN sale_order_line sale_line ON sale_line.id = rel.order_line_id
                          JOIN sale_order sale ON sale.id = sale_line.order_id
                         WHERE rel.invoice_line_id = line.id
                         ORDER BY sale_line.id
                         LIMIT 1
                        ) AS origin ON TRUE
                  WHERE line.parent_state = 'posted'
                    AND line.display_type = 'product'
                    AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                    AND line.company_id = ANY(%(company_ids)s)
            )
            SELECT target.campaign_id, target.currency_id, target.company_id, 'invoiced',
                   SUM(%(amount)s)
              FROM fact
              JOIN %(targets)s ON target.campaign_id = fact.campaign_id
          GROUP BY target.campaign_id, target.currency_id, target.company_id
            """,
            amount=report._sql_convert_to_target("fact"),
            targets=report._sql_targets(targets),
            company_ids=self.env.companies.ids,
            campaign_ids=programme.ids,
        )

    @api.model
    def _get_plan_fields(self):
        return super()._get_plan_fields() | {"target_ids"}
