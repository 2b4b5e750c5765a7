from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

# What a person may change on a touch that was read from a native record.
EDITABLE_ON_NATIVE = frozenset({"is_bot", "bot_reason", "human_confirmed", "note"})


def _of_leads(alias, leads):
    """Whether a touch is of one of the leads, or of the same person."""
    lead = SQL.identifier(leads.table)
    return SQL(
        """(%(lead_id)s IN %(leads)s OR %(partner)s IN %(partners)s OR %(email)s IN %(emails)s
            OR EXISTS (SELECT 1 FROM marketing_touchpoint_address former
                        WHERE former.email_normalized = %(email)s
                          AND former.date_until >= %(date)s AND former.lead_id IN %(leads)s))""",
        lead_id=SQL.identifier(alias, "lead_id"),
        partner=SQL.identifier(alias, "partner_id"),
        email=SQL.identifier(alias, "email_normalized"),
        date=SQL.identifier(alias, "date"),
        leads=leads.subselect(),
        partners=leads.subselect(SQL("%s.partner_id", lead)),
        emails=leads.subselect(SQL("%s.email_normalized", lead)),
    )


class MarketingTouchpoint(models.Model):
    """Somebody met a campaign: who, when, how.

    The log is a function of native records (mailing traces, link clicks, leads, orders, ...): it is
    filled in sets by :meth:`_ingest_all`, once per ``(res_model, res_id, kind)``, and can be read
    again at any time without changing. Only offline touches (``res_model`` empty) are typed.

    Who: the partner, else the normalised address. ``lead_id`` is the lead the record itself
    belongs to, else the lead of that person, open and recent ones first. The address is the one
    used at the time; it does not follow later changes of the lead or partner.
    """

    _name = "marketing.touchpoint"
    _description = "Marketing Touchpoint"
    _order = "date DESC, id DESC"
    _rec_names_search = ["name", "email_normalized"]

    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    kind = fields.Selection(
        [
            ("mail_sent", "Email Sent"),
            ("mail_open", "Email Opened"),
            ("mail_click", "Email Link Clicked"),
            ("mail_reply", "Email Replied"),
            ("link_click", "Tracked Link Clicked"),
            ("lead_created", "Lead Created"),
            ("order", "Order Confirmed"),
            ("meeting", "Meeting"),
            ("call", "Call"),
            ("offline", "Offline"),
        ],
        required=True,
        default="offline",
    )
    name = fields.Char(
        string="What",
        help="What the person met: the mailing, the link, the order, the stand at the fair.",
    )
    note = fields.Text(help="Anything worth remembering about this touch.")

    # which campaign
    campaign_id = fields.Many2one("utm.campaign", ondelete="set null")
    source_id = fields.Many2one("utm.source", ondelete="set null")
    medium_id = fields.Many2one("utm.medium", ondelete="set null")
    mailing_id = fields.Many2one("mailing.mailing", index="btree_not_null", ondelete="set null")
    link_id = fields.Many2one("link.tracker", index="btree_not_null", ondelete="set null")

    # who
    email_normalized = fields.Char(
        string="Email",
        index="btree_not_null",
        help="The address used at the time, in lower case and without a display name.",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Contact", index="btree_not_null", ondelete="set null"
    )
    lead_id = fields.Many2one("crm.lead", index="btree_not_null", ondelete="set null")
    company_id = fields.Many2one("res.company", ondelete="cascade")

    # where it was read
    res_model = fields.Char(string="Source Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Source Record", model_field="res_model", readonly=True
    )
    source_deleted = fields.Boolean(
        default=False,
        required=True,
        readonly=True,
        help="The record this touch was read from does not exist any more.",
    )

    can_open_source = fields.Boolean(
        compute="_compute_can_open_source", export_string_translation=False
    )
    of_readable_lead = fields.Boolean(
        compute="_compute_of_readable_lead",
        search="_search_of_readable_lead",
        export_string_translation=False,
    )
    evidence = fields.Selection(
        [("weak", "Weak"), ("strong", "Strong")],
        compute="_compute_evidence",
        help="Opens are weak evidence: mail programs load pictures by themselves, and many people "
        "read without loading them. A click, a reply or a visit is somebody doing something.",
    )

    # machines are not people
    is_bot = fields.Boolean(
        default=False,
        required=True,
        string="Machine",
        help="Made by a scanner, a privacy proxy or another machine: kept, but never counted.",
    )
    bot_reason = fields.Selection(
        [
            ("agent", "Known machine agent"),
            ("burst", "Several links of one email within seconds"),
            ("honeypot", "Hidden link followed"),
            ("before_delivery", "Before the email was delivered"),
            ("manual", "Marked by a person"),
        ],
        string="Machine Because",
    )
    human_confirmed = fields.Boolean(
        readonly=True, help="Somebody said that this was a person: machines are not looked for."
    )

    _source_record_unique = models.Constraint(
        "UNIQUE (res_model, res_id, kind)",
        "This record is already in the log as a touch of this kind.",
    )
    _campaign_date_idx = models.Index(
        "(campaign_id, date DESC, id DESC) WHERE campaign_id IS NOT NULL"
    )

    # ------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------

    @api.depends("kind", "name", "email_normalized")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for touch in self:
            what = touch.name or touch.email_normalized
            kind = kinds.get(touch.kind, "")
            touch.display_name = f"{kind}: {what}" if what else kind

    @api.depends("kind")
    def _compute_evidence(self):
        weak = self._get_weak_kinds()
        for touch in self:
            touch.evidence = "weak" if touch.kind in weak else "strong"

    @api.depends("res_model", "res_id", "source_deleted")
    @api.depends_context("uid")
    def _compute_can_open_source(self):
        for res_model, touches in self.grouped("res_model").items():
            readable = res_model in self.env and self.env[res_model].has_access("read")
            for touch in touches:
                touch.can_open_source = readable and not touch.source_deleted

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_of_readable_lead(self):
        # sudo: the condition itself is the rule: touches of leads one may read
        readable = self.sudo().search([("id", "in", self.ids), ("of_readable_lead", "=", True)])
        for touch in self:
            touch.of_readable_lead = touch in readable

    def _search_of_readable_lead(self, operator, value):
        """Touches of a person who has a lead that the user may read under the lead's own rules."""
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        # record rules are evaluated as superuser: go back to the user's own eyes
        leads = self.env["crm.lead"].sudo(False).with_context(active_test=False)._search([])
        return Domain.custom(to_sql=lambda model, alias, _query: _of_leads(alias, leads))

    # ------------------------------------------------------------
    # CRUD: people type offline touches, everything else is read from native records
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(
            vals.get("kind", "offline") != "offline" or vals.get("res_model") for vals in vals_list
        ):
            raise AccessError(
                self.env._("Only offline touches can be entered; all others are read from records.")
            )
        touches = super().create([self._prepare_typed_vals(vals) for vals in vals_list])
        touches._complete_people()
        return touches

    def write(self, vals):
        if not self.env.su and not EDITABLE_ON_NATIVE.issuperset(vals):
            self._check_offline(
                self.env._("It is read from a record and follows it; correct the record instead.")
            )
            if vals.get("kind", "offline") != "offline" or vals.get("res_model"):
                raise AccessError(self.env._("An offline touch cannot become another kind."))
        moves = not {"lead_id", "partner_id", "email_normalized"}.isdisjoint(vals)
        if moves:  # whoever loses the touch wants to know, too
            self._touchpoints_changed(self.ids)
        result = super().write(self._prepare_typed_vals(vals))
        self._touchpoints_changed(self.ids)
        return result

    def unlink(self):
        self._touchpoints_changed(self.ids)
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_only_offline(self):
        if not self.env.su:
            self._check_offline(
                self.env._("It is read from a record and would come back. Mark it as machine.")
            )

    def _check_offline(self, advice):
        native = self.filtered(lambda touch: touch.kind != "offline")
        if native:
            raise AccessError(
                self.env._(
                    "%(touch)s cannot be changed by hand. %(advice)s",
                    touch=native[0].display_name,
                    advice=advice,
                )
            )

    @api.model
    def _prepare_typed_vals(self, vals):
        """Addresses are stored the way they are compared; a mark by hand says so."""
        vals = dict(vals)
        if vals.get("email_normalized"):
            vals["email_normalized"] = (
                email_normalize(vals["email_normalized"]) or vals["email_normalized"]
            )
        if vals.get("is_bot") and not vals.get("bot_reason"):
            vals["bot_reason"] = "manual"
        return vals

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_source(self):
        """Open the record this touch was read from."""
        self.ensure_one()
        record = self._get_source_record()
        if not record.exists():
            raise UserError(
                self.env._("The record of “%s” does not exist any more.", self.display_name)
            )
        return record.get_formview_action()

    def _get_source_record(self):
        """Hook: what to open; a click is best looked at on its link."""
        if self.res_model == "link.tracker.click":
            return self.link_id
        return self.env[self.res_model].browse(self.res_id)

    def action_mark_machine(self):
        self.write({"is_bot": True, "bot_reason": "manual", "human_confirmed": False})

    def action_mark_human(self):
        self.write({"is_bot": False, "bot_reason": False, "human_confirmed": True})

    # ------------------------------------------------------------
    # What happens to people and records
    # ------------------------------------------------------------

    @api.model
    def _get_weak_kinds(self):
        """Hook: kinds that may happen without anybody doing anything."""
        return {"mail_sent", "mail_open"}

    @api.model
    def _move_to_lead(self, leads, survivor):
        """Touches of merged leads belong to the survivor."""
        # sudo: merging is allowed to people who may not edit the log
        self.sudo().search([("lead_id", "in", leads.ids)]).write({"lead_id": survivor.id})

    @api.model
    def _forget_records(self, records):
        """Records are deleted that were never a fact without themselves (orders, meetings)."""
        # sudo: who deletes a meeting may not edit the log
        self.sudo().search(
            [("res_model", "=", records._name), ("res_id", "in", records.ids)]
        ).unlink()
