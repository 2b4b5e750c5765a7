import json

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .lead_score_model import GRADES

#: Newest counted touches named in a line; more are only counted.
EVIDENCE_LIMIT = 20


class LeadScoreEngine(models.AbstractModel):
    """Scores sets of leads in SQL: one lead and a million leads run the same statements.

    Facts flow through temporary tables of the session, emptied on commit::

        scope (leads, each with its moment) -> touches of these people -> lines -> results

    ``_evaluate`` stops there and changes nothing: back-tests use it with their own scope.
    ``_apply`` compares lines and results with what is stored and writes differences only:
    history, lines, results, fields of the lead, qualification crossings.

    All within the caller's transaction: a killed run leaves nothing half done.
    """

    _name = "lead.score.engine"
    _description = "Lead Score Engine"

    # ------------------------------------------------------------------
    # Entry points
    # ------------------------------------------------------------------

    @api.model
    def _score(self, model, domain: Domain, reason: str) -> int:
        """Score the leads of ``domain`` by ``model``, store what changed, return how many."""
        self.env.flush_all()
        self._evaluate(
            model,
            SQL(
                "SELECT lead.id, %s::timestamp FROM crm_lead lead WHERE lead.id IN %s",
                fields.Datetime.now(),
                self._lead_query(model, domain).subselect(),
            ),
        )
        count = self._count_scope()
        if count:
            self._apply(model, reason)
        return count

    @api.model
    def _evaluate(self, model, scope: SQL, rules=None, is_unit=False):
        """Compute lines and results of ``scope``: a SELECT of lead ids and their moments.

        ``rules`` are the usable rules to look at, all by default. With ``is_unit`` every rule is
        worth one point: what its facts amount to, whatever they are worth.
        """
        self._open_workspace()
        self._fill_scope(scope)
        if rules is None:
            rules = model._usable_rules()
        self._fill_touches(rules)
        self._fill_lines(model, rules, SQL("1") if is_unit else SQL("rule.points"))
        self._fill_results(model)

    @api.model
    def _apply(self, model, reason: str):
        is_live = model.state == "active"
        self._mark_previous(model, is_live)
        self._fetch_lines_before(model, is_live)
        if is_live:
            self._write_history(model, reason)
            self._write_crossings(model, reason)
        self._write_lines(model, is_live)
        self._write_results(model, is_live)
        if is_live:
            self._write_leads(model)
        self._invalidate()

    @api.model
    def _count_scope(self) -> int:
        return self.env.execute_query(SQL("SELECT count(*) FROM lead_score_tmp_scope"))[0][0]

    @api.model
    def _lead_query(self, model, domain: Domain):
        """Leads as nobody in particular: scores must not depend on who asks."""
        leads = self.env["crm.lead"].with_env(
            self.env(user=SUPERUSER_ID, context={"tz": model.tz}, su=True)
        )
        return leads._search(domain & Domain("active", "in", [True, False]), order="id")

    # ------------------------------------------------------------------
    # Evaluation
    # ------------------------------------------------------------------

    @api.model
    def _open_workspace(self):
        cr = self.env.cr
        for table, columns in self._workspace_tables().items():
            name = SQL.identifier(table)
            cr.execute("SELECT to_regclass(%s)", (f"pg_temp.{table}",))
            if cr.fetchone()[0]:
                cr.execute(SQL("TRUNCATE %s", name))
            else:
                cr.execute(
                    SQL("CREATE TEMPORARY TABLE %s (%s) ON COMMIT DELETE ROWS", name, columns)
                )

    @api.model
    def _workspace_tables(self) -> dict[str, SQL]:
        return {
            "lead_score_tmp_scope": SQL(
                """lead_id int PRIMARY KEY, as_of timestamp, email varchar, partner_id int,
                   company_id int"""
            ),
            "lead_score_tmp_touch": SQL("lead_id int, touch_id int, kind varchar, date timestamp"),
            "lead_score_tmp_line": SQL(
                """lead_id int, kind varchar, axis varchar, group_id int, rule_id int,
                   raw int, decayed float8, points int, event_count int, date_last timestamp,
                   evidence jsonb, signature text"""
            ),
            "lead_score_tmp_before": SQL(
                """line_id int, lead_id int, model_id int, kind varchar, axis varchar,
                   group_id int, rule_id int, raw int, points int, event_count int,
                   date_last timestamp, signature text"""
            ),
            "lead_score_tmp_result": SQL(
                """lead_id int PRIMARY KEY, as_of timestamp, score int, fit int, engagement int,
                   grade varchar, was_mql boolean, is_mql boolean, previous_model_id int,
                   previous_score int, previous_grade varchar"""
            ),
        }

    @api.model
    def _fill_scope(self, scope: SQL):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_tmp_scope (lead_id, as_of, email, partner_id, company_id)
                SELECT scope.id, scope.as_of, lead.email_normalized, lead.partner_id,
                       lead.company_id
                  FROM (%s) AS scope(id, as_of)
                  JOIN crm_lead lead ON lead.id = scope.id
                """,
                scope,
            )
        )
        self.env.cr.execute(SQL("ANALYZE lead_score_tmp_scope"))

    @api.model
    def _fill_touches(self, rules):
        """The touches of the people behind the leads: human ones, up to the lead's moment.

        A touch is a lead's own when it names the lead or its partner; else, when one of the two
        has no partner, when the addresses are the same. Its company must not be another one.
        """
        kinds = tuple({rule.touch_kind for rule in rules if rule.kind == "event"})
        if not kinds:
            return
        matches = [
            SQL("touch.lead_id = scope.lead_id"),
            SQL("touch.partner_id = scope.partner_id"),
            SQL(
                """touch.email_normalized = scope.email
                   AND (touch.partner_id IS NULL OR scope.partner_id IS NULL)"""
            ),
        ]
        selects = [
            SQL(
                """
                SELECT scope.lead_id, touch.id, touch.kind, touch.date
                  FROM lead_score_tmp_scope scope
                  JOIN marketing_touchpoint touch ON %s
                 WHERE touch.kind IN %s
                   AND touch.is_bot IS NOT TRUE
                   AND touch.date <= scope.as_of
                   AND (touch.company_id IS NULL OR scope.company_id IS NULL
                        OR touch.company_id = scope.company_id)
                """,
                match,
                kinds,
            )
            for match in matches
        ]
        self.env.cr.execute(
            SQL("INSERT INTO lead_score_tmp_touch %s", SQL(" UNION ").join(selects))
        )
        self.env.cr.execute(SQL("ANALYZE lead_score_tmp_touch"))

    @api.model
    def _fill_lines(self, model, rules, points: SQL):
        state_rules = rules.filtered(lambda rule: rule.kind == "state")
        self._insert_state_lines(model, state_rules, points)
        self._insert_event_lines(model, rules - state_rules, points)
        self._insert_rule_limits(rules)
        self._insert_group_limits(model)
        self._insert_total_limit(model)

    @api.model
    def _insert_state_lines(self, model, rules, points: SQL):
        in_scope = Domain.custom(
            to_sql=lambda lead, alias, query: SQL(
                "%s IN (SELECT lead_id FROM lead_score_tmp_scope)", SQL.identifier(alias, "id")
            )
        )
        matches = [
            self._lead_query(model, in_scope & rule._compile_domain()).select(
                SQL.identifier("crm_lead", "id"), SQL("%s AS rule_id", rule.id)
            )
            for rule in rules
        ]
        if not matches:
            return
        # each branch in its own parentheses: branches may carry an ORDER BY
        union = SQL(" UNION ALL ").join(SQL("(%s)", match) for match in matches)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_tmp_line
                       (lead_id, kind, axis, group_id, rule_id, raw, decayed, points)
                SELECT hit.lead_id, 'rule', grp.axis, grp.id, rule.id,
                       %(points)s, %(points)s, %(points)s
                  FROM (%(union)s) AS hit(lead_id, rule_id)
                  JOIN lead_score_rule rule ON rule.id = hit.rule_id
                  JOIN lead_score_group grp ON grp.id = rule.group_id
                 WHERE %(points)s != 0
                """,
                points=points,
                union=union,
            )
        )

    @api.model
    def _insert_event_lines(self, model, rules, points: SQL):
        if not rules:
            return
        hits = SQL(" UNION ALL ").join(self._event_hits(rule) for rule in rules)
        local_date = SQL("timezone(%s, timezone('UTC', hit.date))", model.tz)
        self.env.cr.execute(
            SQL(
                """
                WITH hit AS (
                    SELECT hit.lead_id, hit.touch_id, hit.date, rule.id AS rule_id,
                           rule.group_id, %(points)s AS points, rule.count_mode, rule.count_max,
                           rule.daily_max, rule.decay_kind, rule.decay_days, rule.decay_rate,
                           EXTRACT(EPOCH FROM scope.as_of - hit.date)::float8 / 86400.0 AS age,
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
                    SELECT hit.*, row_number() OVER (
                               PARTITION BY lead_id, rule_id, day ORDER BY date, touch_id
                           ) AS day_no
                      FROM hit
                ), ranked AS (
                    SELECT daily.*,
                           row_number() OVER (
                               PARTITION BY lead_id, rule_id, period ORDER BY date, touch_id
                           ) AS first_no,
                           row_number() OVER (
                               PARTITION BY lead_id, rule_id ORDER BY date DESC, touch_id DESC
                           ) AS last_no
                      FROM daily
                     WHERE COALESCE(daily_max, 0) = 0 OR count_mode = 'once' OR day_no <= daily_max
                ), counted AS (
                    SELECT ranked.*,
                           round((points * CASE decay_kind
                               WHEN 'linear'
                               THEN greatest(0.0, 1.0 - decay_rate * age / decay_days)
                               WHEN 'half_life' THEN power(0.5::float8, age / decay_days)
                               WHEN 'step' THEN CASE WHEN age < decay_days THEN 1.0 ELSE 0.0 END
                               ELSE 1.0 END)::numeric, 6) AS worth
                      FROM ranked
                     WHERE CASE count_mode WHEN 'every' THEN TRUE
                                           WHEN 'once' THEN last_no = 1
                                           ELSE first_no <= count_max END
                )
                INSERT INTO lead_score_tmp_line
                       (lead_id, kind, axis, group_id, rule_id, raw, decayed, points,
                        event_count, date_last, evidence)
                SELECT counted.lead_id, 'rule', grp.axis, counted.group_id, counted.rule_id,
                       sum(counted.points), sum(worth), round(sum(worth), 0),
                       count(*), max(counted.date),
                       to_jsonb((array_agg(touch_id ORDER BY counted.date DESC, touch_id DESC))
                                [1:%(evidence_limit)s])
                  FROM counted
                  JOIN lead_score_group grp ON grp.id = counted.group_id
                 GROUP BY counted.lead_id, grp.axis, counted.group_id, counted.rule_id
                """,
                local_date=local_date,
                points=points,
                hits=hits,
                evidence_limit=EVIDENCE_LIMIT,
            )
        )

    @api.model
    def _event_hits(self, rule) -> SQL:
        """The touches one event rule looks at."""
        domain = rule._compile_domain()
        narrowing = SQL()
        if not domain.is_true():
            touches = self.env["marketing.touchpoint"].with_env(
                self.env(user=SUPERUSER_ID, context={"tz": rule.model_id.tz}, su=True)
            )
            narrowing = SQL("AND hit.touch_id IN %s", touches._search(domain).subselect())
        return SQL(
            """SELECT hit.lead_id, hit.touch_id, hit.date, %s
                 FROM lead_score_tmp_touch hit WHERE hit.kind = %s %s""",
            rule.id,
            rule.touch_kind,
            narrowing,
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

    @api.model
    def _fill_results(self, model):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_tmp_result (lead_id, as_of, score, fit, engagement, grade)
                SELECT total.lead_id, total.as_of, total.score, total.fit, total.engagement,
                       CASE WHEN total.fit >= %(fit_a)s THEN 'A'
                            WHEN total.fit >= %(fit_b)s THEN 'B' ELSE 'C' END
                       || CASE WHEN total.engagement >= %(engagement_1)s THEN '1'
                               WHEN total.engagement >= %(engagement_2)s THEN '2'
                               ELSE '3' END
                  FROM (SELECT scope.lead_id, scope.as_of,
                               COALESCE(sum(line.points), 0)::int AS score,
                               COALESCE(sum(line.points)
                                   FILTER (WHERE line.axis = 'fit'), 0)::int AS fit,
                               COALESCE(sum(line.points)
                                   FILTER (WHERE line.axis = 'engagement'), 0)::int
                                   AS engagement
                          FROM lead_score_tmp_scope scope
                     LEFT JOIN lead_score_tmp_line line ON line.lead_id = scope.lead_id
                         GROUP BY scope.lead_id, scope.as_of) AS total
                """,
                fit_a=model.fit_a_from,
                fit_b=model.fit_b_from,
                engagement_1=model.engagement_1_from,
                engagement_2=model.engagement_2_from,
            )
        )
        self.env.cr.execute(SQL("ANALYZE lead_score_tmp_result"))

    # ------------------------------------------------------------------
    # Application
    # ------------------------------------------------------------------

    @api.model
    def _mark_previous(self, model, is_live: bool):
        """Fetch what was known before, and decide about qualification with it."""
        if is_live:
            before = SQL(
                """SELECT id AS lead_id, is_mql, score_model_id AS model_id, score,
                          score_grade AS grade
                     FROM crm_lead"""
            )
        else:
            before = SQL(
                """SELECT lead_id, is_mql, model_id, score, grade
                     FROM lead_score_result WHERE model_id = %s""",
                model.id,
            )
        self.env.cr.execute(
            SQL(
                """
                UPDATE lead_score_tmp_result result
                   SET was_mql = COALESCE(before.is_mql, FALSE),
                       is_mql = %(is_mql)s,
                       previous_model_id = before.model_id,
                       previous_score = before.score,
                       previous_grade = before.grade
                  FROM lead_score_tmp_scope scope
             LEFT JOIN (%(before)s) AS before ON before.lead_id = scope.lead_id
                 WHERE result.lead_id = scope.lead_id
                """,
                is_mql=self._is_mql_sql(model),
                before=before,
            )
        )

    @api.model
    def _is_mql_sql(self, model) -> SQL:
        """Qualification with hysteresis: between the two limits it stays what it was."""
        was_mql = SQL("COALESCE(before.is_mql, FALSE)")
        if model.mql_basis == "score":
            return SQL(
                """CASE WHEN result.score >= %s THEN TRUE
                        WHEN result.score < %s THEN FALSE
                        ELSE %s END""",
                model.mql_enter,
                model.mql_leave,
                was_mql,
            )
        cells = {grade: model[f"mql_{grade.lower()}"] for grade in GRADES}
        return SQL(
            """CASE %s::jsonb ->> result.grade
                    WHEN 'enter' THEN TRUE WHEN 'leave' THEN FALSE ELSE %s END""",
            json.dumps(cells),
            was_mql,
        )

    @api.model
    def _write_history(self, model, reason: str):
        """One row per lead whose score, grade or qualification changed, with the changed lines."""
        self.env.cr.execute(
            SQL(
                """
                WITH changed AS (
                    SELECT * FROM lead_score_tmp_result result
                     WHERE previous_model_id IS NULL
                        OR previous_score IS DISTINCT FROM score
                        OR previous_grade IS DISTINCT FROM grade
                        OR was_mql != is_mql
                ), before AS (
                    SELECT line.*, COALESCE(rule.key, grp.key, '') AS key
                      FROM lead_score_tmp_before line
                      JOIN changed ON changed.lead_id = line.lead_id
                                  AND changed.previous_model_id = line.model_id
                 LEFT JOIN lead_score_rule rule ON rule.id = line.rule_id
                 LEFT JOIN lead_score_group grp ON grp.id = line.group_id
                ), after AS (
                    SELECT line.*, COALESCE(rule.key, grp.key, '') AS key
                      FROM lead_score_tmp_line line
                      JOIN changed ON changed.lead_id = line.lead_id
                 LEFT JOIN lead_score_rule rule ON rule.id = line.rule_id
                 LEFT JOIN lead_score_group grp ON grp.id = line.group_id
                ), diff AS (
                    SELECT COALESCE(after.lead_id, before.lead_id) AS lead_id,
                           jsonb_agg(jsonb_build_object(
                               'kind', COALESCE(after.kind, before.kind),
                               'axis', COALESCE(after.axis, before.axis),
                               'key', COALESCE(after.key, before.key),
                               'rule', COALESCE(after.rule_id, before.rule_id),
                               'group', COALESCE(after.group_id, before.group_id),
                               'before', COALESCE(before.points, 0),
                               'after', COALESCE(after.points, 0),
                               'count_before', before.event_count,
                               'count', after.event_count,
                               'raw_before', before.raw,
                               'raw', after.raw,
                               'touch', CASE WHEN after.date_last > before.date_last
                                               OR before.date_last IS NULL
                                             THEN after.evidence -> 0 END
                           ) ORDER BY COALESCE(after.points, 0) - COALESCE(before.points, 0) DESC,
                                      COALESCE(after.key, before.key)) AS changes
                      FROM before
                 FULL JOIN after ON after.lead_id = before.lead_id
                                AND after.kind = before.kind AND after.key = before.key
                     WHERE after.points IS DISTINCT FROM before.points
                     GROUP BY COALESCE(after.lead_id, before.lead_id)
                )
                INSERT INTO lead_score_history
                       (lead_id, model_id, date, reason, score_before, score, grade_before,
                        grade, is_mql, changes)
                SELECT changed.lead_id, %(model_id)s, changed.as_of,
                       CASE WHEN changed.previous_model_id IS NULL THEN 'first'
                            WHEN changed.previous_model_id != %(model_id)s THEN 'publish'
                            ELSE %(reason)s END,
                       CASE WHEN changed.previous_model_id IS NOT NULL
                            THEN changed.previous_score END,
                       changed.score, changed.previous_grade, changed.grade, changed.is_mql,
                       diff.changes
                  FROM changed
             LEFT JOIN diff ON diff.lead_id = changed.lead_id
                """,
                model_id=model.id,
                reason=reason,
            )
        )

    @api.model
    def _write_crossings(self, model, reason: str):
        """Log each crossing into or out of qualification once, numbered per lead."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_crossing
                       (lead_id, model_id, number, direction, date, score, grade, state)
                SELECT result.lead_id, %(model_id)s,
                       COALESCE((SELECT max(number) FROM lead_score_crossing crossing
                                  WHERE crossing.lead_id = result.lead_id), 0) + 1,
                       CASE WHEN result.is_mql THEN 'enter' ELSE 'leave' END,
                       result.as_of, result.score, result.grade, %(state)s
                  FROM lead_score_tmp_result result
                 WHERE result.was_mql != result.is_mql
                """,
                model_id=model.id,
                state="silent" if reason == "publish" and not model.act_on_publish else "todo",
            )
        )
        if self.env.cr.rowcount and model._has_triggers():
            # sudo: whoever makes a lead qualify may start its actions without rights on jobs
            self.env.ref("lead_scoring.ir_cron_crossings").sudo()._trigger()

    @api.model
    def _fetch_lines_before(self, model, is_live: bool):
        """The stored lines of these leads: of this set, and of earlier published ones.

        A line is the same as before when its signature is: its points, its events and their
        number. What a decaying line is worth between two whole points is not worth a write.
        """
        signature = SQL(
            """concat_ws('|', kind, COALESCE(rule_id, 0), COALESCE(group_id, 0), points,
                              COALESCE(raw, 0), COALESCE(event_count, 0), evidence)"""
        )
        self.env.cr.execute(SQL("UPDATE lead_score_tmp_line SET signature = %s", signature))
        models_ = SQL("line.model_id = %s", model.id)
        if is_live:  # also what an earlier published version left; shadows keep theirs
            models_ = SQL(
                "line.model_id NOT IN (SELECT id FROM lead_score_model WHERE state = 'shadow')"
            )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_tmp_before
                SELECT line.id, line.lead_id, line.model_id, line.kind, line.axis, line.group_id,
                       line.rule_id, line.raw, line.points, line.event_count, line.date_last, %s
                  FROM lead_score_line line
                 WHERE line.lead_id IN (SELECT lead_id FROM lead_score_tmp_scope) AND %s
                """,
                signature,
                models_,
            )
        )
        self.env.cr.execute(SQL("ANALYZE lead_score_tmp_line, lead_score_tmp_before"))

    @api.model
    def _write_lines(self, model, is_live: bool):
        """Store the lines that changed and drop those that are gone."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM lead_score_line WHERE id IN (
                    SELECT before.line_id
                      FROM lead_score_tmp_before before
                 LEFT JOIN lead_score_tmp_line line
                        ON line.lead_id = before.lead_id AND line.signature = before.signature
                     WHERE line.lead_id IS NULL OR before.model_id != %s
                )
                """,
                model.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_line
                       (lead_id, model_id, kind, axis, group_id, rule_id, raw, decayed, points,
                        event_count, date_last, evidence)
                SELECT line.lead_id, %(model_id)s, line.kind, line.axis, line.group_id,
                       line.rule_id, line.raw, line.decayed, line.points, line.event_count,
                       line.date_last, line.evidence
                  FROM lead_score_tmp_line line
             LEFT JOIN lead_score_tmp_before before
                    ON before.lead_id = line.lead_id AND before.signature = line.signature
                   AND before.model_id = %(model_id)s
                 WHERE before.line_id IS NULL
                """,
                model_id=model.id,
            )
        )

    @api.model
    def _write_results(self, model, is_live: bool):
        if is_live:
            self.env.cr.execute(
                SQL(
                    """
                    DELETE FROM lead_score_result old
                     USING lead_score_tmp_scope scope
                     WHERE old.lead_id = scope.lead_id AND old.model_id != %s
                       AND old.model_id NOT IN
                           (SELECT id FROM lead_score_model WHERE state = 'shadow')
                    """,
                    model.id,
                )
            )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_result AS old
                       (lead_id, model_id, score, fit, engagement, grade, is_mql, date)
                SELECT lead_id, %s, score, fit, engagement, grade, is_mql, as_of
                  FROM lead_score_tmp_result
                    ON CONFLICT (lead_id, model_id) DO UPDATE
                   SET score = EXCLUDED.score, fit = EXCLUDED.fit,
                       engagement = EXCLUDED.engagement, grade = EXCLUDED.grade,
                       is_mql = EXCLUDED.is_mql, date = EXCLUDED.date
                 WHERE (old.score, old.fit, old.engagement, old.grade, old.is_mql)
                       IS DISTINCT FROM (EXCLUDED.score, EXCLUDED.fit, EXCLUDED.engagement,
                                         EXCLUDED.grade, EXCLUDED.is_mql)
                """,
                model.id,
            )
        )

    @api.model
    def _write_leads(self, model):
        """Write what changed; leads that wait for a salesperson may now fit a rule."""
        [(is_waiting,)] = self.env.execute_query(
            SQL(
                """
                WITH written AS (
                UPDATE crm_lead lead
                   SET score = result.score,
                       score_fit = result.fit,
                       score_engagement = result.engagement,
                       score_grade = result.grade,
                       is_mql = result.is_mql,
                       date_mql = CASE WHEN result.is_mql
                                       THEN COALESCE(lead.date_mql, result.as_of)
                                       ELSE lead.date_mql END,
                       score_model_id = %(model_id)s
                  FROM lead_score_tmp_result result
                 WHERE lead.id = result.lead_id
                   AND (lead.score, lead.score_fit, lead.score_engagement, lead.score_grade,
                        lead.is_mql, lead.score_model_id)
                       IS DISTINCT FROM
                       (result.score, result.fit, result.engagement, result.grade,
                        result.is_mql, %(model_id)s)
             RETURNING lead.user_id
                )
                SELECT EXISTS (SELECT 1 FROM written WHERE user_id IS NULL)
                """,
                model_id=model.id,
            )
        )
        if is_waiting and self.env["crm.team"]._is_rules_engine_used():
            self.env["lead.assignment.engine"]._wake()

    @api.model
    def _invalidate(self):
        """SQL wrote behind the ORM's back: forget what it remembers of these fields."""
        self.env["crm.lead"].invalidate_model(self._lead_fields())
        for name in (
            "lead.score.line",
            "lead.score.result",
            "lead.score.history",
            "lead.score.crossing",
        ):
            self.env[name].invalidate_model()

    @api.model
    def _lead_fields(self) -> list[str]:
        return [
            "score",
            "score_fit",
            "score_engagement",
            "score_grade",
            "is_mql",
            "date_mql",
            "score_model_id",
        ]

    @api.model
    def _clear(self, domain: Domain):
        """Take the score from leads no published rule set is meant for any more."""
        leads = self.env["crm.lead"].with_env(self.env(user=SUPERUSER_ID, context={}, su=True))
        query = leads._search(domain & Domain("score_model_id", "!=", False))
        self.env.cr.execute(
            SQL(
                """
                WITH cleared AS (
                    UPDATE crm_lead
                       SET score = 0, score_fit = 0, score_engagement = 0, score_grade = NULL,
                           is_mql = FALSE, score_model_id = NULL
                     WHERE id IN %s
                 RETURNING id
                ), results AS (
                    DELETE FROM lead_score_result
                     WHERE lead_id IN (SELECT id FROM cleared)
                       AND model_id NOT IN
                           (SELECT id FROM lead_score_model WHERE state = 'shadow')
                )
                DELETE FROM lead_score_line
                 WHERE lead_id IN (SELECT id FROM cleared)
                   AND model_id NOT IN (SELECT id FROM lead_score_model WHERE state = 'shadow')
                """,
                query.subselect(),
            )
        )
        self._invalidate()
