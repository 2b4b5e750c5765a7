from datetime import timedelta

from odoo import models

from ..tools.followup import deadline, working_seconds

HORIZON = timedelta(days=60)  # how far ahead a deadline is looked for


class LeadFollowupResponse(models.AbstractModel):
    """Response clocks from facts: opened, answered, ended; reminders; what is too late."""

    _name = "lead.followup.response"
    _description = "Lead Response Times"

    def _run_clocks(self):
        """Open, answer, end, remind, and act on what is too late."""
        status = self._read_status()
        self._open_clocks(status)
        self._stop_clocks(status)
        now = self.env.cr.now()
        Clock = self.env["lead.followup.clock"].sudo()  # written by the job alone
        remind = Clock.search(
            [("state", "=", "running"), ("is_reminded", "=", False), ("date_remind", "<=", now)]
        )
        remind.is_reminded = True
        self.env["lead.followup.notice"]._add(
            "reminder", [(clock.lead_id.id, clock.user_id.id) for clock in remind]
        )
        late = Clock.search([("state", "=", "running"), ("date_due", "<=", now)])
        late._handle_breach()

    def _open_clocks(self, status):
        """A clock for each tenure with a response time that has none yet."""
        Clock = self.env["lead.followup.clock"].sudo()  # written by the job alone
        rows = [row for row in status if row["response_hours"] > 0]
        known = {
            (clock.lead_id.id, clock.user_id.id, clock.date_start)
            for clock in Clock.search([("lead_id", "in", [row["lead_id"] for row in rows])])
        }
        rows = [
            {**row, "date_start": row["date_start"].replace(microsecond=0)}
            for row in rows
            if (row["lead_id"], row["user_id"], row["date_start"].replace(microsecond=0))
            not in known
        ]
        if not rows:
            return
        hops = self._get_hops([row["lead_id"] for row in rows])
        hours = self._get_working_time(rows)
        # sudo: the clock keeps source and team of leads of all companies
        Lead = self.env["crm.lead"].sudo()
        leads = {lead.id: lead for lead in Lead.browse([row["lead_id"] for row in rows])}
        vals_list = []
        for row in rows:
            seconds, before = row["response_hours"] * 3600, row["reminder_hours"] * 3600
            start, intervals = row["date_start"], hours[row["user_id"]]
            vals_list.append(
                {
                    "lead_id": row["lead_id"],
                    "user_id": row["user_id"],
                    "policy_id": row["policy_id"],
                    "source_id": leads[row["lead_id"]].source_id.id,
                    "team_id": leads[row["lead_id"]].team_id.id,
                    "company_id": leads[row["lead_id"]].company_id.id,
                    "date_start": start,
                    "date_due": deadline(intervals, start, seconds),
                    "date_remind": before and deadline(intervals, start, max(seconds - before, 0)),
                    "hop": hops.get((row["lead_id"], row["user_id"]), 0),
                }
            )
        Clock.create(vals_list)

    def _get_hops(self, lead_ids) -> dict[tuple[int, int], int]:
        """How often the lead was re-routed before it came to its present owner."""
        Clock = self.env["lead.followup.clock"].sudo()  # written by the job alone
        groups = Clock._read_group(
            [("lead_id", "in", lead_ids), ("state", "=", "rerouted")], ["lead_id"], ["hop:max"]
        )
        last = {lead.id: hop + 1 for lead, hop in groups}
        Decision = self.env["lead.assignment.decision"].sudo()  # the whole ledger counts
        given = Decision._read_group(
            [("lead_id", "in", list(last)), ("user_id", "!=", False)], ["lead_id"], ["id:max"]
        )
        return {
            (lead.id, decision.user_id.id): last[lead.id]
            for lead, decision in ((lead, Decision.browse(number)) for lead, number in given)
            if decision.trigger == "reroute"
        }

    def _stop_clocks(self, status):
        """Answered where there is an action, ended where the tenure is over."""
        Clock = self.env["lead.followup.clock"].sudo()  # written by the job alone
        current = {
            (r["lead_id"], r["user_id"], r["date_start"].replace(microsecond=0)): r for r in status
        }
        answered, rows = [], []
        for clock in Clock.search([("state", "=", "running")]):
            row = current.get((clock.lead_id.id, clock.user_id.id, clock.date_start))
            if row is None:
                clock.write({"state": "ended", "date_end": self.env.cr.now()})
            elif row["first_action"]:
                answered.append((clock, row["first_action"].replace(microsecond=0)))
                rows.append(row)
        hours = self._get_working_time(rows)
        for clock, date in answered:
            seconds = working_seconds(hours[clock.user_id.id], clock.date_start, date)
            clock.write(
                {
                    "state": "answered",
                    "date_end": date,
                    "response_hours": seconds / 3600,
                    "is_breached": bool(clock.date_due and date > clock.date_due),
                }
            )

    def _get_working_time(self, rows) -> dict[int, list]:
        """Working intervals of the users, from their earliest lead to the horizon ahead."""
        if not rows:
            return {}
        # sudo: working hours are read from users of all companies
        users = self.env["res.users"].sudo().browse({row["user_id"] for row in rows})
        start = min(row["date_start"] for row in rows) - timedelta(days=1)
        end = self.env.cr.now() + HORIZON
        hours = self.env["lead.assignment.availability"]._read_working_time(users, start, end)
        return {
            user: [(start, end)] if worked is None else worked for user, worked in hours.items()
        }
