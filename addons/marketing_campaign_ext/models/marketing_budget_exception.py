from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .marketing_budget_gate import OVERRIDE
from .utm_campaign import MANAGER

EXCEPTION_STATES = [
    ("requested", "Waiting"),
    ("approved", "Approved"),
    ("refused", "Refused"),
]


class MarketingBudgetException(models.Model):
    """A document that may pass the budget gate although the budget has no room: who, why, how far.

    It covers one document, one budget and the excess that was seen when it was asked for; a
    document that grows afterwards needs another. Kept for ever, as the log of overrides.
    """

    _name = "marketing.budget.exception"
    _description = "Budget Exception"
    _order = "id desc"
    _rec_name = "document_name"

    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document ID", model_field="res_model", required=True, readonly=True, index=True
    )
    document_name = fields.Char(string="Document", required=True, readonly=True)
    campaign_id = fields.Many2one(
        "utm.campaign", required=True, readonly=True, index=True, ondelete="cascade"
    )
    category_id = fields.Many2one(
        "marketing.cost.category", string="Cost Category", readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    policy = fields.Selection(
        [("approval", "Require approval"), ("block", "Block")], required=True, readonly=True
    )
    state = fields.Selection(
        EXCEPTION_STATES, default="requested", required=True, readonly=True, index=True
    )
    budget_amount = fields.Monetary(string="Budget", readonly=True)
    committed_amount = fields.Monetary(string="Committed", readonly=True)
    actual_amount = fields.Monetary(string="Actual", readonly=True)
    document_amount = fields.Monetary(string="This Document", readonly=True)
    excess_amount = fields.Monetary(string="Too Much", readonly=True)
    reason = fields.Text(required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Asked by", required=True, readonly=True)
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True)
    date_decided = fields.Datetime(string="Decided on", readonly=True)
    can_decide = fields.Boolean(compute="_compute_can_decide")

    @api.depends("state", "policy", "user_id")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        for exception in self:
            exception.can_decide = exception.state == "requested" and exception._may_decide()

    def _may_decide(self):
        """Managers approve what asks for approval, the override right covers the rest too."""
        self.ensure_one()
        user = self.env.user
        if user.has_group(OVERRIDE):
            return True
        return self.policy == "approval" and user.has_group(MANAGER) and self.user_id != user

    def action_approve(self):
        self._decide("approved", self.env._("may pass over budget"))

    def action_refuse(self):
        self._decide("refused", self.env._("is refused over budget"))

    def action_open_document(self):
        self.ensure_one()
        document = self._get_document()
        document.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def _decide(self, state, text):
        for exception in self:
            if exception.state != "requested":
                raise UserError(self.env._("%s is already decided.", exception.document_name))
            if not exception._may_decide():
                raise AccessError(
                    self.env._(
                        "%(document)s: only another campaign manager, or a person with the right "
                        "to override budget checks, can decide.",
                        document=exception.document_name,
                    )
                )
            # sudo: the decision is taken here, nobody writes it by hand
            exception.sudo().write(
                {
                    "state": state,
                    "decided_by_id": self.env.user.id,
                    "date_decided": fields.Datetime.now(),
                }
            )
            exception._log(text)

    def _log(self, text):
        """Say it on the document and on the campaign."""
        self.ensure_one()
        body = self.env._(
            "%(document)s %(text)s of %(campaign)s (%(excess)s too much), decided by %(user)s. "
            "Reason: %(reason)s",
            document=self.document_name,
            text=text,
            campaign=self.campaign_id.title,
            excess=self.currency_id.format(self.excess_amount),
            user=self.env.user.name,
            reason=self.reason,
        )
        # sudo: who decides need not have rights on the document
        self._get_document().sudo().message_post(body=body, partner_ids=self.user_id.partner_id.ids)
        self.campaign_id.sudo().message_post(body=body)

    def _ask(self):
        """One activity on the campaign for each manager who may decide."""
        self.ensure_one()
        group = OVERRIDE if self.policy == "block" else MANAGER
        users = (
            self.env.ref(group)
            .sudo()
            .all_user_ids.filtered(lambda user: user.active and self.company_id in user.company_ids)
        )
        users -= self.user_id | self.env.ref("base.user_root")
        for user in users:
            # sudo: a purchaser asks people whose activities and campaign he may not write
            self.campaign_id.sudo().with_context(lang=user.lang).activity_schedule(
                "marketing_campaign_ext.mail_activity_type_approval",
                user_id=user.id,
                summary=self.with_context(lang=user.lang).env._(
                    "%s is over budget: let it pass?", self.document_name
                ),
                note=self.reason,
            )

    def _get_document(self):
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id).exists()

    @api.model
    def _covers(self, documents, breach):
        """Is the excess of this budget excepted for one of these documents?"""
        # sudo: the gate decides, whoever confirms
        exceptions = self.sudo().search(
            [
                ("res_model", "=", documents._name),
                ("res_id", "in", documents.ids),
                ("campaign_id", "=", breach.campaign.id),
                ("category_id", "=", breach.category.id),
                ("state", "=", "approved"),
            ]
        )
        return any(
            exception.currency_id.compare_amounts(exception.excess_amount, breach.excess) >= 0
            for exception in exceptions
        )

    @api.model
    def _prepare_vals(self, document, breach, reason):
        return {
            "res_model": document._name,
            "res_id": document.id,
            "document_name": document.display_name,
            "campaign_id": breach.campaign.id,
            "category_id": breach.category.id,
            "company_id": (breach.campaign.company_id or document.company_id).id,
            "currency_id": breach.campaign.currency_id.id,
            "policy": breach.policy,
            "budget_amount": breach.budget,
            "committed_amount": breach.committed,
            "actual_amount": breach.actual,
            "document_amount": breach.document,
            "excess_amount": breach.excess,
            "reason": reason,
            "user_id": self.env.user.id,
        }
