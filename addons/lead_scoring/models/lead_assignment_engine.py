import logging
import time
import uuid
from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup
from psycopg2 import errors as pg_errors
from pytz import timezone, utc

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import routing
from ..tools.round_robin import to_leads, to_units

_logger = logging.getLogger(__name__)

BATCH_SIZE = 2000
CONCURRENCY_ERRORS = (pg_errors.SerializationFailure, pg_errors.DeadlockDetected)


class LeadAssignmentEngine(models.AbstractModel):
    """Assignment in sets: lock, match, decide, write, record. One lead or ten thousand run
    the same statements; only what Odoo does with each converted lead comes on top.

    Leads are locked first, skipping those another process holds, then the pools, in one
    order for everybody. Nothing is decided on facts read before the locks were held, and
    everything is written in the same transaction: a process that dies leaves no trace.
    """

    _name = "lead.assignment.engine"
    _description = "Lead Assignment Engine"

    # ------------------------------------------------------------
    # Entry points
    # ------------------------------------------------------------

    @api.model
    def _assign(self, leads, trigger: str, former_owners=None) -> list[routing.Verdict]:
        """Assign the unassigned among the leads now.

        :param trigger: what asked for it, see ``lead.assignment.decision.trigger``
        :param former_owners: ``{lead id: user ids}`` who must not get the lead (again)
        """
        facts = self._lock_leads(leads)
        verdicts = self._decide(facts, former_owners or {}, lock=True)
        self._apply(facts, verdicts)
        self._record(facts, verdicts, trigger)
        self._notify(verdicts)
        return verdicts

    @api.model
    def _reassign(self, leads, former_owners) -> list[routing.Verdict]:
        """Give owned leads to somebody else; those nobody else can take stay as they are."""
        facts = self._lock_leads(leads, owned=True)
        verdicts = self._decide(facts, former_owners, lock=True)
        given = [verdict for verdict in verdicts if verdict.owner]
        self._apply(facts, given)
        self._record(facts, verdicts, "reroute")
        self._notify(given)
        return verdicts

    @api.model
    def _simulate(self, leads, rules=None) -> list[routing.Verdict]:
        """The verdicts for the leads as if they came in now, unassigned. Changes nothing."""
        facts = self._read_leads(Domain("id", "in", leads.ids), lock=False)
        return self._decide(facts, {}, lock=False, rules=rules)

    @api.model
    def _simulate_period(self, leads, rules) -> list[routing.Verdict]:
        """The verdicts as if the leads had come in one by one when they did, unassigned.

        Day, week and month limits start empty and refill as time passes; who happens to be
        away today and how many leads are open today do not matter. Changes nothing.
        """
        facts = self._read_leads(Domain("id", "in", leads.ids), lock=False, active_test=False)
        built = self._build_pools(rules.sudo().pool_id.sorted("id"), as_of_now=False)
        seats = [seat for pool in built.values() for seat in pool.seats]
        full = [dict(seat.room) for seat in seats]
        by_day = defaultdict(dict)
        for lead, fact in sorted(facts.items(), key=lambda item: (item[1]["created"], item[0])):
            by_day[fact["created"].date()][lead] = fact
        verdicts, previous = [], None
        for day, leads_of_day in by_day.items():
            renewed = _renewed_limits(previous, day)
            for seat, room in zip(seats, full, strict=True):
                seat.room.update({name: room[name] for name in renewed if name in room})
            verdicts += self._decide(leads_of_day, {}, lock=False, rules=rules, built=built)
            previous = day
        return verdicts

    @api.model
    def _wake(self, at=None):
        """Run the job as soon as possible (hooks only mark, jobs compute)."""
        # Waking a job is no privilege of administrators: anybody may create a lead.
        cron = self.env.ref("lead_scoring.ir_cron_lead_assignment", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger(at)

    @api.model
    def _cron_assign(self):
        """Assign the waiting leads of teams that use assignment rules, batch by batch."""
        commit = self.env["ir.cron"]._commit_progress
        if not self.env["crm.team"]._is_rules_engine_used():
            return
        domain = self.env["crm.lead"]._get_assignment_waiting_domain()
        remaining = self.env["crm.lead"].sudo().search_count(domain)
        commit(remaining=remaining)
        last_id = 0
        while True:
            leads = (
                self.env["crm.lead"]
                .sudo()
                .search(domain & Domain("id", ">", last_id), order="id", limit=BATCH_SIZE)
            )
            if not leads:
                return
            last_id = leads.ids[-1]
            self._retrying(self._assign, leads, "cron")
            if not commit(len(leads)):
                return

    def _retrying(self, function, *args, attempts=8):
        """Run at the start of a transaction of our own; begin anew when another was first."""
        for attempt in range(attempts):
            try:
                return function(*args)
            except CONCURRENCY_ERRORS:
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                if attempt == attempts - 1:
                    raise
                time.sleep(0.05 * 2**attempt)

    # ------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------

    def _lock_leads(self, leads, *, owned=False) -> dict[int, dict]:
        """Facts of the leads that can be assigned, held until the end of the transaction."""
        domain = self.env["crm.lead"]._get_assignment_candidate_domain(owned=owned)
        return self._read_leads(domain & Domain("id", "in", leads.ids), lock=True)

    def _read_leads(self, domain, *, lock: bool, active_test=True) -> dict[int, dict]:
        # Rules see every lead, whoever runs them.
        Lead = self.env["crm.lead"].sudo().with_context(active_test=active_test)
        Lead.flush_model()
        query = Lead._search(domain)
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT crm_lead.id, crm_lead.company_id AS company, crm_lead.team_id AS team,
                       crm_lead.country_id AS country, crm_lead.state_id AS state,
                       crm_lead.lang_id AS language, crm_lead.partner_id AS partner,
                       crm_lead.stage_id AS stage, crm_lead.type, crm_lead.create_date AS created,
                       crm_lead.assignment_reason AS reason, crm_lead.assignment_rule_id AS rule,
                       crm_lead.assignment_pool_id AS pool,
                       ARRAY(SELECT rel.tag_id FROM crm_tag_rel rel
                              WHERE rel.lead_id = crm_lead.id) AS tags
                  FROM %(source)s
                 WHERE %(condition)s
              ORDER BY crm_lead.priority DESC NULLS LAST, crm_lead.score DESC NULLS LAST,
                       crm_lead.create_date, crm_lead.id
                  %(lock)s
                """,
                source=query.from_clause,
                condition=query.where_clause or SQL("TRUE"),
                lock=SQL("FOR UPDATE OF crm_lead SKIP LOCKED") if lock else SQL(""),
            )
        )
        return {row["id"]: row for row in rows}

    def _match_rules(self, lead_ids, rules) -> dict[int, list[tuple[int, bool]]]:
        """``{lead: [(rule, young enough)]}`` in the order of the rules, in one statement."""
        Lead = self.env["crm.lead"].sudo().with_context(active_test=False)
        selects = []
        for number, rule in enumerate(rules):
            query = Lead._search(rule._get_lead_domain())
            query.add_where(
                SQL("%s IN (SELECT id FROM candidate)", SQL.identifier(query.table, "id"))
            )
            fits = SQL("TRUE")
            if rule.max_age_days:
                oldest = self.env.cr.now() - timedelta(days=rule.max_age_days)
                fits = SQL("%s >= %s", SQL.identifier(query.table, "create_date"), oldest)
            selects.append(
                query.select(
                    SQL.identifier(query.table, "id"),
                    SQL("%s AS number", number),
                    SQL("%s AS fits", fits),
                )
            )
        matches = defaultdict(list)
        if not selects or not lead_ids:
            return matches
        rows = self.env.execute_query(
            SQL(
                """
                WITH candidate AS (SELECT UNNEST(%s) AS id)
                SELECT id, number, fits FROM (%s) AS matched ORDER BY id, number
                """,
                list(lead_ids),
                SQL(" UNION ALL ").join(SQL("(%s)", select) for select in selects),
            )
        )
        rule_ids = rules.ids
        for lead, number, fits in rows:
            matches[lead].append((rule_ids[number], fits))
        return matches

    def _build_pools(self, pools, *, as_of_now=True) -> dict[int, routing.Pool]:
        """The pools with what each seat is worth at this moment, or before anything happened."""
        members = self._read_members(pools)
        users = self.env["res.users"].sudo().browse({row["user_id"] for row in members})
        held = self._count_leads(users if as_of_now else users[:0])
        away = self._get_away(users) if as_of_now else {}
        nothing = {"day": 0, "week": 0, "month": 0, "open": 0}
        seats = defaultdict(list)
        for pool in pools:
            rows = [row for row in members if row["pool_id"] == pool.id]
            off_duty = self._get_off_duty(pool, rows) if as_of_now else set()
            for row in rows:
                seat = self._build_seat(row, held.get(row["user_id"], nothing), away, off_duty)
                if not as_of_now:
                    seat.room.pop("backlog", None)
                seats[pool.id].append(seat)
        return {pool.id: routing.Pool(pool.id, pool.method, seats[pool.id]) for pool in pools}

    def _read_members(self, pools) -> list[dict]:
        """One statement for all seats, with their territories and companies."""
        self.env["lead.assignment.pool.member"].flush_model()
        self.env["res.users"].flush_model(["active"])
        if not pools:
            return []
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT member.*, account.active AS user_active,
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
                  JOIN res_users account ON account.id = member.user_id
                 WHERE member.pool_id IN %s
              ORDER BY member.pool_id, member.sequence, member.id
                """,
                tuple(pools.ids),
            )
        )

    def _build_seat(self, row, held, away, off_duty) -> routing.Seat:
        user = row["user_id"]
        substitute = away.get(user)
        obstacle = None
        if not (row["active"] and row["user_active"]):
            obstacle = "inactive"
        elif row["optout"]:
            obstacle = "opted_out"
        elif user in away and not substitute:
            obstacle = "absent"
        elif user in off_duty and not substitute:
            obstacle = "off_hours"
        limits = {
            "capacity_day": (row["capacity_day"], held["day"]),
            "capacity_week": (row["capacity_week"], held["week"]),
            "capacity_month": (row["capacity_month"], held["month"]),
            "backlog": (row["backlog_max"], held["open"]),
        }
        return routing.Seat(
            user=user,
            weight=row["weight"],
            credit=to_units(row["credit"] or 0.0),
            obstacle=obstacle,
            substitute=substitute,
            room={name: limit - count for name, (limit, count) in limits.items() if limit},
            load=held["open"],
            companies=frozenset(row["companies"]),
            countries=frozenset(row["countries"]),
            states=frozenset(row["states"]),
            languages=frozenset(row["languages"]),
            skills=frozenset(row["skills"]),
        )

    def _count_leads(self, users) -> dict[int, dict]:
        """Leads received today, this week, this month (in each one's time zone), and open."""
        counts = {u: {"day": 0, "week": 0, "month": 0, "open": 0} for u in users.ids}
        if not users:
            return counts
        now = self.env.cr.now()
        periods = [(user.id, *_period_starts(now, user.tz)) for user in users]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT person.id,
                       COUNT(*) FILTER (WHERE lead.date_open >= person.day),
                       COUNT(*) FILTER (WHERE lead.date_open >= person.week),
                       COUNT(*) FILTER (WHERE lead.date_open >= person.month),
                       COUNT(*) FILTER (WHERE lead.active AND lead.won_status = 'pending')
                  FROM (VALUES %s) AS person(id, day, week, month)
                  JOIN crm_lead lead ON lead.user_id = person.id
                 WHERE lead.date_open >= LEAST(person.week, person.month)
                    OR (lead.active AND lead.won_status = 'pending')
              GROUP BY person.id
                """,
                SQL(", ").join(
                    SQL("(%s, %s::timestamp, %s::timestamp, %s::timestamp)", *period)
                    for period in periods
                ),
            )
        )
        for user, *numbers in rows:
            counts[user] = dict(zip(("day", "week", "month", "open"), numbers, strict=True))
        return counts

    def _get_away(self, users) -> dict[int, int | None]:
        """Who is away now, with the substitute if one is named."""
        now = self.env.cr.now()
        away = dict.fromkeys(self._get_time_off(users, now))
        away.update(self.env["lead.assignment.absence"]._get_away(users.ids, now))
        return away

    def _get_time_off(self, users, now) -> set[int]:
        """Users whose own time off is on record."""
        leaves = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search(
                [
                    ("resource_id.user_id", "in", users.ids),
                    ("date_from", "<=", now),
                    ("date_to", ">", now),
                    ("time_type", "=", "leave"),
                ]
            )
        )
        return set(leaves.resource_id.user_id.ids)

    def _get_off_duty(self, pool, rows) -> set[int]:
        """Users of the pool who do not work soon enough to receive a lead."""
        if not pool.use_working_hours:
            return set()
        start = utc.localize(self.env.cr.now())
        end = start + timedelta(hours=pool.available_within, minutes=1)
        off_duty = set()
        users = self.env["res.users"].sudo().browse([row["user_id"] for row in rows])
        for calendar, group in users.grouped(
            lambda user: self._get_user_calendar(user, pool)
        ).items():
            if calendar and not calendar._work_intervals_batch(start, end)[False]:
                off_duty.update(group.ids)
        return off_duty

    @api.model
    def _get_user_calendar(self, user, pool):
        """Working hours of the person, else of the pool, else of the company."""
        return (
            user.resource_calendar_id
            or pool.resource_calendar_id
            or (pool.company_id or user.company_id).resource_calendar_id
        )

    def _get_account_owners(self, partner_ids) -> dict[int, int]:
        """Salesperson of the customer company, else of its latest open lead, by contact."""
        if not partner_ids:
            return {}
        self.env["res.partner"].flush_model(["user_id", "commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT contact.id, COALESCE(account.user_id, contact.user_id, latest.user_id)
                  FROM res_partner contact
                  JOIN res_partner account ON account.id = contact.commercial_partner_id
             LEFT JOIN LATERAL (
                       SELECT lead.user_id
                         FROM crm_lead lead
                         JOIN res_partner partner ON partner.id = lead.partner_id
                        WHERE partner.commercial_partner_id = account.id
                          AND lead.user_id IS NOT NULL AND lead.active
                     ORDER BY lead.date_open DESC NULLS LAST, lead.id DESC
                        LIMIT 1) latest ON TRUE
                 WHERE contact.id IN %s
                """,
                tuple(partner_ids),
            )
        )
        return {contact: owner for contact, owner in rows if owner}

    # ------------------------------------------------------------
    # Decision
    # ------------------------------------------------------------

    def _decide(self, facts, former_owners, *, lock, rules=None, built=None) -> list:
        """Verdicts in the order of the leads.

        A lead that finds nobody under a rule that says so goes on to the next rule that
        takes it: one more round over the leads left, with the same pools.
        """
        Rule = self.env["lead.assignment.rule"].sudo()  # applied by people who may not edit them
        rules = Rule.search([]) if rules is None else rules.sudo()
        matches = self._match_rules(facts, rules)
        ways = {lead: [r for r, fits in found if fits] for lead, found in matches.items()}
        pools = Rule.browse({rule for way in ways.values() for rule in way}).pool_id.sorted("id")
        if lock:
            pools._lock()
        built = self._build_pools(pools) if built is None else built
        if lock:
            self._count_manual(pools, built, rules)
        owners = self._get_account_owners(
            {fact["partner"] for fact in facts.values() if fact["partner"]}
            if routing.STICKY in pools.mapped("method")
            else ()
        )
        matching = {rule.id: rule._get_matching() for rule in rules}
        pool_of = {rule.id: rule.pool_id.id for rule in rules}
        goes_on = set(rules.filtered(lambda rule: rule.when_nobody == "next").ids)
        verdicts = {}
        while ways:
            by_pool = defaultdict(list)
            for lead_id in facts:  # in their order
                if ways.get(lead_id):
                    rule = ways[lead_id].pop(0)
                    lead = self._build_lead(
                        facts[lead_id], rule, matching[rule], owners, former_owners
                    )
                    by_pool[pool_of[rule]].append(lead)
            for pool_id, leads in by_pool.items():
                for verdict in routing.route(built[pool_id], leads):
                    verdicts[verdict.lead] = verdict
            ways = {
                lead: way
                for lead, way in ways.items()
                if way and not verdicts[lead].owner and verdicts[lead].rule in goes_on
            }
        if lock:
            self._save_credits(built)
        return [verdicts.get(lead) or self._left_over(lead, matches.get(lead)) for lead in facts]

    @staticmethod
    def _build_lead(fact, rule, matching, owners, former_owners) -> routing.Lead:
        return routing.Lead(
            id=fact["id"],
            rule=rule,
            matching=matching,
            company=fact["company"],
            country=fact["country"],
            state=fact["state"],
            language=fact["language"],
            tags=frozenset(fact["tags"]),
            account_owner=owners.get(fact["partner"]),
            former_owners=frozenset(former_owners.get(fact["id"], ())),
        )

    @staticmethod
    def _left_over(lead, matches) -> routing.Verdict:
        """No rule takes the lead, or only rules it is too old for."""
        rule, reason = (matches[0][0], "too_old") if matches else (None, "no_rule")
        return routing.Verdict(lead=lead, rule=rule, pool=None, method="", reason=reason)

    def _count_manual(self, pools, built, rules):
        """Leads given to members by other means use up a turn of theirs, once.

        Found by facts (a salesperson received a lead and the ledger does not know it), so
        that no way of giving a lead is missed. Leads people created for themselves do not
        count, nor those a pool that does not count them would have taken.
        """
        counting = pools.filtered(lambda p: p.count_manual and p.method != routing.CLAIM)
        if not counting:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT lead.id, lead.user_id
                  FROM crm_lead lead
                  JOIN lead_assignment_pool_member member ON member.user_id = lead.user_id
                  JOIN lead_assignment_pool pool ON pool.id = member.pool_id
             LEFT JOIN crm_team team ON team.id = lead.team_id
                 WHERE pool.id IN %(pools)s
                   AND lead.date_open >= GREATEST(pool.create_date, %(since)s)
                   AND lead.create_uid IS DISTINCT FROM lead.user_id
                   AND (team.id IS NULL OR team.assignment_engine = 'rules')
                   AND NOT EXISTS (SELECT 1 FROM lead_assignment_decision decision
                                    WHERE decision.lead_id = lead.id
                                      AND decision.user_id = lead.user_id)
              ORDER BY lead.id
                """,
                pools=tuple(counting.ids),
                since=self.env.cr.now() - timedelta(days=31),
            )
        )
        matches = self._match_rules([lead for lead, _user in rows], rules)
        Rule = self.env["lead.assignment.rule"].sudo()
        verdicts = []
        for lead, user in rows:
            rule = next((Rule.browse(r) for r, fits in matches.get(lead, ()) if fits), Rule)
            pool = built.get(rule.pool_id.id)
            if rule.pool_id in counting and any(seat.user == user for seat in pool.seats):
                verdicts.append(routing.count(pool, routing.Lead(lead, rule.id), user))
        self.env["lead.assignment.decision"]._record(
            [self._prepare_decision(verdict, "manual", None) for verdict in verdicts]
        )

    def _save_credits(self, pools: dict[int, routing.Pool]):
        """Move the pointers, and raise the count of the pool that everybody locks."""
        rows = [
            (pool.id, seat.user, to_leads(seat.credit))
            for pool in pools.values()
            for seat in pool.seats
        ]
        if not rows:
            return
        self.env.execute_query(
            SQL(
                """
                WITH pointer(pool_id, user_id, credit) AS (VALUES %s),
                     moved AS (
                     UPDATE lead_assignment_pool_member member
                        SET credit = pointer.credit::float8
                       FROM pointer
                      WHERE member.pool_id = pointer.pool_id
                        AND member.user_id = pointer.user_id
                        AND member.credit IS DISTINCT FROM pointer.credit::float8
                  RETURNING member.pool_id)
                UPDATE lead_assignment_pool
                   SET given_count = COALESCE(given_count, 0) + 1
                 WHERE id IN (SELECT pool_id FROM moved)
             RETURNING id
                """,
                SQL(", ").join(SQL("(%s, %s, %s)", *row) for row in rows),
            )
        )
        self.env["lead.assignment.pool.member"].invalidate_model(["credit"])
        self.env["lead.assignment.pool"].invalidate_model(["given_count"])

    # ------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------

    def _apply(self, facts, verdicts):
        """Give the leads to their owners; then what the rule wants beyond that."""
        Rule = self.env["lead.assignment.rule"].sudo()
        self.env["lead.assignment.writer"]._give(
            [self._prepare_gift(facts[verdict.lead], verdict) for verdict in verdicts]
        )
        by_rule = defaultdict(list)
        for verdict in verdicts:
            if verdict.owner:
                by_rule[verdict.rule].append(verdict.lead)
        for rule in Rule.browse(by_rule):
            leads = self.env["crm.lead"].sudo().browse(by_rule[rule.id])
            if rule.convert:
                self._convert(leads, rule)
            self._follow_through(leads, rule)

    def _prepare_gift(self, fact, verdict) -> dict:
        team = self.env["lead.assignment.pool"].sudo().browse(verdict.pool or []).team_id
        return {
            "lead": verdict.lead,
            "owner": verdict.owner,
            "team": team.id or None,
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
                    date_deadline=_today(self.env, lead.user_id, rule.activity_days),
                    summary=rule.activity_summary,
                    user_id=lead.user_id.id,
                )
        if rule.message:
            body = Markup("<p>%s</p>") % rule.message
            leads._message_log_batch(bodies={lead.id: body for lead in leads})

    def _record(self, facts, verdicts, trigger):
        """Ledger rows: every lead given, and those left when the outcome is a new one."""
        run = uuid.uuid4().hex[:12]
        rows = [
            self._prepare_decision(verdict, trigger, run)
            for verdict in verdicts
            if verdict.owner or self._is_news(facts[verdict.lead], verdict)
        ]
        self.env["lead.assignment.decision"]._record(rows)

    @staticmethod
    def _is_news(fact, verdict) -> bool:
        known = (fact["reason"], fact["rule"], fact["pool"])
        return known != (verdict.reason, verdict.rule, verdict.pool)

    @staticmethod
    def _prepare_decision(verdict, trigger, run) -> dict:
        return {
            "run": run,
            "lead_id": verdict.lead,
            "rule_id": verdict.rule,
            "pool_id": verdict.pool,
            "method": verdict.method,
            "trigger": trigger,
            "reason": verdict.reason,
            "user_id": verdict.owner,
            "turn_user_id": verdict.seat,
            "eligible": [
                [user, weight, verdict.before[user], verdict.after[user]]
                + ([verdict.loads[user]] if verdict.loads else [])
                for user, weight in verdict.eligible.items()
            ],
            "preferred": list(verdict.preferred),
            "excluded": {str(user): reason for user, reason in verdict.excluded.items()},
        }

    def _notify(self, verdicts):
        """Tell the people, in one message each."""
        self.env["lead.followup.notice"]._add(
            "assigned", [(v.lead, v.owner) for v in verdicts if v.owner]
        )


def _renewed_limits(previous, day) -> list[str]:
    """Limits that start anew between two days."""
    if previous is None:
        return []
    monday = day - timedelta(days=day.weekday())
    renewed = ["capacity_day"]
    renewed += ["capacity_week"] if previous < monday else []
    return renewed + (["capacity_month"] if previous < day.replace(day=1) else [])


def _period_starts(now, tz_name):
    """First moments of the person's day, week (Monday) and month, in UTC without zone."""
    zone = timezone(tz_name or "UTC")
    local = utc.localize(now).astimezone(zone)
    day = local.date()
    starts = (day, day - timedelta(days=day.weekday()), day.replace(day=1))
    return tuple(
        zone.localize(local.replace(year=d.year, month=d.month, day=d.day, hour=0, minute=0,
                                    second=0, microsecond=0, tzinfo=None))
        .astimezone(utc)
        .replace(tzinfo=None)
        for d in starts
    )  # fmt: skip


def _today(env, user, days):
    """A date so many days from the person's today."""
    local = utc.localize(env.cr.now()).astimezone(timezone(user.tz or "UTC"))
    return local.date() + timedelta(days=days or 0)
