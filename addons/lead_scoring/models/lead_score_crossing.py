import logging

from odoo import api, fields, models

_logger = logging.getLogger(__name__)


class LeadScoreCrossing(models.Model):
    """A lead became marketing qualified, or ceased to be: once each, numbered per lead."""

    _name = "lead.score.crossing"
    _description = "Lead Qualification Crossing"
    _order = "date desc, id desc"
    _log_access = False
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade")
    model_id = fields.Many2one(
        "lead.score.model", "Rule Set", required=True, readonly=True, index=True, ondelete="cascade"
    )
    number = fields.Integer(required=True, readonly=True, aggregator=None)
    direction = fields.Selection(
        [("enter", "Became qualified"), ("leave", "No longer qualified")],
        required=True,
        readonly=True,
    )
    date = fields.Datetime(required=True, readonly=True)
    score = fields.Integer(readonly=True, aggregator="avg")
    grade = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("todo", "Actions to start"),
            ("done", "Actions started"),
            ("silent", "Without actions"),
        ],
        "Actions",
        required=True,
        readonly=True,
        default="todo",
        help="Whether the actions of the rule set (activities, notes, server actions) were "
        "started. Crossings found while publishing rules start none unless the rule set says so.",
    )
    log_ids = fields.One2many("lead.score.trigger.log", "crossing_id", "Started Actions")

    _lead_number_unique = models.UniqueIndex("(lead_id, number)")
    _todo = models.Index("(id) WHERE state = 'todo'")

    @api.model
    def _cron_process(self, batch_size=100):
        """Start the actions of new crossings; one that fails is logged and stops no other."""
        cron = self.env["ir.cron"]
        domain = [("state", "=", "todo")]
        cron._commit_progress(remaining=self.search_count(domain))
        while crossings := self.search(domain, order="id", limit=batch_size):
            crossings = crossings.try_lock_for_update()
            if not crossings:
                break
            crossings._start_actions()
            if not cron._commit_progress(len(crossings)):
                break

    def _start_actions(self):
        log_vals = []
        for crossing in self:
            triggers = crossing.model_id.trigger_ids.filtered(
                lambda trigger, crossing=crossing: trigger.direction == crossing.direction
            )
            log_vals += [crossing._start_action(trigger) for trigger in triggers]
        self.env["lead.score.trigger.log"].create(log_vals)
        self.write({"state": "done"})

    def _start_action(self, trigger) -> dict:
        error = False
        try:
            with self.env.cr.savepoint():
                trigger._run(self)
        except Exception as failure:
            _logger.warning("Action %s for crossing %s failed", trigger.id, self.id, exc_info=True)
            error = str(failure)
        return {
            "trigger_id": trigger.id,
            "crossing_id": self.id,
            "state": "failed" if error else "done",
            "error": error,
        }
