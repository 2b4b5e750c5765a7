import logging

import pytz

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

#: Up to so many leads are scored while the manager waits; more by the job.
PUBLISH_AT_ONCE = 2_000

GRADES = [f"{fit}{engagement}" for fit in "ABC" for engagement in "123"]
CELL_SELECTION = [
    ("enter", "Qualifies"),
    ("keep", "Stays qualified"),
    ("leave", "Not qualified"),
]


def _timezones(self):
    return [(name, name) for name in pytz.common_timezones]


def _cell(grade, default):
    return fields.Selection(
        CELL_SELECTION,
        string=f"Grade {grade}",
        required=True,
        default=default,
        export_string_translation=False,
    )


class LeadScoreModel(models.Model):
    """A rule set: how leads get their score, grade and qualification.

    * A draft is edited freely. Publishing makes it immutable, archives the version it
      replaces (the published set of the same company and team) and re-evaluates all leads.
    * A shadow set scores every lead silently beside the published one: nothing on the lead
      changes, the results can be compared.
    * Each lead is scored by exactly one published set, the most specific one: its sales team's,
      else its company's, else the one for everybody.
    * The score is a function of facts. Nothing accumulates: the same facts at the same moment
      always give the same score.
    """

    _name = "lead.score.model"
    _inherit = ["mail.thread", "lead.score.limit.mixin"]
    _description = "Lead Score Rule Set"
    _order = "state_order, company_id, team_id, version desc, id desc"

    name = fields.Char(required=True, translate=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("shadow", "Shadow"),
            ("active", "Published"),
            ("archived", "Archived"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
        help="Draft: being written, scores nobody.\n"
        "Shadow: scores silently beside the published set, to compare.\n"
        "Published: gives leads their score; cannot be changed any more.\n"
        "Archived: replaced by a newer version; kept for old explanations.",
    )
    state_order = fields.Integer(compute="_compute_state_order", store=True)
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "lead.score.model",
        "Previous Version",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Score only the leads of this company. Empty: the leads of all companies "
        "without a rule set of their own.",
    )
    team_id = fields.Many2one(
        "crm.team",
        "Sales Team",
        index="btree_not_null",
        check_company=True,
        help="Score only the leads of this sales team. Empty: the leads of all teams "
        "without a rule set of their own.",
    )
    tz = fields.Selection(
        _timezones,
        "Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="Where a day, a week or a month begins when a rule counts events per period.",
    )
    date_published = fields.Datetime("Published On", readonly=True, copy=False)
    published_by_id = fields.Many2one("res.users", "Published By", readonly=True, copy=False)
    group_ids = fields.One2many("lead.score.group", "model_id", "Groups", copy=True)
    rule_ids = fields.One2many("lead.score.rule", "model_id", "Rules")
    rule_count = fields.Integer(compute="_compute_rule_count")
    lead_count = fields.Integer("Scored Leads", compute="_compute_lead_count")
    description = fields.Html("Notes")
    trigger_ids = fields.One2many("lead.score.trigger", "model_id", "Actions", copy=True)
    date_learned_until = fields.Date(
        "Learned Until",
        readonly=True,
        copy=False,
        help="The points were suggested from leads created until this day: they can only be "
        "tested on later ones.",
    )
    backtest_ids = fields.One2many("lead.score.backtest", "model_id", "Back-tests")
    act_on_publish = fields.Boolean(
        "Act on Publishing",
        help="Also start the actions for leads that cross the limit because these rules are "
        "published. By default only what happens afterwards starts actions.",
    )
    run_ids = fields.One2many("lead.score.run", "model_id", "Evaluations")
    broken_count = fields.Integer(compute="_compute_rule_count")

    # Bands of the two axes
    fit_a_from = fields.Integer(
        "A From", default=40, help="Fit points from which a lead is in band A."
    )
    fit_b_from = fields.Integer(
        "B From", default=20, help="Fit points from which a lead is in band B. Below: C."
    )
    engagement_1_from = fields.Integer(
        "1 From", default=30, help="Engagement points from which a lead is in band 1."
    )
    engagement_2_from = fields.Integer(
        "2 From", default=10, help="Engagement points from which a lead is in band 2. Below: 3."
    )

    # Qualification
    mql_basis = fields.Selection(
        [("score", "Score"), ("grade", "Grade")],
        "Qualify By",
        required=True,
        default="score",
        help="Score: a lead is marketing qualified from a number of points.\n"
        "Grade: each cell of the grade matrix says whether it qualifies.",
    )
    mql_enter = fields.Integer("Qualified From", default=60)
    mql_leave = fields.Integer(
        "Unqualified Below",
        default=45,
        help="A qualified lead stays qualified until its score is below this number. "
        "The gap keeps leads from going back and forth around one limit.",
    )
    mql_a1 = _cell("A1", "enter")
    mql_a2 = _cell("A2", "enter")
    mql_a3 = _cell("A3", "leave")
    mql_b1 = _cell("B1", "enter")
    mql_b2 = _cell("B2", "keep")
    mql_b3 = _cell("B3", "leave")
    mql_c1 = _cell("C1", "keep")
    mql_c2 = _cell("C2", "leave")
    mql_c3 = _cell("C3", "leave")

    _fit_bands = models.Constraint(
        "CHECK(fit_a_from > fit_b_from)",
        "Band A must begin at more fit points than band B.",
    )
    _engagement_bands = models.Constraint(
        "CHECK(engagement_1_from > engagement_2_from)",
        "Band 1 must begin at more engagement points than band 2.",
    )
    _mql_gap = models.Constraint(
        "CHECK(mql_leave <= mql_enter)",
        "A lead cannot stop being qualified above the score that qualifies it.",
    )
    _one_active = models.UniqueIndex(
        "(COALESCE(company_id, 0), COALESCE(team_id, 0)) WHERE state = 'active'",
        "There is already a published rule set for this company and team.",
    )

    @api.depends("state")
    def _compute_state_order(self):
        order = {"active": 0, "shadow": 1, "draft": 2, "archived": 3}
        for model in self:
            model.state_order = order[model.state]

    @api.depends("rule_ids.error")
    def _compute_rule_count(self):
        counts = dict(
            self.env["lead.score.rule"]._read_group(
                [("model_id", "in", self.ids)], ["model_id"], ["__count"]
            )
        )
        for model in self:
            model.rule_count = counts.get(model, 0)
            model.broken_count = len(model.rule_ids.filtered("error"))

    def _compute_lead_count(self):
        counts = dict(
            self.env["crm.lead"]._read_group(
                [("score_model_id", "in", self.ids)], ["score_model_id"], ["__count"]
            )
        )
        for model in self:
            model.lead_count = counts.get(model, 0)

    @api.constrains("team_id", "company_id")
    def _check_team_company(self):
        for model in self:
            if model.team_id.company_id and model.company_id not in (
                model.team_id.company_id,
                self.env["res.company"],
            ):
                raise ValidationError(
                    self.env._(
                        "Rule set “%(name)s”: the sales team belongs to another company.",
                        name=model.name,
                    )
                )

    @api.model
    def _locked_fields(self) -> set[str]:
        """What decides about scores and therefore cannot change after publishing."""
        return {
            "company_id",
            "team_id",
            "tz",
            "group_ids",
            "rule_ids",
            "fit_a_from",
            "fit_b_from",
            "engagement_1_from",
            "engagement_2_from",
            "mql_basis",
            "mql_enter",
            "mql_leave",
            "is_limited",
            "points_min",
            "points_max",
            *(f"mql_{grade.lower()}" for grade in GRADES),
        }

    def _check_unlocked(self):
        """Published rules are what scores refer to: they do not change afterwards."""
        locked = self.filtered(lambda model: model.state != "draft")
        if locked:
            raise UserError(
                self.env._(
                    "Rule set “%(name)s” is no longer a draft and cannot be changed. "
                    "Create a new version, edit it and publish it.",
                    name=locked[0].name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        sets = super().create(vals_list)
        self.env.registry.clear_cache()
        return sets

    def write(self, vals):
        if self._locked_fields() & vals.keys():
            self._check_unlocked()
        if "state" in vals:
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        if any(model.state in ("active", "shadow") for model in self):
            raise UserError(
                self.env._("A rule set that scores leads cannot be deleted: archive it first.")
            )
        if any(model.lead_count for model in self):
            raise UserError(
                self.env._("This rule set explains the score of some leads and cannot be deleted.")
            )

    # ------------------------------------------------------------------
    # Life of a rule set
    # ------------------------------------------------------------------

    def action_publish(self):
        """Give leads their score by these rules from now on."""
        for model in self:
            model._check_publishable()
            replaced = self.search(
                [
                    ("state", "=", "active"),
                    ("company_id", "=", model.company_id.id),
                    ("team_id", "=", model.team_id.id),
                ]
            )
            replaced.write({"state": "archived"})
            replaced.flush_recordset()
            model.write(
                {
                    "state": "active",
                    "date_published": fields.Datetime.now(),
                    "published_by_id": self.env.user.id,
                }
            )
            model._evaluate_all("publish")
        return True

    def action_shadow(self):
        """Score silently beside the published rules."""
        for model in self:
            model._check_publishable()
            model.write({"state": "shadow"})
            model._evaluate_all("publish")
        return True

    def action_archive_set(self):
        """Stop scoring by these rules; leads nobody scores any more lose their score."""
        for model in self.filtered(lambda model: model.state != "archived"):
            was_live = model.state == "active"
            model.write({"state": "archived"})
            if was_live:
                model._hand_over_leads()
        return True

    def action_new_version(self):
        """Copy these rules into a draft that keeps their identity from version to version."""
        self.ensure_one()
        latest = max(self._get_family().mapped("version"))
        draft = self.copy(
            {"name": self.name, "previous_id": self.id, "version": latest + 1, "state": "draft"}
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "views": [(False, "form")],
        }

    def action_evaluate(self):
        """Evaluate all leads again."""
        self.filtered(lambda model: model.state in ("active", "shadow"))._evaluate_all("facts")
        return True

    def action_backtest(self):
        """Try these rules on closed leads."""
        self.ensure_one()
        context = {"default_model_id": self.id}
        if self.date_learned_until:
            context["default_date_from"] = fields.Date.add(self.date_learned_until, days=1)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Back-test"),
            "res_model": "lead.score.backtest",
            "views": [(False, "form")],
            "context": context,
        }

    def action_view_leads(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("lead_scoring.crm_lead_score_action")
        action["domain"] = [("score_model_id", "=", self.id)]
        return action

    def action_view_results(self):
        """What these rules say, lead by lead, beside what the published ones say."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_scoring.lead_score_result_action"
        )
        action["domain"] = [("model_id", "=", self.id)]
        return action

    def copy_data(self, default=None):
        default = dict(default or {})
        vals_list = super().copy_data(default)
        if "name" not in default:
            for model, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%(name)s (copy)", name=model.name)
        return vals_list

    def _get_family(self):
        """All versions of this set, older and younger."""
        family = self
        while older := family.previous_id - family:
            family |= older
        while younger := self.search([("previous_id", "in", family.ids)]) - family:
            family |= younger
        return family

    def _check_publishable(self):
        """Say clearly, before anything is scored, what makes this set unusable."""
        self.ensure_one()
        if self.state not in ("draft", "shadow"):
            raise UserError(
                self.env._(
                    "Rule set “%(name)s” was published before. Create a new version of it.",
                    name=self.name,
                )
            )
        if not self.group_ids:
            raise UserError(
                self.env._(
                    "Rule set “%(name)s” has no rules: add a group with at least one rule.",
                    name=self.name,
                )
            )
        for group in self.group_ids:
            if not group.rule_ids:
                raise UserError(
                    self.env._(
                        "Group “%(group)s” has no rules: add one or remove the group.",
                        group=group.name,
                    )
                )
        self.rule_ids._check_domains()

    def _evaluate_all(self, reason: str):
        """Score all leads: a few at once, many in the background."""
        self.ensure_one()
        run = self.env["lead.score.run"].sudo()._start(self, reason)
        # sudo: a rule set scores leads its publisher may not read
        if (
            self.env["crm.lead"]
            .sudo()
            .search_count(self._get_eligible_domain(), limit=PUBLISH_AT_ONCE + 1)
            <= PUBLISH_AT_ONCE
        ):
            while run.state in ("todo", "running") and run._advance():
                pass

    def _hand_over_leads(self):
        """Leads of an archived set go to the next set that is meant for them, or to none."""
        self.ensure_one()
        # sudo: see _evaluate_all
        leads = (
            self.env["crm.lead"]
            .sudo()
            .search(self._get_open_domain() & Domain("score_model_id", "=", self.id))
        )
        self.sudo()._score_leads(leads, "publish")

    # ------------------------------------------------------------------
    # Who scores whom
    # ------------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _has_live_sets(self) -> bool:
        return bool(self.sudo().search_count([("state", "in", ("active", "shadow"))], limit=1))

    @api.model
    @tools.ormcache()
    def _watches_contacts(self) -> bool:
        """Whether a live rule looks at the contact behind a lead."""
        rules = self.sudo().search([("state", "in", ("active", "shadow"))]).rule_ids
        return any(
            condition.field_expr.startswith(("partner_id.", "commercial_partner_id."))
            for rule in rules.filtered(lambda rule: rule.kind == "state" and not rule.error)
            for condition in rule._get_conditions()
        )

    def _has_triggers(self) -> bool:
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
