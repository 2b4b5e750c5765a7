from odoo import fields, models
from odoo.tools import SQL

REASONS = [
    ("eligible", "Took part"),
    ("empty_team", "Team without salespeople"),
    ("inactive", "User or seat archived"),
    ("opted_out", "Paused"),
    ("absent", "Away"),
    ("off_hours", "Outside working hours"),
    ("company", "Not in the lead's company"),
    ("country", "Other country"),
    ("state", "Other state"),
    ("language", "Other language"),
    ("skill", "Skills do not cover the tags"),
    ("former_owner", "Had this lead before"),
    ("capacity_day", "Daily limit reached"),
    ("capacity_week", "Weekly limit reached"),
    ("capacity_month", "Monthly limit reached"),
    ("backlog", "Too many open leads"),
]


class LeadAssignmentReport(models.Model):
    """Given against due: one row per decision and member of the pool.

    Due is the part of the lead the member's weight gives among those who could receive it;
    who could not is due nothing, and the row says why.
    """

    _name = "lead.assignment.report"
    _description = "Assignment Fairness"
    _auto = False
    _rec_name = "user_id"
    _order = "date desc"
    _depends = {
        "lead.assignment.decision": [
            "date", "pool_id", "rule_id", "lead_id", "company_id", "eligible", "excluded",
            "turn_user_id", "turn_team_id", "team_choice", "expected_revenue",
        ],
    }  # fmt: skip

    date = fields.Datetime(readonly=True)
    pool_id = fields.Many2one("lead.assignment.pool", readonly=True)
    rule_id = fields.Many2one("lead.assignment.rule", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Team in the Pool", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    reason = fields.Selection(REASONS, "Part Taken", readonly=True)
    given = fields.Integer("Leads Given", readonly=True)
    due = fields.Float("Leads Due", readonly=True)
    gap = fields.Float("Given − Due", readonly=True)
    given_revenue = fields.Float("Revenue Given", readonly=True)
    due_revenue = fields.Float("Revenue Due", readonly=True)

    @property
    def _table_query(self) -> SQL:
        facts = (self._eligible_facts(), self._team_facts(), self._excluded_facts())
        return SQL(
            """
            SELECT seat.id, seat.date, seat.pool_id, seat.rule_id, seat.lead_id,
                   account.id AS user_id, team.id AS team_id,
                   seat.company_id, seat.reason, seat.given, seat.due,
                   seat.given - seat.due AS gap,
                   seat.given * seat.revenue AS given_revenue,
                   seat.due * seat.revenue AS due_revenue
              FROM (%s) AS seat
         LEFT JOIN res_users account ON account.id = seat.seat_id
         LEFT JOIN crm_team team ON team.id = seat.team_id
             WHERE account.id IS NOT NULL OR team.id IS NOT NULL
            """,
            SQL(" UNION ALL ").join(facts),
        )

    def _eligible_facts(self) -> SQL:
        """Members who could receive the lead, with their part of it. What a team was given is
        counted with its people; the rest of its part stays with the team."""
        return SQL(
            """
            SELECT decision.id::bigint * 4096 + part.number AS id, decision.date,
                   decision.pool_id, decision.rule_id, decision.lead_id, decision.company_id,
                   (part.seat ->> 0)::int AS seat_id, -LEAST((part.seat ->> 0)::int, 0) AS team_id,
                   'eligible' AS reason, COALESCE(decision.expected_revenue, 0) AS revenue,
                   ((part.seat ->> 0)::int = decision.turn_user_id
                    AND decision.turn_team_id IS NULL)::int AS given,
                   (part.seat ->> 1)::float8 / total.weight
                   - ((part.seat ->> 0)::int = -COALESCE(decision.turn_team_id, 0))::int AS due
              FROM lead_assignment_decision decision
        CROSS JOIN JSONB_ARRAY_ELEMENTS(decision.eligible) WITH ORDINALITY AS part(seat, number)
        CROSS JOIN LATERAL (SELECT SUM((other.seat ->> 1)::float8) AS weight
                              FROM JSONB_ARRAY_ELEMENTS(decision.eligible) AS other(seat)) AS total
             WHERE decision.turn_user_id IS NOT NULL
               AND JSONB_TYPEOF(decision.eligible) = 'array'
            """
        )

    def _team_facts(self) -> SQL:
        """The people of the team whose turn it was: each is due the same part of the lead."""
        return SQL(
            """
            SELECT decision.id::bigint * 4096 + 1024 + part.number, decision.date,
                   decision.pool_id, decision.rule_id, decision.lead_id, decision.company_id,
                   (part.seat ->> 0)::int, decision.turn_team_id, 'eligible',
                   COALESCE(decision.expected_revenue, 0),
                   ((part.seat ->> 0)::int = decision.turn_user_id)::int,
                   1.0 / JSONB_ARRAY_LENGTH(decision.team_choice -> 'eligible')
              FROM lead_assignment_decision decision
        CROSS JOIN JSONB_ARRAY_ELEMENTS(decision.team_choice -> 'eligible')
                   WITH ORDINALITY AS part(seat, number)
             WHERE decision.turn_team_id IS NOT NULL
               AND JSONB_TYPEOF(decision.team_choice) = 'object'
            """
        )

    def _excluded_facts(self) -> SQL:
        """Members who could not, and why."""
        return SQL(
            """
            SELECT decision.id::bigint * 4096 + 2048 + part.number, decision.date,
                   decision.pool_id, decision.rule_id, decision.lead_id, decision.company_id,
                   part.seat::int, -LEAST(part.seat::int, 0), part.reason,
                   COALESCE(decision.expected_revenue, 0), 0, 0.0
              FROM lead_assignment_decision decision
        CROSS JOIN JSONB_EACH_TEXT(decision.excluded)
                   WITH ORDINALITY AS part(seat, reason, number)
             WHERE JSONB_TYPEOF(decision.excluded) = 'object'
            """
        )
