"""What a reader asks of the ROI report, so that only the rows that can answer are looked at."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition
from odoo.tools import SQL

QUESTION = "marketing_roi_question"
# Groupings by date that a whole month answers.
MONTHLY = {"month", "quarter", "year", "month_number", "quarter_number", "year_number"}
BOUNDS = {">=", ">", "<=", "<"}


@dataclass(frozen=True)
class LeadChoice:
    """What is asked of the leads behind rows, where these are read.

    ``columns`` are named values over ``lead``; ``condition`` says which leads, also over ``lead``;
    ``percent`` of the table is looked at, always the same part of it.
    """

    columns: dict[str, SQL]
    condition: SQL | None = None
    percent: float = 100.0


@dataclass(frozen=True)
class Question:
    """The parts of the report that matter to one reader; ``None`` means all of them.

    ``columns`` are the dimensions looked at, ``measures`` what is added up, ``facts`` the kinds of
    rows, ``models`` the attribution models (ids). ``every_row`` says that rows without any of the
    measures matter too, to be counted.
    ``by_month`` says that rows of whole months do, between ``date_from`` and ``date_to``.
    ``leads`` asks for more than the report knows of leads.
    """

    columns: frozenset[str] | None = None
    measures: frozenset[str] | None = None
    facts: frozenset[str] | None = None
    models: frozenset[int] | None = None
    every_row: bool = True
    by_month: bool = False
    date_from: date | None = None
    date_to: date | None = None
    leads: LeadChoice | None = None

    def needs(self, facts, measures) -> bool:
        """Whether rows of these kinds, with these measures, can be part of the answer."""
        if self.facts is not None and facts is not None and not self.facts & set(facts):
            return False
        return self.every_row or self.measures is None or bool(self.measures & set(measures))

    def looks_at(self, column) -> bool:
        return self.columns is None or column in self.columns

    def asks_measure(self, name) -> bool:
        return self.measures is None or name in self.measures

    def within(self, columns) -> bool:
        """Whether nothing is looked at beside these columns."""
        return self.columns is not None and self.columns <= set(columns)

    def whole_months(self) -> tuple[date | None, date | None] | None:
        """First day of the first whole month, first day after the last one; ``None`` if none.

        >>> Question(by_month=True, date_from=date(2026, 1, 2)).whole_months()
        (datetime.date(2026, 2, 1), None)
        >>> Question(by_month=True, date_to=date(2026, 1, 31)).whole_months()
        (None, datetime.date(2026, 2, 1))
        """
        if not self.by_month:
            return None
        start, end = self.date_from, self.date_to
        if start and start.day > 1:
            start = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        if end:
            end = (end + timedelta(days=1)).replace(day=1)
        return None if start and end and start >= end else (start, end)


def read_facts(domain: Domain) -> frozenset[str] | None:
    """The kinds of rows a domain lets through, if it says so."""
    facts = None
    for condition in _get_conditions(domain):
        if condition.field_expr == "fact" and condition.operator in ("=", "in"):
            value = condition.value
            names = {value} if isinstance(value, str) else set(value or ())
            facts = names if facts is None else facts & names
    return None if facts is None else frozenset(facts)


def read_models(domain: Domain) -> frozenset[int] | None:
    """The attribution models a domain lets through, if it says so by their ids."""
    models = None
    for condition in _get_conditions(domain):
        if condition.field_expr == "model_id" and condition.operator in ("=", "in"):
            value = condition.value
            ids = {value} if isinstance(value, int) else set(value or ())
            if all(isinstance(each, int) and each is not False for each in ids):
                models = ids if models is None else models & ids
    return None if models is None else frozenset(models)


def read_period(domain: Domain) -> tuple[date | None, date | None] | None:
    """First and last day a domain lets through; ``None`` when it says more than that of dates."""
    bounds = [
        condition
        for condition in _get_conditions(domain)
        if condition.field_expr == "date" and condition.operator in BOUNDS
    ]
    every = [c for c in domain.iter_conditions() if c.field_expr.split(".")[0] == "date"]
    if len(every) != len(bounds):
        return None
    first = last = None
    for condition in bounds:
        day = _read_day(condition.value)
        if day is None:
            return None
        if condition.operator in (">=", ">"):
            day += timedelta(days=condition.operator == ">")
            first = day if first is None else max(first, day)
        else:
            day -= timedelta(days=condition.operator == "<")
            last = day if last is None else min(last, day)
    return first, last


def read_names(domain: Domain) -> set[str] | None:
    """The fields a domain looks at; ``None`` when part of it is plain SQL."""
    if "DomainCustom" in _get_kinds(domain):
        return None
    return {condition.field_expr.split(".")[0] for condition in domain.iter_conditions()}


def _get_conditions(domain):
    """The conditions that hold for every row, whatever else is in the domain."""
    if isinstance(domain, DomainCondition):
        return [domain]
    if isinstance(domain, DomainAnd):
        return [child for child in domain.children if isinstance(child, DomainCondition)]
    return []


def _get_kinds(domain):
    kinds = {type(domain).__name__}
    for child in getattr(domain, "children", None) or [getattr(domain, "child", None)]:
        if child is not None:
            kinds |= _get_kinds(child)
    return kinds


def _read_day(value):
    if isinstance(value, datetime):
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
