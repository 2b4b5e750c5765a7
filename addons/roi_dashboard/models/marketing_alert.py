from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools.misc import format_date, formatLang


class MarketingAlert(models.Model):
    """The ledger of alerts: what was told, why, and of which period. Nobody writes it by hand."""

    _name = "marketing.alert"
    _description = "Marketing Alert"
    _order = "id desc"

    name = fields.Char(compute="_compute_texts")
    reason = fields.Text(compute="_compute_texts")
    figure = fields.Char(compute="_compute_texts")
    rule_id = fields.Many2one(
        "marketing.alert.rule", required=True, readonly=True, index=True, ondelete="cascade"
    )
    is_finance_only = fields.Boolean(related="rule_id.is_finance_only", store=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    date = fields.Datetime(
        string="Told on", required=True, readonly=True, default=fields.Datetime.now
    )
    campaign_id = fields.Many2one(
        "utm.campaign", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    medium_id = fields.Many2one(
        "utm.medium", string="Channel", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    value = fields.Float(readonly=True, aggregator=None)
    reference = fields.Float(readonly=True, aggregator=None, help="What it was compared with.")
    size = fields.Float(
        readonly=True, aggregator=None, help="Distance, relative change, or robust z-score."
    )

    @api.depends("rule_id", "value", "reference", "size", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_texts(self):
        for alert in self:
            # The figure is in the currency of the company whose rule it is.
            own = alert.with_company(alert.company_id)
            alert.figure = own._format(alert.value)
            alert.name = own._get_title()
            alert.reason = own._get_reason()

    def _format(self, value):
        return self.env["marketing.report.page"]._format(self.rule_id.measure, value)

    def _get_title(self):
        label = self.env["marketing.report.figures"]._get_label(self.rule_id.sudo().measure)
        # sudo: the name of the subject of a readable alert
        subject = (self.campaign_id or self.medium_id).sudo()
        return f"{label}: {subject.display_name}" if subject else label

    def _get_reason(self):
        """Why, in words, with both figures."""
        period = f"{format_date(self.env, self.date_from)} – {format_date(self.env, self.date_to)}"
        values = {
            "period": period,
            "value": self._format(self.value),
            "reference": self._format(self.reference),
        }
        if self.rule_id.kind == "threshold":
            if self.size > 0:
                return self.env._(
                    "%(value)s in %(period)s, above the limit of %(reference)s", **values
                )
            return self.env._("%(value)s in %(period)s, below the limit of %(reference)s", **values)
        if self.rule_id.kind == "change":
            values["change"] = self.env["marketing.report.page"]._format_change(self.size)
            return self.env._(
                "%(value)s in %(period)s after %(reference)s in the period before (%(change)s)",
                **values,
            )
        values["score"] = formatLang(self.env, self.size, digits=1)
        return self.env._(
            "%(value)s in %(period)s, usually around %(reference)s (robust z-score %(score)s)",
            **values,
        )

    def _get_domain(self):
        """The rows of the ROI report behind the figure."""
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date", ">=", self.date_from),
            ("date", "<=", self.date_to),
        ]
        if self.rule_id.model_id:
            domain.append(("model_id", "=", self.rule_id.model_id.id))
        if self.campaign_id:
            domain.append(("campaign_id", "=", self.campaign_id.id))
        if self.medium_id:
            domain.append(("medium_id", "=", self.medium_id.id))
        if not (self.campaign_id or self.medium_id) and self.rule_id.campaign_ids:
            domain.append(("campaign_id", "child_of", self.rule_id.campaign_ids.ids))
        return domain

    def action_open_rows(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "roi_dashboard.marketing_roi_report_action"
        )
        action["display_name"] = self.name
        action["domain"] = self._get_domain()
        action["context"] = {"search_default_group_fact": 1}
        action["path"] = False
        return action

    # ------------------------------------------------------------------ telling

    def _get_link(self):
        return f"{self.get_base_url()}/odoo/{self._name}/{self.id}"

    def _get_body(self):
        """Each alert with its figure, its reason and a link."""
        line = Markup("<li><b>%s</b>: %s (<a href='%s'>%s</a>)</li>")
        return Markup("<ul>%s</ul>") % Markup().join(
            line % (alert.name, alert.reason, alert._get_link(), alert.env._("open"))
            for alert in self
        )

    def _tell(self):
        """One message per rule and language, whatever the number of its alerts."""
        for rule, alerts in self.grouped("rule_id").items():
            people = rule._get_readers(rule.user_ids)
            for lang, users in people.grouped("lang").items():
                translated = alerts.with_context(lang=lang)
                self.env["mail.thread"].message_notify(
                    partner_ids=users.partner_id.ids,
                    subject=rule.with_context(lang=lang).name,
                    body=translated._get_body(),
                    model=self._name if len(alerts) == 1 else False,
                    res_id=alerts.id if len(alerts) == 1 else False,
                )
            if rule.channel_id and not rule.is_finance_only:
                rule.channel_id.message_post(
                    subject=rule.name,
                    body=Markup("<p><b>%s</b></p>%s") % (rule.name, alerts._get_body()),
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                )
            if rule.has_activity:
                alerts._schedule_activities()

    def _schedule_activities(self):
        for alert in self:
            user = alert.rule_id._get_readers(alert.campaign_id.user_id)
            if user:
                translated = alert.with_context(lang=user.lang)
                alert.campaign_id.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=user.id,
                    summary=translated.rule_id.name,
                    note=translated._get_body(),
                )
