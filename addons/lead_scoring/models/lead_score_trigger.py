import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError

_logger = logging.getLogger(__name__)


class LeadScoreTrigger(models.Model):
    """What starts when a lead becomes, or ceases to be, marketing qualified.

    Once per crossing, not once per life: a lead that cools down and comes back is handed over
    again. The crossing and the action's outcome are logged together.
    """

    _name = "lead.score.trigger"
    _description = "Action on Lead Qualification"
    _order = "sequence, id"

    model_id = fields.Many2one(
        "lead.score.model", "Rule Set", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="model_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    direction = fields.Selection(
        [("enter", "Becomes qualified"), ("leave", "Is no longer qualified")],
        "When",
        required=True,
        default="enter",
    )
    action = fields.Selection(
        [
            ("activity", "Schedule an activity"),
            ("note", "Post a note"),
            ("server", "Run a server action"),
        ],
        "Do",
        required=True,
        default="activity",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        "Activity Type",
        domain="['|', ('res_model', '=', False), ('res_model', '=', 'crm.lead')]",
        ondelete="restrict",
    )
    activity_days = fields.Integer("Due In (days)")
    text = fields.Char("Summary", translate=True)
    server_action_id = fields.Many2one(
        "ir.actions.server",
        "Server Action",
        domain="[('model_id.model', '=', 'crm.lead')]",
        ondelete="restrict",
    )

    @api.constrains("action", "activity_type_id", "server_action_id", "text")
    def _check_action(self):
        needed = {
            "activity": ("activity_type_id", self.env._("an activity type")),
            "server": ("server_action_id", self.env._("a server action")),
            "note": ("text", self.env._("a text")),
        }
        for trigger in self:
            field, label = needed[trigger.action]
            if not trigger[field]:
                raise ValidationError(
                    self.env._("An action on qualification needs %(what)s.", what=label)
                )
            if trigger.action == "server" and trigger.server_action_id.model_name != "crm.lead":
                raise ValidationError(self.env._("The server action must be for leads."))

    def _run(self, crossing):
        self.ensure_one()
        getattr(self, f"_run_{self.action}")(crossing.lead_id)

    def _run_activity(self, lead):
        """For the salesperson, else the team's leader; without either, for nobody."""
        responsible = lead.user_id or lead.team_id.user_id
        if not responsible:
            raise ValueError(self.env._("The lead has neither a salesperson nor a team leader."))
        lead.activity_schedule(
            activity_type_id=self.activity_type_id.id,
            summary=self.with_context(lang=responsible.lang).text or False,
            user_id=responsible.id,
            date_deadline=fields.Date.add(fields.Date.today(), days=self.activity_days),
        )

    def _run_note(self, lead):
        lead.message_post(body=self.text)

    def _run_server(self, lead):
        self.server_action_id.with_context(
            active_model=lead._name, active_id=lead.id, active_ids=lead.ids
        ).run()


class LeadScoreTriggerLog(models.Model):
    """That an action ran for a crossing, once, and how it ended."""

    _name = "lead.score.trigger.log"
    _description = "Action on Lead Qualification: Log"
    _order = "id desc"
    _rec_name = "trigger_id"

    trigger_id = fields.Many2one(
        "lead.score.trigger", "Action", required=True, readonly=True, ondelete="cascade"
    )
    crossing_id = fields.Many2one(
        "lead.score.crossing", required=True, readonly=True, index=True, ondelete="cascade"
    )
    lead_id = fields.Many2one(related="crossing_id.lead_id", store=True, index=True)
    state = fields.Selection([("done", "Done"), ("failed", "Failed")], required=True, readonly=True)
    error = fields.Char(readonly=True)

    _once_per_crossing = models.UniqueIndex("(trigger_id, crossing_id)")
