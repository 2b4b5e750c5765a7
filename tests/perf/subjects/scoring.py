"""Scoring by 30 rules: all leads, all again, the touched ones; Odoo's predictive update beside."""

from odoo import Command

from ..harness.line import Case, Line, on_native
from ..harness.twin import make_twin

# (axis, points, domain of the rule, the same as SQL on the lead)
STATE_RULES = [
    ("fit", 10, [("country_id.code", "=", "DE")], "country.code = 'DE'"),
    ("fit", 8, [("country_id.code", "=", "FR")], "country.code = 'FR'"),
    ("fit", 6, [("country_id.code", "=", "US")], "country.code = 'US'"),
    ("fit", 12, [("country_id.code", "=", "CN")], "country.code = 'CN'"),
    ("fit", -5, [("country_id.code", "in", ["ES", "BE"])], "country.code IN ('ES', 'BE')"),
    ("fit", 15, [("function", "=", "Director")], "lead.function = 'Director'"),
    ("fit", 10, [("function", "=", "Buyer")], "lead.function = 'Buyer'"),
    ("fit", -10, [("function", "=", "Assistant")], "lead.function = 'Assistant'"),
    ("fit", 5, [("city", "=", "Shanghai")], "lead.city = 'Shanghai'"),
    ("fit", 4, [("city", "=", "Berlin")], "lead.city = 'Berlin'"),
    ("fit", 3, [("phone_state", "=", "correct")], "lead.phone_state = 'correct'"),
    ("fit", 5, [("email_state", "=", "correct")], "lead.email_state = 'correct'"),
    ("fit", 7, [("partner_id", "!=", False)], "lead.partner_id IS NOT NULL"),
    ("fit", 9, [("expected_revenue", ">=", 10000)], "lead.expected_revenue >= 10000"),
    ("fit", 4, [("expected_revenue", ">=", 5000)], "lead.expected_revenue >= 5000"),
    ("fit", 6, [("priority", "in", ["2", "3"])], "lead.priority IN ('2', '3')"),
    ("fit", -8, [("email_domain_criterion", "=", "@mail.example.org")],
     "lead.email_domain_criterion = '@mail.example.org'"),
    ("fit", 2, [("campaign_id", "!=", False)], "lead.campaign_id IS NOT NULL"),
]  # fmt: skip

# (axis, points, kind of touch, window in days, half-life in days or None)
EVENT_RULES = [
    ("engagement", 1, "mail_sent", 365, None),
    ("engagement", 4, "mail_open", 365, 30),
    ("engagement", 3, "mail_open", 90, None),
    ("engagement", 6, "mail_open", 0, 180),
    ("engagement", 10, "mail_click", 365, 30),
    ("engagement", 8, "mail_click", 90, None),
    ("engagement", 5, "mail_click", 0, 180),
    ("engagement", 20, "mail_reply", 365, 60),
    ("engagement", 15, "mail_reply", 0, 365),
    ("engagement", 12, "offline", 365, 30),
    ("engagement", 10, "lead_created", 0, 90),
    ("engagement", 25, "order", 730, 365),
]


# ---------------------------------------------------------------------- ours


def score_first(env, context):
    """The run a publication starts: batches, as the scheduled job does them."""
    model = _create_rules(env)
    model.write({"state": "active"})
    run = env["lead.score.run"].create({"model_id": model.id, "reason": "publish"})
    yield
    return _run_to_its_end(env, run)


def score_again(env, context):
    """The nightly run when nothing happened but time."""
    model = _the_rules(env)
    run = env["lead.score.run"].create({"model_id": model.id, "reason": "time"})
    yield
    return _run_to_its_end(env, run)


def score_touched(count):
    """The job of a worker that has scored before: it runs whenever somebody does something."""

    def job(env, context):
        touched = min(count, context["leads"] // 5)
        _touch(env, touched)
        env["lead.score.queue"]._process_batch(2000)
        _touch(env, touched)
        yield
        return env["lead.score.queue"]._process_batch(2000)

    return job


def _run_to_its_end(env, run) -> int:
    while run.state in ("todo", "running"):
        if not run._advance():
            raise AssertionError("The leads were changed by somebody else.")
    return run.done_count


def _create_rules(env):
    """The 30 rules as one rule set."""
    env["lead.score.model"].search([("state", "in", ("active", "shadow"))]).write(
        {"state": "archived"}
    )
    state_rules = [
        {"name": f"State {number}", "kind": "state", "points": points, "domain": repr(domain)}
        for number, (_axis, points, domain, _sql) in enumerate(STATE_RULES)
    ]
    event_rules = [
        {
            "name": f"Event {number}",
            "kind": "event",
            "points": points,
            "touch_kind": kind,
            "window_days": window,
            "decay_kind": "half_life" if half_life else "none",
            "decay_days": half_life or 30,
        }
        for number, (_axis, points, kind, window, half_life) in enumerate(EVENT_RULES)
    ]
    return env["lead.score.model"].create(
        {
            "name": "Thirty rules",
            "group_ids": [
                Command.create(
                    {
                        "name": axis,
                        "axis": axis,
                        "rule_ids": [Command.create(values) for values in rules],
                    }
                )
                for axis, rules in (("fit", state_rules), ("engagement", event_rules))
            ],
        }
    )


def _the_rules(env):
    return env["lead.score.model"].search([("state", "=", "active")], limit=1)


def _touch(env, count: int) -> None:
    """So many leads were met by somebody; whatever waited before is done."""
    while env["lead.score.queue"]._process_batch(100_000):
        pass
    domain = env["lead.score.model"]._get_open_domain()
    leads = env["crm.lead"].search(domain, limit=count, order="id")
    env["marketing.touchpoint"].create(
        [{"lead_id": lead.id, "kind": "offline", "name": "Met at the fair"} for lead in leads]
    )
    env.cr.flush()  # and the marks, which are made when the touches are committed


# ---------------------------------------------------------------------- bare SQL

MATCHED = """
CREATE TEMP TABLE bare_touch ON COMMIT DROP AS
SELECT lead.id AS lead_id, touch.id AS touch_id, touch.kind, touch.date
  FROM crm_lead lead JOIN marketing_touchpoint touch ON touch.lead_id = lead.id
 WHERE lead.won_status = 'pending' AND lead.active AND NOT touch.is_bot {only}
 UNION
SELECT lead.id, touch.id, touch.kind, touch.date
  FROM crm_lead lead JOIN marketing_touchpoint touch ON touch.partner_id = lead.partner_id
 WHERE lead.won_status = 'pending' AND lead.active AND NOT touch.is_bot {only}
 UNION
SELECT lead.id, touch.id, touch.kind, touch.date
  FROM crm_lead lead JOIN marketing_touchpoint touch
       ON touch.email_normalized = lead.email_normalized
      AND (touch.partner_id IS NULL OR lead.partner_id IS NULL)
 WHERE lead.won_status = 'pending' AND lead.active AND NOT touch.is_bot {only};
ANALYZE bare_touch;
"""

STATE_LINES = """
SELECT lead.id AS lead_id, rule.id AS rule_id, 'fit' AS axis, rule.points, rule.points AS raw,
       rule.points::float8 AS decayed, NULL::int AS event_count, NULL::timestamp AS date_last,
       NULL::jsonb AS evidence
  FROM crm_lead lead
  LEFT JOIN res_country country ON country.id = lead.country_id
 CROSS JOIN LATERAL (VALUES {rules}) AS rule (id, points, hit)
 WHERE lead.won_status = 'pending' AND lead.active AND rule.hit {only}
"""

EVENT_LINES = """
SELECT hit.lead_id, hit.rule_id, 'engagement', ROUND(SUM(hit.worth)::numeric)::int,
       SUM(hit.points)::int, SUM(hit.worth), COUNT(*)::int, MAX(hit.date),
       TO_JSONB((ARRAY_AGG(hit.touch_id ORDER BY hit.date DESC, hit.touch_id DESC))[1:20])
  FROM (SELECT touch.lead_id, touch.touch_id, touch.date, rule.id AS rule_id, rule.points,
               rule.points * COALESCE(POWER(0.5::float8, age.days / rule.half_life), 1) AS worth
          FROM bare_touch touch
          JOIN (VALUES {rules}) AS rule (id, points, kind, days, half_life)
            ON rule.kind = touch.kind
         CROSS JOIN LATERAL (SELECT EXTRACT(EPOCH FROM NOW() AT TIME ZONE 'UTC' - touch.date)
                                    ::float8 / 86400 AS days) AS age
         WHERE age.days >= 0 AND (rule.days = 0 OR age.days < rule.days)) AS hit
 GROUP BY hit.lead_id, hit.rule_id
"""

LINES_AND_RESULTS = """
CREATE TEMP TABLE bare_found ON COMMIT DROP AS ({states}) UNION ALL ({events});
ANALYZE bare_found;
CREATE TEMP TABLE bare_total ON COMMIT DROP AS
SELECT lead.id AS lead_id, COALESCE(SUM(f.points), 0)::int AS score,
       COALESCE(SUM(f.points) FILTER (WHERE f.axis = 'fit'), 0)::int AS fit,
       COALESCE(SUM(f.points) FILTER (WHERE f.axis = 'engagement'), 0)::int AS engagement
  FROM crm_lead lead LEFT JOIN bare_found f ON f.lead_id = lead.id
 WHERE lead.won_status = 'pending' AND lead.active {only}
 GROUP BY lead.id;
ANALYZE bare_total;
"""

STORE = """
INSERT INTO {line} (lead_id, model_id, kind, axis, group_id, rule_id, raw, decayed, points,
                    event_count, date_last, evidence)
SELECT f.lead_id, {model}, 'rule', f.axis, rule.group_id, f.rule_id, f.raw, f.decayed, f.points,
       f.event_count, f.date_last, f.evidence
  FROM bare_found f JOIN lead_score_rule rule ON rule.id = f.rule_id;
INSERT INTO {history} (lead_id, model_id, date, reason, score, grade, is_mql, changes)
SELECT t.lead_id, {model}, NOW(), 'first', t.score, 'B2', FALSE, f.changes
  FROM bare_total t
  LEFT JOIN (SELECT lead_id, JSONB_AGG(CASE
                        WHEN event_count IS NULL
                        THEN JSONB_BUILD_OBJECT('rule', rule_id, 'after', points)
                        ELSE JSONB_BUILD_OBJECT('rule', rule_id, 'after', points,
                                                'count', event_count, 'touch', evidence -> 0)
                        END ORDER BY points DESC) AS changes
               FROM bare_found GROUP BY lead_id) f ON f.lead_id = t.lead_id;
INSERT INTO {result} (lead_id, model_id, score, fit, engagement, grade, is_mql, date)
SELECT lead_id, {model}, score, fit, engagement, 'B2', FALSE, NOW() FROM bare_total;
UPDATE crm_lead lead
   SET score = t.score, score_fit = t.fit, score_engagement = t.engagement, score_grade = 'B2',
       is_mql = FALSE, score_model_id = {model}
  FROM bare_total t WHERE t.lead_id = lead.id;
"""

# What a hand-written nightly job would do: compute, compare, and find little to write.
COMPARE = """
SELECT COUNT(*)
  FROM bare_found f
  FULL JOIN (SELECT * FROM lead_score_line WHERE model_id = {model} AND kind = 'rule') l
    ON l.lead_id = f.lead_id AND l.rule_id = f.rule_id
 WHERE (f.points, f.raw, f.event_count, f.evidence)
       IS DISTINCT FROM (l.points, l.raw, l.event_count, l.evidence);
SELECT COUNT(*) FROM bare_total t JOIN crm_lead lead ON lead.id = t.lead_id
 WHERE (lead.score, lead.score_fit, lead.score_engagement)
       IS DISTINCT FROM (t.score, t.fit, t.engagement);
SELECT COUNT(*) FROM bare_total
"""


def score_first_bare(env, context):
    model = _create_rules(env)
    env.flush_all()
    tables = {name: make_twin(env, f"lead_score_{name}") for name in ("line", "history", "result")}
    yield
    _compute_bare(env, model)
    env.cr.execute(STORE.format(model=model.id, **tables))
    return env.cr.rowcount


def score_again_bare(env, context):
    model = _the_rules(env)
    yield
    _compute_bare(env, model)
    env.cr.execute(COMPARE.format(model=model.id))
    return env.cr.fetchone()[0]


def score_touched_bare(count):
    def job(env, context):
        _touch(env, min(count, context["leads"] // 5))
        model = _the_rules(env)
        tables = {
            name: make_twin(env, f"lead_score_{name}") for name in ("line", "history", "result")
        }
        env.cr.execute("SAVEPOINT warm_up")
        _score_marked_bare(env, model, tables)
        env.cr.execute("ROLLBACK TO SAVEPOINT warm_up")
        yield
        return _score_marked_bare(env, model, tables)

    return job


def _score_marked_bare(env, model, tables) -> int:
    env.cr.execute(
        "CREATE TEMP TABLE bare_marked ON COMMIT DROP AS "
        "SELECT DISTINCT lead_id FROM lead_score_queue; ANALYZE bare_marked"
    )
    _compute_bare(env, model, only="AND lead.id IN (SELECT lead_id FROM bare_marked)")
    env.cr.execute(STORE.format(model=model.id, **tables))
    return env.cr.rowcount


def _compute_bare(env, model, only: str = "") -> None:
    env.cr.execute(MATCHED.format(only=only))
    groups = {group.axis: group.rule_ids.sorted("id").ids for group in model.group_ids}
    states = ", ".join(
        f"({rule}, {points}, {condition})"
        for rule, (_axis, points, _domain, condition) in zip(
            groups["fit"], STATE_RULES, strict=True
        )
    )
    events = ", ".join(
        f"({rule}, {points}, '{kind}', {window}, {half_life or 'NULL'}::float8)"
        for rule, (_axis, points, kind, window, half_life) in zip(
            groups["engagement"], EVENT_RULES, strict=True
        )
    )
    env.cr.execute(
        LINES_AND_RESULTS.format(
            states=STATE_LINES.format(rules=states, only=only),
            events=EVENT_LINES.format(rules=events),
            only=only,
        )
    )


# ---------------------------------------------------------------------- Odoo's own


def predict(env, context):
    """Odoo's scheduled predictive update of all open leads, from a table it counts first."""
    env["ir.config_parameter"].set_param("crm.pls_start_date", "2000-01-01")
    env.flush_all()
    yield
    env["crm.lead"]._cron_update_automated_probabilities()
    return env["crm.lead"].search_count([("won_status", "=", "pending")])


LINES = [
    Line(
        "Score all leads for the first time, 30 rules",
        "leads",
        Case(score_first),
        {
            "bare SQL": Case(score_first_bare, at_most=100_000),
            "Odoo's predictive update": on_native(predict),
        },
        {"bare SQL": 2.0, "Odoo's predictive update": 1.0},
        keep=True,
    ),
    Line(
        "Score all leads again, 30 rules",
        "leads",
        Case(score_again),
        {"bare SQL": Case(score_again_bare), "Odoo's predictive update": on_native(predict)},
        {"bare SQL": 2.0, "Odoo's predictive update": 1.0},
    ),
    Line(
        "Score after one touch",
        "leads",
        Case(score_touched(1)),
        {"bare SQL": Case(score_touched_bare(1))},
        {"bare SQL": 2.0},
    ),
    Line(
        "Score after a thousand touches",
        "leads",
        Case(score_touched(1000)),
        {"bare SQL": Case(score_touched_bare(1000))},
        {"bare SQL": 2.0},
    ),
]
