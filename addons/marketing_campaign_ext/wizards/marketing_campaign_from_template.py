from odoo import api, fields, models


class MarketingCampaignFromTemplate(models.TransientModel):
    """Make a campaign, or a whole programme, from a template."""

    _name = "marketing.campaign.from.template"
    _description = "New Campaign from a Template"

    template_id = fields.Many2one(
        "utm.campaign",
        string="Template",
        required=True,
        domain="[('is_template', '=', True)]",
    )
    title = fields.Char(
        string="Campaign", required=True, compute="_compute_title", store=True, readonly=False
    )
    date_start = fields.Date(
        string="Start", required=True, default=lambda self: fields.Date.context_today(self)
    )
    date_end = fields.Date(string="End", compute="_compute_date_end")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    parent_id = fields.Many2one(
        "utm.campaign", string="Programme", domain="[('is_template', '=', False)]"
    )
    company_id = fields.Many2one(
        "res.company", string="Company", required=True, default=lambda self: self.env.company
    )
    campaign_count = fields.Integer(string="Campaigns", compute="_compute_campaign_count")

    @api.depends("template_id")
    def _compute_title(self):
        for wizard in self:
            wizard.title = wizard.template_id.title

    @api.depends("template_id", "date_start")
    def _compute_date_end(self):
        for wizard in self:
            template = wizard.template_id
            if wizard.date_start and template.date_start and template.date_end:
                wizard.date_end = wizard.date_start + (template.date_end - template.date_start)
            else:
                wizard.date_end = False

    @api.depends("template_id")
    def _compute_campaign_count(self):
        for wizard in self:
            wizard.campaign_count = len(wizard.template_id._get_programme())

    def action_create(self):
        self.ensure_one()
        campaign = self.template_id._copy_programme(
            {
                "title": self.title,
                "is_template": False,
                "user_id": self.user_id.id,
                "parent_id": self.parent_id.id,
                "company_id": self.company_id.id,
                **({} if self.template_id.date_start else {"date_start": self.date_start}),
            },
            self.date_start,
        )
        return campaign._get_form_action()
