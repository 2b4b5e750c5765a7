from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .utm_campaign import MANAGER

STATES = [
    ("draft", "Draft"),
    ("pending", "To Approve"),
    ("applied", "Applied"),
    ("refused", "Refused"),
]


class MarketingBudgetRevision(models.Model):
    """A change of an approved budget: who, when, why, before and after.

    A revision is drafted from the current budget lines, changed, and submitted with a reason. It
    applies at once while the new budget stays within the tolerance of the company above what was
    last approved; tolerances do not add up over several revisions. Beyond that it waits for
    somebody who may approve a budget of the new amount. What was applied is never changed.
    """

    _name = "marketing.budget.revision"
    _description = "Budget Revision"
    _order = "id desc"
    _rec_name = "campaign_id"

    campaign_id = fields.Many2one(
        "utm.campaign", required=True, index=True, ondelete="cascade", string="Campaign"
    )
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    reason = fields.Text()
    state = fields.Selection(STATES, default="draft", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Requested by",
        default=lambda self: self.env.user,
        required=True,
        readonly=True,
    )
    date = fields.Datetime(string="Requested on", readonly=True)
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True)
    date_decided = fields.Datetime(string="Decided on", readonly=True)
    line_ids = fields.One2many("marketing.budget.revision.line", "revision_id", string="Lines")
    amount_before = fields.Monetary(string="Before", compute="_compute_amounts", store=True)
    amount_after = fields.Monetary(string="After", compute="_compute_amounts", store=True)
    amount_change = fields.Monetary(string="Change", compute="_compute_amounts", store=True)
    is_approval_needed = fields.Boolean(compute="_compute_is_approval_needed")

    @api.depends("line_ids.amount_before", "line_ids.amount_after")
    def _compute_amounts(self):
        for revision in self:
            revision.amount_before = sum(revision.line_ids.mapped("amount_before"))
            revision.amount_after = sum(revision.line_ids.mapped("amount_after"))
            revision.amount_change = revision.amount_after - revision.amount_before

    @api.depends("amount_after", "campaign_id")
    def _compute_is_approval_needed(self):
        for revision in self:
            # sudo: the approved amount and the tolerance decide, whoever revises
            campaign = revision.campaign_id.sudo()
            limit = campaign.budget_approved_amount * (
                1 + campaign.company_id.campaign_revision_tolerance
            )
            revision.is_approval_needed = (
                campaign.currency_id.compare_amounts(revision.amount_after, limit) > 0
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_decision_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_decision_fields(vals)
        self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        self._check_draft()

    def _check_decision_fields(self, vals):
        """The decision is taken with the buttons, never written."""
        decision = {"state", "user_id", "date", "decided_by_id", "date_decided"}
        if not self.env.su and decision.intersection(vals):
            raise AccessError(
                self.env._("Submit, approve or refuse the revision; its outcome is not typed.")
            )

    def _check_draft(self):
        if not self.env.su and any(revision.state != "draft" for revision in self):
            raise UserError(
                self.env._("A revision is not changed once it was submitted: make a new one.")
            )

    # ------------------------------------------------------------------ actions

    def action_submit(self):
        """Apply the revision, or ask for approval when it passes the tolerance."""
        for revision in self:
            revision.check_access("write")
            revision._check_submittable()
            # sudo: the outcome is decided here, never typed
            revision.sudo().write({"date": fields.Datetime.now(), "state": "pending"})
            if revision.is_approval_needed:
                revision._ask_for_decision()
            else:
                revision._apply()
        return {"type": "ir.actions.act_window_close"}

    def action_approve(self):
        for revision in self:
            revision._check_pending()
            revision._check_may_approve()
            revision.campaign_id._drop_approval_requests()
            revision._apply()
            revision.campaign_id.sudo().budget_approved_amount = revision.amount_after

    def action_refuse(self):
        if not (self.env.su or self.env.user.has_group(MANAGER)):
            raise AccessError(self.env._("Only a campaign manager refuses a revision."))
        for revision in self:
            revision._check_pending()
            revision.campaign_id._drop_approval_requests()
            # sudo: the outcome is decided here, never typed
            revision.sudo().write(revision._prepare_decision_vals("refused"))
            revision._post(self.env._("Budget revision refused"))

    # ------------------------------------------------------------------ business

    @api.autovacuum
    def _gc_drafts(self):
        """Drafts that nobody submitted within a week were opened and discarded."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=7)
        self.search([("state", "=", "draft"), ("write_date", "<", limit)]).unlink()

    @api.model
    def _draft_for(self, campaign):
        """A revision of the campaign that changes nothing yet."""
        return self.create(
            {
                "campaign_id": campaign.id,
                "line_ids": [
                    fields.Command.create(line._prepare_revision_line_vals())
                    for line in campaign.budget_line_ids
                ],
            }
        )

    def _open_in_dialog(self, name):
        """Show the draft in a dialog that applies it or asks for approval."""
        self.ensure_one()
        view = self.env.ref("marketing_campaign_ext.marketing_budget_revision_view_form_dialog")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(view.id, "form")],
            "target": "new",
            "context": {"default_campaign_id": self.campaign_id.id},
        }

    def _ask_for_decision(self):
        """Ask who may approve the new budget; whoever asks and may, has decided by asking."""
        self.ensure_one()
        if self.env.user in self.campaign_id._get_approvers(self.amount_after):
            self.action_approve()
        else:
            self.campaign_id._ask_for_approval(self.amount_after, note=self.reason)

    def _check_may_approve(self):
        self.ensure_one()
        self.campaign_id._check_may_approve(self.amount_after)

    def _check_submittable(self):
        self.ensure_one()
        self._check_draft()
        if self.campaign_id.state not in ("approved", "running"):
            raise UserError(
                self.env._(
                    "%(campaign)s is not approved: change its budget lines directly.",
                    campaign=self.campaign_id.title,
                )
            )
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the budget changes: it is kept with the figures."))
        if not self.line_ids.filtered(lambda line: line._is_change()):
            raise UserError(self.env._("The revision changes nothing."))
        self._check_current()

    def _check_current(self):
        """Refuse a revision that was drafted from figures which have changed since."""
        # sudo: compares what is there with what was read when the draft was made
        current = {line.id: line.amount for line in self.sudo().campaign_id.budget_line_ids}
        drafted = {
            line.budget_line_id.id: line.amount_before
            for line in self.line_ids
            if line.budget_line_id
        }
        same = current.keys() == drafted.keys() and not any(
            self.currency_id.compare_amounts(current[key], drafted[key]) for key in current
        )
        if not same:
            raise UserError(
                self.env._(
                    "The budget of %(campaign)s was changed by somebody else since this revision "
                    "was drafted. Make a new one.",
                    campaign=self.campaign_id.title,
                )
            )

    def _check_pending(self):
        self.ensure_one()
        if self.state != "pending":
            raise UserError(self.env._("This revision does not wait for a decision."))

    def _apply(self):
        """Write the new amounts to the budget lines and keep them as decided."""
        self.ensure_one()
        self.campaign_id.lock_for_update()
        self._check_current()
        # sudo: the lines are locked for everybody, a decided revision is the way in
        revision = self.sudo()
        for line in revision.line_ids.filtered(lambda line: line._is_change()):
            line._apply()
        revision.write(self._prepare_decision_vals("applied"))
        self._post(self.env._("Budget revised"))

    def _post(self, title):
        self.ensure_one()
        self.campaign_id.message_post(
            body=self.env._(
                "%(title)s: %(before)s → %(after)s. %(reason)s",
                title=title,
                before=self.currency_id.format(self.amount_before),
                after=self.currency_id.format(self.amount_after),
                reason=self.reason,
            )
        )

    def _prepare_decision_vals(self, state):
        return {
            "state": state,
            "decided_by_id": self.env.user.id,
            "date_decided": fields.Datetime.now(),
        }


class MarketingBudgetRevisionLine(models.Model):
    """One budget line before and after a revision; a new one has no line before."""

    _name = "marketing.budget.revision.line"
    _description = "Budget Revision Line"
    _order = "date_from, id"
    _rec_name = "category_id"

    revision_id = fields.Many2one(
        "marketing.budget.revision", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="revision_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    budget_line_id = fields.Many2one(
        "marketing.budget.line", index="btree_not_null", ondelete="set null", readonly=True
    )
    category_id = fields.Many2one("marketing.cost.category", ondelete="restrict")
    name = fields.Char(string="Note")
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To", required=True)
    amount_before = fields.Monetary(string="Before", readonly=True)
    amount_after = fields.Monetary(string="After", required=True)

    _amount_positive = models.Constraint(
        "CHECK(amount_after >= 0)", "A budget line cannot be negative."
    )
    _date_order = models.Constraint(
        "CHECK(date_to >= date_from)", "The period of a budget line cannot end before it starts."
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        campaign = self.env["utm.campaign"].browse(self.env.context.get("default_campaign_id"))
        today = fields.Date.context_today(self)
        values.setdefault("date_from", campaign.date_start or today)
        values.setdefault("date_to", campaign.date_end or values["date_from"])
        return values

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_draft()
        return lines

    def write(self, vals):
        self._check_draft()
        result = super().write(vals)
        self._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        self._check_draft()
        if not self.env.su and self.budget_line_id:
            raise UserError(
                self.env._("Set the amount of a line to zero instead of removing the line.")
            )

    def _check_draft(self):
        """Lines change with a drafted revision only, and what was before is never typed."""
        self.revision_id._check_draft()
        if self.env.su:
            return
        for line in self:
            before = line.budget_line_id.amount if line.budget_line_id else 0.0
            other = line.budget_line_id and (
                line.budget_line_id.campaign_id != line.revision_id.campaign_id
            )
            if other or line.currency_id.compare_amounts(line.amount_before, before):
                raise UserError(
                    self.env._("A revision starts from the budget as it is: make a new one.")
                )

    def _is_change(self):
        self.ensure_one()
        line = self.budget_line_id
        if not line:
            return bool(self.amount_after)
        return bool(
            self.currency_id.compare_amounts(self.amount_after, line.amount)
            or (self.category_id, self.name, self.date_from, self.date_to)
            != (line.category_id, line.name, line.date_from, line.date_to)
        )

    def _apply(self):
        self.ensure_one()
        vals = {
            "category_id": self.category_id.id,
            "name": self.name,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "amount": self.amount_after,
        }
        if self.budget_line_id:
            self.budget_line_id.write(vals)
        else:
            self.budget_line_id = self.budget_line_id.create(
                {**vals, "campaign_id": self.revision_id.campaign_id.id}
            )
