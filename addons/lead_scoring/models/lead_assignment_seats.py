import json
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..tools import routing
from ..tools.availability import period_starts
from ..tools.eligibility import Pool, Seat
from ..tools.round_robin import to_leads, to_units

TEAM_METHODS = (routing.LEAST_LOADED, routing.STICKY)  # mean something inside a team, too


class LeadAssignmentSeats(models.AbstractModel):
    """The pools as plain data for the decision, and the pointers back into the database.

    A handful of statements for any number of pools and people.
    """

    _name = "lead.assignment.seats"
    _description = "Seats of Assignment Pools"

    @api.model
    def _build(self, pools, start=None, end=None) -> dict[int, Pool]:
        """The pools as they stand at ``start`` (now), knowing who is there until ``end``."""
        start = start or self.env.cr.now()
        end = end or start
        rows = self._read_members(pools)
        people = self._read_team_people([row["team_id"] for row in rows if row["team_id"]])
        known = {row["user_id"] for row in [*rows, *people]} - {None}
        away = self.env["lead.assignment.absence"]._read_away(list(known), start, end)
        helpers = {helper for *_absence, helper in away if helper}
        # sudo: who takes part is decided by the pool, not by what the reader may see of users
        users = self.env["res.users"].sudo().browse(known | helpers)
        held = self._count_leads(users, start)
        team_held = self._count_team_leads({row["team_id"] for row in rows} - {None}, start)
        turns = self._read_turns([row["id"] for row in rows if row["team_id"]])
        presences = self.env["lead.assignment.availability"]._read_presence(
            users, pools, start, end
        )
        built = {}
        for pool in pools:
            presence = presences[pool.id]
            mine = [row for row in rows if row["pool_id"] == pool.id]
            within = timedelta(hours=pool.available_within)
            seats = []
            for row in mine:
                if row["team_id"]:
                    crew = [p for p in people if p["team_id"] == row["team_id"]]
                    inner = self._build_team(pool, row, crew, held, presence, turns)
                    seat = self._build_seat(row, team_held[row["team_id"]])
                    seat.people, seat.id = inner, -row["team_id"]
                    seat.load = sum(person.load for person in inner.seats)
                    self._add_helpers(inner, helpers, users, presence)
                else:
                    seat = self._build_seat(row, held[row["user_id"]], presence[row["user_id"]])
                seats.append(seat)
            window = _window_from_json(pool.rotation)
            built[pool.id] = Pool(pool.id, pool.method, seats, window, within=within)
            self._add_helpers(built[pool.id], helpers, users, presence)
            built[pool.id].set_clock(start)
        return built

    def _build_seat(self, row, held, presence=None) -> Seat:
        barred = None
        if not (row["active"] and row["user_active"]):
            barred = "inactive"
        elif row["optout"]:
            barred = "opted_out"
        limits = {
            "capacity_day": (row["capacity_day"], held["day"]),
            "capacity_week": (row["capacity_week"], held["week"]),
            "capacity_month": (row["capacity_month"], held["month"]),
            "backlog": (row["backlog_max"], held["open"]),
        }
        return Seat(
            id=row["user_id"],
            weight=row["weight"],
            credit=to_units(row["credit"] or 0.0),
            barred=barred,
            presence=presence,
            tz=row["tz"],
            limits={name: limit for name, (limit, _count) in limits.items() if limit},
            room={name: limit - count for name, (limit, count) in limits.items() if limit},
            load=held["open"],
            companies=frozenset(row["companies"]),
            countries=frozenset(row["countries"]),
            states=frozenset(row["states"]),
            languages=frozenset(row["languages"]),
            skills=frozenset(row["skills"]),
        )

    def _build_team(self, pool, row, crew, held, presence, turns) -> Pool:
        """The people of a team as a pool of its own, each with the same weight."""
        method = pool.method if pool.method in TEAM_METHODS else routing.SMOOTH
        blank = {"weight": 1, "capacity_day": 0, "capacity_week": 0, "backlog_max": 0,
                 "countries": (), "states": (), "languages": (), "skills": ()}  # fmt: skip
        seats = [
            self._build_seat(
                {**blank, **person, "credit": turns.get((row["id"], person["user_id"]))},
                held[person["user_id"]],
                presence[person["user_id"]],
            )
            for person in crew
        ]
        window = _window_from_json(row["rotation"])
        return Pool(pool.id, method, seats, window, within=timedelta(hours=pool.available_within))

    @staticmethod
    def _add_helpers(pool, helpers, users, presence):
        """Substitutes without a seat of their own: no limits, but they may be away as well."""
        seated = {seat.id for seat in pool.seats}
        for user in users.browse(helpers - seated):
            barred = None if user.active else "inactive"
            pool.helpers[user.id] = Seat(user.id, 1, barred=barred, presence=presence[user.id])

    # ------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------

    def _read_members(self, pools) -> list[dict]:
        """One statement for all seats, with their territories and companies."""
        self.env["lead.assignment.pool.member"].flush_model()
        self.env["res.users"].flush_model(["active"])
        if not pools:
            return []
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT member.*, COALESCE(account.active, team.active) AS user_active,
                       COALESCE(partner.tz, led_by.tz) AS tz,
                       ARRAY(SELECT cid FROM res_company_users_rel rel
                              WHERE rel.user_id = member.user_id) AS companies,
                       ARRAY(SELECT res_country_id
                               FROM lead_assignment_pool_member_res_country_rel rel
                              WHERE rel.lead_assignment_pool_member_id = member.id) AS countries,
                       ARRAY(SELECT res_country_state_id
                               FROM lead_assignment_pool_member_res_country_state_rel rel
                              WHERE rel.lead_assignment_pool_member_id = member.id) AS states,
                       ARRAY(SELECT res_lang_id
                               FROM lead_assignment_pool_member_res_lang_rel rel
                              WHERE rel.lead_assignment_pool_member_id = member.id) AS languages,
                       ARRAY(SELECT crm_tag_id
                               FROM crm_tag_lead_assignment_pool_member_rel rel
                              WHERE rel.lead_assignment_pool_member_id = member.id) AS skills
                  FROM lead_assignment_pool_member member
             LEFT JOIN res_users account ON account.id = member.user_id
             LEFT JOIN res_partner partner ON partner.id = account.partner_id
             LEFT JOIN crm_team team ON team.id = member.team_id
             LEFT JOIN res_users leader ON leader.id = team.user_id
             LEFT JOIN res_partner led_by ON led_by.id = leader.partner_id
                 WHERE member.pool_id IN %s
              ORDER BY member.pool_id, member.sequence, member.id
                """,
                tuple(pools.ids),
            )
        )

    def _read_team_people(self, team_ids) -> list[dict]:
        """Salespeople of the teams, with the pause and the monthly capacity Odoo knows."""
        if not team_ids:
            return []
        self.env["crm.team.member"].flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT member.crm_team_id AS team_id, member.user_id, member.active,
                       account.active AS user_active, partner.tz,
                       COALESCE(member.assignment_optout, FALSE)
                       OR COALESCE(member.assignment_max, 0) <= 0 AS optout,
                       member.assignment_max AS capacity_month,
                       ARRAY(SELECT cid FROM res_company_users_rel rel
                              WHERE rel.user_id = member.user_id) AS companies
                  FROM crm_team_member member
                  JOIN res_users account ON account.id = member.user_id
                  JOIN res_partner partner ON partner.id = account.partner_id
                 WHERE member.crm_team_id IN %s AND member.active
              ORDER BY member.crm_team_id, member.id
                """,
                tuple(team_ids),
            )
        )

    def _read_turns(self, member_ids) -> dict[tuple[int, int], float]:
        """Pointers of the people inside teams, by seat and user."""
        # sudo: the pointers of colleagues decide whose turn it is
        Turn = self.env["lead.assignment.team.turn"].sudo()
        turns = Turn.search([("member_id", "in", member_ids)]) if member_ids else Turn
        return {(turn.member_id.id, turn.user_id.id): turn.credit for turn in turns}

    def _count_leads(self, users, moment) -> dict[int, dict]:
        """Leads received until the moment in its day, week and month (in each one's time
        zone), and held open at it."""
        counts = {user: {"day": 0, "week": 0, "month": 0, "open": 0} for user in users.ids}
        periods = [(user.id, *period_starts(moment, user.tz)) for user in users]
        return self._count_received(counts, periods, SQL("user_id"), moment)

    def _count_team_leads(self, team_ids, moment) -> dict[int, dict]:
        """The same for teams, in the time zone of their leaders."""
        # sudo: a team counts whether or not the reader sees it
        teams = self.env["crm.team"].sudo().browse(team_ids)
        counts = {team: {"day": 0, "week": 0, "month": 0, "open": 0} for team in teams.ids}
        periods = [(team.id, *period_starts(moment, team.user_id.tz)) for team in teams]
        return self._count_received(counts, periods, SQL("team_id"), moment)

    def _count_received(self, counts, periods, holder: SQL, moment) -> dict[int, dict]:
        if not periods:
            return counts
        rows = self.env.execute_query(
            SQL(
                """
                SELECT holder.id,
                       COUNT(*) FILTER (WHERE lead.date_open >= holder.day),
                       COUNT(*) FILTER (WHERE lead.date_open >= holder.week),
                       COUNT(*) FILTER (WHERE lead.date_open >= holder.month),
                       COUNT(*) FILTER (WHERE (lead.active AND lead.won_status = 'pending')
                                           OR lead.date_closed > %(past)s)
                  FROM (VALUES %(periods)s) AS holder(id, day, week, month)
                  JOIN crm_lead lead ON lead.%(holder)s = holder.id AND lead.user_id IS NOT NULL
                 WHERE (lead.date_open <= %(past)s) IS NOT FALSE
                   AND (lead.date_open >= LEAST(holder.week, holder.month)
                        OR (lead.active AND lead.won_status = 'pending')
                        OR lead.date_closed > %(past)s)
              GROUP BY holder.id
                """,
                past=moment if moment < self.env.cr.now() else None,
                holder=holder,
                periods=SQL(", ").join(
                    SQL("(%s, %s::timestamp, %s::timestamp, %s::timestamp)", *period)
                    for period in periods
                ),
            )
        )
        for holder_id, day, week, month, held in rows:
            counts[holder_id] = {"day": day, "week": week, "month": month, "open": held}
        return counts

    # ------------------------------------------------------------
    # Pointers
    # ------------------------------------------------------------

    @api.model
    def _save(self, pools: dict[int, Pool]):
        """Move the pointers, and raise the count of the pools that everybody locks."""
        if not pools:
            return
        seats = [
            {
                "pool": pool.id,
                "user": seat.id if seat.id > 0 else None,
                "team": -seat.id if seat.id < 0 else None,
                "credit": to_leads(seat.credit),
                "rotation": _window_to_json(seat.people.window) if seat.people else None,
            }
            for pool in pools.values()
            for seat in pool.seats
        ]
        windows = [{"id": p.id, "rotation": _window_to_json(p.window)} for p in pools.values()]
        self.env.execute_query(
            SQL(
                """
                WITH pointer AS (
                     SELECT * FROM JSONB_TO_RECORDSET(%(seats)s::jsonb) AS fact(
                            pool int, "user" int, team int, credit float8, rotation jsonb)),
                     moved AS (
                     UPDATE lead_assignment_pool_member member
                        SET credit = pointer.credit, rotation = pointer.rotation
                       FROM pointer
                      WHERE member.pool_id = pointer.pool
                        AND (member.user_id = pointer."user" OR member.team_id = pointer.team)
                        AND (member.credit IS DISTINCT FROM pointer.credit
                             OR member.rotation IS DISTINCT FROM pointer.rotation)
                  RETURNING member.pool_id)
                UPDATE lead_assignment_pool pool
                   SET given_count = COALESCE(given_count, 0) + 1, rotation = fact.rotation
                  FROM JSONB_TO_RECORDSET(%(windows)s::jsonb) AS fact(id int, rotation jsonb)
                 WHERE pool.id = fact.id
                   AND (pool.id IN (SELECT pool_id FROM moved)
                        OR pool.rotation IS DISTINCT FROM fact.rotation)
             RETURNING pool.id
                """,
                seats=json.dumps(seats),
                windows=json.dumps(windows),
            )
        )
        self._save_turns(pools)
        self.env["lead.assignment.pool.member"].invalidate_model(["credit", "rotation"])
        self.env["lead.assignment.pool"].invalidate_model(["given_count", "rotation"])

    def _save_turns(self, pools):
        turns = [
            {
                "pool": pool.id,
                "team": -seat.id,
                "user": person.id,
                "credit": to_leads(person.credit),
            }
            for pool in pools.values()
            for seat in pool.seats
            if seat.people
            for person in seat.people.seats
        ]
        if not turns:
            return
        self.env.execute_query(
            SQL(
                """
                INSERT INTO lead_assignment_team_turn
                       (member_id, user_id, credit, create_uid, create_date, write_uid, write_date)
                SELECT member.id, fact."user", fact.credit,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM JSONB_TO_RECORDSET(%(turns)s::jsonb) AS fact(
                       pool int, team int, "user" int, credit float8)
                  JOIN lead_assignment_pool_member member
                    ON member.pool_id = fact.pool AND member.team_id = fact.team
           ON CONFLICT (member_id, user_id) DO UPDATE
                   SET credit = EXCLUDED.credit, write_uid = EXCLUDED.write_uid,
                       write_date = EXCLUDED.write_date
                 WHERE lead_assignment_team_turn.credit IS DISTINCT FROM EXCLUDED.credit
             RETURNING id
                """,
                turns=json.dumps(turns),
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )
        self.env["lead.assignment.team.turn"].invalidate_model()


def _window_to_json(window: dict) -> dict:
    """Keys that are seats become lists: JSON knows only text as keys."""
    return {
        "present": [list(pair) for pair in window.get("present", {}).items()],
        "given": [
            [list(seats), [given.get(seat, 0) for seat in seats]]
            for seats, given in window.get("given", {}).items()
        ],
    }


def _window_from_json(stored: dict | None) -> dict:
    if not stored:
        return {}
    return {
        "present": dict(map(tuple, stored["present"])),
        "given": {
            tuple(seats): dict(zip(seats, counts, strict=True)) for seats, counts in stored["given"]
        },
    }
