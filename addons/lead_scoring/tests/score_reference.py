"""A slow, obvious scorer in plain Python: what the engine's SQL must agree with.

Nothing of the engine is used here: facts are plain dictionaries, conditions are Python
functions, every rule is a loop.
"""

from collections import defaultdict
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")


def score(rule_set, lead, touches, now):
    """The lines of one lead as {(kind, name): points}, and the totals per axis."""
    lines = {}
    axes = {"fit": 0, "engagement": 0}
    for group in rule_set["groups"]:
        group_points = 0
        for rule in group["rules"]:
            points = rule_points(rule, lead, touches, now, rule_set["tz"])
            if points is None:
                continue
            lines["rule", rule["name"]] = points
            clipped = clip(points, rule.get("limit"))
            if clipped != points:
                lines["rule_limit", rule["name"]] = clipped - points
            group_points += clipped
        clipped = clip(group_points, group.get("limit"))
        if clipped != group_points:
            lines["group_limit", group["name"]] = clipped - group_points
        axes[group["axis"]] += clipped
    total = sum(axes.values())
    clipped = clip(total, rule_set.get("limit"))
    if clipped != total:
        lines["total_limit", ""] = clipped - total
    return lines, {**axes, "score": clipped}


def clip(points, limit):
    if limit is None:
        return points
    low, high = limit
    return min(max(points, low), high)


def rule_points(rule, lead, touches, now, tz):
    """Points of one rule, or None when it has nothing to say about the lead."""
    if "matches" in rule:
        return rule["points"] if rule["matches"](lead) else None
    counted = counted_touches(rule, lead, touches, now, tz)
    if not counted:
        return None
    worth = sum((event_worth(rule, touch, now) for touch in counted), Decimal(0))
    return int(worth.quantize(Decimal(1), ROUND_HALF_UP))


def belongs(touch, lead):
    """Whether a touch is of the person behind the lead."""
    if touch["is_bot"]:
        return False
    if touch["company_id"] and lead["company_id"] and touch["company_id"] != lead["company_id"]:
        return False
    if touch["lead_id"] == lead["id"]:
        return True
    if touch["partner_id"] and lead["partner_id"]:
        return touch["partner_id"] == lead["partner_id"]
    if not touch["email"]:
        return False
    had_it_until = lead["former"].get(touch["email"])
    return touch["email"] == lead["email"] or bool(had_it_until and touch["date"] <= had_it_until)


def counted_touches(rule, lead, touches, now, tz):
    seen = []
    for touch in sorted(touches, key=lambda touch: (touch["date"], touch["id"])):
        if touch["kind"] != rule["touch_kind"] or not belongs(touch, lead):
            continue
        if touch["date"] > now:
            continue
        if rule.get("window_days") and touch["date"] <= now - timedelta(days=rule["window_days"]):
            continue
        if rule.get("date_from") and touch["date"] < rule["date_from"]:
            continue
        seen.append(touch)
    mode = rule.get("count_mode", "every")
    if mode == "once":
        return seen[-1:]
    if rule.get("daily_max"):
        seen = first_per_period(seen, "day", rule["daily_max"], tz)
    if mode in ("day", "week", "month"):
        seen = first_per_period(seen, mode, rule["count_max"], tz)
    return seen


def first_per_period(touches, period, limit, tz):
    used = defaultdict(int)
    kept = []
    for touch in touches:
        key = period_key(touch["date"], period, tz)
        if used[key] < limit:
            used[key] += 1
            kept.append(touch)
    return kept


def period_key(date, period, tz):
    local = date.replace(tzinfo=UTC).astimezone(ZoneInfo(tz)).date()
    if period == "day":
        return local
    if period == "week":
        return local - timedelta(days=local.weekday())
    return local.replace(day=1)


def event_worth(rule, touch, now):
    """What one touch is worth now, to a millionth of a point."""
    age = (now - touch["date"]).total_seconds() / 86400.0
    decay, days = rule.get("decay_kind", "none"), rule.get("decay_days")
    factor = 1.0
    if decay == "linear":
        factor = max(0.0, 1.0 - rule["decay_rate"] * age / days)
    elif decay == "half_life":
        factor = 0.5 ** (age / days)
    elif decay == "step":
        factor = 1.0 if age < days else 0.0
    worth = Decimal(format(rule["points"] * factor, ".15g"))
    return worth.quantize(Decimal("0.000001"), ROUND_HALF_UP)
