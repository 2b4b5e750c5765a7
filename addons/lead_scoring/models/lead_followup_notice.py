from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

KINDS = [
    ("assigned", "New leads for you"),
    ("reminder", "Please respond soon"),
    ("taken_away", "Given to somebody else: no response in time"),
    ("escalated", "Nobody responded: please decide"),
    ("recycle_soon", "Will return to the public pool soon"),
    ("recycled", "Returned to the public pool"),
    ("stale", "Untouched for too long"),
    ("stale_manager", "Untouched for too long, by your people"),
]
GROUPING_MINUTES = 5


class LeadFollowupNotice(models.Model):
    """What somebody has to be told about a lead. Notices wait a few minutes and go out as one
    message per person, by inbox or mail as each has chosen, so that nobody gets fifty.
    """

    _name = "lead.followup.notice"
    _description = "Lead Notice"
    _order = "id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(KINDS, required=True)
    date = fields.Datetime(required=True)
    is_sent = fields.Boolean()

    _unsent_idx = models.Index("(user_id) WHERE is_sent IS NOT TRUE")

    @api.model
    def _add(self, kind: str, rows: list[tuple[int, int]]):
        """Tell users about leads: ``rows`` of (lead, user), in one statement."""
        rows = [row for row in rows if row[1] and row[1] != self.env.uid]
        if not rows:
            return
        now = self.env.cr.now()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO lead_followup_notice
                       (lead_id, user_id, kind, date, is_sent,
                        create_uid, create_date, write_uid, write_date)
                SELECT fact.lead, fact.person, %(kind)s, %(now)s, FALSE,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM UNNEST(%(leads)s, %(users)s) AS fact(lead, person)
             RETURNING id
                """,
                kind=kind,
                now=now,
                uid=self.env.uid,
                leads=[lead for lead, _user in rows],
                users=[user for _lead, user in rows],
            )
        )
        cron = self.env.ref("lead_scoring.ir_cron_lead_notice", raise_if_not_found=False)
        if cron:
            # sudo: whatever somebody is told about, the job has to be woken
            cron.sudo()._trigger(now + timedelta(minutes=GROUPING_MINUTES))

    @api.model
    def _cron_send(self):
        """One message per person with everything there is to say."""
        notices = self.search([("is_sent", "=", False)], order="id")
        people = notices.grouped("user_id")
        self.env["ir.cron"]._commit_progress(remaining=len(people))
        for user, mine in people.items():
            mine = mine.try_lock_for_update()
            mine.is_sent = True
            if user.active and mine:
                mine._send_to(user)
            if not self.env["ir.cron"]._commit_progress(1):
                return

    def _send_to(self, user):
        """The message, in the language of the person."""
        notices = self.with_context(lang=user.lang)
        labels = dict(notices._fields["kind"]._description_selection(notices.env))
        body = Markup()
        for kind, group in notices.grouped("kind").items():
            leads = group.lead_id
            shown = Markup().join(
                Markup("<li>%s</li>") % lead._get_html_link(title=lead.name) for lead in leads[:10]
            )
            more = len(leads) - 10
            if more > 0:
                shown += Markup("<li>%s</li>") % notices.env._("… and %(count)s more", count=more)
            body += Markup("<p><b>%s</b></p><ul>%s</ul>") % (labels[kind], shown)
        self.env["mail.thread"].with_context(lang=user.lang).message_notify(
            partner_ids=user.partner_id.ids,
            subject=notices._get_subject(),
            body=body,
        )

    def _get_subject(self) -> str:
        """Of the one lead, or how many there are."""
        leads = self.lead_id
        if len(leads) == 1:
            return self.env._("A lead wants your attention: %(lead)s", lead=leads.name)
        return self.env._("%(count)s leads want your attention", count=len(leads))

    @api.autovacuum
    def _gc_notices(self):
        """Sent notices are kept for a quarter, to know what was said."""
        limit = fields.Datetime.now() - timedelta(days=90)
        self.search([("is_sent", "=", True), ("date", "<", limit)]).unlink()
