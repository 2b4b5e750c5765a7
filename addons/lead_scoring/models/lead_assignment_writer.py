import json
from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

# Modules whose part in writing a salesperson on a lead is done below, in sets.
KNOWN_WRITERS = (
    "odoo.orm.models",
    "odoo.addons.mail.models.mail_thread",
    "odoo.addons.crm.models.crm_lead",
    "odoo.addons.website_crm_partner_assign.models.crm_lead",  # reacts to stages only
    "odoo.addons.marketing_touchpoint.models.crm_lead",  # reads leads by their write date
    "odoo.addons.lead_scoring.models.crm_lead",
    "odoo.addons.lead_scoring.models.crm_lead_assignment",
)
KNOWN_DEPENDENTS = {
    "team_id", "company_id", "date_open", "day_open", "date_sql", "lead_properties", "stage_id",
    "date_last_stage_update", "probability", "automated_probability", "won_status",
    "prorated_revenue", "recurring_revenue_monthly_prorated", "recurring_revenue_prorated",
}  # fmt: skip


class LeadAssignmentWriter(models.AbstractModel):
    """Gives leads to people the way ``write({"user_id": ...})`` does, in sets.

    A handful of statements set the salesperson, team, company and dates, subscribe the
    followers and log the change in the chatter, for one lead or ten thousand. Whatever
    else listens to leads being written (an automation rule, an addon that overrides
    ``write`` or computes a stored field from the salesperson) makes us use ``write``
    itself: the result is the same, only slower.
    """

    _name = "lead.assignment.writer"
    _description = "Lead Assignment Writer"

    @api.model
    def _give(self, rows: list[dict]):
        """Set owner and assignment facts. Rows: lead, owner, team (or None), rule, pool, reason,
        and the present ``user_id``, ``lead_team``, ``company``, ``stage``, ``partner``, ``type``.
        """
        given = [row for row in rows if row["owner"]]
        in_sets = self._can_write_in_sets()
        targets = self._get_targets(given) if in_sets else {}
        slow = [row for row in given if not self._is_plain(row, targets)]
        fast = [row for row in given if self._is_plain(row, targets)]
        self._write_facts([row for row in rows if not row["owner"]] + slow)
        self._write_one_by_one(slow)
        self._write_in_sets(fast, targets)

    # ------------------------------------------------------------
    # Through the ORM
    # ------------------------------------------------------------

    def _write_one_by_one(self, rows):
        groups = defaultdict(list)
        for row in rows:
            groups[row["owner"], row["team"]].append(row["lead"])
        # sudo: rules give leads of whole teams, whoever started them
        Lead = self.env["crm.lead"].sudo().with_context(mail_auto_subscribe_no_notify=True)
        for (owner, team), lead_ids in groups.items():
            Lead.browse(lead_ids).write({"user_id": owner, **({"team_id": team} if team else {})})

    # ------------------------------------------------------------
    # In sets
    # ------------------------------------------------------------

    def _can_write_in_sets(self) -> bool:
        """Nobody else listens to the salesperson of a lead."""
        Lead = self.env.registry["crm.lead"]
        if getattr(Lead.write, "origin", None):  # an automation rule watches leads
            return False
        writers = {cls.__module__ for cls in Lead.__mro__ if "write" in vars(cls)}
        if not writers.issubset(KNOWN_WRITERS):
            return False
        return not self._get_unknown_dependents()

    def _get_unknown_dependents(self) -> set:
        """Stored fields computed from what we write that are not taken care of here."""
        fields = self.env["crm.lead"]._fields
        dependents = {
            dependent
            for name in ("user_id", "team_id", "company_id", "date_open")
            for dependent in self.env.registry.get_dependent_fields(fields[name])
            if dependent.store and dependent.compute
        }
        return {
            str(field)
            for field in dependents
            if field.model_name != "crm.lead" or field.name not in KNOWN_DEPENDENTS
        }

    def _is_plain(self, row, targets) -> bool:
        """The stage stays valid and the customer needs no coherent company."""
        target = targets.get(row["lead"])
        return bool(target) and target["stage_fits"]

    def _get_targets(self, rows) -> dict[int, dict]:
        """``{lead: team, company, stage_fits}`` as Odoo computes them from the salesperson."""
        # sudo: teams, people and stages decide where a lead belongs, not who may see them
        Team = self.env["crm.team"].sudo()
        users = self.env["res.users"].sudo().browse({row["owner"] for row in rows})
        by_id = {user.id: user for user in users}
        stages = self.env["crm.stage"].sudo().browse({r["stage"] for r in rows if r["stage"]})
        stage_teams = {stage.id: set(stage.team_ids.ids) for stage in stages}
        staff = {
            team.id: set((team.member_ids | team.user_id).ids)
            for team in Team.browse({r["lead_team"] for r in rows if r["lead_team"]})
        }
        default_teams, companies, targets = {}, {}, {}
        for row in rows:
            user, team = by_id[row["owner"]], row["team"]
            if not team and row["lead_team"] and user.id in staff[row["lead_team"]]:
                team = row["lead_team"]
            if not team:
                key = (user.id, row["type"])
                if key not in default_teams:
                    use = "use_leads" if row["type"] == "lead" else "use_opportunities"
                    default_teams[key] = Team._get_default_team_id(
                        user_id=user.id, domain=[(use, "=", True)]
                    ).id
                team = default_teams[key]
            key = (row["company"], user.id, team)
            if key not in companies:
                companies[key] = self._get_company(row["company"], user, Team.browse(team or []))
            bound = stage_teams.get(row["stage"]) or set()
            targets[row["lead"]] = {
                "team": team or None,
                "company": companies[key],
                "stage_fits": bool(row["stage"]) and (not bound or not team or team in bound),
            }
        return targets

    def _get_company(self, company, user, team) -> int | None:
        """Company of a lead with this salesperson and team (``crm.lead._compute_company_id``)."""
        if company in user.company_ids.ids and team.company_id.id in (False, company):
            return company
        if team.company_id:
            return team.company_id.id
        if self.env.company in user.company_ids:
            return self.env.company.id
        return (user.company_id & self.env.companies).id or None

    def _write_facts(self, rows):
        """Rule, pool and reason: our own columns, on which nothing depends."""
        if not rows:
            return
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_lead lead
                   SET assignment_rule_id = fact.rule,
                       assignment_pool_id = fact.pool,
                       assignment_reason = fact.reason
                  FROM jsonb_to_recordset(%s::jsonb)
                       AS fact(lead int, rule int, pool int, reason varchar)
                 WHERE lead.id = fact.lead
                   AND (lead.assignment_rule_id, lead.assignment_pool_id, lead.assignment_reason)
                       IS DISTINCT FROM (fact.rule, fact.pool, fact.reason)
             RETURNING lead.id
                """,
                json.dumps(rows, default=str),
            )
        )
        self.env["crm.lead"].browse([row["lead"] for row in rows]).invalidate_recordset(
            ["assignment_rule_id", "assignment_pool_id", "assignment_reason"]
        )

    def _write_in_sets(self, rows, targets):
        if not rows:
            return
        facts = [
            {
                **{key: row[key] for key in ("lead", "owner", "rule", "pool", "reason")},
                "team": targets[row["lead"]]["team"],
                "company": targets[row["lead"]]["company"],
            }
            for row in rows
        ]
        if not self.env.context.get("tracking_disable"):
            self._log_changes(facts)
            self._subscribe(rows)
        self._update_leads(json.dumps(facts))
        leads = self.env["crm.lead"].browse([row["lead"] for row in rows])
        leads.invalidate_recordset()
        self._follow_up(rows, targets)

    def _update_leads(self, facts):
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_lead lead
                   SET user_id = fact.owner,
                       team_id = fact.team,
                       company_id = fact.company,
                       date_open = %(now)s,
                       day_open = ABS(FLOOR(EXTRACT(EPOCH FROM
                           %(now)s - DATE_TRUNC('second', lead.create_date)) / 86400)),
                       date_sql = CASE WHEN lead.type = 'opportunity'
                                       THEN COALESCE(lead.date_sql, DATE_TRUNC('second', %(now)s))
                                       ELSE lead.date_sql END,
                       assignment_rule_id = fact.rule,
                       assignment_pool_id = fact.pool,
                       assignment_reason = fact.reason,
                       write_uid = %(uid)s,
                       write_date = %(now)s
                  FROM jsonb_to_recordset(%(facts)s::jsonb) AS fact(
                       lead int, owner int, team int, company int,
                       rule int, pool int, reason varchar)
                 WHERE lead.id = fact.lead
             RETURNING lead.id
                """,
                now=self.env.cr.now(),
                uid=self.env.uid,
                facts=facts,
            )
        )

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

    def _follow_up(self, rows, targets):
        """What depends on the team, and the addons that want to know about changed leads."""
        Lead = self.env["crm.lead"].sudo()  # sudo: as in _write_one_by_one
        moved = Lead.browse(
            [row["lead"] for row in rows if targets[row["lead"]]["team"] != row["lead_team"]]
        )
        if moved:
            for name in ("probability", "automated_probability"):
                self.env.add_to_compute(Lead._fields[name], moved)
        if not {"user_id", "team_id"} <= Lead._get_fields_without_score():
            self.env["lead.score.queue"]._mark_leads(Lead.browse([row["lead"] for row in rows]))
