from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import money
from .marketing_budget_gate import GATE_POLICIES, GATE_SCOPES, Breach
from .utm_campaign import PLAN_READERS

NOTHING = {"committed": 0.0, "actual": 0.0}


class UtmCampaign(models.Model):
    """The side of the budget gate that knows budgets: who holds one, what is left, what is over.

    A budget is held by the campaign itself or else by the nearest programme above it that has one.
    """

    _inherit = "utm.campaign"

    gate_policy = fields.Selection(
        GATE_POLICIES,
        string="Over Budget",
        groups=PLAN_READERS,
        tracking=True,
        help="What happens when an order, a bill or an expense exceeds the budget of this "
        "campaign. Empty: what the company has set.",
    )
    gate_scope = fields.Selection(
        GATE_SCOPES,
        string="Check",
        default="total",
        groups=PLAN_READERS,
    )
    gate_tolerance = fields.Float(
        string="Tolerance",
        groups=PLAN_READERS,
        help="Share of the budget that may be exceeded before the check answers.",
    )
    gate_check_count = fields.Integer(
        readonly=True,
        copy=False,
        default=0,
        groups="base.group_system",
        help="Counts budget checks, so that two at the same time see each other.",
    )

    _gate_tolerance_positive = models.Constraint(
        "CHECK(gate_tolerance IS NULL OR gate_tolerance >= 0)",
        "The tolerance of the budget check cannot be negative.",
    )

    def _get_gate_rule(self):
        """Policy, scope and tolerance that hold for this campaign."""
        self.ensure_one()
        if self.gate_policy:
            return self.gate_policy, self.gate_scope or "total", self.gate_tolerance
        company = self.company_id or self.env.company
        return (
            company.campaign_gate_policy or "ignore",
            company.campaign_gate_scope or "total",
            company.campaign_gate_tolerance,
        )

    def _get_budget_holders(self):
        """Map each campaign of the set to the one whose budget it spends, as ids."""
        above = {int(node) for node in "".join(self.mapped("parent_path")).split("/") if node}
        funded = self._get_funded_ids(above)
        return {
            campaign.id: next(
                (node for node in campaign._get_path_ids()[::-1] if node in funded), campaign.id
            )
            for campaign in self
        }

    def _get_path_ids(self):
        self.ensure_one()
        return [int(node) for node in (self.parent_path or "").split("/") if node]

    @api.model
    def _get_funded_ids(self, campaign_ids):
        """Which of these campaigns have a budget of their own."""
        groups = self.env["marketing.budget.line"]._read_group(
            [("campaign_id", "in", list(campaign_ids)), ("amount", ">", 0)], ["campaign_id"]
        )
        return {campaign.id for (campaign,) in groups}

    def _get_gate_scopes(self):
        """Map every campaign that spends a budget of the set to the holder of that budget."""
        below = self.with_context(active_test=False).search([("id", "child_of", self.ids)])
        holders = below._get_budget_holders()
        return {node: holder for node, holder in holders.items() if holder in self._ids}

    def _get_gate_exposures(self, lock=False):
        """Money spent and committed on the budgets of the set.

        ``{(holder id, category id or False): {"committed": amount, "actual": amount}}``; the
        category is the budgeted one for holders that check each category, else False.
        """
        if not self:
            return {}
        if lock:
            self._lock_for_gate()
        self.env.flush_all()
        exposures = {}
        for holder_id, category_id, state, amount in self.env.execute_query(self._exposure_sql()):
            holder = self.browse(holder_id)
            key = (holder_id, holder._get_gate_category(category_id))
            kind = "committed" if state == "committed" else "actual"
            sums = exposures.setdefault(key, dict(NOTHING))
            sums[kind] += float(amount)
        return exposures

    def _lock_for_gate(self):
        """Let no other transaction check these budgets until this one has ended."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                UPDATE utm_campaign
                   SET gate_check_count = COALESCE(gate_check_count, 0) + 1
                 WHERE id IN (SELECT id FROM utm_campaign WHERE id = ANY(%s)
                              ORDER BY id FOR NO KEY UPDATE)
             RETURNING id
                """,
                self.ids,
            )
        )

    def _exposure_sql(self):
        scopes = self._get_gate_scopes()
        report = self.env["marketing.cost.report"]
        report = report._with_scope(
            report._get_state_sources({"committed", "booked", "accrued"}), self.browse(scopes)
        )
        return SQL(
            """
            SELECT holder.id, fact.category_id, fact.state, SUM(%(amount)s)
              FROM (%(facts)s) AS fact
              JOIN UNNEST(%(nodes)s, %(holders)s) AS scope(node_id, holder_id)
                ON scope.node_id = fact.campaign_id
              JOIN utm_campaign holder ON holder.id = scope.holder_id
         LEFT JOIN res_company company ON company.id = holder.company_id
              JOIN res_currency currency
                ON currency.id = COALESCE(company.currency_id, %(fallback)s)
             WHERE fact.campaign_id = ANY(%(nodes)s)
               AND fact.state IN ('committed', 'booked', 'accrued')
               AND fact.company_id = COALESCE(holder.company_id, fact.company_id)
          GROUP BY holder.id, fact.category_id, fact.state
            """,
            amount=report._sql_convert(
                SQL("fact.amount"),
                SQL("fact.currency_id"),
                SQL("currency.id"),
                SQL("currency.rounding"),
                SQL("COALESCE(holder.company_id, %s)", self.env.company.id),
                SQL("fact.date"),
            ),
            facts=report._facts_sql(),
            nodes=list(scopes),
            holders=list(scopes.values()),
            fallback=self.env.company.currency_id.id,
        )

    def _get_gate_category(self, category_id):
        """The budgeted category a cost counts in, False for the whole or the rest."""
        self.ensure_one()
        if self._get_gate_rule()[1] == "total" or not category_id:
            return False
        budgeted = self.budget_line_ids.category_id._ids
        category = self.env["marketing.cost.category"].browse(category_id)
        path = [int(node) for node in (category.parent_path or "").split("/") if node]
        return next((node for node in reversed(path) if node in budgeted), False)

    def _get_gate_budgets(self):
        """Approved money by category (False: the whole, or lines without a category)."""
        self.ensure_one()
        if self.state not in ("approved", "running", "done"):
            return {}
        if self._get_gate_rule()[1] == "total":
            return {False: sum(self.budget_line_ids.mapped("amount"))}
        budgets = {}
        for line in self.budget_line_ids:
            key = line.category_id.id or False
            budgets[key] = budgets.get(key, 0.0) + line.amount
        return budgets

    def _get_gate_breaches(self, before, after):
        """Budgets that are exceeded by more than their tolerance and were made worse."""
        breaches = []
        for (holder_id, category_id), spent in after.items():
            holder = self.browse(holder_id)
            currency = holder.currency_id
            policy, _scope, tolerance = holder._get_gate_rule()
            earlier = before.get((holder_id, category_id), NOTHING)
            added = sum(spent.values()) - sum(earlier.values())
            budget = holder._get_gate_budgets().get(category_id, 0.0)
            excess = money.budget_excess(budget, sum(spent.values()), tolerance, currency.rounding)
            if excess and currency.compare_amounts(added, 0.0) > 0:
                breaches.append(
                    Breach(
                        campaign=holder,
                        category=self.env["marketing.cost.category"].browse(category_id or ()),
                        policy=policy,
                        budget=budget,
                        committed=earlier["committed"],
                        actual=earlier["actual"],
                        document=added,
                        excess=excess,
                        is_approved=holder.state in ("approved", "running", "done"),
                    )
                )
        return breaches

    @api.model
    def _get_plan_fields(self):
        return super()._get_plan_fields() | {
            "gate_policy",
            "gate_scope",
            "gate_tolerance",
            "gate_check_count",
        }
