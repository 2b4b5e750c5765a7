import logging

from odoo import api, models, tools
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class LeadScoreModel(models.Model):
    """Who is scored by which rule set, and by which of its rules."""

    _inherit = "lead.score.model"

    @api.model
    @tools.ormcache()
    def _has_live_sets(self) -> bool:
        # sudo: whether anybody scores does not depend on who asks; the answer is cached
        return bool(self.sudo().search_count([("state", "in", ("active", "shadow"))], limit=1))

    @api.model
    @tools.ormcache()
    def _watches_contacts(self) -> bool:
        """Whether a live rule looks at the contact behind a lead."""
        # sudo: see _has_live_sets
        rules = self.sudo().search([("state", "in", ("active", "shadow"))]).rule_ids
        return any(
            condition.field_expr.startswith(("partner_id.", "commercial_partner_id."))
            for rule in rules.filtered(lambda rule: rule.kind == "state" and not rule.error)
            for condition in rule._get_conditions()
        )

    def _has_triggers(self) -> bool:
        # sudo: whoever makes a lead qualify need not be allowed to read the actions
        return bool(self.sudo().trigger_ids)

    @api.model
    def _get_open_domain(self) -> Domain:
        """Won and lost leads keep the score they had; archived ones wait."""
        return Domain("won_status", "=", "pending") & Domain("active", "=", True)

    def _get_scope_domain(self) -> Domain:
        """The leads this set is meant for, before more specific sets take theirs."""
        self.ensure_one()
        domain = Domain.TRUE
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        if self.team_id:
            domain &= Domain("team_id", "=", self.team_id.id)
        return domain

    def _get_specificity(self) -> tuple[bool, bool]:
        return bool(self.team_id), bool(self.company_id)

    def _get_eligible_domain(self) -> Domain:
        """The open leads this set scores: without those of more specific published sets.

        A shadow is compared with the published set of its place and scores what that one would.
        """
        self.ensure_one()
        domain = self._get_open_domain() & self._get_scope_domain()
        # sudo: sets of companies one does not see take their leads, too
        published = self.sudo().search([("state", "=", "active"), ("id", "!=", self.id)])
        for other in published:
            if other._get_specificity() > self._get_specificity():
                domain &= ~other._get_scope_domain()
        return domain

    @api.model
    def _score_leads(self, leads=None, reason="facts") -> int:
        """Score leads (None: all) by the published and shadow sets meant for them.

        Returns how many were scored by a published set. Leads that are won, lost or archived
        keep what they have; leads no published set is meant for lose their score.
        """
        asked = Domain.TRUE if leads is None else Domain("id", "in", leads.ids)
        # sudo: rules apply to all leads whoever triggers the evaluation
        live = self.sudo().search([("state", "in", ("active", "shadow"))])
        engine = self.env["lead.score.engine"]
        count = 0
        uncovered = asked & self._get_open_domain()
        for model in live:
            scored = engine._score(model, asked & model._get_eligible_domain(), reason)
            if model.state == "active":
                count += scored
                uncovered &= ~model._get_scope_domain()
        engine._clear(uncovered)
        return count

    def _usable_rules(self):
        """The rules that can be evaluated now; others are left out and say why.

        A rule is checked when it is saved, but what it refers to may disappear later, with an
        uninstalled addon or a deleted field. That must not stop the others.
        """
        self.ensure_one()
        rules = self.rule_ids
        for rule in rules:
            error = rule._get_compile_error()
            if error != (rule.error or None):
                rule.error = error
                _logger.warning("Score rule %s is left out: %s", rule.id, error)
        return rules.filtered(lambda rule: not rule.error)
