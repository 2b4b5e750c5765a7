"""What is unusual does not depend on where zero is, or in which unit one counts."""

import math

from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.addons.roi_dashboard.tools.robust import absolute_deviation, robust_z

WHOLE = st.integers(-1000, 1000)
HISTORIES = st.lists(WHOLE, min_size=6, max_size=30)


@given(WHOLE, HISTORIES, st.integers(-100, 100), st.integers(1, 50))
def test_shift_and_scale_change_nothing(value, history, offset, factor):
    score = robust_z(value, history)
    moved = robust_z(value * factor + offset, [item * factor + offset for item in history])
    if score is None:
        assert moved is None
    else:
        assert math.isclose(score, moved, rel_tol=1e-9, abs_tol=1e-9)


@given(HISTORIES)
def test_one_outlier_does_not_hide_another(history):
    assume(absolute_deviation(history))
    wild = [*history, 10**9]
    assume(absolute_deviation(wild))
    assert robust_z(10**6, wild) > 3.5


def test_a_normal_sample_gives_ordinary_scores():
    assert abs(robust_z(1.0, [-1.5, -0.67, -0.2, 0.2, 0.67, 1.5])) < 3
