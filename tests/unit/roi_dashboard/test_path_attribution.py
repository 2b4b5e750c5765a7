"""Channel attribution: identities on random paths, and public reference values."""

import csv
import doctest
import os
from collections import Counter, defaultdict
from itertools import permutations
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.roi_dashboard.tools import markov, path_attribution
from odoo.addons.roi_dashboard.tools.markov import removal_effects
from odoo.addons.roi_dashboard.tools.path_attribution import (
    TooFewPathsError,
    channel_credit,
    coalition_game,
    exact_shapley,
    read_paths,
    sampled_shapley,
)
from odoo.addons.roi_dashboard.tools.weights import Scheme

HEURISTICS = ["first", "last", "linear", "u_shaped", "j_shaped", "inverse_j", "time_decay"]
METHODS = [*HEURISTICS, "last_non_direct", "markov", "shapley"]

paths = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcd"), min_size=1, max_size=5).map(tuple),
        st.integers(0, 5),
        st.integers(0, 100),
        st.integers(0, 5),
    ).map(lambda path: (path[0], path[1], float(path[2] if path[1] else 0), path[3])),
    min_size=1,
    max_size=8,
)


def reference_folder():
    default = Path(__file__).parents[4] / "shared" / "data"
    folder = Path(os.environ.get("SUITE_DATA") or default) / "channelattribution_pathdata"
    if not folder.exists():
        pytest.skip(f"The public path data is not there: {folder}")
    return folder


@pytest.fixture(scope="module")
def public_paths():
    return read_paths((reference_folder() / "paths_rows1-5000.csv").read_text().splitlines())


@pytest.fixture(scope="module")
def reference():
    with (reference_folder() / "reference_rows1-5000.csv").open() as handle:
        return {row["channel"]: row for row in csv.DictReader(handle)}


def test_examples_in_the_docstrings():
    assert doctest.testmod(path_attribution).failed == 0
    assert doctest.testmod(markov).failed == 0


# Identities -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@given(paths=paths)
def test_credits_sum_to_what_was_won(method, paths):
    credit = channel_credit(paths, method)
    conversions = sum(path[1] for path in paths)
    value = sum(path[2] for path in paths)
    assert sum(pair[0] for pair in credit.values()) == pytest.approx(conversions, abs=1e-9)
    assert sum(pair[1] for pair in credit.values()) == pytest.approx(value, abs=1e-7)
    assert all(pair[0] >= -1e-12 for pair in credit.values())


@given(paths=paths, order=st.integers(1, 3))
def test_a_chain_of_any_order_repeats_the_observed_rate_of_conversion(paths, order):
    """Removing nothing leaves all conversions: the chain neither invents nor loses any."""
    ended = sum(path[1] + path[3] for path in paths)
    _lost, total = markov.solve_losses(markov.build_chain(paths, order))
    for column, figure in enumerate(total, start=1):
        expected = sum(path[column] for path in paths) / ended if ended else 0.0
        assert figure == pytest.approx(expected, abs=1e-9)


@given(paths=paths, order=st.integers(1, 3))
def test_the_solution_agrees_with_following_the_people(paths, order):
    """The matrix, the vectors, and a plain walk over dictionaries that shares nothing with them."""
    chain = markov.build_chain(paths, order)
    solved, _total = markov.solve_losses(chain)
    followed, total = markov.follow_losses(chain)
    edges, gains = ways_of(paths, order)
    assert total[0] == pytest.approx(walk(edges, gains, None), abs=1e-9)
    for rank, channel in enumerate(chain.channels):
        assert solved[rank] == pytest.approx(followed[rank], abs=1e-8)
        lost = walk(edges, gains, None) - walk(edges, gains, channel)
        assert solved[rank][0] == pytest.approx(lost, abs=1e-8)


@given(paths=paths, order=st.integers(1, 3))
def test_large_chains_get_the_same_effects(paths, order):
    small = markov.both_removal_effects(paths, order=order)
    with mock.patch.object(markov, "MAX_DENSE", 0):
        large = markov.both_removal_effects(paths, order=order)
    for one, other in zip(small, large, strict=True):
        assert one == pytest.approx(other, abs=1e-6)


def ways_of(paths, order):
    """The chances of each way, and the conversions that a visit earns."""
    times, ended, won = defaultdict(Counter), Counter(), Counter()
    for channels, conversions, _value, nulls in paths:
        if not conversions + nulls:
            continue
        state = ()
        for end in range(1, len(channels) + 1):
            following = tuple(channels[max(0, end - order) : end])
            times[state][following] += conversions + nulls
            state = following
        ended[state] += conversions + nulls
        won[state] += conversions
    edges, gains = {}, {}
    for state in {*times, *ended}:
        total = sum(times[state].values()) + ended[state]
        edges[state] = {to: count / total for to, count in times[state].items()}
        gains[state] = won[state] / total
    return edges, gains


def walk(edges, gains, removed):
    here, earned = {(): 1.0} if () in edges else {}, 0.0
    while sum(here.values()) > 1e-12:
        earned += sum(share * gains[state] for state, share in here.items())
        there = {}
        for state, share in here.items():
            for to, chance in edges[state].items():
                if to[-1] != removed:
                    there[to] = there.get(to, 0.0) + share * chance
        here = there
    return earned


def test_nulls_count():
    """By hand: 8 people who met b and bought nothing turn the effect of a from 2/3 into 2/5.

    With them the start leads to a in 2 of 11 cases, a to b in half, and b converts in 2 of 10:
    P = 3/11, and without a 9/11 x 1/5. Without them P = 1, and without a 1/3.
    """
    rows = [(("a",), 1, 1.0, 0), (("b",), 1, 1.0, 0), (("a", "b"), 1, 1.0, 0)]
    assert removal_effects(rows) == pytest.approx({"a": 2 / 3, "b": 2 / 3})
    rows[1] = (("b",), 1, 1.0, 8)
    assert removal_effects(rows) == pytest.approx({"a": 2 / 5, "b": 2 / 3})


def test_a_channel_without_conversions_has_no_effect():
    effects = removal_effects([(("a",), 3, 3.0, 0), (("b",), 0, 0.0, 3)])
    assert effects == {"a": 1.0, "b": 0.0}


def test_higher_orders_see_what_order_one_cannot():
    """a then b converts, b then a does not: only the pair tells."""
    rows = [(("a", "b", "c"), 10, 10.0, 0), (("b", "a", "c"), 0, 0.0, 10)]
    first = channel_credit(rows, "markov", order=1)
    second = channel_credit(rows, "markov", order=2)
    assert first != second


def test_the_order_is_one_to_three():
    with pytest.raises(ValueError):
        channel_credit([(("a",), 1, 1.0, 0)], "markov", order=4)


@given(paths=paths)
def test_shapley_by_paths_is_shapley_by_definition(paths):
    """The closed form against the mean over all orders of joining."""
    channels = sorted({channel for path in paths for channel in path[0]})
    worth = coalition_game(paths)
    values = dict.fromkeys(channels, 0.0)
    orders = list(permutations(channels))
    for order in orders:
        for index, channel in enumerate(order):
            gain = worth(frozenset(order[: index + 1])) - worth(frozenset(order[:index]))
            values[channel] += gain / len(orders)
    credit = channel_credit(paths, "shapley")
    exact = exact_shapley(channels, worth)
    for channel in channels:
        assert credit[channel][0] == pytest.approx(values[channel], abs=1e-9)
        assert exact[channel] == pytest.approx(values[channel], abs=1e-9)


@settings(max_examples=20)
@given(paths=paths)
def test_sampled_shapley_is_seeded_and_near_the_exact_value(paths):
    channels = sorted({channel for path in paths for channel in path[0]})
    worth = coalition_game(paths)
    once = sampled_shapley(channels, worth, samples=400, seed=7)
    assert once == sampled_shapley(channels, worth, samples=400, seed=7)
    exact = exact_shapley(channels, worth)
    total = sum(path[1] for path in paths)
    for channel in channels:
        assert once[channel] == pytest.approx(exact[channel], abs=0.2 * total + 1e-9)


def test_the_rate_game_is_sampled_above_ten_channels():
    rows = [((f"c{i:02}", f"c{(i + 1) % 12:02}"), i + 1, 1.0, 3) for i in range(12)]
    once = channel_credit(rows, "shapley", game="rate", samples=200, seed=1)
    again = channel_credit(rows, "shapley", game="rate", samples=200, seed=1)
    other = channel_credit(rows, "shapley", game="rate", samples=200, seed=2)
    assert once == again
    assert once != other
    assert sum(pair[0] for pair in once.values()) == pytest.approx(78)


# Edges ------------------------------------------------------------------------------------------


def test_too_few_paths_are_refused_with_the_reason():
    rows = [(("a",), 3, 3.0, 0)]
    with pytest.raises(TooFewPathsError, match="3 conversions, at least 100 are needed"):
        channel_credit(rows, "markov", min_conversions=100)
    with pytest.raises(TooFewPathsError, match="1 different paths, at least 2 are needed"):
        channel_credit(rows, "shapley", min_paths=2)


def test_models_that_need_milestones_refuse_paths():
    with pytest.raises(ValueError, match="milestones"):
        channel_credit([(("a",), 1, 1.0, 0)], "w_shaped")


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="a > b"):
        channel_credit([(("a", "b"), -1, 1.0, 0)], "linear")


def test_last_non_direct_passes_over_direct():
    rows = [(("a", "direct"), 1, 5.0, 0), (("direct",), 1, 5.0, 0)]
    credit = channel_credit(rows, "last_non_direct", direct=frozenset({"direct"}))
    assert credit == {"a": (1.0, 5.0), "direct": (1.0, 5.0)}


def test_custom_positions():
    credit = channel_credit(
        [(("a", "b"), 1, 10.0, 0)], "custom", scheme=Scheme(first=0.7, last=0.3)
    )
    assert credit["a"] == pytest.approx((0.7, 7.0))


def test_bad_files_are_refused_with_the_line():
    with pytest.raises(ValueError, match="Line 2"):
        read_paths(["path;conversions", "a > b;many"])
    with pytest.raises(ValueError, match="Line 3"):
        read_paths(["path;conversions", "a;1", "b"])


# Public reference values ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "column"),
    [
        ("first", "first"),
        ("last", "last"),
        ("linear", "linear"),
        ("u_shaped", "pos402040"),
        ("shapley", "shapley_distinct"),
    ],
)
def test_reference_values(public_paths, reference, method, column):
    credit = channel_credit(public_paths, method)
    assert set(credit) == set(reference)
    for channel, (conversions, value) in credit.items():
        assert conversions == pytest.approx(float(reference[channel][f"{column}_conv"]), abs=1e-6)
        assert value == pytest.approx(float(reference[channel][f"{column}_value"]), abs=1e-6)


def test_reference_markov(public_paths, reference):
    credit = channel_credit(public_paths, "markov")
    effects = removal_effects(public_paths)
    for channel, row in reference.items():
        assert credit[channel][0] == pytest.approx(float(row["markov1_conv_exact"]), abs=1e-3)
        assert effects[channel] == pytest.approx(
            float(row["markov1_removal_effect_exact"]), abs=1e-6
        )


def test_reference_markov_by_value(public_paths):
    """The published package draws values; channels of some weight agree to 3 %."""
    name = "r_package_markov1_tight_rows1-5000.csv"
    with (reference_folder() / name).open() as handle:
        package = {row["channel_name"]: row for row in csv.DictReader(handle)}
    credit = channel_credit(public_paths, "markov")
    for channel, row in package.items():
        value = float(row["total_conversion_value"])
        if value > 100:
            assert credit[channel][1] == pytest.approx(value, rel=0.03)


@pytest.mark.parametrize("method", METHODS)
def test_reference_sums(public_paths, method):
    credit = channel_credit(public_paths, method)
    assert sum(pair[0] for pair in credit.values()) == pytest.approx(8193, abs=1e-6)
    assert sum(pair[1] for pair in credit.values()) == pytest.approx(31984.844812, abs=1e-5)


def test_reference_rate_of_conversion(public_paths):
    _lost, total = markov.solve_losses(markov.build_chain(public_paths, 1))
    assert total[0] == pytest.approx(8193 / 37178, abs=1e-12)
