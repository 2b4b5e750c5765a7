"""Giving fresh leads to salespeople: rules and pools against Odoo's own assignment."""

from odoo import Command

from ..harness.line import Case, Line, on_native

COUNTRIES = ["DE", "FR", "US", "CN", "GB", "NL", "BE", "ES"]


def _rules(env, convert: bool, teams=None, countries=COUNTRIES):
    """A pool per team, a rule per country, and one for whoever is left."""
    engine = env["lead.assignment.rule"]
    engine.search([]).write({"active": False})
    teams = teams or env["crm.team"].search([("name", "like", "Team ")], order="id")
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
    conditions = [[("country_id.code", "=", code)] for code in countries] + [[]]
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


def _put_aside(leads):
    """Not part of the job; without tracking, which Odoo would write within the measured part."""
    leads.with_context(tracking_disable=True).write({"user_id": 2})


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
    leads = _fresh(env)[:500]
    _put_aside(_fresh(env) - leads)
    teams = env["crm.team"].search([("name", "like", "Team ")])
    env.flush_all()
    yield
    teams.action_assign_leads()
    return len(leads)


MANY, PEOPLE, POOLS = 10_000, 50, 10
TEN_COUNTRIES = [*COUNTRIES, "IT", "AT"]


def _sales_floor(env, leads: int):
    """Fifty people in ten teams, and so many leads of today: the same for both engines."""
    group = env.ref("sales_team.group_sale_salesman")
    users = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {
                    "name": f"Seller {number}",
                    "login": f"seller{number}",
                    "email": f"seller{number}@example.com",
                    "group_ids": [Command.link(group.id)],
                }
                for number in range(PEOPLE)
            ]
        )
    )
    env["crm.team"].search([]).write({"active": False})
    teams = env["crm.team"].create(
        [
            {
                "name": f"Floor {number}",
                "use_leads": True,
                "member_ids": [Command.set(users[number::POOLS].ids)],
            }
            for number in range(POOLS)
        ]
    )
    teams.crm_team_member_ids.assignment_max = 30 * leads
    _put_aside(_fresh(env))
    env.flush_all()
    codes = {country.code: country.id for country in env["res.country"].search([])}
    env.cr.execute(
        """INSERT INTO crm_lead (name, type, active, won_status, stage_id, probability,
                                 automated_probability, priority, country_id, contact_name,
                                 email_from, create_date, create_uid)
           SELECT 'Fresh ' || n, 'lead', TRUE, 'pending', %s, 0, 0, '0', (%s)[1 + n %% %s],
                  'Person ' || n, 'fresh' || n || '@example.com', NOW() AT TIME ZONE 'UTC', 1
             FROM GENERATE_SERIES(1, %s) n RETURNING id""",
        [
            env["crm.stage"].search([], order="sequence", limit=1).id,
            [codes[code] for code in TEN_COUNTRIES],
            POOLS,
            leads,
        ],
    )
    created = [row[0] for row in env.cr.fetchall()]
    env.cr.execute("ANALYZE crm_lead")
    env.invalidate_all()
    return teams, env["crm.lead"].browse(created)


def _many(context) -> int:
    """Fewer in the tiny world, which only shows that the bench runs."""
    return MANY if context["leads"] >= 2_000 else MANY // 10


def assign_many(env, context):
    """Ten thousand leads by one rule per country and one for the rest, in ten pools."""
    teams, leads = _sales_floor(env, _many(context))
    teams.assignment_engine = "rules"
    _rules(env, convert=False, teams=teams, countries=TEN_COUNTRIES)
    yield
    leads.action_assign_by_rules()
    return len(leads)


def assign_many_native(env, context):
    """The same people and leads in the same database, by Odoo; a twentieth of the leads, for its
    time per lead grows with their number."""
    teams, leads = _sales_floor(env, _many(context) // 20)
    env.flush_all()
    yield
    teams.action_assign_leads()
    env.flush_all()
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
        Case(assign_and_convert, at_most=10_000),
        {"Odoo's assignment": on_native(assign_native)},
    ),
    Line(
        "Assign 10,000 leads to 50 people in 10 pools",
        "leads",
        Case(assign_many),
        {"Odoo's assignment, same database (it also converts)": Case(assign_many_native)},
        {"Odoo's assignment, same database (it also converts)": 1 / 20},
    ),
]
