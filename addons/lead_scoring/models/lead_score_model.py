import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

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

    @api.depends("name", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """With the version: those of one set have the same name, and are chosen from lists."""
        for model in self:
            model.display_name = f"{model.name} v{model.version}" if model.name else ""

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
        """Leads with a result of these rules: counted by an index that leads do without."""
        counts = dict(
            self.env["lead.score.result"]._read_group(
                [("model_id", "in", self.ids)], ["model_id"], ["__count"]
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

    @api.constrains("name", "group_ids")
    def _check_complete(self):
        """A rule set that could not score says so when it is saved, never when it scores."""
        if self.env.context.get("install_mode"):
            return  # data files write a record at a time: publishing checks what they made
        for model in self.filtered(lambda model: model.state == "draft"):
            model._check_has_rules()
            model.rule_ids._check_domains()

    def _check_has_rules(self):
        self.ensure_one()
        if not self.group_ids:
            raise ValidationError(
                self.env._(
                    "Rule set “%(name)s” has no rules: add a group with at least one rule.",
                    name=self.name,
                )
            )
        self.group_ids._check_has_rules()

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
        # sudo: whoever may delete the rules may delete what they said; lines have no foreign key
        self.env["lead.score.line"].sudo().search([("model_id", "in", self.ids)]).unlink()
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
