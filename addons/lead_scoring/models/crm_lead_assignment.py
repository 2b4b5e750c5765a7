from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.http import request

from .lead_assignment_decision import GIVEN_REASONS, LEFT_REASONS


def _is_website_form() -> bool:
    """Is this the request of a visitor who sends a form?"""
    return bool(request) and request.httprequest.path.startswith("/website/form/")


class CrmLead(models.Model):
    """Where a lead stands in assignment. Written by the engine; who owns it stays ``user_id``."""

    _inherit = "crm.lead"

    assignment_rule_id = fields.Many2one(
        "lead.assignment.rule",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    assignment_pool_id = fields.Many2one(
        "lead.assignment.pool",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    assignment_reason = fields.Selection(
        GIVEN_REASONS + LEFT_REASONS,
        readonly=True,
        copy=False,
        help="Why this salesperson, or why nobody yet.",
    )
    assignment_decision_ids = fields.One2many(
        "lead.assignment.decision", "lead_id", "Assignment Decisions"
    )
    assignment_explanation = fields.Html(
        "Why Me?", compute="_compute_assignment_explanation", sanitize=False
    )
    is_assignment_explained = fields.Boolean(compute="_compute_assignment_explanation")

    @api.depends("assignment_decision_ids")
    @api.depends_context("lang")
    def _compute_assignment_explanation(self):
        latest = dict(
            self.env["lead.assignment.decision"]._read_group(
                [("lead_id", "in", self.ids)], ["lead_id"], ["id:max"]
            )
        )
        Decision = self.env["lead.assignment.decision"]
        for lead in self:
            # a draft of a lead that is being edited has the story of the stored one
            decision = latest.get(lead._origin)
            lead.assignment_explanation = Decision.browse(decision or []).explanation
            lead.is_assignment_explained = bool(decision)

    @api.model_create_multi
    def create(self, vals_list):
        if _is_website_form():
            self._name_leader_on_website_leads(vals_list)
        if self.env.context.get("import_file"):
            self._leave_imported_leads_to_rules(vals_list)
        leads = super().create(vals_list)
        leads._wake_assignment()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & self._get_assignment_watched_fields():
            self._wake_assignment()
        return result

    def action_assign_by_rules(self):
        """Assign these leads now, and say what became of them."""
        if not (self.env.user.has_group("sales_team.group_sale_manager") or self.env.is_system()):
            raise AccessError(self.env._("Only sales administrators can assign leads by rules."))
        self.check_access("write")
        verdicts = self.env["lead.assignment.engine"]._assign_for_button(self, "button")
        reasons = [verdict.reason for verdict in verdicts if not verdict.owner]
        reasons += self._record_untouched({verdict.lead for verdict in verdicts})
        given = len(self) - len(reasons)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if given else "warning",
                "message": self._describe_assignment(given, reasons),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _record_untouched(self, handled: set[int]) -> list[str]:
        """Ledger rows for leads the rules may not touch, for they were asked to."""
        reasons = {lead.id: lead._get_untouched_reason() for lead in self if lead.id not in handled}
        self.env["lead.assignment.decision"]._record(
            [
                {"lead_id": lead, "trigger": "button", "reason": reason}
                for lead, reason in reasons.items()
            ]
        )
        return list(reasons.values())

    def _get_untouched_reason(self) -> str:
        """Why this lead is not open for the rules."""
        if not self.active or self.won_status != "pending":
            return "closed"
        if self.user_id:
            return "already_owned"
        if self.team_id.assignment_engine == "native":
            return "native_team"
        return "locked"

    def _describe_assignment(self, given: int, reasons: list[str]) -> str:
        """How many leads were given, and why the others were not."""
        labels = dict(self._fields["assignment_reason"]._description_selection(self.env))
        rows = [(self.env._("Given by the rules"), given)]
        rows += [(labels[reason], count) for reason, count in sorted(Counter(reasons).items())]
        return " · ".join(
            self.env._("%(outcome)s: %(count)s", outcome=outcome, count=count)
            for outcome, count in rows
        )

    def _is_rule_based_assignment_activated(self):
        """Odoo hands leads of the website to the team leader unless this is true.

        The website asks before there is a lead: with rules in use the question is left to
        ``create``, which knows the team.
        """
        activated = super()._is_rule_based_assignment_activated()
        return activated or (not self and self.env["crm.team"]._is_rules_engine_used())

    def _assign_userless_lead_in_team(self, creation_source: str):
        """Leads from mail and chat go to the team leader, but not where rules decide."""
        by_rules = self.filtered(lambda lead: lead.team_id.assignment_engine == "rules")
        remaining = self - by_rules
        if remaining:
            return super(CrmLead, remaining)._assign_userless_lead_in_team(creation_source)
        return None

    @api.model
    def _name_leader_on_website_leads(self, vals_list):
        """Leads from the website for a team with Odoo's assignment go to its leader, as ever."""
        # Odoo's own setting, which anybody who may create a lead is subject to
        if self.env["ir.config_parameter"].sudo().get_param("crm.lead.auto.assignment"):
            return
        for vals in vals_list:
            # sudo: a visitor of the website may not read teams
            team = self.env["crm.team"].sudo().browse(vals.get("team_id") or [])
            if not vals.get("user_id") and team and team.assignment_engine == "native":
                vals["user_id"] = team.user_id.id

    @api.model
    def _leave_imported_leads_to_rules(self, vals_list):
        """Odoo gives imported leads to who imports them unless the file names a salesperson;
        leads of a team with rules are for the rules."""
        named = {vals["team_id"] for vals in vals_list if vals.get("team_id")}
        # sudo: who may import leads of a team may not read its settings
        teams = self.env["crm.team"].sudo().browse(named)
        by_rules = set(teams.filtered(lambda team: team.assignment_engine == "rules").ids)
        for vals in vals_list:
            if vals.get("team_id") in by_rules:
                vals.setdefault("user_id", False)

    def _wake_assignment(self):
        """Wake the job when a lead without salesperson may be for it."""
        if (
            any(not lead.user_id and lead.active for lead in self)
            and self.env["crm.team"]._is_rules_engine_used()
        ):
            self.env["lead.assignment.engine"]._wake()

    @api.model
    def _get_assignment_watched_fields(self) -> set[str]:
        """Fields whose change may make a waiting lead assignable."""
        return {"user_id", "team_id", "is_mql", "active", "tag_ids", "country_id", "state_id"}

    @api.model
    def _get_assignment_candidate_domain(self, *, owned=False) -> Domain:
        """Open leads no team keeps for Odoo's own assignment: without salesperson, or owned."""
        return Domain(
            [
                ("user_id", "!=" if owned else "=", False),
                ("active", "=", True),
                ("won_status", "=", "pending"),
                "|",
                ("team_id", "=", False),
                ("team_id.assignment_engine", "=", "rules"),
            ]
        )

    @api.model
    def _get_assignment_waiting_domain(self) -> Domain:
        """Candidates that are not in a queue for salespeople to claim from."""
        queued = Domain("assignment_reason", "=", "waiting_claim")
        return self._get_assignment_candidate_domain() & ~queued
