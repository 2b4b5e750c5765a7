from collections import defaultdict
from datetime import timedelta

from pytz import utc

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.followup import deadline, working_seconds

HORIZON_DAYS = 60


class LeadFollowupEngine(models.AbstractModel):
    """Follow-up from facts: who has had which lead since when, and what was done since.

    No write path can miss it, because nothing is remembered at write time: each run reads
    the present salesperson, the day the lead was received and the real actions.
    """

    _name = "lead.followup.engine"
    _description = "Lead Follow-up Engine"

    @api.model
    def _cron_follow_up(self):
        """Clocks, reminders, re-routing, public pool, stale opportunities, lost leads."""
        steps = (
            self._run_clocks,
            self._recycle,
            self._warn_before_recycling,
            self._call_for_stale,
            self._revive_lost,
        )
        self.env["ir.cron"]._commit_progress(remaining=len(steps))
        for step in steps:
            self.env["lead.assignment.engine"]._retrying(step)
            if not self.env["ir.cron"]._commit_progress(1):
                return

    # ------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------

    @api.model
    def _get_action_queries(self) -> list[SQL]:
        """Hook: real actions on a lead, as SELECT lead_id, user_id, date.

        A person's sent mail, done call or meeting, planned meeting, quotation. Notes do not
        count. ``user_id`` NULL: whoever did it.
        """
        mail = self.env.ref("mail.mt_comment").id
        email_type = self.env.ref("mail.mail_activity_data_email", raise_if_not_found=False)
        queries = [
            SQL(
                """SELECT message.res_id AS lead_id, account.id AS user_id, message.date
                     FROM mail_message message
                     JOIN res_users account ON account.partner_id = message.author_id
                LEFT JOIN mail_activity_type type ON type.id = message.mail_activity_type_id
                    WHERE message.model = 'crm.lead'
                      AND (message.message_type IN ('comment', 'email_outgoing')
                           AND message.subtype_id = %s
                           OR type.category IN ('phonecall', 'meeting') OR type.id = %s)""",
                mail,
                email_type.id if email_type else 0,
            ),
            SQL(
                """SELECT opportunity_id, user_id, create_date
                     FROM calendar_event WHERE opportunity_id IS NOT NULL"""
            ),
            SQL(
                """SELECT id, NULL::int, date_last_stage_update
                     FROM crm_lead WHERE date_last_stage_update > date_open"""
            ),
        ]
        order = self.env.get("sale.order")
        if order is not None and "opportunity_id" in order._fields:
            queries.append(
                SQL(
                    """SELECT opportunity_id, create_uid, create_date
                         FROM sale_order WHERE opportunity_id IS NOT NULL"""
                )
            )
        return queries

    @api.model
    def _get_status_query(self, domain=None) -> SQL:
        """Owned open leads: policy, since when, first and last action, when they are due back."""
        Lead = self.env["crm.lead"].sudo()  # follow-up concerns every lead, whoever asks
        owned = Domain(
            [("user_id", "!=", False), ("active", "=", True), ("won_status", "=", "pending")]
        )
        query = Lead._search(owned & (domain or Domain.TRUE))
        return SQL(
            """
            SELECT held.lead_id, held.user_id, held.policy_id, held.date_start,
                   MIN(action.date) AS first_action, MAX(action.date) AS last_action,
                   CASE WHEN held.recycle AND held.followup_protected IS NOT TRUE
                        THEN LEAST(held.date_start + held.longest,
                             GREATEST(held.date_start + held.protect,
                                      MAX(action.date) + held.extend)) END AS date_recycle
              FROM (SELECT lead.id AS lead_id, lead.user_id, lead.followup_protected,
                           lead.date_open,
                           policy.id AS policy_id, policy.recycle,
                           GREATEST(lead.date_open, policy.date_start) AS date_start,
                           policy.protect_days * INTERVAL '1 day' AS protect,
                           policy.extend_days * INTERVAL '1 day' AS extend,
                           policy.longest_days * INTERVAL '1 day' AS longest
                      FROM crm_lead lead
                      JOIN (%(policies)s) AS match ON match.lead_id = lead.id
                      JOIN lead_followup_policy policy ON policy.id = match.policy_id
                     WHERE lead.id IN %(leads)s AND lead.date_open IS NOT NULL) held
         LEFT JOIN (%(actions)s) AS action
                ON action.lead_id = held.lead_id
               AND action.date >= held.date_start AND action.date <= %(now)s
               AND (action.user_id IS NULL OR action.user_id = held.user_id)
          GROUP BY held.lead_id, held.user_id, held.policy_id, held.date_start, held.recycle,
                   held.followup_protected, held.protect, held.extend, held.longest
            """,
            policies=self._get_policy_query(),
            leads=query.subselect(),
            actions=SQL(" UNION ALL ").join(self._get_action_queries()),
            now=self.env.cr.now(),
        )

    def _get_policy_query(self) -> SQL:
        """SELECT lead_id, policy_id: the first policy that takes each lead."""
        Lead = self.env["crm.lead"].sudo()
        selects = []
        for number, policy in enumerate(self.env["lead.followup.policy"].sudo().search([])):
            query = Lead._search(policy._get_lead_domain())
            selects.append(
                query.select(
                    SQL("%s AS lead_id", SQL.identifier(query.table, "id")),
                    SQL("%s AS policy_id", policy.id),
                    SQL("%s AS number", number),
                )
            )
        if not selects:
            return SQL("SELECT NULL::int AS lead_id, NULL::int AS policy_id WHERE FALSE")
        return SQL(
            "SELECT DISTINCT ON (lead_id) lead_id, policy_id FROM (%s) AS matched"
            " ORDER BY lead_id, number",
            SQL(" UNION ALL ").join(SQL("(%s)", select) for select in selects),
        )

    @api.model
    def _read_status(self, domain=None) -> list[dict]:
        """The rows of the status query, on flushed facts."""
        for model in ("crm.lead", "mail.message", "calendar.event", "lead.followup.policy"):
            self.env[model].flush_model()
        if "sale.order" in self.env:
            self.env["sale.order"].flush_model()
        return self.env.execute_query_dict(self._get_status_query(domain))

    # ------------------------------------------------------------
    # Response time
    # ------------------------------------------------------------

    def _run_clocks(self):
        """Open, answer, end, remind, and act on what is too late."""
        status = self._read_status()
        self._open_clocks(status)
        self._stop_clocks(status)
        now = self.env.cr.now()
        Clock = self.env["lead.followup.clock"].sudo()
        remind = Clock.search(
            [("state", "=", "running"), ("is_reminded", "=", False), ("date_remind", "<=", now)]
        )
        remind.is_reminded = True
        self.env["lead.followup.notice"]._add(
            "reminder", [(clock.lead_id.id, clock.user_id.id) for clock in remind]
        )
        late = Clock.search([("state", "=", "running"), ("date_due", "<=", now)])
        late._handle_breach()

    def _open_clocks(self, status):
        """A clock for each tenure under a policy with a response time that has none yet."""
        Clock = self.env["lead.followup.clock"].sudo()
        policies = self.env["lead.followup.policy"].sudo().search([("response_hours", ">", 0)])
        rows = [row for row in status if row["policy_id"] in policies.ids]
        known = {
            (clock.lead_id.id, clock.user_id.id, clock.date_start)
            for clock in Clock.search([("lead_id", "in", [row["lead_id"] for row in rows])])
        }
        rows = [
            {**row, "date_start": row["date_start"].replace(microsecond=0)}
            for row in rows
            if (row["lead_id"], row["user_id"], row["date_start"].replace(microsecond=0))
            not in known
        ]
        if not rows:
            return
        hops = self._get_hops([row["lead_id"] for row in rows])
        hours = self._get_working_time(rows)
        leads = {
            lead.id: lead
            for lead in self.env["crm.lead"].sudo().browse([row["lead_id"] for row in rows])
        }
        vals_list = []
        for row in rows:
            policy = policies.browse(row["policy_id"])
            seconds = policy.response_hours * 3600
            start, intervals = row["date_start"], hours[row["user_id"]]
            remind = policy.reminder_hours and max(seconds - policy.reminder_hours * 3600, 0)
            vals_list.append(
                {
                    "lead_id": row["lead_id"],
                    "user_id": row["user_id"],
                    "policy_id": policy.id,
                    "source_id": leads[row["lead_id"]].source_id.id,
                    "team_id": leads[row["lead_id"]].team_id.id,
                    "company_id": leads[row["lead_id"]].company_id.id,
                    "date_start": start,
                    "date_due": deadline(intervals, start, seconds),
                    "date_remind": policy.reminder_hours and deadline(intervals, start, remind),
                    "hop": hops.get((row["lead_id"], row["user_id"]), 0),
                }
            )
        Clock.create(vals_list)

    def _get_hops(self, lead_ids) -> dict[tuple[int, int], int]:
        """How often the lead was re-routed before it came to its present owner."""
        Clock = self.env["lead.followup.clock"].sudo()
        groups = Clock._read_group(
            [("lead_id", "in", lead_ids), ("state", "=", "rerouted")], ["lead_id"], ["hop:max"]
        )
        last = {lead.id: hop + 1 for lead, hop in groups}
        given = (
            self.env["lead.assignment.decision"]
            .sudo()
            ._read_group(
                [("lead_id", "in", list(last)), ("user_id", "!=", False)], ["lead_id"], ["id:max"]
            )
        )
        Decision = self.env["lead.assignment.decision"].sudo()
        return {
            (lead.id, decision.user_id.id): last[lead.id]
            for lead, decision in ((lead, Decision.browse(number)) for lead, number in given)
            if decision.trigger == "reroute"
        }

    def _stop_clocks(self, status):
        """Answered where there is an action, ended where the tenure is over."""
        Clock = self.env["lead.followup.clock"].sudo()
        current = {
            (r["lead_id"], r["user_id"], r["date_start"].replace(microsecond=0)): r for r in status
        }
        answered, rows = [], []
        for clock in Clock.search([("state", "=", "running")]):
            row = current.get((clock.lead_id.id, clock.user_id.id, clock.date_start))
            if row is None:
                clock.write({"state": "ended", "date_end": self.env.cr.now()})
            elif row["first_action"]:
                answered.append((clock, row["first_action"].replace(microsecond=0)))
                rows.append(row)
        hours = self._get_working_time(rows)
        for clock, date in answered:
            seconds = working_seconds(hours[clock.user_id.id], clock.date_start, date)
            clock.write(
                {
                    "state": "answered",
                    "date_end": date,
                    "response_hours": seconds / 3600,
                    "is_breached": bool(clock.date_due and date > clock.date_due),
                }
            )

    def _get_working_time(self, rows) -> dict[int, list]:
        """Working intervals of the users, from their earliest lead to the horizon ahead."""
        if not rows:
            return {}
        users = self.env["res.users"].sudo().browse({row["user_id"] for row in rows})
        start = utc.localize(min(row["date_start"] for row in rows) - timedelta(days=1))
        end = utc.localize(self.env.cr.now() + timedelta(days=HORIZON_DAYS))
        Pool = self.env["lead.assignment.pool"]
        engine = self.env["lead.assignment.engine"]
        result = {}
        for calendar, group in users.grouped(
            lambda user: engine._get_user_calendar(user, Pool)
        ).items():
            resources = group.resource_ids[:0].union(*(user.resource_ids[:1] for user in group))
            if calendar:
                worked = calendar._work_intervals_batch(start, end, resources=resources)
            for user in group:
                if not calendar:
                    result[user.id] = [(start.replace(tzinfo=None), end.replace(tzinfo=None))]
                    continue
                result[user.id] = [
                    (
                        begin.astimezone(utc).replace(tzinfo=None),
                        stop.astimezone(utc).replace(tzinfo=None),
                    )
                    for begin, stop, _meta in worked[user.resource_ids[:1].id or False]
                ]
        return result

    # ------------------------------------------------------------
    # Public pool
    # ------------------------------------------------------------

    def _recycle(self):
        """Leads whose protection ended go back to their public pool."""
        now = self.env.cr.now()
        due = [r for r in self._read_status() if r["date_recycle"] and r["date_recycle"] <= now]
        leads = self.env["crm.lead"].sudo().browse([row["lead_id"] for row in due])
        leads = leads.try_lock_for_update()
        rows = [row for row in due if row["lead_id"] in leads.ids]
        by_policy = defaultdict(list)
        for row in rows:
            by_policy[row["policy_id"]].append(row)
        for policy in self.env["lead.followup.policy"].sudo().browse(by_policy):
            mine = by_policy[policy.id]
            self._return_to_pool(
                {row["lead_id"]: row["user_id"] for row in mine}, policy.public_pool_id, "recycle"
            )
        self.env["lead.followup.notice"]._add(
            "recycled", [(row["lead_id"], row["user_id"]) for row in rows]
        )

    @api.model
    def _return_to_pool(self, owners: dict[int, int], pool, trigger: str):
        """Take the leads from their owners and queue them in the pool, with a ledger row."""
        leads = self.env["crm.lead"].sudo().browse(owners)
        leads.write(
            {
                "user_id": False,
                "assignment_pool_id": pool.id,
                "assignment_rule_id": False,
                "assignment_reason": "waiting_claim",
            }
        )
        self.env["lead.assignment.decision"]._record(
            [
                {
                    "lead_id": lead,
                    "pool_id": pool.id,
                    "method": pool.method,
                    "trigger": trigger,
                    "reason": "waiting_claim",
                    "former_user_id": owner,
                }
                for lead, owner in owners.items()
            ]
        )

    def _warn_before_recycling(self):
        """Once per protection: in so many days this will be taken back."""
        now = self.env.cr.now()
        policies = self.env["lead.followup.policy"].sudo()
        due = [
            row
            for row in self._read_status()
            if row["date_recycle"]
            and row["date_recycle"] > now
            and row["date_recycle"]
            <= now + timedelta(days=policies.browse(row["policy_id"]).warn_days)
        ]
        self._tell_once("recycle_soon", due)

    def _tell_once(self, kind, rows) -> list[dict]:
        """Add notices unless the same was said since the last action on the lead."""
        said = {
            (lead.id, user.id): date
            for lead, user, date in self.env["lead.followup.notice"]
            .sudo()
            ._read_group(
                [("kind", "=", kind), ("lead_id", "in", [row["lead_id"] for row in rows])],
                ["lead_id", "user_id"],
                ["date:max"],
            )
        }
        news = [
            row
            for row in rows
            if said.get((row["lead_id"], row["user_id"])) is None
            or said[row["lead_id"], row["user_id"]] < (row["last_action"] or row["date_start"])
        ]
        self.env["lead.followup.notice"]._add(
            kind, [(row["lead_id"], row["user_id"]) for row in news]
        )
        return news

    # ------------------------------------------------------------
    # Stale and lost
    # ------------------------------------------------------------

    def _call_for_stale(self):
        """An activity for the salesperson of an untouched opportunity, later for the manager."""
        now = self.env.cr.now()
        policies = self.env["lead.followup.policy"].sudo()
        owner_rows, manager_rows = [], []
        for row in self._read_status(Domain("type", "=", "opportunity")):
            policy = policies.browse(row["policy_id"])
            if not policy.stale_days:
                continue
            age = now - (row["last_action"] or row["date_start"])
            if age >= timedelta(days=policy.stale_days):
                owner_rows.append(row)
            days = policy.stale_days + policy.stale_manager_days
            if policy.stale_manager_days and age >= timedelta(days=days):
                lead = self.env["crm.lead"].sudo().browse(row["lead_id"])
                manager = policy._get_manager(lead)
                if manager and manager.id != row["user_id"]:
                    manager_rows.append({**row, "user_id": manager.id})
        self._schedule(self._tell_once("stale", owner_rows), self.env._("Untouched for too long"))
        self._schedule(
            self._tell_once("stale_manager", manager_rows),
            self.env._("Untouched for too long: please see to it"),
        )

    def _schedule(self, rows, summary):
        for row in rows:
            self.env["crm.lead"].sudo().browse(row["lead_id"]).with_context(
                mail_activity_quick_update=True
            ).activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, user_id=row["user_id"]
            )

    def _revive_lost(self):
        """Leads lost for a reason that passes come back, unassigned, after its time."""
        reasons = self.env["crm.lost.reason"].sudo().search([("revive_days", ">", 0)])
        Lead = self.env["crm.lead"].sudo().with_context(active_test=False)
        for reason in reasons:
            before = self.env.cr.now() - timedelta(days=reason.revive_days)
            leads = Lead.search(
                [
                    ("won_status", "=", "lost"),
                    ("lost_reason_id", "=", reason.id),
                    ("date_closed", "<=", before),
                ]
            ).try_lock_for_update()
            if not leads:
                continue
            owners = {lead.id: lead.user_id.id or None for lead in leads}
            leads.action_restore()
            if reason.revive_pool_id:
                self._return_to_pool(owners, reason.revive_pool_id, "revive")
            else:
                leads.write({"user_id": False, "assignment_reason": False})
