from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Seconds. What the job is woken for happened a moment ago: later than the full second it says it
#: is, and by the clock of the database, which may be ahead. Without this, a click scored in its
#: own second would count with the next evaluation only.
CLOCK_TOLERANCE = 2


class LeadScoreEngine(models.AbstractModel):
    """Scores sets of leads in SQL: one lead and a million leads run the same statements.

    Facts flow through temporary tables of the session, emptied on commit::

        scope (leads, each with its moment) -> touches of these people -> lines -> results

    ``_evaluate`` ends with the lines and changes nothing: back-tests use it with their own scope.
    ``_apply`` adds the results, compares with what is stored and writes differences only:
    history, lines, results, fields of the lead, qualification crossings.

    All within the caller's transaction: a killed run leaves nothing half done.
    Here is the way of the facts; what rules make of them, what is stored of it, and when time
    alone will change it are files of their own.
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
        count = self._evaluate(
            model,
            SQL(
                "SELECT lead.id, %s::timestamp FROM crm_lead lead WHERE lead.id IN %s",
                fields.Datetime.now(),
                self._lead_query(model, domain).subselect(),
            ),
        )
        if count:
            self._apply(model, reason)
        return count

    @api.model
    def _evaluate(self, model, scope: SQL, rules=None, is_unit=False) -> int:
        """Compute the lines of ``scope``, a SELECT of lead ids and their moments; how many leads.

        ``rules`` are the usable rules to look at, all by default. With ``is_unit`` every rule is
        worth one point: what its facts amount to, whatever they are worth.
        """
        self._open_workspace()
        count = self._fill_scope(scope)
        if count:
            if rules is None:
                rules = model._usable_rules()
            self._fill_touches(rules)
            self._fill_lines(model, rules, SQL("1") if is_unit else SQL("rule.points"))
        return count

    @api.model
    def _apply(self, model, reason: str):
        """Store what the lines of the workspace amount to, where it differs."""
        is_live = model.state == "active"
        self._fill_results(model, is_live)
        self._fill_due(model)
        if is_live:
            self._write_history(model, reason)
            self._write_crossings(model, reason)
        self._write_lines(model)
        self._write_results(model, is_live)
        if is_live:
            self._write_leads(model)
        self._invalidate()

    @api.model
    def _as_nobody(self, model_name, tz):
        """Records as nobody in particular: scores must not depend on who asks."""
        return self.env[model_name].with_env(
            self.env(user=SUPERUSER_ID, context={"tz": tz}, su=True)
        )

    @api.model
    def _lead_query(self, model, domain: Domain):
        leads = self._as_nobody("crm.lead", model.tz)
        return leads._search(domain & Domain("active", "in", [True, False]), order="id")

    # ------------------------------------------------------------------
    # The way of the facts
    # ------------------------------------------------------------------

    @api.model
    def _open_workspace(self):
        """The tables of the workspace, empty. They are made together, once a session."""
        tables = self._workspace_tables()
        names = [SQL.identifier(table) for table in tables]
        [(is_open,)] = self.env.execute_query(
            SQL("SELECT to_regclass(%s) IS NOT NULL", f"pg_temp.{next(iter(tables))}")
        )
        if is_open:
            self.env.cr.execute(SQL("TRUNCATE %s", SQL(", ").join(names)))
            return
        self.env.cr.execute(
            SQL("; ").join(
                SQL("CREATE TEMPORARY TABLE %s (%s) ON COMMIT DELETE ROWS", name, columns)
                for name, columns in zip(names, tables.values(), strict=True)
            )
        )

    @api.model
    def _workspace_tables(self) -> dict[str, SQL]:
        return {
            "lead_score_tmp_scope": SQL(
                """lead_id int PRIMARY KEY, as_of timestamp, email varchar, partner_id int,
                   company_id int, is_mql boolean, model_id int, score int, grade varchar"""
            ),
            "lead_score_tmp_touch": SQL("lead_id int, touch_id int, kind varchar, date timestamp"),
            "lead_score_tmp_line": SQL(
                """lead_id int, kind varchar, axis varchar, group_id int, rule_id int,
                   raw int, decayed float8, points int, event_count int, date_last timestamp,
                   evidence jsonb, loss float8, date_jump timestamp"""
            ),
            "lead_score_tmp_change": SQL("line_id int, fresh tid"),
            "lead_score_tmp_result": SQL(
                """lead_id int PRIMARY KEY, as_of timestamp, score int, fit int, engagement int,
                   grade varchar, was_mql boolean, is_mql boolean, previous_model_id int,
                   previous_score int, previous_grade varchar, date_due timestamp"""
            ),
        }

    @api.model
    def _fill_scope(self, scope: SQL) -> int:
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_tmp_scope
                       (lead_id, as_of, email, partner_id, company_id,
                        is_mql, model_id, score, grade)
                SELECT scope.id, scope.as_of, lead.email_normalized, lead.partner_id,
                       lead.company_id, lead.is_mql, lead.score_model_id, lead.score,
                       lead.score_grade
                  FROM (%s) AS scope(id, as_of)
                  JOIN crm_lead lead ON lead.id = scope.id
                """,
                scope,
            )
        )
        count = self.env.cr.rowcount
        self.env.cr.execute(SQL("ANALYZE lead_score_tmp_scope (lead_id, partner_id, email)"))
        return count

    @api.model
    def _fill_touches(self, rules):
        """The touches of the people behind the leads: human ones, up to the lead's moment.

        A touch is a lead's own when it names the lead or its partner; else, when one of the two
        has no partner, when the addresses are the same, or were until the lead changed its own.
        Its company must not be another one.
        """
        kinds = tuple({rule.touch_kind for rule in rules if rule.kind == "event"})
        if not kinds:
            return
        former = SQL("JOIN marketing_touchpoint_address former ON former.lead_id = scope.lead_id")
        matches = [
            (SQL(), SQL("touch.lead_id = scope.lead_id")),
            (SQL(), SQL("touch.partner_id = scope.partner_id")),
            (
                SQL(),
                SQL(
                    """touch.email_normalized = scope.email
                       AND (touch.partner_id IS NULL OR scope.partner_id IS NULL)"""
                ),
            ),
            (
                former,
                SQL(
                    """touch.email_normalized = former.email_normalized
                       AND touch.date <= former.date_until
                       AND (touch.partner_id IS NULL OR scope.partner_id IS NULL)"""
                ),
            ),
        ]
        # OFFSET 0: each lead's touches are looked up. Left to itself the planner would read the
        # touches of the whole company for every batch of leads, and cost would grow with both.
        selects = [
            SQL(
                """
                SELECT scope.lead_id, touch.id, touch.kind, touch.date
                  FROM lead_score_tmp_scope scope %s
                 CROSS JOIN LATERAL (
                       SELECT touch.id, touch.kind, touch.date
                         FROM marketing_touchpoint touch
                        WHERE %s
                          AND touch.kind IN %s
                          AND touch.is_bot IS NOT TRUE
                          AND touch.date < scope.as_of + %s * interval '1 second'
                          AND (touch.company_id IS NULL OR scope.company_id IS NULL
                               OR touch.company_id = scope.company_id)
                       OFFSET 0) AS touch
                """,
                addresses,
                match,
                kinds,
                CLOCK_TOLERANCE,
            )
            for addresses, match in matches
        ]
        self.env.cr.execute(
            SQL("INSERT INTO lead_score_tmp_touch %s", SQL(" UNION ").join(selects))
        )
        self.env.cr.execute(SQL("ANALYZE lead_score_tmp_touch"))
