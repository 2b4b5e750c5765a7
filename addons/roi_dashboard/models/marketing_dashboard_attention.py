from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, ormcache

from .marketing_dashboard import MOST_OPENED

# Days an open lead may go without a new stage, a planned activity or an assignment.
STALE_DAYS = 30
# Days a running campaign may go without any cost before somebody should ask for the bills.
COSTLESS_DAYS = 30
LISTED = 5
SPECS = [
    "cost_planned:sum",
    "cost_committed:sum",
    "cost_actual:sum",
    "revenue_invoiced:sum",
    "pipeline_amount:sum",
]
MONEY_FACTS = ("cost", "invoiced", "pipeline")


class MarketingDashboard(models.AbstractModel):
    """What somebody should look at, worst first."""

    _inherit = "marketing.dashboard"

    @api.model
    def _panel_attention(self, scope):
        items = [item for item in self._get_attention_items(scope) if item["count"]]
        return {"items": items, "is_empty": not items}

    @api.model
    def _get_attention_items(self, scope):
        """Hook for bridges: items as ``_prepare_item`` makes them."""
        live = self._get_live_campaigns(scope, self._read_money_so_far(scope))
        return [
            self._get_over_budget(live),
            self._get_without_cost(live),
            self._get_without_revenue(live),
            self._get_stale_leads(scope),
        ]

    @api.model
    @ormcache("self._get_cache_key(scope.ever())")
    def _read_money_so_far(self, scope):
        """Campaign (id) -> its sums up to now, the same for every period."""
        sums = self._read_by(
            scope.lifetime()
            & Domain("fact", "in", MONEY_FACTS)
            & Domain("campaign_id", "!=", False),
            ["campaign_id"],
            SPECS,
        )
        return {campaign.id: values for campaign, values in sums.items()}

    @api.model
    def _get_live_campaigns(self, scope, sums):
        """Campaigns that run, or ended within the period, with their sums so far."""
        # sudo: a campaign whose figures one sees shows its name and state
        campaigns = self.env["utm.campaign"].sudo().browse(sums)
        ended = scope.span.start
        return {
            campaign: sums[campaign.id]
            for campaign in campaigns
            if campaign.state == "running"
            or (campaign.state == "done" and (campaign.date_done or ended) >= ended)
        }

    # ------------------------------------------------------------------ money

    @api.model
    def _get_over_budget(self, live):
        over = {}
        for campaign, values in live.items():
            planned = values["cost_planned:sum"] or 0.0
            used = (values["cost_actual:sum"] or 0.0) + (values["cost_committed:sum"] or 0.0)
            if planned and self.env.company.currency_id.compare_amounts(used, planned) > 0:
                over[campaign] = used - planned
        return self._prepare_item(
            "over_budget",
            "danger",
            self.env._("Over budget"),
            self.env._("Spent and promised more than planned, by how much."),
            over,
        )

    @api.model
    def _get_without_cost(self, live):
        since = fields.Date.context_today(self) - timedelta(days=COSTLESS_DAYS)
        costless = {
            campaign: values["revenue_invoiced:sum"] or 0.0
            for campaign, values in live.items()
            if not values["cost_actual:sum"]
            and (campaign.date_started or campaign.date_start or since) <= since
            and (values["cost_planned:sum"] or values["revenue_invoiced:sum"])
        }
        return self._prepare_item(
            "no_cost",
            "warning",
            self.env._("No cost yet"),
            self.env._("Running for a month without a bill: without cost there is no ROI."),
            costless,
        )

    @api.model
    def _get_without_revenue(self, live):
        fruitless = {
            campaign: values["cost_actual:sum"]
            for campaign, values in live.items()
            if values["cost_actual:sum"]
            and not values["revenue_invoiced:sum"]
            and not values["pipeline_amount:sum"]
            and not campaign.is_too_young
        }
        return self._prepare_item(
            "no_revenue",
            "warning",
            self.env._("No revenue, no pipeline"),
            self.env._("Old enough to have brought something; what was spent so far."),
            fruitless,
        )

    @api.model
    def _prepare_item(self, key, level, label, explanation, amounts):
        """One kind of thing to look at: campaigns with an amount each, largest first."""
        ranked = sorted(amounts.items(), key=lambda pair: (-pair[1], pair[0].id))
        return {
            "key": key,
            "level": level,
            "label": label,
            "help": explanation,
            "count": len(ranked),
            "is_more": False,
            "rows": [
                {
                    "id": campaign.id,
                    "model": "utm.campaign",
                    "name": campaign.title,
                    "amount": amount,
                }
                for campaign, amount in ranked[:LISTED]
            ],
            "open": {
                "model": "utm.campaign",
                "domain": [["id", "in", [campaign.id for campaign, _amount in ranked]]],
                "name": label,
            },
        }

    # ------------------------------------------------------------------ leads

    @api.model
    def _get_stale_leads(self, scope):
        return self._prepare_lead_item(
            "stale_leads",
            "warning",
            self.env._("Leads nobody touches"),
            self.env._("No new stage for %(days)s days and nothing planned.", days=STALE_DAYS),
            self._stale_leads_sql(scope),
            SQL("lead.date_last_stage_update"),
        )

    @api.model
    def _stale_leads_sql(self, scope):
        """Open leads of campaigns that nobody moved, and nobody plans to."""
        self.env["mail.activity"].flush_model()
        return self._lead_ids_sql(
            scope.lifetime() & Domain("fact", "=", "lead"),
            # the campaign said so that no index is used for it: most leads have one
            SQL(
                """
                COALESCE(lead.campaign_id, 0) != 0
                AND lead.active AND lead.won_status = 'pending'
                AND GREATEST(lead.create_date, lead.date_open, lead.date_conversion,
                             lead.date_last_stage_update) < %(since)s
                AND NOT EXISTS (SELECT 1 FROM mail_activity activity
                                 WHERE activity.res_model = 'crm.lead' AND activity.active
                                   AND activity.res_id = lead.id)
                """,
                since=fields.Datetime.now() - timedelta(days=STALE_DAYS),
            ),
        )

    @api.model
    def _open_stale_leads(self, scope):
        return self._open_leads(self._stale_leads_sql(scope), self.env._("Leads nobody touches"))

    @api.model
    def _get_lazy_records(self):
        return {**super()._get_lazy_records(), "stale_leads": self._open_stale_leads}

    @api.model
    def _prepare_lead_item(self, key, level, label, explanation, lead_ids, order):
        """One kind of thing to look at: leads, as a query of their ids.

        ``order`` says which are worst, as SQL over ``lead``. More than can be opened are not
        counted to the end, and those named are then some of the bad ones.
        """
        rows = self.env.execute_query(SQL("%s LIMIT %s", lead_ids, MOST_OPENED + 1))
        ids = [lead_id for (lead_id,) in rows]
        return {
            "key": key,
            "level": level,
            "label": label,
            "help": explanation,
            "count": min(len(ids), MOST_OPENED),
            "is_more": len(ids) > MOST_OPENED,
            "rows": self._name_leads(ids, order) if ids else [],
            "open": {"lazy": key},
        }

    @api.model
    def _name_leads(self, ids, order):
        """The first leads that the reader may open; others are counted and not named."""
        leads = self.env["crm.lead"]
        if not leads.has_access("read"):
            return []
        found = self.env.execute_query(
            SQL(
                """
                SELECT lead.id FROM crm_lead lead WHERE lead.id = ANY(%s)
                 ORDER BY %s, lead.id LIMIT %s
                """,
                ids,
                order,
                20 * LISTED,
            )
        )
        readable = leads.browse([lead_id for (lead_id,) in found])._filtered_access("read")
        return [
            {"id": lead.id, "model": "crm.lead", "name": lead.name, "amount": None}
            for lead in readable[:LISTED]
        ]
