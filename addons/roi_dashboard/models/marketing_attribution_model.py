from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.weights import SCHEMES, Scheme

DATA_DRIVEN = ("markov", "shapley")

# A change of one of these changes the shares: the model gets a new version.
PARAMETERS = (
    "method",
    "window_days",
    "half_life_days",
    "contact_scope",
    "dedup_hours",
    "with_opens",
    "channel",
    "markov_order",
    "min_conversions",
    "min_paths",
    "share_first",
    "share_lead",
    "share_opportunity",
    "share_last",
    "share_middle",
)


class MarketingAttributionModel(models.Model):
    """A rule that shares each conversion over the touches before it.

    Which touches are eligible: those with a campaign, not made by machines, not after the
    conversion, and within the window before it. Whose touches: those of the contact of the deal,
    of the whole company behind the contact, or of the contact if there are any and else of the
    company. Touches of the same person, campaign and kind that follow each other within the
    given hours are one touch, the first.
    """

    _name = "marketing.attribution.model"
    _description = "Attribution Model"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Text(translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_default = fields.Boolean(
        string="Used for ROI",
        readonly=True,
        copy=False,
        help="The ROI report shows this model unless another one is filtered.",
    )
    method = fields.Selection(
        [
            ("first", "First Touch"),
            ("last", "Last Touch"),
            ("last_non_direct", "Last Non-Direct Touch"),
            ("linear", "Linear"),
            ("u_shaped", "U-Shaped"),
            ("w_shaped", "W-Shaped"),
            ("full_path", "Full Path"),
            ("j_shaped", "J-Shaped"),
            ("inverse_j", "Inverse J"),
            ("time_decay", "Time Decay"),
            ("custom", "Custom Positions"),
            ("markov", "Markov Chain"),
            ("shapley", "Shapley Value"),
        ],
        required=True,
        default="linear",
    )

    # Which touches
    window_days = fields.Integer(
        string="Window (days)",
        default=90,
        help="Touches older than this before the conversion are not credited. 0 for no limit.",
    )
    contact_scope = fields.Selection(
        [
            ("contact", "Contact of the deal"),
            ("account", "All contacts of the company"),
            ("hybrid", "Contact if it has touches, else company"),
        ],
        required=True,
        default="hybrid",
    )
    dedup_hours = fields.Float(
        string="Repeat Within (hours)",
        default=1.0,
        help="Touches of one person with the same campaign and kind that follow each other "
        "within these hours count as one.",
    )
    with_opens = fields.Boolean(
        string="Count Opened Emails",
        default=True,
        help="Without it, only clicks and replies of an email count.",
    )

    # Parameters of some methods
    half_life_days = fields.Float(
        string="Half-Life (days)",
        default=7.0,
        help="Time decay: a touch this much older than another gets half its share.",
    )
    share_first = fields.Float(string="First Touch (%)")
    share_lead = fields.Float(string="Lead Creation (%)")
    share_opportunity = fields.Float(string="Opportunity (%)")
    share_last = fields.Float(string="Last Touch (%)")
    share_middle = fields.Float(string="Touches in Between (%)")
    channel = fields.Selection(
        [("campaign", "Campaign"), ("medium", "Medium"), ("source", "Source")],
        default="campaign",
        required=True,
        help="What Markov and Shapley compare.",
    )
    markov_order = fields.Integer(
        string="Order of the Chain",
        default=1,
        help="How many touches the chain remembers, 1 to 3.",
    )
    min_conversions = fields.Integer(
        string="Conversions Needed",
        default=100,
        help="With fewer, the model refuses to be computed: it would only describe noise.",
    )
    min_paths = fields.Integer(string="Different Paths Needed", default=10)

    keep_totals = fields.Boolean(
        string="Keep Daily Sums",
        help="The dashboard answers at once under this model, and every run takes longer: the "
        "sums of each day are stored. Without it the shares are added up whenever somebody asks. "
        "The sums of the model used for ROI are always kept.",
    )

    # State
    version = fields.Integer(
        default=1, readonly=True, copy=False, help="Counts the changes of parameters."
    )
    computed_version = fields.Integer(readonly=True, copy=False)
    is_outdated = fields.Boolean(compute="_compute_is_outdated")
    has_totals = fields.Boolean(
        string="Daily Sums Kept",
        readonly=True,
        copy=False,
        help="The sums of each day are stored and up to date.",
    )
    found_conversions = fields.Integer(readonly=True, copy=False)
    found_paths = fields.Integer(readonly=True, copy=False)
    effects = fields.Json(
        readonly=True, copy=False, help="Markov: removal effect of each channel at the last run."
    )
    refusal = fields.Char(string="Not Computed Because", compute="_compute_refusal")

    _one_default = models.UniqueIndex(
        "(is_default) WHERE is_default", "Only one model can be used for ROI."
    )
    _window_positive = models.Constraint(
        "CHECK(window_days >= 0 AND dedup_hours >= 0)", "Days and hours cannot be negative."
    )
    _half_life_positive = models.Constraint(
        "CHECK(half_life_days > 0)", "The half-life must be positive."
    )
    _markov_order = models.Constraint(
        "CHECK(markov_order BETWEEN 1 AND 3)", "The order of a Markov chain is 1, 2 or 3."
    )

    @api.depends("version", "computed_version")
    def _compute_is_outdated(self):
        for model in self:
            model.is_outdated = model.version != model.computed_version

    @api.depends("method", "found_conversions", "found_paths", "min_conversions", "min_paths")
    def _compute_refusal(self):
        """Say why a data-driven model gives no credits: too little to learn from."""
        for model in self:
            reasons = []
            if model.method in DATA_DRIVEN and model.computed_version:
                if model.found_conversions < model.min_conversions:
                    reasons.append(
                        self.env._(
                            "%(found)s conversions with touches, %(needed)s are needed.",
                            found=model.found_conversions,
                            needed=model.min_conversions,
                        )
                    )
                if model.found_paths < model.min_paths:
                    reasons.append(
                        self.env._(
                            "%(found)s different paths, %(needed)s are needed.",
                            found=model.found_paths,
                            needed=model.min_paths,
                        )
                    )
            model.refusal = " ".join(reasons) or False

    @api.constrains(
        "method", "share_first", "share_lead", "share_opportunity", "share_last", "share_middle"
    )
    def _check_shares(self):
        for model in self.filtered(lambda model: model.method == "custom"):
            shares = model._get_custom_shares()
            if min(shares) < 0 or abs(sum(shares) - 100.0) > 1e-6:
                raise ValidationError(
                    self.env._(
                        "%(model)s: the shares must not be negative and must sum to 100 %%, "
                        "they sum to %(sum)s %%.",
                        model=model.name,
                        sum=round(sum(shares), 2),
                    )
                )
            if not (model.share_first or model.share_last) and not model.share_middle:
                raise ValidationError(
                    self.env._(
                        "%(model)s: give the first, the last or the touches in between a share; "
                        "not every deal has a lead.",
                        model=model.name,
                    )
                )

    def write(self, vals):
        changed = self.filtered(
            lambda model: any(name in vals and model[name] != vals[name] for name in PARAMETERS)
        )
        is_leaving = vals.get("active") is False and vals.get("is_default", True)
        if is_leaving and any(self.mapped("is_default")):
            raise UserError(
                self.env._("The model used for ROI cannot be archived. Use another one first.")
            )
        awake = self.filtered(lambda model: vals.get("active") and not model.active)
        result = super().write(vals)
        for model in changed:
            super(MarketingAttributionModel, model).write({"version": model.version + 1})
        # nobody was credited under an archived model: it starts afresh
        super(MarketingAttributionModel, awake).write({"computed_version": 0})
        if changed or vals.keys() & {"active", "keep_totals", "is_default"}:
            self.env["marketing.attribution.run"]._wake()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_default(self):
        if any(self.mapped("is_default")):
            raise UserError(
                self.env._("The model used for ROI cannot be deleted. Use another one first.")
            )

    def action_make_default(self):
        """Use this model wherever no other one is asked for."""
        self.ensure_one()
        self.check_access("write")
        self.search([("is_default", "=", True)]).is_default = False
        self.env.flush_all()
        self.write({"is_default": True, "active": True})

    @api.model
    def _get_default_model(self):
        """The model of the ROI report; without a chosen one, the first of the list."""
        return self.search([("is_default", "=", True)], limit=1) or self.search([], limit=1)

    @api.model
    def _get_kept(self):
        """The models whose daily sums are stored, see ``marketing.roi.total``."""
        return self._get_default_model() | self.search([("keep_totals", "=", True)])

    def _get_custom_shares(self):
        return (
            self.share_first,
            self.share_lead,
            self.share_opportunity,
            self.share_last,
            self.share_middle,
        )

    def _get_scheme(self):
        """Positions of a rule-based model; ``None`` for those that are not about positions."""
        self.ensure_one()
        if self.method == "custom":
            return Scheme(*(share / 100.0 for share in self._get_custom_shares()))
        return SCHEMES.get(self.method)

    def _get_parameters(self):
        """What a run writes down of a model, so that its result can be explained later."""
        self.ensure_one()
        return {name: self[name] for name in PARAMETERS} | {
            "name": self.name,
            "version": self.version,
        }

    def _get_journey_settings(self):
        """Models with the same settings see the same touches."""
        self.ensure_one()
        return (self.window_days, self.contact_scope, self.dedup_hours, self.with_opens)
