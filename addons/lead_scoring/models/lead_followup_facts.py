from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class LeadFollowupFacts(models.AbstractModel):
    """Who has had which lead since when, under which terms, and what was done since.

    No write path can miss it, because nothing is remembered at write time: each run reads
    the present salesperson, the day the lead was received and the real actions.
    """

    _name = "lead.followup.facts"
    _description = "Lead Follow-up Facts"

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
        """Owned open leads under a policy or a rule with a deadline: since when, how long there
        is to answer, first and last action, when they are due back."""
        Lead = self.env["crm.lead"].sudo()  # follow-up concerns every lead, whoever asks
        owned = Domain(
            [("user_id", "!=", False), ("active", "=", True), ("won_status", "=", "pending")]
        )
        query = Lead._search(owned & (domain or Domain.TRUE))
        return SQL(
            """
            SELECT held.lead_id, held.user_id, held.policy_id, held.date_start,
                   held.response_hours, held.reminder_hours,
                   MIN(action.date) AS first_action, MAX(action.date) AS last_action,
                   CASE WHEN held.recycle AND held.followup_protected IS NOT TRUE
                        THEN LEAST(held.date_start + held.longest,
                             GREATEST(held.date_start + held.protect,
                                      MAX(action.date) + held.extend)) END AS date_recycle
              FROM (SELECT lead.id AS lead_id, lead.user_id, lead.followup_protected,
                           lead.date_open,
                           policy.id AS policy_id, policy.recycle,
                           COALESCE(rule.response_hours, policy.response_hours, 0)
                                    AS response_hours,
                           COALESCE(policy.reminder_hours, 0) AS reminder_hours,
                           GREATEST(lead.date_open,
                                    COALESCE(policy.date_start, rule.response_since))
                                    AS date_start,
                           policy.protect_days * INTERVAL '1 day' AS protect,
                           policy.extend_days * INTERVAL '1 day' AS extend,
                           policy.longest_days * INTERVAL '1 day' AS longest
                      FROM crm_lead lead
                 LEFT JOIN (%(policies)s) AS match ON match.lead_id = lead.id
                 LEFT JOIN lead_followup_policy policy ON policy.id = match.policy_id
                 LEFT JOIN lead_assignment_rule rule
                        ON rule.id = lead.assignment_rule_id AND rule.response_hours > 0
                     WHERE lead.id IN %(leads)s AND lead.date_open IS NOT NULL
                       AND (policy.id IS NOT NULL OR rule.id IS NOT NULL)) held
         LEFT JOIN (%(actions)s) AS action
                ON action.lead_id = held.lead_id
               AND action.date >= held.date_start AND action.date <= %(now)s
               AND (action.user_id IS NULL OR action.user_id = held.user_id)
          GROUP BY held.lead_id, held.user_id, held.policy_id, held.date_start, held.recycle,
                   held.response_hours, held.reminder_hours,
                   held.followup_protected, held.protect, held.extend, held.longest
            """,
            policies=self._get_policy_query(),
            leads=query.subselect(),
            actions=SQL(" UNION ALL ").join(self._get_action_queries()),
            now=self.env.cr.now(),
        )

    def _get_policy_query(self) -> SQL:
        """SELECT lead_id, policy_id: the first policy that takes each lead."""
        Lead = self.env["crm.lead"].sudo()  # follow-up concerns every lead, whoever asks
        Policy = self.env["lead.followup.policy"].sudo()  # its terms hold for all companies
        selects = []
        for number, policy in enumerate(Policy.search([])):
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
        for model in (
            "crm.lead",
            "mail.message",
            "calendar.event",
            "lead.followup.policy",
            "lead.assignment.rule",
        ):
            self.env[model].flush_model()
        if "sale.order" in self.env:
            self.env["sale.order"].flush_model()
        return self.env.execute_query_dict(self._get_status_query(domain))
