from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .lead_assignment_engine import _period_starts


class CrmLead(models.Model):
    """Follow-up seen from the lead, and claiming it from a public pool."""

    _inherit = "crm.lead"

    followup_protected = fields.Boolean(
        "Protected",
        copy=False,
        help="Never returns to a public pool by itself.",
    )
    followup_clock_ids = fields.One2many("lead.followup.clock", "lead_id", "Response Clocks")
    date_response_due = fields.Datetime(
        "Answer Due", compute="_compute_date_response_due", search="_search_date_response_due"
    )
    date_recycle = fields.Datetime(
        "Returns to Pool",
        compute="_compute_date_recycle",
        help="When the lead goes back to the public pool unless something is done.",
    )

    @api.depends("followup_clock_ids.state", "followup_clock_ids.date_due", "user_id")
    def _compute_date_response_due(self):
        due = dict(
            self.env["lead.followup.clock"]
            .sudo()  # the deadline of a lead one may read
            ._read_group(
                [("lead_id", "in", self.ids), ("state", "=", "running")],
                ["lead_id"],
                ["date_due:max"],
            )
        )
        for lead in self:
            lead.date_response_due = due.get(lead._origin)

    @api.model
    def _search_date_response_due(self, operator, value):
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        return Domain(
            "followup_clock_ids",
            "any",
            [("state", "=", "running"), ("date_due", operator, value)],
        )

    @api.depends("user_id", "followup_protected")
    def _compute_date_recycle(self):
        status = {
            row["lead_id"]: row["date_recycle"]
            for row in self.env["lead.followup.engine"]._read_status(Domain("id", "in", self.ids))
        } if self.ids else {}  # fmt: skip
        for lead in self:
            date = status.get(lead._origin.id)
            lead.date_recycle = date and date.replace(microsecond=0)

    def action_claim(self):
        """Take these leads from their public pool, if the limits of the pool allow it."""
        user = self.env.user
        mine = self.sudo().try_lock_for_update()  # a queue is open to the members of its pool
        if len(mine) < len(self):
            raise UserError(self.env._("Somebody else is claiming one of these leads right now."))
        mine.invalidate_recordset(["user_id", "assignment_pool_id", "assignment_reason"])
        for lead in mine:
            lead._check_claimable(user)
        for pool, leads in mine.grouped("assignment_pool_id").items():
            self._check_claim_limits(pool, leads, user)
        pools = {lead.id: lead.assignment_pool_id for lead in mine}
        mine.with_context(mail_auto_subscribe_no_notify=True).write(
            {"user_id": user.id, "assignment_reason": "claimed"}
        )
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
                "message": self.env._("%(count)s leads are now yours.", count=len(mine)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

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
        if user not in pool.member_ids.filtered(lambda m: m.active and not m.optout).user_id:
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
        return bool(
            self.env["lead.assignment.decision"]
            .sudo()
            .search_count(
                [
                    ("lead_id", "=", self.id),
                    ("former_user_id", "=", user.id),
                    ("date", ">", since),
                ],
                limit=1,
            )
        )

    @api.model
    def _check_claim_limits(self, pool, leads, user):
        """Claims today and open leads held, these included."""
        today = _period_starts(self.env.cr.now(), user.tz)[0]
        if pool.claims_per_day:
            claimed = (
                self.env["lead.assignment.decision"]
                .sudo()
                .search_count(
                    [
                        ("pool_id", "=", pool.id),
                        ("user_id", "=", user.id),
                        ("trigger", "=", "claim"),
                        ("date", ">=", today),
                    ]
                )
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
            held = self.sudo().search_count(
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

    def _merge_dependences(self, opportunities):
        """The survivor keeps the whole story of who had it."""
        result = super()._merge_dependences(opportunities)
        for model in ("lead.assignment.decision", "lead.followup.clock", "lead.followup.notice"):
            # sudo: nobody may edit these rows, and they would go with the merged leads
            rows = self.env[model].sudo().search([("lead_id", "in", opportunities.ids)])
            rows.lead_id = self
        return result
