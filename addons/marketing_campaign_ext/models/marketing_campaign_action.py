import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

KINDS = [
    ("activity_plan", "Launch an activity plan"),
    ("review", "Ask for a review"),
    ("mailing", "Prepare a mailing"),
    ("followup", "Follow up on people"),
]

TRIGGERS = [
    ("approval", "after the approval"),
    ("start", "from the start"),
    ("end", "from the end"),
    ("done", "after closing"),
]


class MarketingCampaignAction(models.Model):
    """Work that a campaign does by itself at a moment of its life, once.

    An action is due ``delay_days`` after its trigger (before it, when negative): the approval,
    the planned start or end, or the closing. It runs once the campaign is approved and the due
    date has come, at once when a button brings the moment, by the daily job otherwise. Until then
    it can be read, with what it will do (``preview``), changed, skipped or run by hand.
    Cancelling the campaign skips what has not run. What has run never runs again.
    """

    _name = "marketing.campaign.action"
    _description = "Planned Action of a Campaign"
    _order = "campaign_id, sequence, id"

    campaign_id = fields.Many2one("utm.campaign", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, required=True, default="activity_plan")
    name = fields.Char(
        string="Subject", help="Subject of the mailing, or summary of the activities."
    )
    trigger = fields.Selection(TRIGGERS, string="When", required=True, default="approval")
    delay_days = fields.Integer(string="Days", help="Days after; negative: days before.")
    date_due = fields.Date(string="Due", compute="_compute_date_due", store=True)
    activity_plan_id = fields.Many2one(
        "mail.activity.plan",
        string="Activity Plan",
        domain="[('res_model', '=', 'utm.campaign')]",
        ondelete="restrict",
    )
    is_scheduled = fields.Boolean(
        string="Send",
        help="Schedule the mailing for the next day. Otherwise it stays a draft to be checked.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain="[('share', '=', False)]",
        help="Empty: the responsible of the campaign.",
    )
    state = fields.Selection(
        [("planned", "Planned"), ("done", "Done"), ("skipped", "Skipped")],
        default="planned",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    date_done = fields.Datetime(string="Done on", readonly=True, copy=False)
    result = fields.Char(readonly=True, copy=False)
    preview = fields.Char(string="What it will do", compute="_compute_preview")

    _plan_named = models.Constraint(
        "CHECK(kind != 'activity_plan' OR activity_plan_id IS NOT NULL)",
        "Choose the activity plan that the action launches.",
    )

    # ------------------------------------------------------------------ computes

    @api.depends(
        "trigger",
        "delay_days",
        "campaign_id.date_start",
        "campaign_id.date_end",
        "campaign_id.date_approved",
        "campaign_id.date_done",
    )
    def _compute_date_due(self):
        for action in self:
            base = action.campaign_id[action._get_trigger_fields()[action.trigger]]
            action.date_due = base and base + timedelta(days=action.delay_days)

    @api.depends(
        "kind", "state", "result", "activity_plan_id", "campaign_id", "is_scheduled", "name"
    )
    @api.depends_context("lang")
    def _compute_preview(self):
        for action in self:
            if action.state != "planned":
                action.preview = action.result
            elif action.kind:
                action.preview = getattr(action, f"_preview_{action.kind}")()
            else:
                action.preview = False

    # ------------------------------------------------------------------ CRUD

    def write(self, vals):
        if not self.env.su and "state" in vals:
            raise AccessError(self.env._("Run or skip planned work; its state is not typed."))
        if vals.keys() - {"sequence"}:
            self._check_planned()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_planned(self):
        self._check_planned()

    def _check_planned(self):
        if not self.env.su and any(action.state == "done" for action in self):
            raise UserError(self.env._("This work is done: it stays as it was."))

    # ------------------------------------------------------------------ actions

    def action_run(self):
        """Run planned actions now, whatever their date."""
        self.check_access("write")
        not_approved = self.filtered(
            lambda action: action.campaign_id.state not in ("approved", "running", "done")
        )
        if not_approved:
            raise UserError(
                self.env._(
                    "%(campaign)s is not approved: its actions cannot run yet.",
                    campaign=not_approved[0].campaign_id.title,
                )
            )
        self._run()

    def action_skip(self):
        self.check_access("write")
        # sudo: the state is kept by the buttons, never typed
        self.sudo().filtered(lambda action: action.state == "planned").write({"state": "skipped"})

    @api.model
    def _cron_run_due(self):
        """Run what is due, each action in its own transaction; a failing one stops no other."""
        due = self.search(self._get_due_domain())
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        failures = []
        for action in due:
            try:
                action._run()
            except Exception as error:
                self.env.cr.rollback()
                _logger.exception("Campaign action %s failed", action.id)
                failures.append(error)
            if not cron._commit_progress(1):
                break
        if failures:
            raise failures[-1]

    # ------------------------------------------------------------------ business

    def _run_due(self):
        """Run those of the set that are due today."""
        # sudo: the moment has come, whoever has brought it
        self.sudo().filtered_domain(self._get_due_domain())._run()

    def _run(self):
        """Do what is planned and remember it; rows that somebody else runs are left alone."""
        # sudo: marketers may lack the rights on mailings, leads or registrations that an
        # approved campaign works with; what happens was readable before
        for action in (
            self.sudo().try_lock_for_update().filtered(lambda action: action.state == "planned")
        ):
            result = getattr(action, f"_run_{action.kind}")()
            action.write({"state": "done", "date_done": fields.Datetime.now(), "result": result})
            action.campaign_id.message_post(body=result)

    def _get_responsible(self):
        self.ensure_one()
        return self.user_id or self.campaign_id.user_id

    # Activity plan

    def _preview_activity_plan(self):
        return self.env._(
            "Launches %(plan)s: %(count)s activities",
            plan=self.activity_plan_id.name or "",
            count=len(self.activity_plan_id.template_ids),
        )

    def _run_activity_plan(self):
        campaign = self.campaign_id
        self.env["mail.activity.schedule"].create(
            {
                "res_model": campaign._name,
                "res_ids": repr(campaign.ids),
                "plan_id": self.activity_plan_id.id,
                "plan_date": self.date_due or fields.Date.context_today(self),
                "plan_on_demand_user_id": self._get_responsible().id,
            }
        ).action_schedule_plan()
        return self.env._("Activity plan launched: %(plan)s", plan=self.activity_plan_id.name)

    # Review

    def _preview_review(self):
        return self.env._("Asks %(user)s for a review", user=self._get_responsible().name or "")

    def _run_review(self):
        self.campaign_id.activity_schedule(
            "marketing_campaign_ext.mail_activity_type_review",
            user_id=self._get_responsible().id,
            **({"summary": self.name} if self.name else {}),
        )
        return self.env._("Review asked from %(user)s", user=self._get_responsible().name)

    # Mailing

    def _preview_mailing(self):
        count = self._count_mailing_recipients()
        if self.is_scheduled:
            return self.env._("Schedules a mailing to %(count)s people", count=count)
        return self.env._("Drafts a mailing to %(count)s people", count=count)

    def _count_mailing_recipients(self):
        model, domain = self._get_mailing_audience()
        # sudo: the number of recipients, not who they are
        return self.env[model].sudo().search_count(domain)

    def _get_mailing_audience(self):
        """Model and domain of the recipients: who attended, else the leads of the campaign."""
        self.ensure_one()
        if "event.registration" in self.env and getattr(
            self.env["event.registration"], "_mailing_enabled", False
        ):
            domain = [
                ("utm_campaign_id", "=", self.campaign_id._origin.id),
                ("state", "=", "done"),
                ("email", "!=", False),
            ]
            # sudo: whether anybody attended decides about the audience
            if self.env["event.registration"].sudo().search_count(domain, limit=1):
                return "event.registration", domain
        return "crm.lead", [
            ("campaign_id", "=", self.campaign_id._origin.id),
            ("email_from", "!=", False),
        ]

    def _run_mailing(self):
        mailing = self.env["mailing.mailing"].create(self._prepare_mailing_vals())
        if self.is_scheduled:
            mailing.write(
                {
                    "schedule_type": "scheduled",
                    "schedule_date": fields.Datetime.now() + timedelta(days=1),
                }
            )
            mailing.action_put_in_queue()
            return self.env._("Mailing scheduled: %(subject)s", subject=mailing.subject)
        self.campaign_id.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self._get_responsible().id,
            summary=self.env._("Check and send the mailing %(subject)s", subject=mailing.subject),
        )
        return self.env._("Mailing drafted: %(subject)s", subject=mailing.subject)

    def _prepare_mailing_vals(self):
        model, domain = self._get_mailing_audience()
        subject = self.name or self.env._("Thank you")
        body = self.env._("Thank you for your interest. We are glad to hear from you.")
        return {
            "subject": subject,
            "campaign_id": self.campaign_id.id,
            "user_id": self._get_responsible().id,
            "mailing_type": "mail",
            "mailing_model_id": self.env["ir.model"]._get_id(model),
            "mailing_domain": repr(domain),
            "body_arch": f"<div><p>{body}</p></div>",
            "body_html": f"<div><p>{body}</p></div>",
        }

    # Follow-up

    def _preview_followup(self):
        return self.env._(
            "Plans a call with %(count)s people", count=len(self._get_people_to_follow_up())
        )

    def _run_followup(self):
        people = self._get_people_to_follow_up()
        for person in people:
            responsible = person.user_id if "user_id" in person._fields else self.env["res.users"]
            person.activity_schedule(
                "mail.mail_activity_data_call",
                user_id=(responsible or self._get_responsible()).id,
                summary=self.name
                or self.env._("Follow up on %(campaign)s", campaign=self.campaign_id.title),
            )
        return self.env._("Calls planned: %(count)s", count=len(people))

    def _get_people_to_follow_up(self):
        """Attendees without an opportunity; without events, open leads that nobody works on."""
        self.ensure_one()
        campaign_id = self.campaign_id._origin.id
        # sudo: who is to be followed up depends on the campaign, not on the reader
        if "event.registration" in self.env:
            attendees = (
                self.env["event.registration"]
                .sudo()
                .search([("utm_campaign_id", "=", campaign_id), ("state", "=", "done")])
            )
            if attendees:
                return attendees - self._get_attendees_with_opportunity(attendees)
        return (
            self.env["crm.lead"]
            .sudo()
            .search(
                [
                    ("campaign_id", "=", campaign_id),
                    ("won_status", "=", "pending"),
                    ("activity_ids", "=", False),
                ]
            )
        )

    def _get_attendees_with_opportunity(self, attendees):
        """Attendees whose address is on an opportunity that is not lost."""
        emails = {attendee.email.strip().lower() for attendee in attendees if attendee.email}
        # sudo: an opportunity of any salesperson counts
        known = set(
            self.env["crm.lead"]
            .sudo()
            .search([("type", "=", "opportunity"), ("email_normalized", "in", list(emails))])
            .mapped("email_normalized")
        )
        return attendees.filtered(lambda attendee: (attendee.email or "").strip().lower() in known)

    # ------------------------------------------------------------------ hooks

    @api.model
    def _get_trigger_fields(self):
        """The date of the campaign that each trigger counts from."""
        return {
            "approval": "date_approved",
            "start": "date_start",
            "end": "date_end",
            "done": "date_done",
        }

    @api.model
    def _get_due_domain(self):
        return (
            Domain("state", "=", "planned")
            & Domain("campaign_id.state", "in", ("approved", "running", "done"))
            & Domain("date_due", "<=", fields.Date.context_today(self))
            & Domain("campaign_id.active", "=", True)
        )
