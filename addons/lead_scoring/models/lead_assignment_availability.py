from datetime import timedelta

from pytz import utc

from odoo import api, models

from ..tools.availability import Intervals, Presence


class LeadAssignmentAvailability(models.AbstractModel):
    """Who can receive leads when: absences, time off and working hours, read for a period.

    The assignment job asks about this moment, the simulation about every moment of a month;
    both read it here.
    """

    _name = "lead.assignment.availability"
    _description = "Availability for Leads"

    @api.model
    def _read_presence(self, users, pools, start, end) -> dict[int, dict[int, Presence]]:
        """``{pool: {user: Presence}}`` between two moments."""
        away = self._read_away(users, start, end)
        result = {}
        for pool in pools:
            working = {}
            if pool.use_working_hours:
                # "soon enough" is asked at the last moment, too; a minute, for it may be now
                margin = timedelta(hours=pool.available_within, minutes=1)
                working = self._read_working_time(users, start, end + margin, pool)
            result[pool.id] = {
                user: Presence(away=away.get(user, []), working=working.get(user))
                for user in users.ids
            }
        return result

    @api.model
    def _read_away(self, users, start, end) -> dict[int, list]:
        """Own time off, then absences, which may name a substitute: ``(from, to, who)``."""
        away = {}
        leaves = (
            self.env["resource.calendar.leaves"]
            .sudo()  # colleagues' time off decides whose turn it is; only its dates are used
            .search(
                [
                    ("resource_id.user_id", "in", users.ids),
                    ("date_from", "<=", end),
                    ("date_to", ">", start),
                    ("time_type", "=", "leave"),
                ]
            )
        )
        for leave in leaves:
            user = leave.resource_id.user_id.id
            away.setdefault(user, []).append((leave.date_from, leave.date_to, None))
        for user, *absence in self.env["lead.assignment.absence"]._read_away(users.ids, start, end):
            away.setdefault(user, []).append(tuple(absence))
        return away

    @api.model
    def _read_working_time(self, users, start, end, pool=None) -> dict[int, Intervals | None]:
        """Working intervals of each user; None for who has no working hours at all."""
        pool = self.env["lead.assignment.pool"] if pool is None else pool
        # their working hours are no secret to the engine, whoever asked for the assignment
        users = users.sudo()
        result = {}
        for calendar, group in users.grouped(lambda user: self._get_calendar(user, pool)).items():
            if not calendar:
                result.update(dict.fromkeys(group.ids))
                continue
            resources = group.resource_ids[:0].union(*(user.resource_ids[:1] for user in group))
            worked = calendar._work_intervals_batch(
                utc.localize(start), utc.localize(end), resources=resources
            )
            for user in group:
                result[user.id] = [
                    (
                        begin.astimezone(utc).replace(tzinfo=None),
                        stop.astimezone(utc).replace(tzinfo=None),
                    )
                    for begin, stop, _meta in worked[user.resource_ids[:1].id or False]
                ]
        return result

    @api.model
    def _get_calendar(self, user, pool):
        """Working hours of the person, else of the pool, else of the company."""
        return (
            user.resource_calendar_id
            or pool.resource_calendar_id
            or (pool.company_id or user.company_id).resource_calendar_id
        )
