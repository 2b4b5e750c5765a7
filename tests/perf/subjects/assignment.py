"""Giving fresh leads to salespeople: rules and pools against Odoo's own assignment."""

from odoo import Command

from ..harness.line import Case, Line, on_native

COUNTRIES = ["DE", "FR", "US", "CN", "GB", "NL", "BE", "ES"]


def _rules(env, convert: bool):
    """A pool per team, a rule per country, and one for whoever is left."""
    engine = env["lead.assignment.rule"]
    engine.search([]).write({"active": False})
    teams = env["crm.team"].search([("name", "like", "Team ")], order="id")
    pools = env["lead.assignment.pool"].create(
        [
            {
                "name": team.name,
                "team_id": team.id,
                "member_ids": [
                    Command.create({"user_id": user.id})
                    for user in team.crm_team_member_ids.user_id
                ],
            }
            for team in teams
        ]
    )
    conditions = [[("country_id.code", "=", code)] for code in COUNTRIES] + [[]]
    return engine.create(
        [
            {
                "name": f"Rule {number}",
                "sequence": number,
                "domain": repr(condition),
                "pool_id": pools[number % len(pools)].id,
                "convert": convert,
            }
            for number, condition in enumerate(conditions)
        ]
    )


def _fresh(env):
    return env["crm.lead"].search([("user_id", "=", False), ("team_id", "=", False)])


def assign(env, context):
    _rules(env, convert=False)
    leads = _fresh(env)
    yield
    leads.action_assign_by_rules()
    return len(leads)


def assign_and_convert(env, context):
    _rules(env, convert=True)
    leads = _fresh(env)
    yield
    leads.action_assign_by_rules()
    return len(leads)


def assign_native(env, context):
    """Odoo gives leads to teams, then to their members, and converts each one."""
    leads = _fresh(env)[: 500 if context["leads"] < 1_000_000 else 10_000]
    (_fresh(env) - leads).write({"user_id": 2})
    teams = env["crm.team"].search([("name", "like", "Team ")])
    env.flush_all()
    yield
    teams.action_assign_leads()
    return len(leads)


LINES = [
    Line(
        "Assign fresh leads by rules",
        "leads",
        Case(assign),
        {"Odoo's assignment (it also converts)": on_native(assign_native)},
        {"Odoo's assignment (it also converts)": 1 / 20},
    ),
    Line(
        "Assign fresh leads by rules and convert them",
        "leads",
        Case(assign_and_convert),
        {"Odoo's assignment": on_native(assign_native)},
    ),
]
