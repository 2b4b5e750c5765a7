from collections import defaultdict
from datetime import datetime, timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date


class LeadFollowupEngine(models.AbstractModel):
    """The follow-up job: response times, public pool, stale opportunities, lost leads."""

    _name = "lead.followup.engine"
    _description = "Lead Follow-up Engine"
    _inherit = ["lead.followup.facts", "lead.followup.response"]

    @api.model
    def _cron_follow_up(self):
        """Clocks, reminders, re-routing, public pool, stale opportunities, lost leads."""
        steps = (
            self._run_clocks,
            self._recycle,
            self._warn_before_recycling,
            self._call_for_stale,
            self._revive_lost,
        )
        self.env["ir.cron"]._commit_progress(remaining=len(steps))
        for step in steps:
            self.env["lead.assignment.engine"]._retrying(step)
            if not self.env["ir.cron"]._commit_progress(1):
                return

    # ------------------------------------------------------------
    # Public pool
    # ------------------------------------------------------------

    def _recycle(self):
        """Leads whose protection ended go back to their public pool."""
        now = self.env.cr.now()
        due = [r for r in self._read_status() if r["date_recycle"] and r["date_recycle"] <= now]
        # sudo: leads return whoever owns them, and whoever runs the job
        leads = self.env["crm.lead"].sudo().browse([row["lead_id"] for row in due])
        held = set(leads.try_lock_for_update(allow_referencing=True).ids)
        rows = [row for row in due if row["lead_id"] in held]
        by_policy = defaultdict(list)
        for row in rows:
            by_policy[row["policy_id"]].append(row)
        for policy in self._get_policies(by_policy):
            mine = by_policy[policy.id]
            self._return_to_pool(
                {row["lead_id"]: row["user_id"] for row in mine}, policy.public_pool_id, "recycle"
            )
        self.env["lead.followup.notice"]._add(
            "recycled", [(row["lead_id"], row["user_id"]) for row in rows]
        )

    def _get_policies(self, ids=()):
        # sudo: terms of all companies, read by a job or by somebody who looks at one lead
        return self.env["lead.followup.policy"].sudo().browse(ids)

    @api.model
    def _return_to_pool(self, owners: dict[int, int], pool, trigger: str):
        """Take the leads from their owners and queue them in the pool, with a ledger row."""
        leads = self.env["crm.lead"].sudo().browse(owners)  # sudo: as in _recycle
        leads.write(
            {
                "user_id": False,
                "assignment_pool_id": pool.id,
                "assignment_rule_id": False,
                "assignment_reason": "waiting_claim",
            }
        )
        self.env["lead.assignment.decision"]._record(
            [
                {
                    "lead_id": lead,
                    "pool_id": pool.id,
                    "method": pool.method,
                    "trigger": trigger,
                    "reason": "waiting_claim",
                    "former_user_id": owner,
                }
                for lead, owner in owners.items()
            ]
        )

    def _warn_before_recycling(self):
        """Once per protection: in so many days this will be taken back."""
        now = self.env.cr.now()
        policies = self._get_policies()
        due = [
            row
            for row in self._read_status()
            if row["date_recycle"]
            and row["date_recycle"] > now
            and row["date_recycle"]
            <= now + timedelta(days=policies.browse(row["policy_id"]).warn_days)
        ]
        self._tell_once("recycle_soon", due)

    def _tell_once(self, kind, rows) -> list[dict]:
        """Add notices unless the same was said since the last action on the lead."""
        said = {
            (lead.id, user.id): date
            for lead, user, date in self.env["lead.followup.notice"]
            .sudo()  # what was said to colleagues counts as well
            ._read_group(
                [("kind", "=", kind), ("lead_id", "in", [row["lead_id"] for row in rows])],
                ["lead_id", "user_id"],
                ["date:max"],
            )
        }
        news = [
            row
            for row in rows
            if said.get((row["lead_id"], row["user_id"])) is None
            or said[row["lead_id"], row["user_id"]] < (row["last_action"] or row["date_start"])
        ]
        self.env["lead.followup.notice"]._add(
            kind, [(row["lead_id"], row["user_id"]) for row in news]
        )
        return news

    # ------------------------------------------------------------
    # Stale and lost
    # ------------------------------------------------------------

    def _call_for_stale(self):
        """An activity for the salesperson of an untouched opportunity, later for the manager."""
        now = self.env.cr.now()
        policies = self._get_policies()
        owner_rows, manager_rows = [], []
        for row in self._read_status(Domain("type", "=", "opportunity")):
            policy = policies.browse(row["policy_id"])
            if not policy.stale_days:
                continue
            age = now - (row["last_action"] or row["date_start"])
            if age >= timedelta(days=policy.stale_days):
                owner_rows.append(row)
            days = policy.stale_days + policy.stale_manager_days
            if policy.stale_manager_days and age >= timedelta(days=days):
                lead = self.env["crm.lead"].sudo().browse(row["lead_id"])  # sudo: for its team
                manager = policy._get_manager(lead)
                if manager and manager.id != row["user_id"]:
                    manager_rows.append({**row, "user_id": manager.id})
        self._schedule(self._tell_once("stale", owner_rows), self.env._("Untouched for too long"))
        self._schedule(
            self._tell_once("stale_manager", manager_rows),
            self.env._("Untouched for too long: please see to it"),
        )

    def _schedule(self, rows, summary):
        """An activity each; the people are told about all of them in one message."""
        # sudo: activities on leads of others, by the job
        Lead = self.env["crm.lead"].sudo().with_context(mail_activity_quick_update=True)
        for row in rows:
            Lead.browse(row["lead_id"]).activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, user_id=row["user_id"]
            )

    def _revive_lost(self):
        """Leads lost for a reason that passes come back, unassigned, after its time."""
        reasons = self.env["crm.lost.reason"].search([("revive_days", ">", 0)])
        # sudo: leads of all companies and owners come back
        Lead = self.env["crm.lead"].sudo().with_context(active_test=False)
        for reason in reasons:
            leads = Lead.search(
                [
                    ("won_status", "=", "lost"),
                    ("lost_reason_id", "=", reason.id),
                    ("date_closed", "<=", self.env.cr.now() - timedelta(days=reason.revive_days)),
                    ("date_closed", ">=", reason.revive_since or datetime.min),
                ]
            ).try_lock_for_update(allow_referencing=True)
            if leads:
                self._revive(leads, reason)

    def _revive(self, leads, reason):
        """Open again, without salesperson; the lead says what brought it back."""
        owners = {lead.id: lead.user_id.id or None for lead in leads}
        bodies = {lead.id: self._describe_revival(lead, reason) for lead in leads}
        leads.action_restore()
        leads._message_log_batch(bodies=bodies)
        if reason.revive_pool_id:
            self._return_to_pool(owners, reason.revive_pool_id, "revive")
        else:
            leads.write({"user_id": False, "assignment_reason": False})

    @staticmethod
    def _describe_revival(lead, reason) -> str:
        """In the language of whoever lost it."""
        reason = reason.with_context(lang=lead.user_id.lang)
        return reason.env._(
            "Open again: lost on %(date)s (%(reason)s), and %(days)s days have passed.",
            date=format_date(reason.env, lead.date_closed, lang_code=lead.user_id.lang),
            reason=reason.name,
            days=reason.revive_days,
        )
