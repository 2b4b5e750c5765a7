from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .utm_campaign import PLAN_READERS


class UtmCampaign(models.Model):
    """The budget of a campaign, its own and that of its whole programme."""

    _inherit = "utm.campaign"

    budget_line_ids = fields.One2many(
        "marketing.budget.line",
        "campaign_id",
        string="Budget Lines",
        copy=True,
        groups=PLAN_READERS,
    )
    budget_amount = fields.Monetary(
        string="Budget",
        compute="_compute_budget_amount",
        store=True,
        tracking=True,
        groups=PLAN_READERS,
        help="What may be spent: the sum of the budget lines.",
    )
    budget_baseline_amount = fields.Monetary(
        string="First Approved Budget",
        readonly=True,
        copy=False,
        groups=PLAN_READERS,
        help="The budget at the first approval, for comparison with what became of it.",
    )
    budget_approved_amount = fields.Monetary(
        string="Last Approved Budget",
        readonly=True,
        copy=False,
        groups=PLAN_READERS,
        help="Revisions are measured against it: above the tolerance they need an approval.",
    )
    budget_revision_ids = fields.One2many(
        "marketing.budget.revision",
        "campaign_id",
        string="Revisions",
        domain=[("state", "!=", "draft")],
        groups=PLAN_READERS,
    )
    is_revision_pending = fields.Boolean(
        compute="_compute_is_revision_pending", groups=PLAN_READERS
    )
    budget_amount_total = fields.Monetary(
        string="Budget (programme)",
        compute="_compute_budget_amount_total",
        groups=PLAN_READERS,
        help="Budget of this campaign and of all campaigns below it that you may see.",
    )

    @api.depends("budget_line_ids.amount")
    def _compute_budget_amount(self):
        amounts = dict(
            self.env["marketing.budget.line"]._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id"], ["amount:sum"]
            )
        )
        for campaign in self:
            if campaign._origin:
                campaign.budget_amount = amounts.get(campaign._origin, 0.0)
            else:
                campaign.budget_amount = sum(campaign.budget_line_ids.mapped("amount"))

    @api.depends("budget_revision_ids.state")
    def _compute_is_revision_pending(self):
        pending = self.env["marketing.budget.revision"]._read_group(
            [("campaign_id", "in", self.ids), ("state", "=", "pending")], ["campaign_id"]
        )
        waiting = self.browse([campaign.id for (campaign,) in pending])
        for campaign in self:
            campaign.is_revision_pending = campaign._origin in waiting

    @api.depends("budget_amount", "parent_path", "child_ids.budget_amount")
    @api.depends_context("company", "allowed_company_ids")
    def _compute_budget_amount_total(self):
        """One sum over the tree; amounts of other currencies convert line by line, see the report.

        Budgets of templates are plans without a date: they are no rows of the report.
        """
        programme = self._get_programme()
        sums = {}
        if not self.env["marketing.money.sql"]._is_single_currency():
            # a budget is of the company of its campaign: who sees the one, sees the other
            _own, sums = self._get_programme_sums(
                lambda nodes, targets: self._cost_sums_sql(
                    nodes, targets, nodes.company_id, {"planned"}
                )
            )
            programme = programme.filtered("is_template")
        totals = defaultdict(float)
        for campaign in programme:
            for key in campaign._get_path():
                totals[key] += campaign.budget_amount
        for campaign in self:
            planned = sums.get(campaign._origin.id, {}).get("planned", 0.0)
            campaign.budget_amount_total = totals[campaign._origin.id] + planned

    def _search_currency_id(self, operator, value):
        """Campaigns of companies with these currencies; shared ones count in the user's."""
        if operator != "in":
            return NotImplemented
        found = Domain("company_id.currency_id", "in", value)
        if self.env.company.currency_id.id in value:
            found |= Domain("company_id", "=", False)
        return found

    @api.model
    def _field_to_sql(self, alias, field_expr, query=None):
        """The currency in SQL: without it groups, pivots and graphs cannot add amounts up."""
        if field_expr != "currency_id":
            return super()._field_to_sql(alias, field_expr, query)
        return SQL(
            """
            COALESCE((SELECT owner.currency_id FROM res_company owner WHERE owner.id = %s), %s)
            """,
            SQL.identifier(alias, "company_id", to_flush=self._fields["company_id"]),
            self.env.company.currency_id.id,
        )

    # ------------------------------------------------------------------ programme tree

    def _get_programme(self):
        """The campaigns of the set with all campaigns below them that the user may see."""
        below = SQL(
            """
            (SELECT node.id FROM utm_campaign node
              WHERE STRING_TO_ARRAY(node.parent_path, '/') && %s::text[])
            """,
            [str(key) for key in self.ids],
            to_flush=self._fields["parent_path"],
        )
        return self.with_context(active_test=False).search_fetch(
            [("id", "in", below)],
            ["parent_path", "company_id", "budget_amount", "is_template"],
            order="id",
        )

    def _get_path(self):
        """Ids from the top of the programme down to this campaign."""
        return [int(key) for key in self.parent_path.split("/")[:-1]]

    # ------------------------------------------------------------------ lifecycle

    def _after_state_change(self):
        result = super()._after_state_change()
        # sudo: what was approved is kept by the approval, nobody writes it by hand
        for campaign in self.sudo().filtered(lambda campaign: campaign.state == "approved"):
            campaign.budget_approved_amount = campaign.budget_amount
            if not campaign.budget_baseline_amount:
                campaign.budget_baseline_amount = campaign.budget_amount
        return result

    def action_revise_budget(self):
        """Draft a revision of the budget and open it."""
        self.ensure_one()
        revision = self.env["marketing.budget.revision"]._draft_for(self)
        return revision._open_in_dialog(self.env._("Revise the Budget"))

    def _check_budget_unlocked(self):
        """Refuse to touch the budget of campaigns that are past the draft."""
        if self.env.su:
            return
        locked = self.filtered(lambda campaign: campaign.state != "draft")
        if locked:
            raise UserError(
                self.env._(
                    "The budget of %(campaign)s is locked since it was submitted. "
                    "Take the campaign back to draft, or revise the approved budget.",
                    campaign=", ".join(locked.mapped("title")),
                )
            )

    @api.model
    def _get_plan_fields(self):
        return super()._get_plan_fields() | {
            "budget_line_ids",
            "budget_amount",
            "budget_baseline_amount",
            "budget_approved_amount",
            "budget_revision_ids",
        }
