import json
from collections import defaultdict

from odoo import models
from odoo.tools import SQL


class LeadAssignmentTraces(models.AbstractModel):
    """What ``write`` leaves beside a new salesperson, in sets: the chatter line and followers."""

    _name = "lead.assignment.traces"
    _description = "Traces of Lead Assignment"

    def _log_changes(self, facts: list[dict]):
        """One chatter line per lead with the change of salesperson and team, as tracking does.

        Two statements, not one: the planner takes two sets of unknown size for small ones
        and would compare each message with each lead.
        """
        author = self.env.user.partner_id
        stamp = {
            "now": self.env.cr.now().replace(microsecond=0),
            "written": self.env.cr.now(),
            "uid": self.env.uid,
        }
        messages = self.env.execute_query(
            SQL(
                """
                INSERT INTO mail_message (
                       model, res_id, message_type, subtype_id, author_id, email_from,
                       reply_to, message_id, body, is_internal, email_add_signature, date,
                       create_uid, create_date, write_uid, write_date)
                SELECT 'crm.lead', lead, 'notification', %(subtype)s, %(author)s, %(sender)s,
                       %(sender)s, '<' || REPLACE(GEN_RANDOM_UUID()::text, '-', '')
                       || '-lead-assignment@odoo>', '', TRUE, FALSE, %(now)s,
                       %(uid)s, %(written)s, %(uid)s, %(written)s
                  FROM UNNEST(%(leads)s) AS lead
             RETURNING id, res_id
                """,
                subtype=self.env.ref("mail.mt_note").id,
                author=author.id,
                sender=author.email_formatted,
                leads=[fact["lead"] for fact in facts],
                **stamp,
            )
        )
        message_of = {lead: message for message, lead in messages}
        Field = self.env["ir.model.fields"]
        self.env.execute_query(
            SQL(
                """
                INSERT INTO mail_tracking_value (
                       mail_message_id, field_id, old_value_integer, new_value_integer,
                       old_value_char, new_value_char,
                       create_uid, create_date, write_uid, write_date)
                SELECT fact.message, change.field, change.old, change.new, change.old_name,
                       change.new_name, %(uid)s, %(written)s, %(uid)s, %(written)s
                  FROM JSONB_TO_RECORDSET(%(facts)s::jsonb)
                       AS fact(message int, lead int, owner int, team int)
                  JOIN crm_lead lead ON lead.id = fact.lead
                  JOIN res_users owner ON owner.id = fact.owner
                  JOIN res_partner partner ON partner.id = owner.partner_id
             LEFT JOIN res_users old_user ON old_user.id = lead.user_id
             LEFT JOIN res_partner old_partner ON old_partner.id = old_user.partner_id
             LEFT JOIN crm_team team ON team.id = fact.team
             LEFT JOIN crm_team old_team ON old_team.id = lead.team_id
            CROSS JOIN LATERAL (VALUES
                       (1, %(user_field)s, COALESCE(lead.user_id, 0), fact.owner,
                        COALESCE(old_partner.name, ''), COALESCE(partner.name, '')),
                       (2, %(team_field)s, COALESCE(lead.team_id, 0), fact.team,
                        COALESCE(old_team.name ->> %(lang)s, old_team.name ->> 'en_US', ''),
                        COALESCE(team.name ->> %(lang)s, team.name ->> 'en_US', ''))
                       ) AS change(number, field, old, new, old_name, new_name)
                 WHERE change.number = 1
                    OR fact.team IS NOT NULL AND lead.team_id IS DISTINCT FROM fact.team
              ORDER BY fact.message, change.number
             RETURNING id
                """,
                facts=json.dumps([{**fact, "message": message_of[fact["lead"]]} for fact in facts]),
                lang=self.env.lang or "en_US",
                user_field=Field._get("crm.lead", "user_id").id,
                team_field=Field._get("crm.lead", "team_id").id,
                **stamp,
            )
        )

    def _subscribe(self, rows):
        """Salespeople, and followers of the team who asked for its leads, follow the leads."""
        groups = defaultdict(list)
        for row in rows:
            groups[row["owner"], row["team"]].append(row["lead"])
        new = [
            {"lead": lead, "partner": partner, "subtypes": subtypes}
            for (owner, team), leads in groups.items()
            for partner, subtypes in self._get_followers(owner, team)
            for lead in leads
        ]
        if not new:
            return
        added = self.env.execute_query(
            SQL(
                """
                INSERT INTO mail_followers (res_model, res_id, partner_id)
                SELECT 'crm.lead', lead, partner
                  FROM JSONB_TO_RECORDSET(%s::jsonb) AS fact(lead int, partner int)
           ON CONFLICT (res_model, res_id, partner_id) DO NOTHING
             RETURNING id, res_id, partner_id
                """,
                json.dumps(new),
            )
        )
        wanted = {(row["lead"], row["partner"]): row["subtypes"] for row in new}
        links = [
            (follower, subtype)
            for follower, lead, partner in added
            for subtype in wanted[lead, partner]
        ]
        if links:
            self.env.execute_query(
                SQL(
                    """
                    INSERT INTO mail_followers_mail_message_subtype_rel
                           (mail_followers_id, mail_message_subtype_id)
                    SELECT follower, subtype FROM UNNEST(%s, %s) AS link(follower, subtype)
                 RETURNING mail_followers_id
                    """,
                    [follower for follower, _subtype in links],
                    [subtype for _follower, subtype in links],
                )
            )
        self.env["mail.followers"].invalidate_model()

    def _get_followers(self, owner, team) -> list[tuple[int, list[int]]]:
        """Whom Odoo would subscribe, with the subtypes (``_message_auto_subscribe``)."""
        Subtype = self.env["mail.message.subtype"]
        children, defaults, internal, parent, relation = Subtype._get_auto_subscription_subtypes(
            "crm.lead"
        )
        followers = {}
        if team and "team_id" in relation.get("crm.team", ()):
            for _id, _res, partner, subtypes, share, active in (
                self.env["mail.followers"]
                .sudo()  # whoever follows the team, also without the starter's knowledge
                ._get_subscription_data(
                    [("crm.team", [team])], None, include_pshare=True, include_active=True
                )
            ):
                if partner and active:
                    wanted = {parent[s] for s in subtypes if parent.get(s)}
                    wanted |= {s for s in subtypes if s not in parent and s in children}
                    followers[partner] = wanted - set(internal) if share else wanted
        user = self.env["res.users"].sudo().browse(owner)  # sudo: the partner of any user
        if user.active:
            followers.setdefault(user.partner_id.id, set(defaults))
        return [(partner, sorted(subtypes)) for partner, subtypes in followers.items()]
