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
    _inherit = ["lead.assignment.traces"]

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

    def _follow_up(self, rows, targets):
        """What depends on the team, and the addons that want to know about changed leads."""
        Lead = self.env["crm.lead"].sudo()  # sudo: as in _write_one_by_one
        moved = Lead.browse(
            [row["lead"] for row in rows if targets[row["lead"]]["team"] != row["lead_team"]]
        )
        if moved:
            self.env["lead.assignment.prediction"]._renew(moved)
        if not {"user_id", "team_id"} <= Lead._get_fields_without_score():
            self.env["lead.score.queue"]._mark_leads(Lead.browse([row["lead"] for row in rows]))
