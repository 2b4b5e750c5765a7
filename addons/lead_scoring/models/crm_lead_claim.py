import time
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.availability import period_starts

LOCK_PATIENCE = 2.0  # seconds


class CrmLead(models.Model):
    """Claiming leads from a public pool.

    Two people who want the same lead, or one person with two windows: the lead is locked, and
    so is the person who claims. Whoever comes second reads what the first has
    done, so a lead is claimed once and no limit is exceeded, however fast people click.
    """

    _inherit = "crm.lead"

    def action_claim(self):
        """Take these leads from their public pool, if the limits of the pool allow it."""
        user = self.env.user
        mine = self._lock_patiently()
        if len(mine) < len(self):
            raise UserError(self.env._("Somebody else is claiming one of these leads right now."))
        mine.invalidate_recordset(["user_id", "assignment_pool_id", "assignment_reason"])
        for lead in mine:
            lead._check_claimable(user)
        self._lock_claimant(user)
        for pool, leads in mine.grouped("assignment_pool_id").items():
            self._check_claim_limits(pool, leads, user)
        pools = {lead.id: lead.assignment_pool_id for lead in mine}
        mine.with_context(mail_auto_subscribe_no_notify=True).write(
            {"user_id": user.id, "assignment_reason": "claimed"}
        )
        # sudo: nobody writes the ledger but the engine
        self.env["lead.assignment.decision"].sudo()._record(
            [
                {
                    "lead_id": lead.id,
                    "pool_id": pools[lead.id].id,
                    "method": "claim",
                    "trigger": "claim",
                    "reason": "claimed",
                    "user_id": user.id,
                }
                for lead in mine
            ]
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self._describe_claim(mine),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _lock_patiently(self):
        """Lock these leads; a job that is just scoring one of them is worth a moment's wait."""
        leads = self.sudo()  # sudo: a queue is open to members of its pool
        mine = leads.try_lock_for_update(allow_referencing=True)
        deadline = time.monotonic() + LOCK_PATIENCE
        while len(mine) < len(leads) and time.monotonic() < deadline:
            time.sleep(0.1)
            mine = leads.try_lock_for_update(allow_referencing=True)
        return mine

    def _describe_claim(self, mine) -> str:
        if len(mine) == 1:
            return self.env._("%(lead)s is now yours.", lead=mine.name)
        return self.env._("%(count)s leads are now yours.", count=len(mine))

    @api.model
    def _lock_claimant(self, user):
        """One claim of a person at a time, in whatever pool.

        Not only the lock but the change makes the second one start anew, with what is true by
        then: a transaction that only waited would still count the claims of before.
        """
        self.env.execute_query(
            SQL(
                """
                UPDATE res_users SET lead_claim_count = COALESCE(lead_claim_count, 0) + 1
                 WHERE id = %s RETURNING id
                """,
                user.id,
            )
        )
        user.invalidate_recordset(["lead_claim_count"])

    def _check_claimable(self, user):
        """The lead is free, in a pool of this person, and not taken from them just now."""
        pool = self.assignment_pool_id
        if self.user_id:
            raise UserError(
                self.env._(
                    "%(lead)s is already taken by %(user)s.", lead=self.name, user=self.user_id.name
                )
            )
        if pool.method != "claim" or self.assignment_reason != "waiting_claim" or not self.active:
            raise UserError(self.env._("%(lead)s is not in a public pool.", lead=self.name))
        # sudo: companies the person works in, though not at this moment
        if self.company_id and self.company_id not in user.sudo().company_ids:
            raise UserError(
                self.env._(
                    "%(lead)s belongs to %(company)s, where you do not work.",
                    lead=self.name,
                    company=self.company_id.name,
                )
            )
        if user not in pool.member_ids._get_people():
            raise UserError(self.env._("You are not a member of pool %(pool)s.", pool=pool.name))
        if pool.cooling_hours and self._is_cooling(user, pool):
            raise UserError(
                self.env._(
                    "%(lead)s was taken from you less than %(hours)s hours ago: leave it to "
                    "others.",
                    lead=self.name,
                    hours=round(pool.cooling_hours, 2),
                )
            )

    def _is_cooling(self, user, pool) -> bool:
        since = self.env.cr.now() - timedelta(hours=pool.cooling_hours)
        Decision = self.env["lead.assignment.decision"].sudo()  # rows of a lead not yet theirs
        domain = [
            ("lead_id", "=", self.id),
            ("former_user_id", "=", user.id),
            ("date", ">", since),
        ]
        return bool(Decision.search_count(domain, limit=1))

    @api.model
    def _check_claim_limits(self, pool, leads, user):
        """Claims today and open leads held, these included."""
        if pool.claims_per_day:
            Decision = self.env["lead.assignment.decision"].sudo()  # whatever rules say of rows
            claimed = Decision.search_count(
                [
                    ("pool_id", "=", pool.id),
                    ("user_id", "=", user.id),
                    ("trigger", "=", "claim"),
                    ("date", ">=", period_starts(self.env.cr.now(), user.tz)[0]),
                ]
            )
            if claimed + len(leads) > pool.claims_per_day:
                raise UserError(
                    self.env._(
                        "You may claim %(limit)s leads a day from %(pool)s and have claimed "
                        "%(claimed)s today.",
                        limit=pool.claims_per_day,
                        pool=pool.name,
                        claimed=claimed,
                    )
                )
        if pool.held_max:
            held = self.sudo().search_count(  # sudo: theirs in all companies
                [("user_id", "=", user.id), ("active", "=", True), ("won_status", "=", "pending")]
            )
            if held + len(leads) > pool.held_max:
                raise UserError(
                    self.env._(
                        "You hold %(held)s open leads; members of %(pool)s may hold %(limit)s.",
                        held=held,
                        pool=pool.name,
                        limit=pool.held_max,
                    )
                )
