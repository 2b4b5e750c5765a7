"""Campaign ratios as pure functions: numbers in, numbers out.

``None`` means "there is no basis for this number" and is never the same thing as zero.
Every ratio takes sums, so that a total is a ratio of sums and never a mean of ratios.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

DAYS_PER_MONTH = 365.25 / 12


def ratio(numerator: float | None, denominator: float | None) -> float | None:
    """Divide, or say that the ratio does not exist.

    >>> ratio(1.0, 4.0)
    0.25
    >>> ratio(1.0, 0.0) is None
    True
    """
    if numerator is None or not denominator:
        return None
    return numerator / denominator


def roi(revenue: float, cost: float) -> float | None:
    """Return on investment: what each unit of cost earned on top of itself.

    >>> roi(3674, 6720)
    -0.4532738095238095
    >>> roi(100, 0) is None
    True
    >>> roi(0, 100)
    -1.0
    """
    return ratio(revenue - cost, cost)


def romi(margin: float, cost: float) -> float | None:
    """Return on marketing investment: the same on gross margin instead of revenue."""
    return roi(margin, cost)


def roas(revenue: float, cost: float) -> float | None:
    """Return on advertising spend: revenue per unit of cost."""
    return ratio(revenue, cost)


def cost_per(cost: float, count: float) -> float | None:
    """Cost of one lead, opportunity, win ...; without any of them, or any cost, unknown.

    >>> cost_per(6720, 334)
    20.119760479041915
    >>> cost_per(0, 3) is None
    True
    """
    return ratio(cost, count) if cost else None


def payback_months(cac: float | None, monthly_margin: float | None) -> float | None:
    """Months until a customer's margin has paid for winning the customer.

    >>> payback_months(600, 50)
    12.0
    >>> payback_months(600, 0) is None
    True
    """
    if cac is None or monthly_margin is None or monthly_margin <= 0:
        return None
    return cac / monthly_margin


def lifetime_value(
    monthly_revenue: float | None, margin_rate: float | None, months: float | None
) -> float | None:
    """Average monthly revenue per customer x gross margin x average life in months.

    >>> lifetime_value(100, 0.5, 24)
    1200.0
    """
    if monthly_revenue is None or margin_rate is None or months is None:
        return None
    return monthly_revenue * margin_rate * months


def velocity(
    opportunities: float, win_rate: float | None, deal: float | None, cycle_days: float | None
) -> float | None:
    """Money per day a pipeline turns out: opportunities x win rate x deal / cycle.

    >>> velocity(10, 0.5, 1000, 50)
    100.0
    """
    if win_rate is None or deal is None:
        return None
    return ratio(opportunities * win_rate * deal, cycle_days)


def quantile(values: Sequence[float], share: float) -> float | None:
    """Quantile by linear interpolation, as PostgreSQL's ``percentile_cont`` does it.

    >>> quantile([1, 2, 3, 4], 0.25)
    1.75
    >>> quantile([], 0.5) is None
    True
    """
    if not values:
        return None
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    lower = int(position)
    upper = min(lower + 1, len(ordered) - 1)
    return ordered[lower] + (ordered[upper] - ordered[lower]) * (position - lower)


def break_even(facts: Iterable[tuple[date, float, float]]) -> date | None:
    """First day from which the revenue so far covers the cost so far, and stays above it.

    Facts are ``(day, cost, revenue)`` in any order. Without cost there is nothing to cover.

    >>> from datetime import timedelta
    >>> day = date(2026, 1, 1)
    >>> break_even([(day, 100, 0), (day + timedelta(9), 0, 60), (day + timedelta(20), 0, 60)])
    datetime.date(2026, 1, 21)
    >>> break_even([(day, 100, 0), (day + timedelta(9), 0, 60)]) is None
    True
    """
    by_day: dict[date, float] = {}
    has_cost = False
    for day, cost, revenue in facts:
        by_day[day] = by_day.get(day, 0.0) + revenue - cost
        has_cost = has_cost or cost > 0
    if not has_cost:
        return None
    reached, balance = None, 0.0
    for day in sorted(by_day):
        balance += by_day[day]
        if round(balance, 6) < 0:
            reached = None
        elif reached is None:
            reached = day
    return reached


@dataclass(frozen=True)
class Expectation:
    """What a running campaign is expected to return: low, middle, high."""

    low: float | None
    expected: float | None
    high: float | None


def expected_roi(
    revenue: float, pipeline: float, weighted_pipeline: float, forecast_cost: float
) -> Expectation:
    """ROI when the cost is complete and the open pipeline has come in, with a range.

    The middle weighs each open deal with its probability; the low end loses all of them and the
    high end wins all.

    >>> expected_roi(100, 300, 150, 100)
    Expectation(low=0.0, expected=1.5, high=3.0)
    """
    return Expectation(
        roi(revenue, forecast_cost),
        roi(revenue + weighted_pipeline, forecast_cost),
        roi(revenue + pipeline, forecast_cost),
    )


def is_too_young(age_days: float | None, median_cycle_days: float | None) -> bool:
    """A campaign younger than the usual way from first touch to order cannot be judged yet.

    >>> is_too_young(10, 45), is_too_young(50, 45), is_too_young(10, None)
    (True, False, False)
    """
    if age_days is None or median_cycle_days is None:
        return False
    return age_days < median_cycle_days


@dataclass(frozen=True)
class Period:
    """Sums of one campaign in one period; revenue is new invoices plus (negative) refunds."""

    cost: float
    invoiced: float
    refunded: float

    @property
    def revenue(self) -> float:
        return self.invoiced + self.refunded


@dataclass(frozen=True)
class Bridge:
    """The steps from one ROI to another; they add up to the difference exactly."""

    before: float | None
    new_revenue: float | None
    refunds: float | None
    cost: float | None
    reattribution: float | None
    after: float | None


def roi_bridge(before: Period, after: Period, reattributed: float = 0.0) -> Bridge:
    """Explain a change of ROI by new revenue, refunds, cost and re-attribution.

    The steps are taken in that order, each with what came before it already changed;
    ``reattributed`` is the part of the second period's revenue that only a change of shares
    (another model, late touches) moved to this campaign.

    >>> bridge = roi_bridge(Period(100, 150, 0), Period(200, 500, -50), reattributed=20)
    >>> [round(step, 4) for step in (bridge.before, bridge.new_revenue, bridge.refunds)]
    [0.5, 3.3, -0.5]
    >>> [round(step, 4) for step in (bridge.cost, bridge.reattribution, bridge.after)]
    [-2.15, 0.1, 1.25]
    """
    start, end = roi(before.revenue, before.cost), roi(after.revenue, after.cost)
    if start is None or end is None:
        return Bridge(start, None, None, None, None, end)
    earned = after.invoiced - reattributed
    with_revenue = roi(earned + before.refunded, before.cost)
    with_refunds = roi(earned + after.refunded, before.cost)
    with_cost = roi(earned + after.refunded, after.cost)
    return Bridge(
        start,
        with_revenue - start,
        with_refunds - with_revenue,
        with_cost - with_refunds,
        end - with_cost,
        end,
    )


def month_offset(start: date, day: date) -> int:
    """Whole calendar months between two days, for cohorts.

    >>> month_offset(date(2025, 11, 30), date(2026, 2, 1))
    3
    """
    return (day.year - start.year) * 12 + day.month - start.month
