from collections import namedtuple

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import SQL

from ..tools import money

GATE_POLICIES = [
    ("ignore", "Ignore"),
    ("warn", "Warn"),
    ("approval", "Require approval"),
    ("block", "Block"),
]
GATE_SCOPES = [("total", "The whole budget"), ("category", "Each cost category")]
STRICTNESS = {policy: rank for rank, (policy, _label) in enumerate(GATE_POLICIES)}
OVERRIDE = "marketing_campaign_ext.group_campaign_budget_override"

Breach = namedtuple(
    "Breach", "campaign category policy budget committed actual document excess is_approved"
)


class _Undo(Exception):
    """Leave a savepoint without keeping what was done in it."""


class MarketingBudgetGate(models.AbstractModel):
    """A document that spends campaign money and is refused when the budget has no room.

    The gate lets the document do what it does, looks at what the campaigns then have spent and
    committed, and takes everything back if that is too much. So it judges the real effect: a bill
    that only takes over the commitment of its order adds nothing, a price difference adds just
    that. What does not add to a campaign passes, even over an exhausted budget.

    Before looking, the gate counts up a number on the campaigns that hold the budgets. Of two
    transactions doing so at once the second fails and is repeated by Odoo, with the money of the
    first in sight: two documents cannot both use the last hundred.

    A budget is held by the campaign itself or else by the nearest programme above it that has
    one. Costs count in the category they have, or the nearest one above it that is budgeted.
    """

    _name = "marketing.budget.gate"
    _description = "Campaign Budget Gate"

    def _through_budget_gate(self, operation, distributions=()):
        """Run ``operation`` and refuse its result when a campaign budget has no room for it.

        ``distributions`` are analytic distributions that the operation will bring, besides those
        that the documents have already.
        """
        holders = self._get_gate_holders(distributions)
        if not holders:
            return operation()
        before = holders._get_gate_exposures(lock=True)
        result = operation()
        breaches = holders._get_gate_breaches(before, holders._get_gate_exposures())
        self._handle_budget_breaches(breaches)
        return result

    def _simulate_budget_gate(self):
        """Breaches that confirming this document would cause; nothing is kept."""
        self.ensure_one()
        document = self.with_context(
            tracking_disable=True, mail_notrack=True, mail_notify_force_send=False
        )
        holders = document._get_gate_holders()
        breaches = []
        try:
            with self.env.cr.savepoint():
                before = holders._get_gate_exposures()
                document._spend_unchecked()
                breaches = holders._get_gate_breaches(before, holders._get_gate_exposures())
                raise _Undo
        except _Undo:
            return breaches

    def _get_gate_holders(self, distributions=()):
        """Campaigns whose budgets the documents touch and whose policy is not to ignore them."""
        # sudo: a purchaser is checked against budgets that he may not read
        lines = self._get_gate_lines().sudo()
        account_ids = set(lines.distribution_analytic_account_ids.ids).union(
            *(
                map(int, key.split(","))
                for keys in distributions
                for key in keys
                if key[:1].isdigit()
            )
        )
        campaigns = self.env["utm.campaign"].sudo()
        if not account_ids:
            return campaigns
        campaigns = campaigns.with_context(active_test=False).search(
            [("analytic_account_id", "in", list(account_ids))]
        )
        holders = campaigns.browse(campaigns._get_budget_holders().values())
        return holders.filtered(lambda campaign: campaign._get_gate_rule()[0] != "ignore")

    def _handle_budget_breaches(self, breaches):
        if not breaches:
            return
        open_breaches = [
            breach
            for breach in breaches
            if breach.policy != "warn"
            and not self.env["marketing.budget.exception"]._covers(self, breach)
        ]
        if open_breaches:
            self._refuse_over_budget(open_breaches)
        warnings = [breach for breach in breaches if breach.policy == "warn"]
        if warnings:
            self._warn_over_budget(warnings)

    def _refuse_over_budget(self, breaches):
        policy = max((breach.policy for breach in breaches), key=STRICTNESS.get)
        text = self._describe_breaches(breaches)
        may_override = self.env.user.has_group(OVERRIDE)
        if len(self) != 1 or (policy == "block" and not may_override):
            raise UserError(f"{text}\n\n{self._describe_way_out(policy)}")
        raise RedirectWarning(
            f"{text}\n\n{self._describe_way_out(policy)}",
            self.env["ir.actions.act_window"]._for_xml_id(
                "marketing_campaign_ext.marketing_budget_exception_wizard_action"
            ),
            self.env._("Override with a Reason")
            if may_override
            else self.env._("Ask for Approval"),
            {"default_res_model": self._name, "default_res_id": self.id},
        )

    def _warn_over_budget(self, breaches):
        text = self._describe_breaches(breaches)
        for document in self:
            document.message_post(body=text)
        for breach in breaches:
            breach.campaign.message_post(
                body=self.env._(
                    "%(documents)s confirmed over budget. %(text)s",
                    documents=", ".join(self.mapped("display_name")),
                    text=self._describe_breaches([breach]),
                )
            )
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Campaign over budget"),
                "message": text,
            },
        )

    @api.model
    def _describe_breaches(self, breaches):
        return "\n".join(self._describe_breach(breach) for breach in breaches)

    @api.model
    def _describe_breach(self, breach):
        """One campaign and category in figures: what there is, what is asked, what is missing."""
        show = breach.campaign.currency_id.format
        values = {
            "campaign": breach.campaign.title,
            "category": breach.category.complete_name or self.env._("all categories"),
            "budget": show(breach.budget),
            "committed": show(breach.committed),
            "actual": show(breach.actual),
            "document": show(breach.document),
            "excess": show(breach.excess),
        }
        if not breach.is_approved:
            return self.env._(
                "%(campaign)s (%(category)s) has no approved budget; committed %(committed)s, "
                "actual %(actual)s, this document %(document)s.",
                **values,
            )
        return self.env._(
            "%(campaign)s (%(category)s) has a budget of %(budget)s; committed %(committed)s, "
            "actual %(actual)s, this document %(document)s: %(excess)s too much.",
            **values,
        )

    @api.model
    def _describe_way_out(self, policy):
        if policy == "approval":
            return self.env._(
                "Reduce the document, have the budget revised or transferred, or ask a campaign "
                "manager to approve this document."
            )
        return self.env._(
            "Reduce the document, or have the budget revised or transferred. Only a person with "
            "the right to override budget checks can let it pass."
        )

    # ------------------------------------------------------------------ hooks

    def _get_gate_lines(self):
        """Hook: the lines of the document that carry an analytic distribution."""
        raise NotImplementedError

    def _gate_operation(self):
        """Hook: what the user asked for, gate included."""
        raise NotImplementedError

    def _spend_unchecked(self):
        """Hook: the step that spends the money, without the gate; only ever simulated."""
        raise NotImplementedError


class UtmCampaign(models.Model):
    _inherit = "utm.campaign"

    gate_policy = fields.Selection(
        GATE_POLICIES,
        string="Over Budget",
        groups="marketing_campaign_ext.group_campaign_user,"
        "marketing_campaign_ext.group_campaign_finance",
        tracking=True,
        help="What happens when an order, a bill or an expense exceeds the budget of this "
        "campaign. Empty: what the company has set.",
    )
    gate_scope = fields.Selection(
        GATE_SCOPES,
        string="Check",
        default="total",
        groups="marketing_campaign_ext.group_campaign_user,"
        "marketing_campaign_ext.group_campaign_finance",
    )
    gate_tolerance = fields.Float(
        string="Tolerance",
        groups="marketing_campaign_ext.group_campaign_user,"
        "marketing_campaign_ext.group_campaign_finance",
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
            sums = exposures.setdefault(key, {"committed": 0.0, "actual": 0.0})
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
        return SQL(
            """
            SELECT holder.id, fact.category_id, fact.state, SUM(%(amount)s)
              FROM %(facts)s AS fact
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
            facts=report._table_sql,
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
        nothing = {"committed": 0.0, "actual": 0.0}
        for (holder_id, category_id), spent in after.items():
            holder = self.browse(holder_id)
            currency = holder.currency_id
            policy, _scope, tolerance = holder._get_gate_rule()
            earlier = before.get((holder_id, category_id), nothing)
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
