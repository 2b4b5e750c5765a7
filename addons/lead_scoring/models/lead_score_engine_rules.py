import re

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Newest counted touches named in a line; more are only counted.
EVIDENCE_LIMIT = 20
#: Sub-queries over tables of up to so many bytes are asked once and kept in memory.
SMALL_TABLE = 1 << 20


class LeadScoreEngine(models.AbstractModel):
    """What rules make of the facts: lines of points, and lines for what limits take away."""

    _inherit = "lead.score.engine"

    @api.model
    def _fill_lines(self, model, rules, points: SQL):
        state_rules = rules.filtered(lambda rule: rule.kind == "state")
        self._insert_state_lines(model, state_rules, points)
        self._insert_event_lines(model, rules - state_rules, points)
        self.env.cr.execute(SQL("ANALYZE lead_score_tmp_line (lead_id)"))
        self._insert_rule_limits(rules)
        self._insert_group_limits(model)
        self._insert_total_limit(model)

    @api.model
    def _insert_state_lines(self, model, rules, points: SQL):
        if not rules:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_tmp_line
                       (lead_id, kind, axis, group_id, rule_id, raw, decayed, points)
                SELECT hit.lead_id, 'rule', grp.axis, grp.id, rule.id,
                       %(points)s, %(points)s, %(points)s
                  FROM (%(hits)s) AS hit(lead_id, rule_id)
                  JOIN lead_score_rule rule ON rule.id = hit.rule_id
                  JOIN lead_score_group grp ON grp.id = rule.group_id
                 WHERE %(points)s != 0
                """,
                points=points,
                hits=self._state_hits(model, rules),
            )
        )

    @api.model
    def _state_hits(self, model, rules) -> SQL:
        """The leads each state rule matches.

        Conditions share one reading of the leads. One that looks something up in a large table
        is a query of its own: PostgreSQL then joins, instead of asking lead by lead.
        """
        leads = self._as_nobody("crm.lead", model.tz)
        in_scope = Domain.custom(
            to_sql=lambda lead, alias, query: SQL(
                "%s IN (SELECT lead_id FROM lead_score_tmp_scope)", SQL.identifier(alias, "id")
            )
        ) & Domain("active", "in", [True, False])
        shared = leads._search(in_scope)
        lead_id = SQL.identifier("crm_lead", "id")
        cases, hits = [], []
        for rule in rules:
            domain = rule._get_domain()
            condition = domain.optimize_full(leads)._to_sql(leads, "crm_lead", shared)
            if self._is_small(condition):
                cases.append(SQL("CASE WHEN %s THEN %s END", condition, rule.id))
            else:
                alone = leads._search(in_scope & domain)
                hits.append(alone.select(lead_id, SQL("%s", rule.id)))
        if cases:
            matched = SQL("unnest(array_remove(ARRAY[%s]::int[], NULL))", SQL(", ").join(cases))
            hits.append(shared.select(lead_id, matched))
        return SQL(" UNION ALL ").join(SQL("(%s)", hit) for hit in hits)

    @api.model
    def _is_small(self, condition: SQL) -> bool:
        """Whether the tables a condition looks into are small enough to be kept in memory."""
        if "SELECT" not in condition.code:
            return True
        tables = set(re.findall(r'(?:FROM|JOIN)\s+"(\w+)"', condition.code))
        if not tables:
            return False
        [(size,)] = self.env.execute_query(
            SQL(
                """
                SELECT sum(COALESCE(pg_relation_size(to_regclass(quote_ident(name))), %s))
                  FROM unnest(%s) AS name
                """,
                SMALL_TABLE + 1,
                sorted(tables),
            )
        )
        return size <= SMALL_TABLE

    @api.model
    def _insert_event_lines(self, model, rules, points: SQL):
        if not rules:
            return
        local_date = SQL("timezone(%s, timezone('UTC', hit.date))", model.tz)
        self.env.cr.execute(
            SQL(
                """
                WITH hit AS (
                    SELECT hit.lead_id, hit.touch_id, hit.date, rule.id AS rule_id,
                           rule.group_id, %(points)s AS points, rule.count_mode, rule.count_max,
                           rule.daily_max, rule.window_days, rule.decay_kind, rule.decay_days,
                           rule.decay_rate,
                           greatest(EXTRACT(EPOCH FROM scope.as_of - hit.date), 0)::float8
                           / 86400.0 AS age,
                           date_trunc('day', %(local_date)s) AS day,
                           CASE WHEN rule.count_mode IN ('day', 'week', 'month')
                                THEN date_trunc(rule.count_mode, %(local_date)s) END AS period
                      FROM (%(hits)s) AS hit(lead_id, touch_id, date, rule_id)
                      JOIN lead_score_rule rule ON rule.id = hit.rule_id
                      JOIN lead_score_tmp_scope scope ON scope.lead_id = hit.lead_id
                     WHERE %(points)s != 0
                       AND (COALESCE(rule.window_days, 0) = 0
                            OR hit.date > scope.as_of - rule.window_days * interval '1 day')
                       AND (rule.date_from IS NULL OR hit.date >= rule.date_from)
                ), daily AS (
                    SELECT hit.*, %(day_no)s AS day_no
                      FROM hit
                ), ranked AS (
                    SELECT daily.*, %(first_no)s AS first_no, %(last_no)s AS last_no
                      FROM daily
                     WHERE COALESCE(daily_max, 0) = 0 OR count_mode = 'once' OR day_no <= daily_max
                ), counted AS (
                    SELECT ranked.*,
                           round((points * CASE decay_kind
                               WHEN 'linear'
                               THEN greatest(0.0, 1.0 - decay_rate * age / decay_days)
                               WHEN 'half_life' THEN power(0.5::float8, age / decay_days)
                               WHEN 'step' THEN CASE WHEN age < decay_days THEN 1.0 ELSE 0.0 END
                               ELSE 1.0 END)::numeric, 6) AS worth,
                           abs(points) * CASE decay_kind
                               WHEN 'linear'
                               THEN CASE WHEN decay_rate * age < decay_days
                                         THEN decay_rate / decay_days ELSE 0.0 END
                               WHEN 'half_life'
                               THEN power(0.5::float8, age / decay_days) * ln(2.0::float8)
                                    / decay_days
                               ELSE 0.0 END AS loss,
                           least(
                               CASE WHEN window_days > 0
                                    THEN ranked.date + window_days * interval '1 day' END,
                               CASE WHEN decay_kind = 'step' AND age < decay_days
                                    THEN ranked.date + decay_days * interval '1 day' END
                           ) AS date_jump
                      FROM ranked
                     WHERE CASE count_mode WHEN 'every' THEN TRUE
                                           WHEN 'once' THEN last_no = 1
                                           ELSE first_no <= count_max END
                )
                INSERT INTO lead_score_tmp_line
                       (lead_id, kind, axis, group_id, rule_id, raw, decayed, points,
                        event_count, date_last, evidence, loss, date_jump)
                SELECT counted.lead_id, 'rule', grp.axis, counted.group_id, counted.rule_id,
                       sum(counted.points), sum(worth), round(sum(worth), 0),
                       count(*), max(counted.date),
                       to_jsonb((array_agg(touch_id ORDER BY counted.date DESC, touch_id DESC))
                                [1:%(evidence_limit)s]),
                       sum(loss), min(date_jump)
                  FROM counted
                  JOIN lead_score_group grp ON grp.id = counted.group_id
                 GROUP BY counted.lead_id, grp.axis, counted.group_id, counted.rule_id
                """,
                local_date=local_date,
                points=points,
                hits=self._event_hits(rules),
                evidence_limit=EVIDENCE_LIMIT,
                **self._rank_columns(rules),
            )
        )

    @api.model
    def _rank_columns(self, rules) -> dict[str, SQL]:
        """The place of a touch among those of its day, of its period, and from the last one on.

        Each is a sort of all touches: one that no rule asks for is left out.
        """
        modes = set(rules.mapped("count_mode"))
        ranks = {
            "day_no": ("day ORDER BY date, touch_id", any(rules.mapped("daily_max"))),
            "first_no": ("period ORDER BY date, touch_id", modes - {"every", "once"}),
            "last_no": ("rule_id ORDER BY date DESC, touch_id DESC", "once" in modes),
        }
        return {
            name: SQL("row_number() OVER (PARTITION BY lead_id, rule_id, %s)", SQL(order))
            if is_asked
            else SQL("NULL::bigint")
            for name, (order, is_asked) in ranks.items()
        }

    @api.model
    def _event_hits(self, rules) -> SQL:
        """The touches each event rule looks at: one reading for all that take any of a kind."""
        domains = {rule: rule._get_domain() for rule in rules}
        narrow = rules.filtered(lambda rule: not domains[rule].is_true())
        queries = [self._narrow_hits(rule, domains[rule]) for rule in narrow]
        if wide := rules - narrow:
            queries.append(
                SQL(
                    """SELECT hit.lead_id, hit.touch_id, hit.date, wide.id
                         FROM lead_score_tmp_touch hit
                         JOIN lead_score_rule wide
                           ON wide.touch_kind = hit.kind AND wide.id = ANY(%s)""",
                    wide.ids,
                )
            )
        return SQL(" UNION ALL ").join(queries)

    @api.model
    def _narrow_hits(self, rule, domain) -> SQL:
        touches = self._as_nobody("marketing.touchpoint", rule.model_id.tz)
        return SQL(
            """SELECT hit.lead_id, hit.touch_id, hit.date, %s
                 FROM lead_score_tmp_touch hit WHERE hit.kind = %s AND hit.touch_id IN %s""",
            rule.id,
            rule.touch_kind,
            touches._search(domain).subselect(),
        )

    @api.model
    def _insert_rule_limits(self, rules):
        if not any(rules.mapped("is_limited")):
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_tmp_line (lead_id, kind, axis, group_id, rule_id, points)
                SELECT line.lead_id, 'rule_limit', line.axis, line.group_id, line.rule_id,
                       least(greatest(line.points, rule.points_min), rule.points_max)
                       - line.points
                  FROM lead_score_tmp_line line
                  JOIN lead_score_rule rule ON rule.id = line.rule_id
                 WHERE rule.is_limited
                   AND line.points NOT BETWEEN rule.points_min AND rule.points_max
                """
            )
        )

    @api.model
    def _insert_group_limits(self, model):
        if not any(model.group_ids.mapped("is_limited")):
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_tmp_line (lead_id, kind, axis, group_id, points)
                SELECT total.lead_id, 'group_limit', grp.axis, grp.id,
                       least(greatest(total.points, grp.points_min), grp.points_max)
                       - total.points
                  FROM (SELECT lead_id, group_id, sum(points)::int AS points
                          FROM lead_score_tmp_line GROUP BY lead_id, group_id) AS total
                  JOIN lead_score_group grp ON grp.id = total.group_id
                 WHERE grp.is_limited
                   AND total.points NOT BETWEEN grp.points_min AND grp.points_max
                """
            )
        )

    @api.model
    def _insert_total_limit(self, model):
        if not model.is_limited:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_tmp_line (lead_id, kind, points)
                SELECT lead_id, 'total_limit',
                       least(greatest(sum(points), %(low)s), %(high)s) - sum(points)
                  FROM lead_score_tmp_line
                 GROUP BY lead_id
                HAVING sum(points) NOT BETWEEN %(low)s AND %(high)s
                """,
                low=model.points_min,
                high=model.points_max,
            )
        )
