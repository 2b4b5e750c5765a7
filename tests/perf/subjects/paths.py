"""The pure path engine beside the maintained Python libraries for it, on the same paths.

The libraries are fetched for the bench alone. Before anything is measured, their figures for the
linear model must be ours; simulated ones (Markov in `channelattribution`) need not.
"""

import importlib
import random
import sys

from ..harness.line import NO_DATABASE, Case, Line

CHANNELS = ["search", "social", "email", "display", "event", "referral", "direct", "partner"]
SEPARATOR = " > "
TOLERANCE = 1e-6


def make_paths(count: int, seed: int = 2026) -> list[tuple]:
    """Journeys of one to eight touches, grouped: ``(channels, conversions, value, nulls)``.

    >>> make_paths(2) == make_paths(2)
    True
    """
    dice = random.Random(seed)
    grouped: dict[tuple, list] = {}
    for _number in range(count):
        length = min(8, 1 + int(dice.expovariate(0.45)))
        path = tuple(dice.choices(CHANNELS, weights=range(8, 0, -1), k=length))
        entry = grouped.setdefault(path, [0, 0.0, 0])
        if dice.random() < 0.3:
            entry[0] += 1
            entry[1] += round(dice.uniform(10, 900), 2)
        else:
            entry[2] += 1
    return [(path, *entry) for path, entry in sorted(grouped.items())]


def _engine():
    """Our module, loaded from its file: it needs neither Odoo nor its addon."""
    import odoo.addons

    from ..harness.run import PROJECT

    folder = str(PROJECT / "addons")
    if folder not in odoo.addons.__path__:
        odoo.addons.__path__.append(folder)
    return importlib.import_module("odoo.addons.roi_dashboard.tools.path_attribution")


def _library(context, name):
    if context["libraries"] not in sys.path:
        sys.path.insert(0, context["libraries"])
    return importlib.import_module(name)


def ours(method, **options):
    def job(context):
        paths = make_paths(context["leads"])
        engine = _engine()
        yield
        engine.channel_credit(paths, method, **options)
        return len(paths)

    return job


def _check(theirs: dict, paths) -> None:
    mine = _engine().channel_credit(paths, "linear")
    for channel, (conversions, _value) in mine.items():
        if abs(theirs[channel] - conversions) > TOLERANCE * max(1.0, conversions):
            raise AssertionError(f"{channel}: {theirs[channel]} there, {conversions} here")


# ---------------------------------------------------------------------- channelattribution


def _frame(context, paths):
    pandas = _library(context, "pandas")
    return pandas.DataFrame(
        {
            "path": [SEPARATOR.join(path) for path, *_rest in paths],
            "conversions": [float(row[1]) for row in paths],
            "value": [row[2] for row in paths],
            "nulls": [float(row[3]) for row in paths],
        }
    )


def _options():
    return {"var_path": "path", "var_conv": "conversions", "var_value": "value", "flg_pro": False}


def channelattribution_linear(context):
    """Their function computes first, last and linear touch at once; ours is asked for linear."""
    paths = make_paths(context["leads"])
    frame = _frame(context, paths)
    library = _library(context, "ChannelAttribution")
    found = library.heuristic_models(frame, **_options())
    _check(dict(zip(found.channel_name, found.linear_touch_conversions, strict=True)), paths)
    yield
    library.heuristic_models(frame, **_options())
    return len(paths)


def channelattribution_markov(context):
    paths = make_paths(context["leads"])
    frame = _frame(context, paths)
    library = _library(context, "ChannelAttribution")
    options = _options() | {"var_null": "nulls", "verbose": False}
    library.markov_model(frame, **options)
    yield
    library.markov_model(frame, **options)
    return len(paths)


# ---------------------------------------------------------- marketing-attribution-models


def _journeys(context, paths):
    """One row per path and outcome, with how often it occurred."""
    polars = _library(context, "polars")
    rows = [
        (SEPARATOR.join(path), outcome, times)
        for path, conversions, _value, nulls in paths
        for outcome, times in ((True, conversions), (False, nulls))
        if times
    ]
    return polars.DataFrame(rows, schema=["path", "converted", "times"], orient="row")


def _mam(context, frame):
    return _library(context, "mam.core").MAM(
        frame,
        format_type="grouped_journey",
        channels_colname="path",
        journey_with_conv_colname="converted",
        occurrences_colname="times",
        path_separator=SEPARATOR,
    )


def mam(method):
    def job(context):
        paths = make_paths(context["leads"])
        frame = _journeys(context, paths)
        _check(_figures(_mam(context, frame).run_linear()), paths)
        yield
        getattr(_mam(context, frame), f"run_{method}")()
        return len(paths)

    return job


def _figures(result) -> dict:
    rows = result.to_polars().rows()
    return {str(row[0]): float(row[1]) for row in rows}


def _library_case(job) -> Case:
    return Case(job, NO_DATABASE, needs="libraries")


LINES = [
    Line(
        "Credit of paths, linear",
        "paths",
        Case(ours("linear"), NO_DATABASE),
        {
            "channelattribution": _library_case(channelattribution_linear),
            "marketing-attribution-models": _library_case(mam("linear")),
        },
        {"channelattribution": 1.0, "marketing-attribution-models": 1.0},
    ),
    Line(
        "Credit of paths, Markov",
        "paths",
        Case(ours("markov"), NO_DATABASE),
        {
            "channelattribution": _library_case(channelattribution_markov),
            "marketing-attribution-models": _library_case(mam("markov")),
        },
        {"channelattribution": 1.0, "marketing-attribution-models": 1.0},
    ),
    Line(
        "Credit of paths, Shapley",
        "paths",
        Case(ours("shapley"), NO_DATABASE),
        {"marketing-attribution-models": _library_case(mam("shapley"))},
        {"marketing-attribution-models": 1.0},
    ),
]
