import logging

from psycopg2 import IntegrityError, OperationalError

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: Leads scored per transaction of a full re-evaluation.
BATCH_SIZE = 10_000


class LeadScoreRun(models.Model):
    """A full re-evaluation of one rule set: resumable, interruptible, repeatable.

    Goes through the leads in the order of their ids and remembers, in the same transaction as
    the scores, how far it got: whatever stops it, the next run continues after the last lead
    that is really done.
    """

    _name = "lead.score.run"
    _description = "Lead Score Evaluation"
    _order = "id desc"

    model_id = fields.Many2one(
        "lead.score.model", "Rule Set", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="model_id.company_id", store=True, index=True)
    reason = fields.Selection(
        [("publish", "New rules"), ("time", "Passing time"), ("facts", "On request")],
        required=True,
        readonly=True,
        default="publish",
    )
    state = fields.Selection(
        [
            ("todo", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="todo",
        index=True,
    )
    last_lead_id = fields.Integer("Done Up To", readonly=True, aggregator=None)
    total_count = fields.Integer("Leads", readonly=True)
    done_count = fields.Integer("Done", readonly=True)
    progress = fields.Float(compute="_compute_progress", aggregator=None)
    date_start = fields.Datetime("Started", readonly=True)
    date_end = fields.Datetime("Ended", readonly=True)

    @api.depends("total_count", "done_count", "state")
    def _compute_progress(self):
        for run in self:
            if run.state == "done" or not run.total_count:
                run.progress = 100.0 if run.state == "done" else 0.0
            else:
                run.progress = min(100.0, 100.0 * run.done_count / run.total_count)

    @api.depends("model_id", "reason")
    def _compute_display_name(self):
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        for run in self:
            run.display_name = f"{run.model_id.name}: {reasons[run.reason]}"

    def action_cancel(self):
        self.filtered(lambda run: run.state in ("todo", "running")).write({"state": "cancelled"})

    @api.model
    def _start(self, models_, reason: str):
        """Queue a full evaluation, replacing one that is still going on for the same rules."""
        self.search(
            [("model_id", "in", models_.ids), ("state", "in", ("todo", "running"))]
        ).action_cancel()
        runs = self.create([{"model_id": model.id, "reason": reason} for model in models_])
        # sudo: whoever publishes rules may wake the job without rights on jobs
        self.env.ref("lead_scoring.ir_cron_score_run").sudo()._trigger()
        return runs

    @api.model
    def _cron_process(self):
        """Work through the waiting evaluations, one batch of leads per transaction."""
        cron = self.env["ir.cron"]
        domain = [("state", "in", ("todo", "running"))]
        cron._commit_progress(remaining=self.search_count(domain))
        while run := self.search(domain, order="id", limit=1):
            if not run.try_lock_for_update():
                break
            advanced = run._advance()
            left = cron._commit_progress(1 if run.state == "done" else 0)
            if not advanced or not left:
                break

    @api.model
    def _cron_nightly(self):
        """Decay, windows and relative dates: evaluate every live rule set again."""
        live = self.env["lead.score.model"].search([("state", "in", ("active", "shadow"))])
        busy = self.search([("state", "in", ("todo", "running"))]).model_id
        self._start(live - busy, "time")

    def _advance(self, batch_size=BATCH_SIZE) -> bool:
        """Score the next batch; False when it has to be tried again in a new transaction."""
        self.ensure_one()
        if self.model_id.state not in ("active", "shadow"):
            self.state = "cancelled"
            return True
        domain = self.model_id._get_eligible_domain()
        if self.state == "todo":
            self._begin(domain)
        try:
            with self.env.cr.savepoint():
                upper, count = self._next_batch(domain, batch_size)
                if count:
                    self.env["lead.score.engine"]._score(
                        self.model_id,
                        domain & Domain("id", ">", self.last_lead_id) & Domain("id", "<=", upper),
                        self.reason,
                    )
        except (IntegrityError, OperationalError):
            _logger.info("Leads changed while they were scored: the batch will be tried again.")
            return False
        self.write(
            {"last_lead_id": upper, "done_count": self.done_count + count}
            if count
            else {"state": "done", "date_end": fields.Datetime.now()}
        )
        self.flush_recordset()
        return True

    def _begin(self, domain):
        # sudo: a full evaluation is about all leads, whoever starts it
        leads = self.env["crm.lead"].sudo()
        self.write(
            {
                "state": "running",
                "date_start": fields.Datetime.now(),
                "total_count": leads.search_count(domain),
            }
        )

    def _next_batch(self, domain, batch_size) -> tuple[int | None, int]:
        query = self.env["lead.score.engine"]._lead_query(
            self.model_id, domain & Domain("id", ">", self.last_lead_id)
        )
        query.limit = batch_size
        self.env.cr.execute(
            SQL("SELECT max(batch.id), count(*) FROM (%s) AS batch(id)", query.select())
        )
        return self.env.cr.fetchone()
