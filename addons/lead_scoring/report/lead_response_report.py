from odoo import fields, models
from odoo.tools import SQL
from odoo.tools.query import Query

PERCENTILES = {"response_median": 0.5, "response_p95": 0.95}


class LeadResponseReport(models.Model):
    """How soon leads are answered: median, 95th percentile and breaches.

    One row per person and lead. A percentile of a group is computed from its leads, never
    from the percentiles of its parts.
    """

    _name = "lead.response.report"
    _description = "Response Times"
    _auto = False
    _rec_name = "lead_id"
    _order = "date_start desc"
    _depends = {
        "lead.followup.clock": [
            "lead_id", "user_id", "team_id", "source_id", "company_id", "policy_id",
            "date_start", "response_hours", "is_breached", "state",
        ],
    }  # fmt: skip

    lead_id = fields.Many2one("crm.lead", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    policy_id = fields.Many2one("lead.followup.policy", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date_start = fields.Datetime("Received", readonly=True)
    state = fields.Selection(
        [
            ("running", "Running"),
            ("answered", "Answered"),
            ("rerouted", "Given to somebody else"),
            ("escalated", "Left to the manager"),
            ("ended", "Ended without need"),
        ],
        readonly=True,
    )
    response_median = fields.Float("Median (Hours)", readonly=True, aggregator="avg")
    response_p95 = fields.Float("95th Percentile (Hours)", readonly=True, aggregator="avg")
    answered = fields.Integer("Answers", readonly=True)
    breaches = fields.Integer("Too Late", readonly=True)

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT clock.id, clock.lead_id, clock.user_id, clock.team_id, clock.source_id,
                   clock.policy_id, clock.company_id, clock.date_start, clock.state,
                   answer.hours AS response_median, answer.hours AS response_p95,
                   (clock.state = 'answered')::int AS answered,
                   COALESCE(clock.is_breached, FALSE)::int AS breaches
              FROM lead_followup_clock clock
        CROSS JOIN LATERAL (SELECT CASE WHEN clock.state = 'answered'
                                        THEN clock.response_hours END AS hours) AS answer
            """
        )

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        """Percentiles over the rows of the group; rows without an answer have no time."""
        name = aggregate_spec.partition(":")[0]
        if name not in PERCENTILES or not aggregate_spec.endswith(":avg"):
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "PERCENTILE_CONT(%s) WITHIN GROUP (ORDER BY %s)",
            PERCENTILES[name],
            self._field_to_sql(self._table, name, query),
        )
