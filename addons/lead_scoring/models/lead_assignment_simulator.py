import heapq
from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import api, models
from odoo.fields import Domain

from ..tools import routing
from ..tools.availability import merged, midnights
from ..tools.followup import working_seconds

WAITING = ("nobody_available", "nobody_with_capacity")
GRACE = timedelta(days=7)  # how long leads of the last day may wait for somebody


@dataclass
class Outcome:
    """What became of a simulated lead, and when."""

    verdict: routing.Verdict
    date: datetime | None  # when it found somebody
    waited: float = 0.0  # working seconds of the owner between coming in and being given


class LeadAssignmentSimulator(models.AbstractModel):
    """The engine on leads of the past, in the order of time, changing nothing.

    The same pools, rules and decisions as in the job. Leads come in when they did; people come
    and go by their working hours, time off and absences of those days; daily, weekly and
    monthly limits start with what was received before the period and renew at each one's
    midnight; open leads grow with what is given and shrink when a lead was closed. A lead that
    finds nobody waits and is offered again whenever somebody becomes available.
    """

    _name = "lead.assignment.simulator"
    _description = "Assignment Simulator"

    @api.model
    def _decide_now(self, leads, rules=None) -> list[routing.Verdict]:
        """The verdicts for the leads as if they came in now, unassigned."""
        engine = self.env["lead.assignment.engine"]
        facts = engine._read_leads(Domain("id", "in", leads.ids), lock=False)
        plan = engine._plan(facts, rules)
        built = self.env["lead.assignment.seats"]._build(plan.pools)
        return engine._route(plan, facts, built, {})

    @api.model
    def _replay_period(self, leads, rules, start, end) -> list[Outcome]:
        """What would have become of the leads that came in between two moments."""
        engine = self.env["lead.assignment.engine"]
        facts = engine._read_leads(Domain("id", "in", leads.ids), lock=False, active_test=False)
        plan = engine._plan(facts, rules)
        # how old a lead is today says nothing about the day it came in
        plan.matches = {lead: [(r, True) for r, _fits in m] for lead, m in plan.matches.items()}
        plan.pools = plan.rules.filtered(lambda rule: rule.id in _used(plan)).pool_id.sorted("id")
        horizon = end + GRACE
        built = self.env["lead.assignment.seats"]._build(plan.pools, start, horizon)
        outcomes = _Rehearsal(engine, plan, built, facts).run(start, horizon)
        self._measure_waiting(outcomes, facts)
        return [outcomes[lead] for lead in facts]

    def _measure_waiting(self, outcomes, facts):
        """Working time that passed until somebody had the lead, in the hours of that person."""
        given = {lead: outcome for lead, outcome in outcomes.items() if outcome.date}
        late = {key: o for key, o in given.items() if o.date > facts[key]["created"]}
        if not late:
            return
        # sudo: working hours of colleagues, of which only a sum is used
        users = self.env["res.users"].sudo().browse({o.verdict.owner for o in late.values()})
        start = min(facts[lead]["created"] for lead in late)
        hours = self.env["lead.assignment.availability"]._read_working_time(
            users, start, max(outcome.date for outcome in late.values())
        )
        for lead, outcome in late.items():
            created, intervals = facts[lead]["created"], hours[outcome.verdict.owner]
            outcome.waited = (
                (outcome.date - created).total_seconds()
                if intervals is None
                else working_seconds(intervals, created, outcome.date)
            )


class _Rehearsal:
    """One run through time over plain data."""

    def __init__(self, engine, plan, built, facts):
        self.engine, self.plan, self.built, self.facts = engine, plan, built, facts
        self.outcomes: dict[int, Outcome] = {}
        self.waiting: set[int] = set()
        self.rank = {lead: number for number, lead in enumerate(facts)}
        self.closings: list[tuple[datetime, int]] = []

    def run(self, start, horizon) -> dict[int, Outcome]:
        arrivals = sorted(self.facts.values(), key=lambda fact: (fact["created"], fact["id"]))
        changes = self._get_changes(start, horizon)
        timeline = [(moment, 0, None) for moment in changes]
        timeline += [(fact["created"], 1, fact) for fact in arrivals]
        for moment, _order, fact in sorted(timeline, key=lambda event: event[:2]):
            while self.closings and self.closings[0][0] <= moment:
                self._close(*heapq.heappop(self.closings))
            if fact is None:
                for pool in self.built.values():
                    pool.set_clock(moment)
                    pool.renew_limits(moment)
                self._offer_again(moment)
            else:
                self._offer(fact, moment)
        return self.outcomes

    def _get_changes(self, start, horizon) -> list[datetime]:
        """Moments at which somebody comes, goes, or begins a new day."""
        seats = [(pool, seat) for pool in self.built.values() for seat in pool.all_seats()]
        moments = [seat.presence.changes(pool.within) for pool, seat in seats if seat.presence]
        zones = {seat.tz for _pool, seat in seats}
        moments += [set(midnights(start, horizon, tz)) for tz in zones]
        return merged(moments, start, horizon)

    def _offer_again(self, moment):
        """The waiting leads in their order; where one finds nobody, its like need not ask."""
        in_vain = set()
        for lead in sorted(self.waiting, key=self.rank.__getitem__):
            kind = self._get_kind(lead)
            if kind not in in_vain and not self._offer(self.facts[lead], moment):
                in_vain.add(kind)

    def _get_kind(self, lead) -> tuple:
        """Everything about a lead that the decision looks at."""
        fact = self.facts[lead]
        return (
            *(rule for rule, _fits in self.plan.matches[lead]),
            *(fact[name] for name in ("company", "country", "state", "language")),
            tuple(fact["tags"]),
            self.plan.owners.get(fact["partner"]),
        )

    def _offer(self, fact, moment) -> bool:
        """Decide one lead; remember it as waiting if somebody may take it later."""
        lead = fact["id"]
        (verdict,) = self.engine._route(self.plan, {lead: fact}, self.built, {})
        self.outcomes[lead] = Outcome(verdict, moment if verdict.owner else None)
        if verdict.owner:
            self.waiting.discard(lead)
            if fact["closed"]:
                heapq.heappush(self.closings, (max(fact["closed"], moment), lead))
        elif verdict.reason in WAITING:
            self.waiting.add(lead)
        return bool(verdict.owner)

    def _close(self, moment, lead):
        """A lead that was won or lost by now is no longer held open."""
        verdict = self.outcomes[lead].verdict
        for seat in self.built[verdict.pool].all_seats():
            if seat.id in (verdict.owner, verdict.seat):
                seat.load -= 1
                if "backlog" in seat.room:
                    seat.room["backlog"] += 1
        self._offer_again(moment)


def _used(plan) -> set[int]:
    return {rule for found in plan.matches.values() for rule, _fits in found}
