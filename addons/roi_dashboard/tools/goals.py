"""What a set of campaigns should reach in a period, from the goals people gave them.

A goal is spread evenly over the days of its campaign. It covers the campaign and everything below
it, so of two campaigns in one programme only the upper one counts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from .periods import Span


@dataclass(frozen=True)
class Plan:
    """A campaign with goals, as far as a period is concerned.

    ``path`` is its place in the tree ("4/17/"), ``share`` the part of its days that lies in the
    period, ``goals`` a value for each metric, ``budget`` the whole planned cost; ``campaigns`` are
    the ids of the campaign and of everything below it.
    """

    path: str
    share: float
    goals: Mapping[str, float]
    budget: float = 0.0
    campaigns: frozenset[int] = field(default_factory=frozenset)

    @property
    def campaign(self) -> int:
        """The campaign the goals belong to.

        >>> Plan("4/17/", 1.0, {}).campaign
        17
        """
        return int(self.path.rstrip("/").split("/")[-1])


@dataclass(frozen=True)
class Target:
    """What should be reached, and the plans that say so."""

    value: float
    plans: tuple[Plan, ...]

    @property
    def campaigns(self) -> frozenset[int]:
        return frozenset().union(*(plan.campaigns for plan in self.plans))


def share_of_days(start: date, end: date, span: Span) -> float:
    """The part of the days from ``start`` to ``end`` that lies in a span.

    >>> april = Span(date(2026, 4, 1), date(2026, 4, 30))
    >>> share_of_days(date(2026, 4, 21), date(2026, 5, 10), april)
    0.5
    >>> share_of_days(date(2026, 6, 1), date(2026, 6, 2), april)
    0.0
    """
    common = (min(end, span.end) - max(start, span.start)).days + 1
    return max(common, 0) / ((end - start).days + 1)


def topmost(plans: Iterable[Plan]) -> tuple[Plan, ...]:
    """Leave out what lies below another one: its part is in the goal above.

    >>> plans = [Plan(path, 1.0, {}) for path in ("4/17/", "4/", "40/", "5/6/")]
    >>> [plan.path for plan in topmost(plans)]
    ['4/', '40/', '5/6/']
    """
    chosen: list[Plan] = []
    for plan in sorted(plans, key=lambda plan: plan.path):
        if not any(plan.path.startswith(above.path) for above in chosen):
            chosen.append(plan)
    return tuple(chosen)


def total(plans: Iterable[Plan], metric: str) -> Target | None:
    """The sum of one goal in the period.

    >>> total([Plan("1/", 0.5, {"revenue": 100}), Plan("2/", 1, {"leads": 9})], "revenue").value
    50.0
    """
    chosen = topmost(plan for plan in plans if plan.goals.get(metric, 0) > 0)
    if not chosen:
        return None
    return Target(sum(plan.share * plan.goals[metric] for plan in chosen), chosen)


def revenue_for_roi(plan: Plan) -> float | None:
    """The revenue that the goal of ROI asks for, else the goal of revenue itself.

    >>> revenue_for_roi(Plan("1/", 1, {"roi": 50}, budget=200))
    300.0
    >>> revenue_for_roi(Plan("1/", 1, {"revenue": 500}, budget=200))
    500
    """
    if "roi" in plan.goals:
        return plan.budget * (1 + plan.goals["roi"] / 100)
    return plan.goals.get("revenue")


def roas(plans: Iterable[Plan]) -> Target | None:
    """Planned revenue by planned cost of the campaigns that have both.

    >>> plans = [Plan("1/", 1, {"revenue": 300}, 100), Plan("2/", 0.5, {"revenue": 200}, 200)]
    >>> roas(plans).value
    2.0
    >>> roas([Plan("1/", 1, {"revenue": 300})]) is None
    True
    """
    return _ratio(plans, revenue_for_roi, lambda plan: plan.budget)


def roi(plans: Iterable[Plan]) -> Target | None:
    """(Planned revenue - planned cost) / planned cost of the campaigns that have both.

    >>> roi([Plan("1/", 1, {"revenue": 300}, 100)]).value
    2.0
    """
    target = roas(plans)
    return target and Target(target.value - 1, target.plans)


def unit_cost(plans: Iterable[Plan], count: str, cost: str) -> Target | None:
    """What one result may cost: planned cost by planned number, of campaigns that know both.

    A goal for the unit cost itself (``cost``) stands for the number it allows.

    >>> plans = [Plan("1/", 1, {"leads": 50}, 1000), Plan("2/", 1, {"cpl": 10}, 500)]
    >>> unit_cost(plans, "leads", "cpl").value
    15.0
    >>> unit_cost([Plan("1/", 1, {"leads": 4, "cpl": 30})], "leads", "cpl").value
    30.0
    """

    def planned_cost(plan):
        return plan.budget or plan.goals.get(cost, 0) * plan.goals.get(count, 0)

    def planned_count(plan):
        if plan.goals.get(cost, 0) > 0:
            return planned_cost(plan) / plan.goals[cost]
        return plan.goals.get(count)

    return _ratio(plans, planned_cost, planned_count)


def _ratio(
    plans: Iterable[Plan],
    numerator: Callable[[Plan], float | None],
    denominator: Callable[[Plan], float | None],
) -> Target | None:
    """A ratio of sums over the plans that know both parts, each with its share of the period."""
    chosen = topmost(
        plan
        for plan in plans
        if plan.share > 0 and numerator(plan) is not None and (denominator(plan) or 0) > 0
    )
    if not chosen:
        return None
    above = sum(plan.share * numerator(plan) for plan in chosen)
    below = sum(plan.share * denominator(plan) for plan in chosen)
    return Target(above / below, chosen)
