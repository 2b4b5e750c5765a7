from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .utm_campaign import MANAGER

TRANSFER_STATES = [
    ("draft", "Draft"),
    ("pending", "To Approve"),
    ("applied", "Applied"),
    ("refused", "Refused"),
]
DECISION_FIELDS = {"state", "user_id", "decided_by_id", "date_decided", "revision_ids"}


class MarketingBudgetTransfer(models.Model):
    """Money moved from one campaign or category to another; the sum of all budgets stays.

    A transfer takes from the last lines of its source, never what is already spent or committed
    there, and becomes a budget revision on each side, so both campaigns keep who, when, why,
    before and after. It needs a campaign manager who may approve the new budget of the campaign
    that receives; a manager's own transfer applies at once within those limits.
    """

    _name = "marketing.budget.transfer"
    _description = "Budget Transfer"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(string="Transfer", compute="_compute_name")
    source_campaign_id = fields.Many2one(
        "utm.campaign",
        string="From Campaign",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('state', 'in', ('approved', 'running'))]",
    )
    source_category_id = fields.Many2one(
        "marketing.cost.category", string="From Category", ondelete="restrict"
    )
    target_campaign_id = fields.Many2one(
        "utm.campaign",
        string="To Campaign",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('state', 'in', ('approved', 'running')), ('company_id', '=', company_id)]",
    )
    target_category_id = fields.Many2one(
        "marketing.cost.category", string="To Category", ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="source_campaign_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(required=True)
    available_amount = fields.Monetary(
        string="Available",
        compute="_compute_available_amount",
        help="What the source has left: budget of the category, and not more than the campaign "
        "has neither spent nor committed.",
    )
    reason = fields.Text(required=True)
    state = fields.Selection(
        TRANSFER_STATES, default="draft", required=True, readonly=True, tracking=True, copy=False
    )
    user_id = fields.Many2one(
        "res.users",
        string="Asked by",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
    )
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True, copy=False)
    date_decided = fields.Datetime(string="Decided on", readonly=True, copy=False)
    revision_ids = fields.Many2many(
        "marketing.budget.revision", string="Budget Revisions", readonly=True, copy=False
    )

    _amount_positive = models.Constraint("CHECK(amount > 0)", "A transfer moves more than nothing.")

    @api.depends("source_campaign_id", "target_campaign_id")
    def _compute_name(self):
        for transfer in self:
            transfer.name = (
                f"{transfer.source_campaign_id.title or ''} → "
                f"{transfer.target_campaign_id.title or ''}"
            )

    @api.depends("source_campaign_id", "source_category_id")
    def _compute_available_amount(self):
        for transfer in self:
            campaign = transfer.source_campaign_id
            budget = sum(transfer._get_source_lines().mapped("amount"))
            free = max(0.0, campaign.budget_remaining)
            is_inside = campaign == transfer.target_campaign_id
            transfer.available_amount = budget if is_inside else min(budget, free)

    @api.onchange("source_campaign_id")
    def _onchange_source_campaign_id(self):
        """Propose the category with the most budget: money without a category is the exception."""
        categories = self.source_campaign_id.budget_line_ids.grouped("category_id")
        if categories and self.source_category_id not in categories:
            self.source_category_id = max(
                categories, key=lambda category: sum(categories[category].mapped("amount"))
            )

    @api.onchange("target_campaign_id")
    def _onchange_target_campaign_id(self):
        """What was planned for a category usually goes to the same one."""
        if self.target_campaign_id and not self.target_category_id:
            self.target_category_id = self.source_category_id

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_decision_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_decision_fields(vals)
        if not self.env.su and any(transfer.state != "draft" for transfer in self):
            raise UserError(self.env._("A transfer does not change once it was submitted."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        if any(transfer.state != "draft" for transfer in self):
            raise UserError(self.env._("A transfer that was submitted is kept."))

    def _check_decision_fields(self, vals):
        if not self.env.su and DECISION_FIELDS.intersection(vals):
            raise AccessError(self.env._("Submit, approve or refuse; the outcome is not typed."))

    def action_submit(self):
        for transfer in self:
            transfer._check_possible()
            if transfer._may_decide():
                transfer._apply()
                continue
            # sudo: the outcome is decided here, never typed
            transfer.sudo().state = "pending"
            transfer.target_campaign_id._ask_for_approval(
                transfer._get_new_budget(), note=transfer.reason
            )

    def action_approve(self):
        for transfer in self:
            transfer._check_pending()
            transfer.target_campaign_id._check_may_approve(transfer._get_new_budget())
            transfer._check_possible()
            transfer._apply()
            transfer.target_campaign_id._drop_approval_requests()

    def action_refuse(self):
        for transfer in self:
            transfer._check_pending()
            if not (self.env.su or self.env.user.has_group(MANAGER)):
                raise AccessError(self.env._("Only a campaign manager refuses a transfer."))
            # sudo: the outcome is decided here, never typed
            transfer.sudo().write(self._prepare_decision_vals("refused"))
            transfer.target_campaign_id._drop_approval_requests()

    def _may_decide(self):
        self.ensure_one()
        return self.env.su or (
            self.env.user in self.target_campaign_id._get_approvers(self._get_new_budget())
        )

    def _get_new_budget(self):
        """Budget of the receiving campaign once the money is there."""
        self.ensure_one()
        inside = self.source_campaign_id == self.target_campaign_id
        return self.target_campaign_id.budget_amount + (0.0 if inside else self.amount)

    def _check_pending(self):
        self.ensure_one()
        if self.state != "pending":
            raise UserError(self.env._("This transfer does not wait for a decision."))

    def _check_possible(self):
        """Refuse what would take money that is not there or that is already spent."""
        self.ensure_one()
        source, target = self.source_campaign_id, self.target_campaign_id
        if (source, self.source_category_id) == (target, self.target_category_id):
            raise UserError(self.env._("Choose another campaign or another category to move to."))
        for campaign in source | target:
            if campaign.state not in ("approved", "running"):
                raise UserError(
                    self.env._(
                        "%s is not approved or no longer runs: its budget takes part in no "
                        "transfer.",
                        campaign.title,
                    )
                )
        if source.company_id != target.company_id:
            raise UserError(self.env._("Budgets move within one company only."))
        source.invalidate_recordset(["budget_remaining"])
        self.invalidate_recordset(["available_amount"])
        if self.currency_id.compare_amounts(self.amount, self.available_amount) > 0:
            raise UserError(
                self.env._(
                    "%(campaign)s has only %(available)s left to give.",
                    campaign=source.title,
                    available=self.currency_id.format(self.available_amount),
                )
            )

    def _apply(self):
        """Revise both budgets in one step; the sum stays what it was."""
        self.ensure_one()
        # sudo: decided revisions are the way into locked budgets, whoever is allowed to decide
        transfer = self.sudo()
        (transfer.source_campaign_id | transfer.target_campaign_id)._lock_for_gate()
        revisions = transfer._revise_source()
        revisions |= transfer._revise_target(revisions)
        for revision in revisions:
            revision._apply()
            revision.campaign_id.budget_approved_amount = revision.amount_after
        transfer.write(
            {**self._prepare_decision_vals("applied"), "revision_ids": [Command.set(revisions.ids)]}
        )

    def _revise_source(self):
        revision = self._draft_revision(self.source_campaign_id)
        rest = self.amount
        for line in revision.line_ids.sorted(lambda line: (line.date_to, line.id), reverse=True):
            if line.category_id != self.source_category_id:
                continue
            taken = min(rest, line.amount_after)
            line.amount_after -= taken
            rest -= taken
        return revision

    def _revise_target(self, revisions):
        revision = revisions.filtered(
            lambda revision: revision.campaign_id == self.target_campaign_id
        ) or self._draft_revision(self.target_campaign_id)
        lines = revision.line_ids.filtered(lambda line: line.category_id == self.target_category_id)
        if lines:
            last = lines.sorted(lambda line: (line.date_to, line.id))[-1]
            last.amount_after += self.amount
        else:
            revision.line_ids = [Command.create(self._prepare_target_line_vals())]
        return revision

    def _draft_revision(self, campaign):
        revision = self.env["marketing.budget.revision"].sudo()._draft_for(campaign)
        revision.write(
            {
                "reason": self.env._(
                    "Transfer %(name)s: %(reason)s", name=self.name, reason=self.reason
                ),
                "user_id": self.user_id.id,
                "date": fields.Datetime.now(),
                "state": "pending",
            }
        )
        return revision

    def _get_source_lines(self):
        self.ensure_one()
        return self.source_campaign_id.budget_line_ids.filtered(
            lambda line: line.category_id == self.source_category_id
        )

    def _prepare_target_line_vals(self):
        campaign = self.target_campaign_id
        today = fields.Date.context_today(self)
        start = campaign.date_start or today
        return {
            "category_id": self.target_category_id.id,
            "date_from": start,
            "date_to": max(campaign.date_end or start, start),
            "amount_before": 0.0,
            "amount_after": self.amount,
        }

    def _prepare_decision_vals(self, state):
        return {
            "state": state,
            "decided_by_id": self.env.user.id,
            "date_decided": fields.Datetime.now(),
        }


class UtmCampaign(models.Model):
    _inherit = "utm.campaign"

    def action_transfer_budget(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Transfer Budget"),
            "res_model": "marketing.budget.transfer",
            "views": [(False, "form")],
            "context": {"default_source_campaign_id": self.id},
        }

    def action_true_up(self):
        """Release what will not be spent: a revision down to what is spent and committed."""
        self.ensure_one()
        release = self.budget_remaining
        if self.currency_id.compare_amounts(release, 0.0) <= 0:
            raise UserError(self.env._("%s has nothing left to release.", self.title))
        revision = self.env["marketing.budget.revision"]._draft_for(self)
        revision.reason = self.env._(
            "True-up: %s will not be spent.", self.currency_id.format(release)
        )
        for line in revision.line_ids.sorted(lambda line: (line.date_to, line.id), reverse=True):
            taken = min(release, line.amount_after)
            line.amount_after -= taken
            release -= taken
        return revision._open_in_dialog(self.env._("Release what is left"))
