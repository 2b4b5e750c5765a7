import logging

from psycopg2 import IntegrityError, OperationalError

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class LeadScoreQueue(models.Model):
    """Leads whose facts changed and whose score is due.

    Marks are only ever appended, so that no writer waits for another; the job takes them with
    SKIP LOCKED, so that any number of workers can share it. A mark commits with the change it
    stands for and is deleted with the score it leads to: neither can be lost.
    """

    _name = "lead.score.queue"
    _description = "Leads Waiting to Be Scored"
    _log_access = False
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", required=True, index=True, ondelete="cascade")
    reason = fields.Selection(
        [("facts", "Changed facts"), ("merge", "Merged leads"), ("time", "Passing time")],
        required=True,
        default="facts",
    )

    @api.model
    def _mark(self, lead_ids: SQL, reason="facts"):
        """Mark leads given as a SELECT of ids, and wake the job."""
        if not self.env["lead.score.model"]._has_live_sets():
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lead_score_queue (lead_id, reason)
                SELECT marked.id, %s FROM (%s) AS marked(id)
                """,
                reason,
                lead_ids,
            )
        )
        if self.env.cr.rowcount:
            self._wake()

    @api.model
    def _mark_leads(self, leads, reason="facts"):
        if leads:
            self._mark(SQL("SELECT unnest(%s)", list(leads.ids)), reason)

    @api.model
    def _wake(self):
        """Wake the job once per transaction, however many marks it makes."""
        pending = self.env.cr.precommit.data
        if not pending.get("lead_scoring.woken"):
            pending["lead_scoring.woken"] = True
            # sudo: whoever edits a lead may ask for its score without rights on jobs
            self.env.ref("lead_scoring.ir_cron_score_queue").sudo()._trigger()

    @api.model
    def _wake_at(self, moment):
        """Have the job run at a moment in the future, unless it runs before that anyway.

        Each run sees to the moment after it: one appointment is enough.
        """
        # sudo: whoever edits a lead may make an appointment without rights on jobs
        cron = self.env.ref("lead_scoring.ir_cron_score_queue").sudo()
        appointments = (
            self.env["ir.cron.trigger"]
            .sudo()
            .search_count(
                [
                    ("cron_id", "=", cron.id),
                    ("call_at", ">", fields.Datetime.now()),
                    ("call_at", "<=", moment),
                ],
                limit=1,
            )
        )
        if not appointments:
            cron._trigger(at=max(moment, fields.Datetime.now()))

    @api.model
    def _cron_process(self, batch_size=2000):
        """Score marked leads batch by batch until none is left or the job's time is up."""
        cron = self.env["ir.cron"]
        self._mark_due()
        cron._commit_progress(remaining=self.search_count([]))
        while taken := self._process_batch(batch_size):
            if not cron._commit_progress(taken):
                break
        self._wake_for_next()

    @api.model
    def _mark_due(self):
        """Mark the leads that time alone may have carried across a threshold by now."""
        self.env.cr.execute(
            SQL(
                """
                WITH due AS (
                    SELECT id FROM lead_score_result WHERE date_due <= %s
                       FOR NO KEY UPDATE SKIP LOCKED
                ), seen AS (
                    UPDATE lead_score_result result SET date_due = NULL FROM due
                     WHERE result.id = due.id
                 RETURNING result.lead_id
                )
                INSERT INTO lead_score_queue (lead_id, reason)
                SELECT DISTINCT lead_id, 'time' FROM seen
                """,
                fields.Datetime.now(),
            )
        )

    @api.model
    def _wake_for_next(self):
        [(moment,)] = self.env.execute_query(SQL("SELECT min(date_due) FROM lead_score_result"))
        if moment:
            self._wake_at(moment)

    @api.model
    def _process_batch(self, batch_size: int) -> int:
        """Take marks, score their leads, forget the marks: one transaction.

        Leads somebody is just writing to keep their mark for the next batch of another run.
        """
        try:
            with self.env.cr.savepoint():
                marks = self._take(batch_size)
                for reason in ("merge", "facts", "time"):
                    lead_ids = {lead_id for __, lead_id, why in marks if why == reason}
                    if lead_ids:
                        leads = self.env["crm.lead"].browse(lead_ids)
                        self.env["lead.score.model"]._score_leads(leads, reason)
        except (IntegrityError, OperationalError):
            # another worker scored the same lead at the same moment: its marks are still there
            _logger.info("Scores computed elsewhere at the same time: will be tried again.")
            return 0
        return len(marks)

    @api.model
    def _take(self, batch_size: int) -> list[tuple[int, int, str]]:
        self.env.cr.execute(
            SQL(
                """
                WITH mark AS (
                    SELECT queue.id, queue.lead_id, queue.reason
                      FROM lead_score_queue queue
                      JOIN crm_lead lead ON lead.id = queue.lead_id
                     ORDER BY queue.id LIMIT %s
                       FOR NO KEY UPDATE OF queue, lead SKIP LOCKED
                )
                DELETE FROM lead_score_queue USING mark WHERE lead_score_queue.id = mark.id
                RETURNING mark.id, mark.lead_id, mark.reason
                """,
                batch_size,
            )
        )
        return self.env.cr.fetchall()
