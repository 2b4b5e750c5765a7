import uuid
from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup
from pytz import timezone, utc

from odoo import models
from odoo.exceptions import UserError

ERROR_LENGTH = 500  # the rest is in the server's log


class LeadAssignmentOutcome(models.AbstractModel):
    """What follows from verdicts: owners, conversion, activities, ledger rows, messages."""

    _name = "lead.assignment.outcome"
    _description = "Outcome of Assignment"

    def _apply(self, facts, verdicts):
        """Give the leads to their owners; then what the rule wants beyond that."""
        self.env["lead.assignment.writer"]._give(
            [self._prepare_gift(facts[verdict.lead], verdict) for verdict in verdicts]
        )
        by_rule = defaultdict(list)
        for verdict in verdicts:
            if verdict.owner:
                by_rule[verdict.rule].append(verdict.lead)
        # sudo: rules are applied by people who may not edit them, to leads of whole teams
        for rule in self.env["lead.assignment.rule"].sudo().browse(by_rule):
            leads = self.env["crm.lead"].sudo().browse(by_rule[rule.id])  # sudo: as above
            if rule.convert:
                self._convert(leads, rule)
            self._follow_through(leads, rule)

    def _prepare_gift(self, fact, verdict) -> dict:
        # sudo: the team of the pool, read by whoever asked for the assignment
        pool = self.env["lead.assignment.pool"].sudo().browse(verdict.pool or [])
        return {
            "lead": verdict.lead,
            "owner": verdict.owner,
            "team": pool.team_id.id or verdict.team,
            "rule": verdict.rule,
            "pool": verdict.pool,
            "reason": verdict.reason,
            "lead_team": fact["team"],
            "company": fact["company"],
            "stage": fact["stage"],
            "type": fact["type"],
        }

    def _convert(self, leads, rule):
        """Odoo's own conversion, with the customer it finds or the rule lets it create."""
        for lead in leads.filtered(lambda lead: lead.type == "lead"):
            partner = lead.partner_id or lead._find_matching_partner()
            if not partner and rule.partner_action == "create":
                partner = lead._create_customer()
            lead.convert_opportunity(partner)

    def _follow_through(self, leads, rule):
        """The activity and the note the rule asks for."""
        if rule.activity_type_id:
            for lead in leads:
                lead.activity_schedule(
                    activity_type_id=rule.activity_type_id.id,
                    date_deadline=self._get_day(lead.user_id, rule.activity_days),
                    summary=rule.activity_summary,
                    user_id=lead.user_id.id,
                )
        if rule.message:
            body = Markup("<p>%s</p>") % rule.message
            leads._message_log_batch(bodies={lead.id: body for lead in leads})

    def _get_day(self, user, days):
        """A date so many days from the person's today."""
        local = utc.localize(self.env.cr.now()).astimezone(timezone(user.tz or "UTC"))
        return local.date() + timedelta(days=days or 0)

    def _record(self, facts, verdicts, trigger, error=None):
        """Ledger rows: every lead given, and those left when the outcome is a new one."""
        run = uuid.uuid4().hex[:12]
        rows = [
            {**self._prepare_decision(verdict, trigger, run), "error": error}
            for verdict in verdicts
            if verdict.owner or self._is_news(facts[verdict.lead], verdict)
        ]
        self.env["lead.assignment.decision"]._record(rows)

    @staticmethod
    def _describe_error(error) -> str:
        """What Odoo tells its users as it is; of anything else its kind and first line, for
        those who can mend it."""
        text = str(error).strip()
        if not isinstance(error, UserError):
            first_line = text.partition("\n")[0]
            text = f"{type(error).__name__}: {first_line}"
        return text[:ERROR_LENGTH]

    @staticmethod
    def _is_news(fact, verdict) -> bool:
        known = (fact["reason"], fact["rule"], fact["pool"])
        return known != (verdict.reason, verdict.rule, verdict.pool)

    def _prepare_decision(self, verdict, trigger, run) -> dict:
        return {
            "run": run,
            "lead_id": verdict.lead,
            "rule_id": verdict.rule,
            "pool_id": verdict.pool,
            "method": verdict.method,
            "trigger": trigger,
            "reason": verdict.reason,
            "user_id": verdict.owner,
            "turn_user_id": verdict.person,
            "turn_team_id": verdict.team,
            **self._prepare_choice(verdict),
            "team_choice": self._prepare_team_choice(verdict.inner),
        }

    def _prepare_team_choice(self, inner) -> dict | None:
        return inner and {"method": inner.method, **self._prepare_choice(inner)}

    @staticmethod
    def _prepare_choice(verdict) -> dict:
        """What a turn rests on, as the ledger keeps it."""
        return {
            "eligible": [
                [seat, weight, verdict.before[seat], verdict.after[seat]]
                + ([verdict.loads[seat]] if verdict.loads else [])
                for seat, weight in verdict.eligible.items()
            ],
            "rotation": list(verdict.given.values()),
            "preferred": list(verdict.preferred),
            "excluded": {str(seat): reason for seat, reason in verdict.excluded.items()},
        }

    def _notify(self, verdicts):
        """Tell the people, in one message each."""
        self.env["lead.followup.notice"]._add(
            "assigned", [(v.lead, v.owner) for v in verdicts if v.owner]
        )
