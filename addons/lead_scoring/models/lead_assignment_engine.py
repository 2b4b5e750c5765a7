import logging
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from psycopg2 import errors as pg_errors

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import routing
from ..tools.eligibility import Lead

_logger = logging.getLogger(__name__)

BATCH_SIZE = 2000
COUNTED_DAYS = 31  # leads given by hand are noticed at least this long
CONCURRENCY_ERRORS = (pg_errors.SerializationFailure, pg_errors.DeadlockDetected)


@dataclass
class Plan:
    """Which rules take which leads, read once for all of them."""

    rules: models.Model
    pools: models.Model
    matches: dict[int, list[tuple[int, bool]]]  # lead -> (rule, young enough)
    owners: dict[int, int]  # contact -> salesperson of the account
    matching: dict[int, frozenset[str]]  # rule -> what person and lead must share
    pool_of: dict[int, int]
    goes_on: set[int]  # rules that pass a lead nobody can take to the next one


class LeadAssignmentEngine(models.AbstractModel):
    """Assignment in sets: lock, match, decide, write, record. One lead or ten thousand run
    the same statements; only what Odoo does with each converted lead comes on top.

    Leads are locked first, skipping those another process holds, then the pools, in one
    order for everybody. Nothing is decided on facts read before the locks were held, and
    everything is written in the same transaction: a process that dies leaves no trace.
    """

    _name = "lead.assignment.engine"
    _description = "Lead Assignment Engine"
    _inherit = ["lead.assignment.matching", "lead.assignment.outcome"]

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
        verdicts = self._decide(facts, former_owners or {})
        self._apply(facts, verdicts)
        self._record(facts, verdicts, trigger)
        self._notify(verdicts)
        return verdicts

    @api.model
    def _reassign(self, leads, former_owners) -> list[routing.Verdict]:
        """Give owned leads to somebody else; those nobody else can take stay as they are."""
        facts = self._lock_leads(leads, owned=True)
        verdicts = self._decide(facts, former_owners)
        given = [verdict for verdict in verdicts if verdict.owner]
        self._apply(facts, given)
        self._record(facts, verdicts, "reroute")
        self._notify(given)
        return verdicts

    @api.model
    def _assign_for_button(self, leads, trigger: str) -> list[routing.Verdict]:
        """As ``_assign``, for somebody who waits for the answer: a lead that raises an error is
        left, with the reason, and holds up no other."""
        try:
            with self.env.cr.savepoint():
                return self._assign(leads, trigger)
        except CONCURRENCY_ERRORS:
            raise  # Odoo begins the whole request anew
        except Exception:
            self.env.invalidate_all(flush=False)
            return [verdict for lead in leads for verdict in self._assign_alone(lead, trigger)]

    @api.model
    def _wake(self, at=None):
        """Run the job as soon as possible (hooks only mark, jobs compute)."""
        cron = self.env.ref("lead_scoring.ir_cron_lead_assignment", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger(at)  # sudo: anybody may create a lead, and so wake the job

    # ------------------------------------------------------------
    # The job
    # ------------------------------------------------------------

    @api.model
    def _cron_assign(self):
        """Assign the waiting leads of teams that use assignment rules, batch by batch.

        Leads that failed before are tried one by one at the end, so that they hold up nobody.
        """
        commit = self.env["ir.cron"]._commit_progress
        if not self.env["crm.team"]._is_rules_engine_used():
            return
        Lead = self.env["crm.lead"].sudo()  # sudo: rules see every lead, whoever runs them
        waiting = Lead._get_assignment_waiting_domain()
        healthy = waiting & Domain("assignment_reason", "!=", "failed")
        commit(remaining=Lead.search_count(waiting))
        last_id = 0
        while leads := Lead.search(
            healthy & Domain("id", ">", last_id), order="id", limit=BATCH_SIZE
        ):
            last_id = leads.ids[-1]
            self._assign_batch(leads)
            if not commit(len(leads)):
                return
        for lead in Lead.search(waiting & ~healthy, order="id"):
            self._assign_alone(lead)
            if not commit(1):
                return

    def _assign_batch(self, leads):
        """All at once; one by one if something about one of them raises an error."""
        try:
            self._retrying(self._assign, leads, "cron")
        except Exception:
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            _logger.exception("A batch of %s leads failed: one by one.", len(leads))
            for lead in leads:
                self._assign_alone(lead)
                # a job's own transaction: what was given stays given
                self.env.cr.commit()  # pylint: disable=invalid-commit

    def _assign_alone(self, lead, trigger="cron") -> list[routing.Verdict]:
        """A lead whose conversion or automation fails says so and waits for the next run."""
        try:
            with self.env.cr.savepoint():
                return self._assign(lead, trigger)
        except CONCURRENCY_ERRORS:
            # another process was first: the next run sees what it did
            self.env.invalidate_all(flush=False)
            return []
        except Exception as error:
            self.env.invalidate_all(flush=False)
            _logger.exception("Lead %s cannot be assigned.", lead.id)
            facts = self._lock_leads(lead)
            failed = [routing.Verdict(key, None, None, "", "failed") for key in facts]
            self._apply(facts, failed)
            self._record(facts, failed, trigger, error=self._describe_error(error))
            return failed

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
    # Decision
    # ------------------------------------------------------------

    def _decide(self, facts, former_owners) -> list[routing.Verdict]:
        """Verdicts in the order of the leads; pointers move under the lock of the pools."""
        plan = self._plan(facts)
        plan.pools._lock()
        built = self.env["lead.assignment.seats"]._build(plan.pools)
        self._count_manual(plan, built)
        verdicts = self._route(plan, facts, built, former_owners)
        self.env["lead.assignment.seats"]._save(built)
        return verdicts

    def _plan(self, facts, rules=None) -> Plan:
        # sudo: rules are applied by people who may not edit them
        Rule = self.env["lead.assignment.rule"].sudo()
        rules = Rule.search([]) if rules is None else rules.sudo()
        matches = self._match_rules(facts, rules)
        used = Rule.browse({rule for found in matches.values() for rule, fits in found if fits})
        partners = {fact["partner"] for fact in facts.values() if fact["partner"]}
        sticky = routing.STICKY in used.pool_id.mapped("method")
        return Plan(
            rules=rules,
            pools=used.pool_id.sorted("id"),
            matches=matches,
            owners=self._get_account_owners(partners) if sticky else {},
            matching={rule.id: rule._get_matching() for rule in rules},
            pool_of={rule.id: rule.pool_id.id for rule in rules},
            goes_on=set(rules.filtered(lambda rule: rule.when_nobody == "next").ids),
        )

    def _route(self, plan, facts, built, former_owners) -> list[routing.Verdict]:
        """Rules and pools decide on plain data: no statement from here on.

        A lead that finds nobody under a rule that says so goes on to the next rule that
        takes it: one more round over the leads left, with the same pools.
        """
        ways = {lead: [r for r, fits in plan.matches.get(lead, ()) if fits] for lead in facts}
        verdicts = {}
        while any(ways.values()):
            by_pool = defaultdict(list)
            for lead_id in facts:  # in their order
                if ways.get(lead_id):
                    rule = ways[lead_id].pop(0)
                    former = former_owners.get(lead_id, ())
                    lead = self._build_lead(facts[lead_id], rule, plan, former)
                    by_pool[plan.pool_of[rule]].append(lead)
            for pool_id, leads in by_pool.items():
                for verdict in routing.route(built[pool_id], leads):
                    verdicts[verdict.lead] = verdict
            ways = {
                lead: way
                for lead, way in ways.items()
                if way and not verdicts[lead].owner and verdicts[lead].rule in plan.goes_on
            }
        return [verdicts.get(lead) or self._left_over(lead, plan.matches) for lead in facts]

    @staticmethod
    def _build_lead(fact, rule, plan, former_owners) -> Lead:
        return Lead(
            id=fact["id"],
            rule=rule,
            matching=plan.matching[rule],
            company=fact["company"],
            country=fact["country"],
            state=fact["state"],
            language=fact["language"],
            tags=frozenset(fact["tags"]),
            account_owner=plan.owners.get(fact["partner"]),
            former_owners=frozenset(former_owners),
        )

    @staticmethod
    def _left_over(lead, matches) -> routing.Verdict:
        """No rule takes the lead, or only rules it is too old for."""
        found = matches.get(lead)
        rule, reason = (found[0][0], "too_old") if found else (None, "no_rule")
        return routing.Verdict(lead=lead, rule=rule, pool=None, method="", reason=reason)

    def _count_manual(self, plan, built):
        """Leads given to members by other means use up a turn of theirs, once.

        Found by facts (a salesperson received a lead and the ledger does not know it), so
        that no way of giving a lead is missed. Leads people created for themselves do not
        count, nor those a pool that does not count them would have taken.
        """
        counting = plan.pools.filtered(lambda p: p.count_manual and p.method != routing.CLAIM)
        rows = self._read_manual(counting) if counting else []
        matches = self._match_rules([lead for lead, _user in rows], plan.rules)
        Rule = self.env["lead.assignment.rule"].sudo()  # sudo: as in _plan
        verdicts = []
        for lead, user in rows:
            rule = next((Rule.browse(r) for r, fits in matches.get(lead, ()) if fits), Rule)
            pool = built.get(rule.pool_id.id)
            if rule.pool_id in counting and pool.find(user):
                verdicts.append(routing.count(pool, Lead(lead, rule.id), user))
        self.env["lead.assignment.decision"]._record(
            [self._prepare_decision(verdict, "manual", None) for verdict in verdicts]
        )

    def _read_manual(self, pools) -> list[tuple[int, int]]:
        """Leads that people of the pools received and the ledger does not know."""
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT lead.id, lead.user_id
                  FROM crm_lead lead
                  JOIN (SELECT seat.pool_id, COALESCE(seat.user_id, person.user_id) AS user_id
                          FROM lead_assignment_pool_member seat
                     LEFT JOIN crm_team_member person
                            ON person.crm_team_id = seat.team_id AND person.active
                         WHERE seat.pool_id IN %(pools)s) member ON member.user_id = lead.user_id
                  JOIN lead_assignment_pool pool ON pool.id = member.pool_id
             LEFT JOIN crm_team team ON team.id = lead.team_id
                 WHERE lead.date_open >= DATE_TRUNC('second', GREATEST(pool.create_date, %(since)s))
                   AND lead.create_uid IS DISTINCT FROM lead.user_id
                   AND (team.id IS NULL OR team.assignment_engine = 'rules')
                   AND NOT EXISTS (SELECT 1 FROM lead_assignment_decision decision
                                    WHERE decision.lead_id = lead.id
                                      AND decision.user_id = lead.user_id)
              ORDER BY lead.id
                """,
                pools=tuple(pools.ids),
                since=self.env.cr.now() - timedelta(days=COUNTED_DAYS),
            )
        )
