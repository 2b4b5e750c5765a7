import ast
import logging
import uuid

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


def _touch_kinds(self):
    """Every kind of touch, including those bridges add."""
    return self.env["marketing.touchpoint"]._fields["kind"]._description_selection(self.env)


class LeadScoreRule(models.Model):
    """One reason for points.

    *State rule*: a domain on the lead, evaluated on its present values; worth its points while
    it matches and nothing afterwards. A condition that excludes something ("country is not
    France") does not match a lead whose value is unknown, unless the rule says so.

    *Event rule*: counts touches of one kind, optionally filtered and limited to a window; each
    counted touch is worth the points, and loses them with age when the rule decays.
    Counting: every touch; once (the latest); or at most n per day, week or month. In addition at
    most k per day. Within a period the earliest touches count.
    Decay, per event: linear (a share of the points per period), half-life, or step (all the
    points until the touch is a number of days old, none afterwards).
    """

    _name = "lead.score.rule"
    _inherit = ["lead.score.limit.mixin"]
    _description = "Lead Score Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    group_id = fields.Many2one(
        "lead.score.group", "Group", required=True, index=True, ondelete="cascade"
    )
    model_id = fields.Many2one(related="group_id.model_id", store=True, index=True)
    company_id = fields.Many2one(related="group_id.company_id", store=True, index=True)
    state = fields.Selection(related="group_id.model_id.state")
    axis = fields.Selection(related="group_id.axis")
    key = fields.Char(
        required=True,
        readonly=True,
        copy=True,
        default=lambda self: uuid.uuid4().hex,
        help="Stays the same from version to version, so that changes can be compared.",
        export_string_translation=False,
    )
    kind = fields.Selection(
        [("state", "State of the lead"), ("event", "Event")],
        required=True,
        default="state",
        help="State: points while the lead matches the condition.\n"
        "Event: points for each counted touch (click, form, event...).",
    )
    points = fields.Integer(required=True, default=10, help="May be negative.")

    # State rules
    lead_model = fields.Char(default="crm.lead", store=False, export_string_translation=False)
    domain = fields.Char("Condition", default="[]")
    match_unknown = fields.Boolean(
        "Unknown Matches",
        help="By default a condition that excludes something (is not, does not contain...) does "
        "not match leads whose value is unknown: not knowing is not a mismatch.",
    )

    # Event rules
    touch_kind = fields.Selection(_touch_kinds, "Kind of Touch")
    touch_model = fields.Char(
        default="marketing.touchpoint", store=False, export_string_translation=False
    )
    touch_domain = fields.Char("Touch Filter", default="[]")
    window_days = fields.Integer(
        "Window (days)", default=0, help="Count only touches of the last days. 0: no window."
    )
    date_from = fields.Datetime(
        "Ignore Before", help="Touches before this moment do not count: a reset with a reason."
    )
    count_mode = fields.Selection(
        [
            ("every", "Every time"),
            ("once", "Once (the latest)"),
            ("day", "At most n per day"),
            ("week", "At most n per week"),
            ("month", "At most n per month"),
        ],
        "Count",
        required=True,
        default="every",
    )
    count_max = fields.Integer("n", default=1, help="How many touches count per period.")
    daily_max = fields.Integer(
        "Daily Limit", default=0, help="At most so many touches count per day. 0: no limit."
    )
    decay_kind = fields.Selection(
        [
            ("none", "No decay"),
            ("linear", "Linear"),
            ("half_life", "Half-life"),
            ("step", "Expires"),
        ],
        "Decay",
        required=True,
        default="none",
        help="Linear: loses a share of its points per period.\n"
        "Half-life: worth half after the period, a quarter after two.\n"
        "Expires: worth everything until the period ends, nothing afterwards.",
    )
    decay_days = fields.Float("Decay Period (days)", default=30.0)
    decay_rate = fields.Float(
        "Loss per Period",
        default=0.5,
        help="Linear decay: the share of the original points lost per period.",
    )
    error = fields.Char(
        readonly=True,
        copy=False,
        help="Why this rule was left out of the last evaluation.",
    )

    _counts_positive = models.Constraint(
        "CHECK(window_days >= 0 AND daily_max >= 0 AND count_max >= 1)",
        "Windows and limits cannot be negative, and at least one touch per period must count.",
    )
    _decay_positive = models.Constraint(
        "CHECK(decay_kind = 'none' OR decay_days > 0)",
        "A decaying rule needs a decay period of more than zero days.",
    )
    _decay_rate = models.Constraint(
        "CHECK(decay_kind != 'linear' OR (decay_rate > 0 AND decay_rate <= 1))",
        "Linear decay must lose more than 0% and at most 100% per period.",
    )
    _event_has_touch = models.Constraint(
        "CHECK(kind != 'event' OR touch_kind IS NOT NULL)",
        "An event rule needs a kind of touch.",
    )

    @api.depends("name", "points")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = f"{rule.name} ({rule.points:+d})" if rule.name else ""

    @api.constrains("kind", "domain", "touch_domain")
    def _check_domains(self):
        for rule in self:
            if error := rule._get_compile_error():
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s” in group “%(group)s” cannot be evaluated: %(error)s",
                        rule=rule.name,
                        group=rule.group_id.name,
                        error=error,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.model_id._check_unlocked()
        return rules

    def write(self, vals):
        if vals.keys() - {"error"}:
            self.model_id._check_unlocked()
        result = super().write(vals)
        if "group_id" in vals:
            self.model_id._check_unlocked()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self.model_id._check_unlocked()

    def _evaluable(self):
        return self.filtered(lambda rule: not rule._get_compile_error())

    def _get_compile_error(self) -> str | None:
        """Why this rule cannot be evaluated, or None."""
        try:
            self._check_domain()
        except Exception as error:  # searching by any field may run any addon's code
            return str(error) or type(error).__name__
        return None

    def _parse_domain(self) -> Domain:
        self.ensure_one()
        text = self.domain if self.kind == "state" else self.touch_domain
        try:
            return Domain(ast.literal_eval(text or "[]"))
        except (SyntaxError, TypeError, ValueError) as error:
            raise ValueError(
                self.env._(
                    "“%(text)s” is not a condition of plain values. Build the condition with "
                    "the editor.",
                    text=text,
                )
            ) from error

    def _check_fields(self):
        """Say in words which field a condition cannot find."""
        for model_name, names in self._get_field_paths():
            model = self.env[model_name]
            for name in names:
                if name not in model._fields:
                    raise ValueError(
                        self.env._(
                            "There is no field “%(field)s” on “%(model)s” (any more). Choose "
                            "another field or remove the condition.",
                            field=name,
                            # the registry knows the name in the language of whoever reads this
                            model=self.env["ir.model"]._get(model._name).name,
                        )
                    )
                field = model._fields[name]
                if not field.relational:
                    break  # what follows is a property or a part of a date
                model = self.env[field.comodel_name]

    def _get_field_paths(self) -> list[tuple[str, list[str]]]:
        """The model and the names along the way of each condition."""
        self.ensure_one()
        model_name = "crm.lead" if self.kind == "state" else "marketing.touchpoint"
        return [
            (model_name, condition.field_expr.split(".")) for condition in self._get_conditions()
        ]

    def _uses_field(self, model_name, name) -> bool:
        """Whether a condition looks at this field, directly or on the way to another one."""
        for start, names in self._get_field_paths():
            model = self.env[start]
            for step in names:
                if (model._name, step) == (model_name, name):
                    return True
                field = model._fields.get(step)
                if field is None or not field.relational:
                    break
                model = self.env[field.comodel_name]
        return False

    def _get_conditions(self) -> list:
        """The single conditions of the rule, whatever connects them."""
        return list(self._parse_domain().iter_conditions())

    def _check_domain(self):
        """Raise an error that says what is wrong with the rule's condition."""
        self._check_fields()
        model = self._get_facts()
        self._parse_domain().validate(model)
        model._search(self._get_domain())

    def _get_domain(self) -> Domain:
        """The rule's condition: of a state rule on leads, of an event rule on touches."""
        self.ensure_one()
        domain = self._parse_domain()
        if self.kind == "state" and not self.match_unknown:
            domain = self._known_values_only(domain, self._get_facts())
        return domain

    def _get_facts(self):
        """What the condition is about."""
        # sudo: a rule is about all leads, whoever writes it
        return self.env["crm.lead" if self.kind == "state" else "marketing.touchpoint"].sudo()

    @api.model
    def _known_values_only(self, domain: Domain, model) -> Domain:
        """Make excluding conditions ask for a value: unknown is not a mismatch.

        "Is not", "does not contain" and "less than" hold for empty values in a search; in a
        rule they would punish what nobody knows.
        """

        def require_value(condition):
            field = model._fields[condition.field_expr.split(".")[0]]
            is_set = Domain(condition.field_expr, "!=", False)
            if condition.operator in ("any", "not any") and isinstance(condition.value, Domain):
                # sudo: see _get_facts
                comodel = self.env[field.comodel_name].sudo()
                if condition.operator == "any":
                    inner = self._known_values_only(condition.value, comodel)
                    return Domain(condition.field_expr, "any", inner)
                if field.type == "many2one":
                    inner = self._known_values_only(~condition.value, comodel)
                    return Domain(condition.field_expr, "any", inner)
                return condition & is_set
            if condition.operator == "not in":
                return condition if False in condition.value else condition & is_set
            if condition.operator.startswith("not "):
                return condition & is_set
            if condition.operator in ("<", "<=") and field.type in (
                "integer",
                "float",
                "monetary",
            ):
                return condition & is_set
            return condition

        return domain.optimize(model).map_conditions(require_value)
