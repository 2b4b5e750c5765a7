from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

STATES = [
    ("draft", "Draft"),
    ("submitted", "Submitted"),
    ("approved", "Approved"),
    ("running", "Running"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]

OBJECTIVES = [
    ("lead_generation", "Lead Generation"),
    ("awareness", "Awareness"),
    ("promotion", "Promotion"),
    ("retention", "Retention"),
    ("launch", "Product Launch"),
    ("event", "Event"),
    ("partner", "Partner Programme"),
]

MARKETER = "marketing_campaign_ext.group_campaign_user"
MANAGER = "marketing_campaign_ext.group_campaign_manager"
FINANCE = "marketing_campaign_ext.group_campaign_finance"
PLAN_READERS = f"{MARKETER},{FINANCE}"

# Who may take a campaign from one state to another; what is not listed is impossible.
TRANSITIONS = {
    ("draft", "submitted"): MARKETER,
    ("draft", "cancelled"): MARKETER,
    ("submitted", "draft"): MARKETER,
    ("submitted", "approved"): MANAGER,
    ("submitted", "cancelled"): MARKETER,
    ("approved", "running"): MARKETER,
    ("approved", "draft"): MANAGER,
    ("approved", "cancelled"): MARKETER,
    ("running", "done"): MARKETER,
    ("running", "cancelled"): MARKETER,
    ("done", "running"): MANAGER,
    ("cancelled", "draft"): MARKETER,
}


class UtmCampaign(models.Model):
    """A campaign as a plan: when, what for, with whom and with how much money.

    Every internal user of Odoo may create and write UTM campaigns, and a visitor's link creates
    them too. That stays so for what Odoo knows of a campaign; the plan (see ``_get_plan_fields``)
    is written by marketers only, and ``state`` moves along ``TRANSITIONS`` whoever writes it.

    The identifier ``name`` is what links carry. It is made from the first title and does not
    follow later titles: a renamed campaign keeps its links.
    """

    _name = "utm.campaign"
    _inherit = ["utm.campaign", "mail.thread", "mail.activity.mixin"]
    _parent_store = True

    # Native fields, followed in the chatter
    title = fields.Char(tracking=True)
    user_id = fields.Many2one(tracking=True)
    company_id = fields.Many2one(tracking=True)
    currency_id = fields.Many2one(
        "res.currency",
        related=None,
        compute="_compute_currency_id",
        search="_search_currency_id",
        help="Currency of the company of the campaign; of the user's company when it is shared.",
    )

    # Life
    state = fields.Selection(
        STATES,
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    date_start = fields.Date(string="Start", index=True, tracking=True)
    date_end = fields.Date(string="End", tracking=True)
    date_approved = fields.Date(string="Approved on", readonly=True, copy=False)
    date_started = fields.Date(string="Actual Start", readonly=True, copy=False)
    date_done = fields.Date(string="Actual End", readonly=True, copy=False)

    # What for
    type_id = fields.Many2one("marketing.campaign.type", string="Type", index="btree_not_null")
    type_icon = fields.Char(string="Type Icon", related="type_id.icon")
    objective = fields.Selection(OBJECTIVES, tracking=True)
    audience = fields.Text(string="Target Audience")
    team_id = fields.Many2one("crm.team", string="Sales Team", check_company=True)
    is_template = fields.Boolean(string="Template", index="btree_not_null")

    # Programme tree
    parent_id = fields.Many2one(
        "utm.campaign",
        string="Programme",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        domain="[('id', '!=', id), ('is_template', '=', is_template)]",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("utm.campaign", "parent_id", string="Campaigns of the Programme")
    child_count = fields.Integer(compute="_compute_child_count")

    # Ledger
    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        string="Analytic Account",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        groups=PLAN_READERS,
        help="Whatever is distributed to this account is a cost of the campaign.",
    )

    _date_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "A campaign cannot end before it starts.",
    )

    # ------------------------------------------------------------------ computes

    @api.depends("title")
    def _compute_name(self):
        """Name what has no identifier yet; an identifier in use is never changed by a title."""
        unnamed = self.filtered(lambda campaign: not campaign._origin.name)
        for campaign in self - unnamed:
            campaign.name = campaign._origin.name
        return super(UtmCampaign, unnamed)._compute_name()

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for company, campaigns in self.grouped("company_id").items():
            campaigns.currency_id = (company or self.env.company).currency_id

    @api.depends("child_ids")
    def _compute_child_count(self):
        counts = dict(self._read_group([("parent_id", "in", self.ids)], ["parent_id"], ["__count"]))
        for campaign in self:
            campaign.child_count = counts.get(campaign._origin, 0)

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_plan_access(vals)
            if not self.env.su and vals.get("state", "draft") != "draft":
                raise UserError(
                    self.env._("A campaign starts as a draft and is approved from there.")
                )
        return super().create(vals_list)

    def write(self, vals):
        self._check_plan_access(vals)
        self._check_parent(vals)
        self._check_company_change(vals)
        if "title" in vals:
            # sudo: marketers may not write accounts, those of their campaigns bear their titles
            self.sudo().analytic_account_id.write({"name": vals["title"]})
        if "state" not in vals:
            return super().write(vals)
        changing = self.filtered(lambda campaign: campaign.state != vals["state"])
        changing._check_state_change(vals["state"])
        result = super().write(vals)
        changing._after_state_change()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_begun(self):
        begun = self.filtered(lambda campaign: campaign.state not in ("draft", "cancelled"))
        if begun and not self.env.su:
            raise UserError(
                self.env._(
                    "%(campaign)s was submitted or has begun: cancel or archive it instead, its "
                    "history is needed.",
                    campaign=begun[0].title,
                )
            )
        # sudo: entries of the ledger keep a campaign, whoever may read them
        entries = self.env["account.analytic.line"].sudo()
        for account in self.sudo().analytic_account_id:
            column = account.plan_id._column_name()
            if entries.search_count([(column, "=", account.id)], limit=1):
                raise UserError(
                    self.env._(
                        "Costs are booked on %(account)s: archive the campaign instead, or merge "
                        "it into another.",
                        account=account.display_name,
                    )
                )

    # ------------------------------------------------------------------ actions

    def action_submit(self):
        self.write({"state": "submitted"})

    def action_approve(self):
        self.write({"state": "approved"})

    def action_refuse(self):
        """Ask for the reason; see ``_refuse`` for what happens with it."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_campaign_ext.marketing_campaign_refuse_action"
        )
        action["context"] = {"default_campaign_ids": self.ids}
        return action

    def action_start(self):
        self.write({"state": "running"})

    def action_done(self):
        self.write({"state": "done"})

    def action_cancel(self):
        self.write({"state": "cancelled"})

    def action_reset_to_draft(self):
        self.write({"state": "draft"})

    def action_open_children(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_campaign_ext.utm_campaign_action"
        )
        action["name"] = self.title
        action["domain"] = [("id", "child_of", self.id), ("id", "!=", self.id)]
        action["context"] = {"default_parent_id": self.id}
        action["view_mode"] = "list,kanban,form"
        action["views"] = [
            view
            for kind in ("list", "kanban", "form")
            for view in action["views"]
            if view[1] == kind
        ]
        return action

    # ------------------------------------------------------------------ business

    def _refuse(self, reason):
        """Send submitted campaigns back to draft, with the reason in their chatter."""
        if not (self.env.su or self.env.user.has_group(MANAGER)):
            raise AccessError(self.env._("Only a campaign manager refuses campaigns."))
        not_submitted = self.filtered(lambda campaign: campaign.state != "submitted")
        if not_submitted:
            raise UserError(
                self.env._(
                    "%(campaign)s does not wait for approval, there is nothing to refuse.",
                    campaign=", ".join(not_submitted.mapped("title")),
                )
            )
        self.write({"state": "draft"})
        for campaign in self:
            campaign.message_post(
                body=self.env._("Refused: %(reason)s", reason=reason),
                partner_ids=campaign.user_id.partner_id.ids,
            )

    def _ensure_analytic_account(self):
        """Give every campaign of the set its own account in the plan "Campaigns"."""
        plan = self.env.ref("marketing_campaign_ext.analytic_plan_campaigns")
        # sudo: marketers have no rights on analytic accounting, their campaigns need accounts
        missing = self.sudo().filtered(lambda campaign: not campaign.analytic_account_id)
        accounts = (
            self.env["account.analytic.account"]
            .sudo()
            .create([campaign._prepare_analytic_account_vals(plan) for campaign in missing])
        )
        for campaign, account in zip(missing, accounts, strict=True):
            campaign.analytic_account_id = account
        return self.sudo().analytic_account_id

    def _check_parent(self, vals):
        """A tree has no circles; said here, for Odoo's own check says nothing but that."""
        parent = self.sudo().browse(vals.get("parent_id"))  # sudo: whoever may see it, it is above
        if parent and not set(parent._get_path()).isdisjoint(self.ids):
            raise ValidationError(
                self.env._("A campaign cannot be part of itself, at any distance.")
            )

    def _check_state_change(self, state):
        """Refuse a change of state that is impossible or not for this user."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for campaign in self:
            group = TRANSITIONS.get((campaign.state, state))
            if not group:
                raise UserError(
                    self.env._(
                        "%(campaign)s is %(old)s: it cannot become %(new)s from there.",
                        campaign=campaign.title,
                        old=labels[campaign.state],
                        new=labels.get(state, state),
                    )
                )
            if not (self.env.su or self.env.user.has_group(group)):
                raise AccessError(
                    self.env._(
                        "%(campaign)s: only a campaign manager may do this.",
                        campaign=campaign.title,
                    )
                )

    def _after_state_change(self):
        """What a new state brings with it, whichever way it was reached."""
        today = fields.Date.context_today(self)
        # sudo: these fields are kept by the lifecycle, nobody writes them by hand
        self.sudo().filtered(
            lambda campaign: campaign.state == "submitted" and campaign.is_auto_campaign
        ).write({"is_auto_campaign": False})
        approved = self.filtered(lambda campaign: campaign.state == "approved")
        if approved:
            approved._ensure_analytic_account()
            approved.sudo().write({"date_approved": today})
        self.sudo().filtered(
            lambda campaign: campaign.state == "running" and not campaign.date_started
        ).write({"date_started": today})
        self.sudo().filtered(lambda campaign: campaign.state == "done").write({"date_done": today})

    # ------------------------------------------------------------------ hooks

    def _prepare_analytic_account_vals(self, plan):
        self.ensure_one()
        return {
            "name": self.title,
            "code": self.name,
            "plan_id": plan.id,
            "company_id": self.company_id.id,
        }

    @api.model
    def _get_plan_fields(self):
        """Fields of the plan: written by marketers only. Extended by whoever adds some."""
        return {
            "state",
            "date_start",
            "date_end",
            "date_approved",
            "date_started",
            "date_done",
            "type_id",
            "objective",
            "audience",
            "team_id",
            "is_template",
            "parent_id",
            "analytic_account_id",
        }
