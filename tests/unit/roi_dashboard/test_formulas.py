"""A ratio as a number and as a formula is the same ratio."""

import math

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.roi_dashboard.tools.formulas import (
    evaluate,
    growth,
    measures_of,
    ratio_formula,
    ratio_value,
)

AMOUNTS = st.floats(-1e6, 1e6).map(lambda value: round(value, 2))


@given(AMOUNTS, AMOUNTS)
def test_formula_and_value_agree(revenue, cost):
    ratio = ("revenue - cost", "cost")
    formula = ratio_formula(ratio, {"revenue": f"({revenue!r})", "cost": f"({cost!r})"})
    condition, rest = formula.removeprefix("=IF(").split(',"—",')
    basis = eval(condition.replace("=", "=="))
    value = ratio_value(ratio, {"revenue": revenue, "cost": cost})
    if basis:
        assert value is None
    else:
        assert math.isclose(eval(rest[:-1]), value, rel_tol=1e-12, abs_tol=1e-12)


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_products_agree_too(margin, months, cost):
    ratio = ("margin*36 - cost", "months*cost")
    sums = {"margin": margin, "months": months, "cost": cost}
    formula = ratio_formula(ratio, {name: f"({value!r})" for name, value in sums.items()})
    _condition, rest = formula.removeprefix("=IF(").split(',"—",')
    value = ratio_value(ratio, sums)
    if value is not None:
        assert math.isclose(eval(rest[:-1]), value, rel_tol=1e-9, abs_tol=1e-9)
    assert measures_of(ratio[0]) == ["margin", "cost"]


def test_signs():
    assert evaluate("a - b + c", {"a": 5, "b": 3, "c": 1}) == 3
    assert measures_of("a - b + c") == ["a", "b", "c"]


def test_growth_from_a_loss_to_a_gain_is_positive():
    assert growth(50.0, -100.0) == 1.5
    assert growth(None, 1.0) is None
