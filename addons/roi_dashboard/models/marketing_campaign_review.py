from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

MANAGER = "marketing_campaign_ext.group_campaign_manager"
TEXTS = ("went_well", "went_badly", "learned", "verdict")


class MarketingCampaignReview(models.Model):
    """What a campaign taught: its figures beside plan and benchmark, and what people say.

    Figures are taken from the ROI report while the review is written and stay as they were when
    it is published; the published reviews are the library one looks into before the next
    campaign of the kind.
    """

    _name = "marketing.campaign.review"
    _description = "Campaign Review"
    _inherit = ["mail.thread"]
    _order = "date_published desc, id desc"
    _rec_name = "campaign_id"

    campaign_id = fields.Many2one(
        "utm.campaign",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('is_template', '=', False), ('state', 'in', ('done', 'cancelled'))]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        readonly=True,
        default=lambda self: self.env.company,
        help="The company in whose currency the figures are.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", string="Reviewed by", default=lambda self: self.env.user, tracking=True
    )
    type_id = fields.Many2one(related="campaign_id.type_id", store=True)
    objective = fields.Selection(related="campaign_id.objective", store=True)
    medium_id = fields.Many2one(
        "utm.medium", string="Main Channel", readonly=True, help="Where most touches came over."
    )
    date_start = fields.Date(related="campaign_id.date_start")
    date_end = fields.Date(related="campaign_id.date_end")
    state = fields.Selection(
        [("draft", "Being Written"), ("published", "Published")],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )
    date_figures = fields.Datetime(string="Figures as of", readonly=True)
    date_published = fields.Date(string="Published on", readonly=True, copy=False)

    # What people say
    verdict = fields.Selection(
        [("repeat", "Do It Again"), ("change", "Do It Differently"), ("stop", "Do Not Repeat")],
        tracking=True,
    )
    went_well = fields.Html(string="What Went Well")
    went_badly = fields.Html(string="What Did Not")
    learned = fields.Html(
        string="What We Learned", help="What somebody planning the next one should know."
    )

    # What the report says
    cost_amount = fields.Monetary(string="Cost", readonly=True)
    revenue_amount = fields.Monetary(string="Invoiced Revenue", readonly=True)
    is_roi_known = fields.Boolean(readonly=True)
    roi = fields.Float(string="ROI", readonly=True, aggregator=None)
    roi_text = fields.Char(string="Return", compute="_compute_roi_text")
    line_ids = fields.One2many("marketing.campaign.review.line", "review_id", readonly=True)
    plan_line_ids = fields.One2many(
        "marketing.campaign.review.line", "review_id", domain=[("section", "=", "plan")]
    )
    funnel_line_ids = fields.One2many(
        "marketing.campaign.review.line", "review_id", domain=[("section", "=", "funnel")]
    )
    best_line_ids = fields.One2many(
        "marketing.campaign.review.line", "review_id", domain=[("section", "=", "best")]
    )
    worst_line_ids = fields.One2many(
        "marketing.campaign.review.line", "review_id", domain=[("section", "=", "worst")]
    )

    _campaign_unique = models.UniqueIndex(
        "(campaign_id, company_id)", "This campaign has a review already."
    )

    @api.depends("roi", "is_roi_known")
    @api.depends_context("lang")
    def _compute_roi_text(self):
        page = self.env["marketing.report.page"]
        for review in self:
            review.roi_text = page._format_rate(review.roi if review.is_roi_known else None)

    @api.model_create_multi
    def create(self, vals_list):
        reviews = super().create(vals_list)
        for review in reviews:
            if review.campaign_id.company_id:
                review.company_id = review.campaign_id.company_id
        reviews._take_figures()
        return reviews

    def write(self, vals):
        """A published review stays as it was read; a manager opens it again."""
        if not self.env.su and set(vals) & {*TEXTS, "campaign_id"}:
            published = self.filtered(lambda review: review.state == "published")
            if published:
                raise UserError(
                    self.env._(
                        "The review of %(campaign)s is published: a manager opens it again first.",
                        campaign=published[0].campaign_id.title,
                    )
                )
        return super().write(vals)

    # ------------------------------------------------------------------ actions

    def action_take_figures(self):
        self.check_access("write")
        if self.filtered(lambda review: review.state == "published"):
            raise UserError(self.env._("The figures of a published review stay as they are."))
        self._take_figures()

    def action_publish(self):
        """Into the library, with the figures of now."""
        self.check_access("write")
        for review in self:
            if not review.verdict or not (review.learned and review.learned.striptags().strip()):
                raise UserError(
                    self.env._(
                        "%(campaign)s: say what was learned, and whether to do it again.",
                        campaign=review.campaign_id.title,
                    )
                )
        self._take_figures()
        # sudo: the state is moved by this action alone
        self.sudo().write({"state": "published", "date_published": fields.Date.context_today(self)})

    def action_reopen(self):
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a manager opens a published review again."))
        # sudo: the state is moved by this action alone
        self.sudo().state = "draft"

    def action_open_rows(self):
        self.ensure_one()
        return self.campaign_id.action_open_roi()
