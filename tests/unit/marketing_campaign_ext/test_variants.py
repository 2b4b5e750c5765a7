"""Which names are typing variants of each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.marketing_campaign_ext.tools.variants import find_variants, fold


@pytest.mark.parametrize(
    "first,second",
    [
        ("Black Friday 2026", "black-friday_2026"),
        ("ＳＡＬＥ", "sale"),
        ("Été", "ete"),
        ("春季 促销", "春季促销"),
    ],
)
def test_variants_fold_to_the_same(first, second):
    assert fold(first) == fold(second)


def test_another_year_is_another_campaign():
    assert fold("Spring 2025") != fold("Spring 2026")


def test_names_of_nothing_but_signs_are_no_variants():
    assert find_variants([(1, "?", None), (2, "!", None)]) == []


@given(st.text())
def test_folding_twice_changes_nothing(name):
    assert fold(fold(name)) == fold(name)


@given(st.lists(st.tuples(st.integers(), st.text(), st.integers(0, 2)), unique_by=lambda n: n[0]))
def test_a_campaign_is_in_one_group_at_most_and_groups_have_several(names):
    groups = find_variants(names)
    keys = [key for group in groups for key in group]
    assert len(keys) == len(set(keys))
    assert all(len(group) > 1 for group in groups)
