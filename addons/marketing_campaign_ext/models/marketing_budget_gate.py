from collections import namedtuple

from odoo import api, models
from odoo.exceptions import RedirectWarning, UserError

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
        if not self._is_gate_in_use():
            return self.env["utm.campaign"].sudo()  # sudo: empty, and like the answer below
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

    @api.model
    def _is_gate_in_use(self):
        """Whether a company or a campaign checks budgets; without, documents cost no more."""
        # sudo: a question about the settings of all companies, asked by whoever confirms
        companies = self.env["res.company"].sudo()
        campaigns = self.env["utm.campaign"].sudo().with_context(active_test=False)
        return bool(
            companies.search_count([("campaign_gate_policy", "!=", "ignore")], limit=1)
            or campaigns.search_count([("gate_policy", "not in", ("ignore", False))], limit=1)
        )

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
        message = f"{self._describe_breaches(breaches)}\n\n{self._describe_way_out(policy)}"
        may_override = self.env.user.has_group(OVERRIDE)
        if len(self) != 1 or (policy == "block" and not may_override):
            raise UserError(message)
        raise RedirectWarning(
            message,
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
