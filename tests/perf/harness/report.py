"""The table: from measurements to text. Pure, no database."""

HEADINGS = [
    "What",
    "Leads in the world",
    "Work",
    "Ours (clock)",
    "Ours (processor)",
    "Queries",
    "Rows written",
    "MB",
    "Compared with",
    "Theirs (processor)",
    "Queries",
    "Ours is",
    "Aim",
    "",
]


def cost(run: dict) -> float:
    """Processor time where it is known: on a machine that does other things too, it is what the
    job took. Else the time on the clock."""
    return run["cpu"] or run["seconds"]


def best(runs: list[dict]) -> dict:
    """The cheapest run: the least disturbed one."""
    return min(runs, key=cost)


def per_unit(run: dict) -> float:
    return cost(run) / max(run["units"], 1)


def ratio(ours: dict, theirs: dict) -> float:
    """Our cost per unit of work as a multiple of theirs.

    >>> ratio({"seconds": 9.0, "cpu": 4.0, "units": 100}, {"seconds": 1.0, "cpu": 1.0, "units": 50})
    2.0
    >>> ratio({"seconds": 9.0, "cpu": None, "units": 1}, {"seconds": 3.0, "cpu": None, "units": 1})
    3.0
    """
    return round(per_unit(ours) / max(per_unit(theirs), 1e-12), 4)


def say_ratio(value: float) -> str:
    """
    >>> say_ratio(1.5), say_ratio(0.05)
    ('1.5 ×', '20 × faster')
    """
    return f"{value:.3g} ×" if value >= 1 else f"{1 / value:.3g} × faster"


def say_seconds(value: float) -> str:
    """
    >>> say_seconds(0.0123), say_seconds(12.34), say_seconds(1234.5)
    ('12.3 ms', '12.3 s', '1,234 s')
    """
    if value >= 100:
        return f"{value:,.0f} s"
    return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"


def verdict(value: float, bound: float | None) -> str:
    if bound is None:
        return ""
    return "✓" if value <= bound else "over"


def table_rows(results: list[dict]) -> list[list[str]]:
    """One row per result and rival; a result without rival has one row."""
    rows = []
    for result in results:
        if not result["ours"]:
            continue
        ours = best(result["ours"])
        common = [
            result["title"],
            f"{result['leads']:,}",
            f"{ours['units']:,} {result['unit']}",
            say_seconds(ours["seconds"]),
            say_seconds(cost(ours)),
            f"{ours['queries']:,}" if ours["queries"] else "—",
            f"{ours['rows']:,}" if ours["rows"] else "—",
            f"{ours['memory']:.0f}",
        ]
        rivals = {name: runs for name, runs in result["rivals"].items() if runs}
        limit = result.get("limit_p95")
        if limit:
            slow_end = max(run["p95"] for run in result["ours"])
            aim, mark = f"P95 < {limit:g} s", "✓" if slow_end < limit else "over"
            rows.append([*common, "—", "—", "—", f"P95 {say_seconds(slow_end)}", aim, mark])
        for name, runs in rivals.items():
            theirs = best(runs)
            value, bound = ratio(ours, theirs), result["bounds"].get(name)
            rows.append(
                [
                    *common,
                    name,
                    _say_their_time(ours, theirs),
                    f"{theirs['queries']:,}" if theirs["queries"] else "—",
                    say_ratio(value),
                    f"≤ {say_ratio(bound)}" if bound else "—",
                    verdict(value, bound),
                ]
            )
        if not rivals and not limit:
            rows.append([*common, "—", "—", "—", "—", "—", ""])
    return rows


def _say_their_time(ours: dict, theirs: dict) -> str:
    text = say_seconds(cost(theirs))
    same = ours["units"] == theirs["units"]
    return text if same else f"{text} for {theirs['units']:,}"


def growth_rows(results: list[dict]) -> list[list[str]]:
    """How the time of each of our jobs grows from one world to the next."""
    rows = []
    by_title: dict[str, list[dict]] = {}
    for result in results:
        if result["ours"]:
            by_title.setdefault(result["title"], []).append(result)
    for title, group in by_title.items():
        group.sort(key=lambda result: result["leads"])
        for small, large in zip(group, group[1:], strict=False):
            one, two = best(small["ours"]), best(large["ours"])
            work = two["units"] / max(one["units"], 1)
            rows.append(
                [
                    title,
                    f"{small['leads']:,} → {large['leads']:,}",
                    f"{work:.3g} ×",
                    f"{cost(two) / max(cost(one), 1e-9):.3g} ×",
                    f"{one['memory']:.0f} → {two['memory']:.0f}",
                ]
            )
    return rows


GROWTH_HEADINGS = ["What", "World", "Work grows", "Time grows", "MB above idle"]


def markdown(headings: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def plain(headings: list[str], rows: list[list[str]]) -> str:
    """A table for a terminal."""
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [headings, *rows]
    ]
    return "\n".join([lines[0], "─" * len(lines[0]), *lines[1:]])
