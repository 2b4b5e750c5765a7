from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import formulas, goals

# Plans that somebody agreed to.
AGREED = ("approved", "running", "done")
# What a plan can be asked for; nobody plans by salesperson, country or channel.
OF_CAMPAIGN = {"campaign_id": "id", "type_id": "type_id", "company_id": "company_id"}
NAMELIKE = {"like", "ilike", "not like", "not ilike", "=like", "=ilike", "not =like", "not =ilike"}


class MarketingDashboard(models.AbstractModel):
    """What the cards should show: the goals people gave the campaigns in the filter.

    A goal covers a campaign and everything below it, so it counts only where all of that is in
    the filter, and it is compared with what these campaigns reached and nobody else.
    """

    _inherit = "marketing.dashboard"

    # ------------------------------------------------------------------ plans

    @api.model
    def _get_plans(self, scope) -> list[goals.Plan]:
        """Campaigns with goals in the period, amounts in the currency of the reader."""
        campaigns = self._get_planned_campaigns(scope.filter)
        if campaigns is None:
            return []
        plans = {}
        for path, below, metric, value, start, end in self._read_goals(campaigns, scope.span):
            if path not in plans:
                share = goals.share_of_days(start, end, scope.span)
                plans[path] = goals.Plan(path, share, {}, 0.0, frozenset(below))
            plans[path].goals[metric] = value
        return self._add_budgets(scope, list(plans.values()))

    @api.model
    def _get_planned_campaigns(self, domain):
        """The campaigns a filter on the report lets through, as a subquery; ``None`` when the
        filter looks at more than campaigns."""
        conditions = list(domain.iter_conditions())
        if any(self._translate_condition(condition) is None for condition in conditions):
            return None
        campaigns = self.env["utm.campaign"].with_context(active_test=False)
        return campaigns._search(domain.map_conditions(self._translate_condition)).subselect()

    @api.model
    def _translate_condition(self, condition):
        """A condition on rows of the report as one on campaigns."""
        name, _dot, path = condition.field_expr.partition(".")
        operator, value = condition.operator, condition.value
        if name == "programme_id":
            named = self._translate_name("id", path, operator, value)
            campaigns = self.env["utm.campaign"].with_context(active_test=False)
            tops = campaigns.search(named & Domain("parent_id", "=", False))
            return Domain("id", "child_of", tops.ids)
        if name not in OF_CAMPAIGN:
            return None
        own = self._translate_name(OF_CAMPAIGN[name], path, operator, value)
        if name == "company_id":  # campaigns of no company are everybody's
            return own | Domain("company_id", "=", False)
        return own

    @api.model
    def _translate_name(self, name, path, operator, value):
        if name != "id":
            return Domain(f"{name}.{path}" if path else name, operator, value)
        if path:
            return Domain(path, operator, value)
        if operator in ("any", "any!"):
            return Domain(value)
        if operator in ("not any", "not any!"):
            return ~Domain(value)
        return Domain("display_name" if operator in NAMELIKE else "id", operator, value)

    @api.model
    def _read_goals(self, campaigns, span):
        """``(path, ids of the programme, metric, value, first day, last day)`` of each goal."""
        target = self.env["marketing.campaign.target"]
        target.flush_model()
        self.env["utm.campaign"].flush_model()
        currency = self.env.company.currency_id
        today = fields.Date.context_today(self)
        amount = self.env["marketing.roi.report"]._sql_convert(
            SQL("goal.target_value::numeric"),
            SQL("COALESCE(company.currency_id, %s)", currency.id),
            SQL("%s::int", currency.id),
            SQL("%s::numeric", currency.rounding),
            SQL("%s::int", self.env.company.id),
            SQL("%s::date", min(span.end, today)),
        )
        return self.env.execute_query(
            SQL(
                """
                WITH chosen AS MATERIALIZED (
                     SELECT id, parent_path FROM utm_campaign WHERE id IN %(campaigns)s
                )
                SELECT campaign.parent_path, below.ids, goal.metric,
                       (CASE WHEN goal.metric = ANY(%(money)s) THEN %(amount)s
                             ELSE goal.target_value::numeric END)::float8,
                       campaign.date_start, campaign.date_end
                  FROM marketing_campaign_target goal
                  JOIN utm_campaign campaign ON campaign.id = goal.campaign_id
             LEFT JOIN res_company company ON company.id = campaign.company_id
            CROSS JOIN LATERAL (
                       SELECT ARRAY_AGG(node.id) AS ids, COUNT(*) - COUNT(chosen.id) AS missing
                         FROM utm_campaign node
                    LEFT JOIN chosen ON chosen.id = node.id
                        WHERE node.parent_path LIKE campaign.parent_path || '%%'
                       ) AS below
                 WHERE campaign.id IN (SELECT id FROM chosen)
                   AND campaign.is_template IS NOT TRUE
                   AND campaign.state = ANY(%(agreed)s)
                   AND (goal.target_value > 0 OR goal.metric = 'roi')
                   AND campaign.date_start <= LEAST(campaign.date_end, %(last)s)
                   AND campaign.date_end >= %(first)s
                   AND below.missing = 0
              ORDER BY campaign.parent_path, goal.metric
                """,
                campaigns=campaigns,
                money=[*target._get_money_metrics()],
                amount=amount,
                agreed=[*AGREED],
                first=span.start,
                last=span.end,
            )
        )

    @api.model
    def _add_budgets(self, scope, plans):
        """The whole planned cost of each programme, as the report converts it."""
        ids = frozenset().union(*(plan.campaigns for plan in plans))
        if not ids:
            return []
        domain = scope.lifetime() & Domain("campaign_id", "in", sorted(ids))
        rows = self._read_by(domain, ["campaign_id"], ["cost_planned:sum"])
        budgets = {campaign.id: row["cost_planned:sum"] or 0.0 for campaign, row in rows.items()}
        return [
            goals.Plan(
                plan.path,
                plan.share,
                plan.goals,
                sum(budgets.get(campaign_id, 0.0) for campaign_id in plan.campaigns),
                plan.campaigns,
            )
            for plan in plans
        ]

    # ------------------------------------------------------------------ targets of cards

    @api.model
    def _read_now(self, scope, kpis, specs, plans):
        """The figures of the period, and the sums behind them campaign by campaign.

        Both in one statement; campaigns are looked at only if one of them has a goal.
        """
        domain = scope.at(scope.span)
        if not plans:
            return self._read_sums(domain, specs), {}
        measures = {
            f"{name}:sum"
            for kpi in kpis
            if kpi.get("goal")
            for name in (*kpi["measures"], *kpi.get("less", ()))
        }
        specs = [*dict.fromkeys([*specs, *sorted(measures)])]
        [[total], groups] = self.env["marketing.roi.report"]._read_grouping_sets(
            domain, [[], ["campaign_id"]], specs
        )
        now = dict(zip(specs, map(self._number, total), strict=True))
        by_campaign = {
            campaign.id: {
                spec.split(":")[0]: self._number(value) or 0.0
                for spec, value in zip(specs, values, strict=True)
                if spec in measures
            }
            for campaign, *values in groups
        }
        return now, by_campaign

    @api.model
    def _prepare_goal(self, kpi, now, by_campaign, plans):
        """The goal of a card, beside what the campaigns it was set for have reached.

        ``less`` and ``times`` of a card make its goal a multiple of what is still to come.
        """
        target = kpi["goal"](plans)
        if not target:
            return None
        reached = [by_campaign[each] for each in target.campaigns if each in by_campaign]

        def add_up(names):
            return {name: sum(sums[name] for sums in reached) for name in names}

        sums, value = add_up(kpi["measures"]), target.value
        if "less" in kpi:
            value = kpi["times"] * (value - sum(add_up(kpi["less"]).values()))
            if value <= 0:
                return {
                    "label": self.env._("Revenue target reached"),
                    "help": kpi["goal_help"],
                    "value": None,
                    "actual": None,
                    "rate": None,
                    "open": self._open_goals(target),
                }
        actual = self._compute_figure(kpi["spec"], sums)
        is_whole = all(abs(sums[name] - (now[f"{name}:sum"] or 0.0)) < 0.005 for name in sums)
        return {
            "label": self._get_goal_label(len(target.plans), is_whole),
            "help": kpi["goal_help"],
            "value": value,
            "actual": None if is_whole else actual,
            "rate": actual / value if actual is not None and value > 0 else None,
            "open": self._open_goals(target),
        }

    @api.model
    def _open_goals(self, target):
        return {
            "model": "marketing.campaign.target",
            "domain": [["campaign_id", "in", [plan.campaign for plan in target.plans]]],
            "name": self.env._("Targets of Campaigns"),
        }

    @api.model
    def _get_goal_label(self, count, is_whole):
        if is_whole:
            return self.env._("Target")
        if count == 1:
            return self.env._("Target of 1 campaign")
        return self.env._("Target of %(count)s campaigns", count=count)

    @api.model
    def _compute_figure(self, spec, sums):
        """A sum as it is, a ratio from its sums."""
        name = spec.split(":")[0]
        ratio = self.env["marketing.roi.report"]._get_ratios().get(name)
        if not ratio:
            return sums[name]
        # a cost of nothing is no basis for the cost of one
        needs = ratio[:1] if ratio[0] == "cost_actual" else ()
        return formulas.ratio_value(ratio, sums, needs)
