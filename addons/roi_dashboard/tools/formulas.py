"""Ratios of sums as spreadsheet formulas, and the same ratios as numbers.

A ratio is written once, as in the ROI report: a numerator and a denominator, each a signed sum of
measures such as ``"revenue_invoiced - cost_actual"``, or of products of measures and numbers such
as ``"customer_margin*36"``. The formula and the number come from that one text, so a workbook that
is recalculated shows what it showed before.
"""

from collections.abc import Callable, Mapping
from math import prod

UNKNOWN = "—"


def measures_of(expression: str) -> list[str]:
    """Names of the measures in a signed sum.

    >>> measures_of("won_count + lost_count")
    ['won_count', 'lost_count']
    >>> measures_of("customer_margin*36*new_customer_count")
    ['customer_margin', 'new_customer_count']
    """
    terms = [token for token in expression.split() if token not in "+-"]
    return [name for term in terms for name in term.split("*") if not _is_number(name)]


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def spell(expression: str, name: Callable[[str], str], times: str = "*", gap: str = "") -> str:
    """A signed sum with other names for its measures: addresses of cells, or words.

    >>> spell("margin*36 - cost", str.upper)
    'MARGIN*36-COST'
    >>> spell("margin*36 - cost", str.title, " × ", " ")
    'Margin × 36 - Cost'
    """
    return gap.join(
        token
        if token in "+-"
        else times.join(part if _is_number(part) else name(part) for part in token.split("*"))
        for token in expression.split()
    )


def evaluate(expression: str, sums: Mapping[str, float]) -> float:
    """Value of a signed sum.

    >>> evaluate("revenue - cost", {"revenue": 150.0, "cost": 100.0})
    50.0
    >>> evaluate("margin*36", {"margin": 2.0})
    72.0
    """
    value, sign = 0.0, 1
    for token in expression.split():
        if token in "+-":
            sign = -1 if token == "-" else 1
        else:
            value += sign * prod(
                float(part) if _is_number(part) else sums[part] for part in token.split("*")
            )
    return value


def ratio_value(ratio: tuple[str, str], sums: Mapping[str, float], needs=()) -> float | None:
    """Numerator by denominator; None without a basis, or where a needed measure is zero.

    >>> ratio_value(("cost", "leads"), {"cost": 100.0, "leads": 4.0})
    25.0
    >>> ratio_value(("cost", "leads"), {"cost": 0.0, "leads": 4.0}, needs=("cost",)) is None
    True
    """
    basis = evaluate(ratio[1], sums)
    if not basis or any(not sums[name] for name in needs):
        return None
    return evaluate(ratio[0], sums) / basis


def ratio_formula(ratio: tuple[str, str], cells: Mapping[str, str], needs=()) -> str:
    """The same as a formula over cells.

    >>> ratio_formula(("revenue - cost", "cost"), {"revenue": "F5", "cost": "E5"})
    '=IF((E5)=0,"—",(F5-E5)/(E5))'
    """
    numerator, basis = (spell(part, cells.__getitem__) for part in ratio)
    empty = [f"({basis})=0", *(f"{cells[name]}=0" for name in needs)]
    condition = empty[0] if len(empty) == 1 else f"OR({','.join(empty)})"
    return f'=IF({condition},"{UNKNOWN}",({numerator})/({basis}))'


def difference_formula(after: str, before: str) -> str:
    """Change between two cells, unknown when one of them is.

    >>> difference_formula("B7", "C7")
    '=IF(OR(ISTEXT(B7),ISTEXT(C7)),"—",B7-C7)'
    """
    return f'=IF(OR(ISTEXT({after}),ISTEXT({before})),"{UNKNOWN}",{after}-{before})'


def growth_formula(after: str, before: str) -> str:
    """Relative change between two cells; from nothing there is no growth rate.

    >>> growth_formula("B7", "C7")
    '=IF(OR(ISTEXT(B7),ISTEXT(C7)),"—",IF(C7=0,"—",(B7-C7)/ABS(C7)))'
    """
    return (
        f'=IF(OR(ISTEXT({after}),ISTEXT({before})),"{UNKNOWN}",'
        f'IF({before}=0,"{UNKNOWN}",({after}-{before})/ABS({before})))'
    )


def difference(after: float | None, before: float | None) -> float | None:
    """
    >>> difference(3.0, 1.0), difference(None, 1.0)
    (2.0, None)
    """
    return None if after is None or before is None else after - before


def growth(after: float | None, before: float | None) -> float | None:
    """
    >>> growth(3.0, 2.0), growth(3.0, 0.0), growth(-1.0, -2.0)
    (0.5, None, 0.5)
    """
    return None if after is None or not before else (after - before) / abs(before)
