from ast import literal_eval

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ..tools.periods import Span, compared

KINDS = [
    ("workbook", "Workbook (XLSX)"),
    ("review", "Period Review (PDF)"),
    ("rows", "Rows (CSV)"),
]
# Up to so many rows the reader waits; more are written in the background.
AT_ONCE = 20_000
READERS = "marketing_campaign_ext.group_campaign_user,marketing_campaign_ext.group_campaign_finance"


class MarketingReportExport(models.Model):
    """A report somebody asked for: what it shows, how far it is, and the file.

    Figures are computed with the rights of ``user_id`` in ``company_ids``, in that person's
    language: nobody gets by file what the screen would not show. Small ones are made while one
    waits, others by a job (see ``marketing_report_job.py``).
    """

    _name = "marketing.report.export"
    _description = "Marketing Report"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    kind = fields.Selection(KINDS, string="Report", required=True, default="workbook")
    user_id = fields.Many2one(
        "res.users",
        string="For",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
    )
    schedule_id = fields.Many2one(
        "marketing.report.schedule", readonly=True, index="btree_not_null", ondelete="set null"
    )

    # What it shows
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    company_id = fields.Many2one(
        "res.company",
        string="In the Currency of",
        required=True,
        default=lambda self: self.env.company,
    )
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        required=True,
        default=lambda self: self.env.companies,
        domain="[('id', 'in', allowed_company_ids)]",
    )
    model_id = fields.Many2one(
        "marketing.attribution.model",
        string="Attribution Model",
        ondelete="set null",
        help="Empty: the model chosen for ROI.",
    )
    compare_model_id = fields.Many2one(
        "marketing.attribution.model",
        string="Compare Channels with",
        ondelete="set null",
        help="The revenue of each channel under this model is shown beside it.",
    )
    campaign_ids = fields.Many2many(
        "utm.campaign",
        string="Campaigns",
        domain="[('is_template', '=', False)]",
        help="With those below them. Empty: all campaigns, and what no campaign can claim.",
    )
    domain = fields.Char(default="[]", help="The filter of the screen the report was asked from.")
    has_rows = fields.Boolean(
        string="With All Rows", help="Adds a sheet with each single cost, order, invoice and touch."
    )

    # How far it is
    state = fields.Selection(
        [
            ("draft", "New"),
            ("queued", "Waiting"),
            ("done", "Ready"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        copy=False,
    )
    date_done = fields.Datetime(string="Ready on", readonly=True, copy=False)
    row_count = fields.Integer(string="Rows", readonly=True, copy=False, aggregator=None)
    problem = fields.Char(readonly=True, copy=False)
    attachment_id = fields.Many2one(
        "ir.attachment", string="File", readonly=True, copy=False, ondelete="set null"
    )

    _period_order = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A period cannot end before it starts.",
    )

    @api.model
    def default_get(self, names):
        """Who asks from the menu gets the last months; a screen says which period it shows."""
        values = super().default_get(names)
        months = self.env.context.get("marketing_report_months")
        if months and "default_date_from" not in self.env.context:
            today = fields.Date.context_today(self)
            values["date_from"] = today + relativedelta(months=1 - months, day=1)
            values["date_to"] = today
        return values

    @api.depends("kind", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_name(self):
        for export in self:
            export.name = export._get_title()

    @api.constrains("domain")
    def _check_domain(self):
        for export in self:
            try:
                domain = Domain(literal_eval(export.domain or "[]"))
                domain.validate(self.env["marketing.roi.report"])
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._("The filter of the report cannot be read: %(error)s", error=error)
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        """People ask for reports of their own; only the schedule asks for those of others."""
        if not self.env.su:
            for vals in vals_list:
                vals |= {"user_id": self.env.uid, "state": "draft", "schedule_id": False}
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_waiting(self):
        if any(export.state == "queued" for export in self):
            raise UserError(self.env._("Cancel a report that is being made before deleting it."))

    # ------------------------------------------------------------------ actions

    def action_get(self):
        """Make a small report at once; have a large one made and tell where it will arrive."""
        self.ensure_one()
        as_reader = self._as_reader()
        if as_reader._count_rows() <= AT_ONCE:
            self._make()
            return self.action_download()
        return self.action_queue()

    def action_queue(self):
        self.ensure_one()
        self._as_reader()
        self._enqueue()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "current",
        }

    def action_download(self):
        self.ensure_one()
        if not self.attachment_id:
            raise UserError(self.env._("The file is gone; ask for the report again."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "download",
        }

    def action_again(self):
        """The same report with the figures of now."""
        self.ensure_one()
        return self.copy().action_get()

    # ------------------------------------------------------------------ the reader

    def _as_reader(self):
        """The report in the eyes of the person it is for; refused without the role."""
        self.ensure_one()
        # sudo: where the reader may work, not only where the reader works just now
        companies = self.company_ids & self.user_id.sudo().company_ids
        if not self.user_id.active or not self.user_id.has_groups(READERS):
            raise AccessError(
                self.env._(
                    "%(user)s has no right to read the figures of campaigns.",
                    user=self.user_id.name,
                )
            )
        if not companies:
            raise AccessError(
                self.env._(
                    "%(user)s works in none of the companies of the report.",
                    user=self.user_id.name,
                )
            )
        company = self.company_id if self.company_id in companies else companies[0]
        return self.with_user(self.user_id).with_context(
            lang=self.user_id.lang,
            tz=self.user_id.tz,
            allowed_company_ids=(company | companies).ids,
        )

    def _get_model(self):
        return self.model_id or self.env["marketing.attribution.model"]._get_default_model()

    # ------------------------------------------------------------------ what it shows

    def _get_domain(self, model=None, period=None):
        """The figures of the report, as a domain on the ROI report."""
        self.ensure_one()
        date_from, date_to = period or (self.date_from, self.date_to)
        domain = Domain(literal_eval(self.domain or "[]"))
        domain &= Domain("company_id", "in", self.env.companies.ids)
        if model or self.model_id or not self._has_model_filter(domain):
            domain &= Domain("model_id", "=", (model or self._get_model()).id)
        if date_from:
            domain &= Domain("date", ">=", date_from)
        if date_to:
            domain &= Domain("date", "<=", date_to)
        if self.campaign_ids:
            domain &= Domain("campaign_id", "child_of", self.campaign_ids.ids)
        return list(domain)

    @api.model
    def _has_model_filter(self, domain):
        return any(
            condition.field_expr.split(".")[0] == "model_id"
            for condition in domain.iter_conditions()
        )

    def _get_domain_before(self):
        """The same for the period before; None when there is no period."""
        if not self.date_from or not self.date_to:
            return None
        before = compared(Span(self.date_from, self.date_to), "previous_period")
        return self._get_domain(period=(before.start, before.end))

    def _count_rows(self):
        """How many rows of documents the report writes; a review writes none."""
        if self.kind == "review":
            return 0
        domain = self._get_domain()
        if self.kind == "workbook" and not self.has_rows:
            domain += [("fact", "=", "cost")]
        return self.env["marketing.roi.report"].search_count(domain)

    def _get_title(self):
        self.ensure_one()
        titles = {
            "workbook": self.env._("Marketing ROI"),
            "review": self.env._("Marketing Review"),
            "rows": self.env._("Marketing ROI Rows"),
        }
        return " ".join(filter(None, [titles.get(self.kind), self._get_period_label()]))

    def _get_period_label(self):
        if not self.date_from and not self.date_to:
            return ""
        start, end = (
            format_date(self.env, day) if day else "…" for day in (self.date_from, self.date_to)
        )
        return f"{start} – {end}"

    def _get_subtitle(self):
        """Whose figures, in which currency, under which model, of when."""
        return " · ".join(
            [
                ", ".join(self.env.companies.mapped("name")),
                self.env.company.currency_id.name,
                self._get_model().name or "—",
                self.env._("as of %(date)s", date=format_date(self.env, fields.Date.today())),
            ]
        )

    def _get_notes(self):
        """What a reader of the figures must know, by title; the last part of every report."""
        return {
            self.env._("Attribution Model"): self._get_model().name or "—",
            self.env._("Unknown"): self.env._(
                "A dash means there is no basis for the figure: without cost there is no ROI."
            ),
            self.env._("Ratios"): self.env._(
                "Ratios are sums divided by sums at every level, never means of ratios."
            ),
            self.env._("Currency"): self.env._(
                "All amounts are in %(currency)s, each converted at its own date.",
                currency=self.env.company.currency_id.name,
            ),
            self.env._("Without"): self.env._(
                "Revenue and costs no campaign or channel can claim; the total is all of it."
            ),
        }
