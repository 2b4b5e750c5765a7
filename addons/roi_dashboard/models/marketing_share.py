import hashlib
import secrets
from ast import literal_eval
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..tools.calendar_periods import last_period
from .marketing_report_export import READERS

# 256 bits: nobody guesses a link, however often they try.
TOKEN_BYTES = 32
MOST_DAYS = 366
KEEP_ACCESS_DAYS = 365


def hash_token(token):
    return hashlib.sha256(token.encode()).hexdigest()


class MarketingShare(models.Model):
    """A link to a page of aggregated figures for people without a login.

    Off unless the company allows it. What the link shows, in which company and language and until
    when, is fixed when it is made; the figures are those its maker may read at the time of
    looking, so a link dies with the maker's role. The token is shown once and kept as a hash.
    """

    _name = "marketing.share"
    _description = "Shared Marketing Page"
    _order = "id desc"

    name = fields.Char(required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Made by",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        required=True,
        default=lambda self: self.env.user.lang or "en_US",
    )
    period = fields.Selection(
        [
            ("month", "Last Month"),
            ("quarter", "Last Quarter"),
            ("year", "Last Year"),
            ("fixed", "Fixed Dates"),
        ],
        required=True,
        default="month",
    )
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    campaign_ids = fields.Many2many(
        "utm.campaign", string="Campaigns", domain="[('is_template', '=', False)]"
    )
    model_id = fields.Many2one("marketing.attribution.model", string="Attribution Model")
    domain = fields.Char(default="[]")
    has_campaigns = fields.Boolean(
        string="With Names of Campaigns",
        help="Otherwise the page has totals, months, funnel and channels only.",
    )
    date_expiry = fields.Datetime(
        string="Valid until",
        required=True,
        default=lambda self: fields.Datetime.now() + timedelta(days=30),
    )
    token_hash = fields.Char(readonly=True, copy=False, groups="base.group_system")
    date_revoked = fields.Datetime(string="Revoked on", readonly=True, copy=False)
    url = fields.Char(string="Link", compute="_compute_url")
    state = fields.Selection(
        [("new", "New"), ("valid", "Valid"), ("expired", "Expired"), ("revoked", "Revoked")],
        compute="_compute_state",
    )
    access_ids = fields.One2many("marketing.share.access", "share_id", readonly=True)
    access_count = fields.Integer(string="Times Opened", compute="_compute_access_count")

    _token_unique = models.UniqueIndex("(token_hash)")

    @api.depends("date_expiry", "date_revoked")
    def _compute_state(self):
        now = fields.Datetime.now()
        for share in self:
            # sudo: whether there is a token, not the token
            if not share.sudo().token_hash:
                share.state = "new"
            elif share.date_revoked:
                share.state = "revoked"
            else:
                share.state = "valid" if share.date_expiry > now else "expired"

    @api.depends_context("marketing_share_token")
    def _compute_url(self):
        """Only whoever has just made the token can show it."""
        token = self.env.context.get("marketing_share_token")
        for share in self:
            share.url = token and f"{share.get_base_url()}/marketing/shared/{token}"

    @api.depends("access_ids")
    def _compute_access_count(self):
        counts = dict(
            self.env["marketing.share.access"]._read_group(
                [("share_id", "in", self.ids)], ["share_id"], ["__count"]
            )
        )
        for share in self:
            share.access_count = counts.get(share, 0)

    @api.constrains("period", "date_from", "date_to", "date_expiry")
    def _check_dates(self):
        limit = fields.Datetime.now() + timedelta(days=MOST_DAYS)
        for share in self:
            if share.period == "fixed" and not (share.date_from and share.date_to):
                raise ValidationError(
                    self.env._("%(share)s: fixed dates need both of them.", share=share.name)
                )
            if share.date_from and share.date_to and share.date_from > share.date_to:
                raise ValidationError(self.env._("A period cannot end before it starts."))
            if share.date_expiry > limit:
                raise ValidationError(
                    self.env._("A link is valid for a year at most; make another one then.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["user_id"] = self.env.uid
        shares = super().create(vals_list)
        for share in shares:
            if not share.company_id.is_marketing_sharing_allowed:
                raise UserError(
                    self.env._(
                        "%(company)s does not allow links to figures for people without a login. "
                        "An administrator allows them in Settings > Campaigns.",
                        company=share.company_id.name,
                    )
                )
        return shares

    def write(self, vals):
        """What a link shows is fixed: a link in the world cannot come to show something else."""
        # sudo: whether there is a token, not the token
        if not self.env.su and any(share.sudo().token_hash for share in self):
            raise UserError(
                self.env._("A link that was given out is not changed: revoke it, make another.")
            )
        return super().write(vals)

    # ------------------------------------------------------------------ actions

    def action_make_link(self):
        """Make the token and show the link, this once."""
        self.ensure_one()
        self.check_access("write")
        # sudo: the hash is for the page alone
        share = self.sudo()
        if share.token_hash:
            raise UserError(self.env._("The link was shown when it was made; make another one."))
        token = secrets.token_urlsafe(TOKEN_BYTES)
        share.token_hash = hash_token(token)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "roi_dashboard.marketing_share_action_link"
        )
        return action | {"res_id": self.id, "context": {"marketing_share_token": token}}

    def action_revoke(self):
        self.check_access("write")
        # sudo: a given out link is changed in this alone
        self.sudo().date_revoked = fields.Datetime.now()

    # ------------------------------------------------------------------ the page

    @api.model
    def _find(self, token):
        """The valid share of a token as its maker sees it; None for all others alike."""
        # sudo: who looks has no login; the token is the right, and the figures are the maker's
        share = self.sudo().search([("token_hash", "=", hash_token(token))], limit=1)
        if not share or share.state != "valid" or not share._is_allowed():
            return None
        return share.with_user(share.user_id).with_context(
            lang=share.lang, allowed_company_ids=share.company_id.ids, tz=share.user_id.tz
        )

    def _is_allowed(self):
        """Sharing is still on, and the maker may still read the figures."""
        user, company = self.user_id, self.company_id
        return (
            company.is_marketing_sharing_allowed
            and user.active
            and company in user.company_ids
            and user.has_groups(READERS)
        )

    def _get_period(self):
        if self.period == "fixed":
            return self.date_from, self.date_to
        return last_period(fields.Date.context_today(self), self.period)

    def _prepare_export(self):
        """The same figures a report of these filters has."""
        date_from, date_to = self._get_period()
        return self.env["marketing.report.export"].new(
            {
                "kind": "review",
                "date_from": date_from,
                "date_to": date_to,
                "company_id": self.company_id.id,
                "company_ids": [fields.Command.set(self.company_id.ids)],
                "model_id": self.model_id.id,
                "campaign_ids": [fields.Command.set(self.campaign_ids.ids)],
                "domain": self.domain,
            }
        )

    def _get_page(self):
        """Everything the page shows: texts, no records."""
        self.ensure_one()
        export = self._prepare_export()
        blocks = self.env["marketing.report.page"]._get_blocks(
            export._get_domain(), export._get_domain_before()
        )
        if not self.has_campaigns:
            blocks["campaigns"] = []
        return blocks | {
            "title": self.name,
            "period": export._get_period_label(),
            "subtitle": export._get_subtitle(),
            "notes": export._get_notes(),
            "lang": self.lang,
            "expires": fields.Datetime.context_timestamp(self, self.date_expiry).strftime(
                "%Y-%m-%d"
            ),
        }

    @api.constrains("domain")
    def _check_domain(self):
        for share in self:
            try:
                domain = Domain(literal_eval(share.domain or "[]"))
                domain.validate(self.env["marketing.roi.report"])
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(self.env._("The filter cannot be read.")) from error

    @api.constrains("company_id")
    def _check_company_id(self):
        for share in self:
            # sudo: where the maker may work, not only where the maker works just now
            if share.company_id not in share.user_id.sudo().company_ids:
                raise AccessError(
                    self.env._("You do not work in %(company)s.", company=share.company_id.name)
                )
