import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

# Two runs at once would do the same work twice; the number is arbitrary and ours.
ADVISORY_LOCK = 190_600_101
# Transactions that were open while the last run read may have older time stamps.
OVERLAP = timedelta(minutes=30)
KEEP_RUNS = 500
# Parameters that say which touches count, and those that only some methods look at.
SHARED_PARAMETERS = ("method", "window_days", "contact_scope", "dedup_hours", "with_opens")
LEARNING = ("channel", "min_conversions", "min_paths")
METHOD_PARAMETERS = {
    "time_decay": ("half_life_days",),
    "custom": ("share_first", "share_lead", "share_opportunity", "share_last", "share_middle"),
    "markov": (*LEARNING, "markov_order"),
    "shapley": LEARNING,
}


class MarketingAttributionRun(models.Model):
    """One computation of conversions, revenue and credits, with what it was computed from.

    A run brings three derived tables up to date, in sets, in one transaction: which documents
    are conversions (``marketing.attribution.conversion``), their money line by line
    (``marketing.attribution.revenue``), and who is credited
    (``marketing.attribution.credit``). An incremental run redoes the conversions whose
    documents or touches changed since the last one, a full run all that are not frozen.
    Running twice changes nothing.
    """

    _name = "marketing.attribution.run"
    _description = "Attribution Run"
    _order = "id desc"
    _rec_name = "date_start"

    date_start = fields.Datetime(string="Started", readonly=True, required=True)
    duration = fields.Float(string="Seconds", readonly=True, aggregator="avg")
    user_id = fields.Many2one("res.users", string="Run by", readonly=True)
    is_full = fields.Boolean(string="Everything", readonly=True)
    parameters = fields.Json(readonly=True)
    parameters_text = fields.Text(
        string="Models and Parameters", compute="_compute_parameters_text"
    )
    conversion_count = fields.Integer(string="Conversions Changed", readonly=True)
    revenue_count = fields.Integer(string="Revenue Rows Changed", readonly=True)
    redone_count = fields.Integer(
        string="Conversions Credited", readonly=True, help="Conversions whose credits were redone."
    )
    credit_count = fields.Integer(string="Credits Written", readonly=True)

    @api.depends("parameters")
    @api.depends_context("lang")
    def _compute_parameters_text(self):
        for run in self:
            run.parameters_text = "\n".join(map(self._describe_parameters, run.parameters or []))

    @api.model
    def _describe_parameters(self, parameters):
        """One model in words: only the parameters its method looks at."""
        fields_of_model = self.env["marketing.attribution.model"]._fields
        names = (*SHARED_PARAMETERS, *METHOD_PARAMETERS.get(parameters["method"], ()))
        words = []
        for name in names:
            field, value = fields_of_model[name], parameters.get(name)
            if field.type == "selection":
                value = dict(field._description_selection(self.env)).get(value, value)
            elif field.type == "boolean":
                value = self.env._("yes") if value else self.env._("no")
            elif field.type == "float":
                value = f"{value or 0:g}"
            words.append(f"{field._description_string(self.env)}: {value}")
        title = self.env._(
            "%(model)s, version %(version)s",
            model=parameters["name"],
            version=parameters["version"],
        )
        return f"{title}\n    {'; '.join(words)}"

    # ------------------------------------------------------------------ actions

    # Buttons above a list: the client sends the ids of the selected rows, or of none.

    def action_recompute(self):
        """Bring the figures up to date now."""
        return self._action_run(full=False)

    def action_recompute_all(self):
        """Compute everything anew that is not frozen."""
        return self._action_run(full=True)

    @api.model
    def _action_run(self, full):
        if not self.env.user.has_group("marketing_campaign_ext.group_campaign_user"):
            raise AccessError(self.env._("Only marketers may recompute the attribution."))
        run = self._run(full=full, with_sums=False)
        self._trigger()  # makes the daily sums of what was redone
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(count)s conversions credited in %(seconds)s seconds.",
                    count=run.redone_count,
                    seconds=round(run.duration, 1),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _cron_run(self):
        """The figures first; sums that are to be made anew follow in a transaction of their own."""
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=2)
        self._run(with_sums=False)
        commit(1)
        self._sum_up()
        self._gc_runs()
        commit(1)

    @api.model
    def _gc_runs(self):
        """Keep the last runs and those that credits were written by."""
        limit = self.search([], offset=KEEP_RUNS, limit=1, order="id desc")
        if limit:
            self.env.cr.execute(
                SQL(
                    """DELETE FROM marketing_attribution_run run WHERE id <= %s AND NOT EXISTS (
                           SELECT 1 FROM marketing_attribution_credit credit
                            WHERE credit.run_id = run.id)""",
                    limit.id,
                )
            )
            self.env.invalidate_all()

    # ------------------------------------------------------------------ the run

    @api.model
    def _run(self, models=None, full=False, with_sums=True):
        """Compute conversions, revenue and credits.

        :param models: attribution models to redo completely; others only where needed
        :param full: redo everything that is not frozen
        :param with_sums: also make the daily sums of models that were redone (``_sum_up``);
            without them the report answers from the credits, the same and slower
        :return: the run
        """
        # sudo: credits are computed from the documents of all companies, whoever asks for it;
        # the result is read under the rules of each reader
        self = self.sudo()
        self._take_turn()
        started = time.monotonic()
        self.env["marketing.touchpoint"]._ingest_all()
        self.env.flush_all()
        every_model = self.env["marketing.attribution.model"].search([])
        since = None if full else self._get_watermark()
        run = self.create(
            {
                "date_start": self.env.cr.now(),
                "user_id": self.env.uid,
                "is_full": since is None,
                "parameters": [model._get_parameters() for model in every_model],
            }
        )
        self.env.flush_all()
        run._create_work_tables()
        redo = every_model if since is None else every_model.filtered("is_outdated")
        redo |= models or redo
        last_total = run._begin_totals(redo)
        counts = {
            "conversion_count": run._sync_conversions(since),
            "revenue_count": run._sync_revenue(since),
        }
        counts |= run._sync_credits(every_model, redo, since)
        run._sync_milestones()
        run._add_up(last_total)
        run._sync_reach_totals(whole=since is None)
        if with_sums:
            run._sum_up()
        self.env.invalidate_all()
        run.write(counts | {"duration": time.monotonic() - started})
        return run

    @api.model
    def _take_turn(self):
        """One run at a time, each on what the one before it left.

        A transaction that began to read before another run ended would not see its rows, and
        would write them again: it fails on the row that both change, and is begun anew.
        """
        [[taken]] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s)", ADVISORY_LOCK)
        )
        if not taken:
            raise UserError(
                self.env._("The attribution is being computed right now. Try again in a minute.")
            )
        self.env.cr.execute(
            SQL(
                """
                UPDATE marketing_attribution_run SET write_date = %s
                 WHERE id = (SELECT MAX(id) FROM marketing_attribution_run)
                """,
                self.env.cr.now(),
            )
        )

    @api.model
    def _get_watermark(self):
        """From when changes are to be looked at; ``None`` when nothing was ever computed."""
        last = self.search([], limit=1)
        return last.date_start - OVERLAP if last else None

    def _analyze(self, table):
        """Let the planner know a table that a full run filled; autovacuum sees the rest."""
        if self.is_full:
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))

    def _create_work_tables(self):
        """Temporary tables of this transaction; a second run in it starts afresh."""
        self.env.cr.execute(
            """
            DROP TABLE IF EXISTS attribution_dirty, attribution_lock, attribution_want,
                                 attribution_target, attribution_person, attribution_journey,
                                 attribution_taken, attribution_summed;
            CREATE TEMP TABLE attribution_dirty (id integer) ON COMMIT DROP;
            CREATE TEMP TABLE attribution_lock ON COMMIT DROP AS
                SELECT company.id AS company_id,
                       COALESCE(MAX(lock.date), '0001-01-01'::date) AS date
                  FROM res_company company
                  LEFT JOIN marketing_attribution_lock lock
                         ON lock.company_id = company.id AND lock.active
                 GROUP BY company.id;
            ANALYZE attribution_lock;
            """
        )
