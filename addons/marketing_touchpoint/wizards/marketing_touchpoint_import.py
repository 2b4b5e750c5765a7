import base64
from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, escape_psql

from ..tools.touch_file import TouchFileError, read_touches

MAX_ROWS = 20_000


class MarketingTouchpointImport(models.TransientModel):
    """Offline touches from a file: checked first, imported when somebody agrees.

    The check lists every line with what would happen to it and why; importing does exactly that.
    """

    _name = "marketing.touchpoint.import"
    _description = "Import Offline Touches"

    file = fields.Binary(attachment=False)
    file_name = fields.Char()
    state = fields.Selection(
        [("draft", "File"), ("checked", "Checked"), ("done", "Imported")], default="draft"
    )
    what = fields.Char(
        help="What these people met, e.g. our stand at the fair, unless the file says so.",
    )
    date = fields.Datetime(
        string="When", help="When they met it, for lines of the file without a date."
    )
    campaign_id = fields.Many2one("utm.campaign", help="For lines of the file without a campaign.")
    source_id = fields.Many2one("utm.source")
    medium_id = fields.Many2one("utm.medium")
    create_leads = fields.Boolean(
        string="Create Leads for New People",
        help="People who are neither a contact nor a lead yet become leads.",
    )
    can_create_leads = fields.Boolean(compute="_compute_can_create_leads")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    line_ids = fields.One2many("marketing.touchpoint.import.line", "import_id", string="Lines")
    create_count = fields.Integer(compute="_compute_counts")
    match_count = fields.Integer(compute="_compute_counts")
    refuse_count = fields.Integer(compute="_compute_counts")

    def _compute_can_create_leads(self):
        self.can_create_leads = self.env["crm.lead"].has_access("create")

    @api.depends("line_ids.outcome")
    def _compute_counts(self):
        counts = {
            (wizard, outcome): count
            for wizard, outcome, count in self.env["marketing.touchpoint.import.line"]._read_group(
                [("import_id", "in", self.ids)], ["import_id", "outcome"], ["__count"]
            )
        }
        for wizard in self:
            wizard.create_count = counts.get((wizard, "create"), 0)
            wizard.match_count = counts.get((wizard, "match"), 0)
            wizard.refuse_count = counts.get((wizard, "refuse"), 0)

    # ------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------

    def action_check(self):
        """Dry run: nothing is written but the list of what would happen."""
        self.ensure_one()
        rows = self._read_file()
        self.line_ids.unlink()
        self.env["marketing.touchpoint.import.line"].create(self._judge(rows))
        self.state = "checked"
        return self._reopen()

    def action_import(self):
        """Do what the check announced, after looking once more."""
        self.ensure_one()
        if self.state != "checked":
            raise UserError(self.env._("Check the file before importing it."))
        self.action_check()
        lines = self.line_ids.filtered(lambda line: line.outcome != "refuse")
        if not lines:
            raise UserError(self.env._("Every line is refused: there is nothing to import."))
        if self.create_leads:
            self._create_leads(lines.filtered(lambda line: line.outcome == "create"))
        touches = self.env["marketing.touchpoint"].create(
            [self._prepare_touch_vals(line) for line in lines]
        )
        self.state = "done"
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_touchpoint.marketing_touchpoint_action"
        )
        return {**action, "domain": [("id", "in", touches.ids)], "context": {}}

    def action_back(self):
        self.state = "draft"
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Offline Touches"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # ------------------------------------------------------------
    # What would happen
    # ------------------------------------------------------------

    def _read_file(self):
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        try:
            rows = read_touches(base64.b64decode(self.file))
        except TouchFileError as error:
            raise UserError(self._file_problem(error.code)) from error
        if len(rows) > MAX_ROWS:
            raise UserError(
                self.env._(
                    "The file has %(count)s lines. Import at most %(max)s at once.",
                    count=len(rows),
                    max=MAX_ROWS,
                )
            )
        return rows

    def _judge(self, rows):
        """One line of the list for each row of the file."""
        campaigns = self._find_campaigns({row.campaign for row in rows if row.campaign})
        people = self._find_people([row.email for row in rows if row.email])
        vals_list = [self._prepare_line_vals(row, campaigns, people) for row in rows]
        known = self._find_known([vals for vals in vals_list if vals["outcome"] != "refuse"])
        for vals in vals_list:
            if vals["outcome"] != "refuse" and self._key(vals) in known:
                vals.update(outcome="refuse", reason=self._line_problem("known"))
        return vals_list

    def _prepare_line_vals(self, row, campaigns, people):
        moment = self._to_utc(row.date) if row.date else self.date
        campaign_id = campaigns.get(row.campaign.lower()) if row.campaign else self.campaign_id.id
        problems = list(row.problems)
        if not problems and not moment:
            problems.append("no_date")
        if moment and moment > fields.Datetime.now() + timedelta(minutes=5):
            problems.append("future_date")
        if row.campaign and not campaign_id:
            problems.append("no_campaign")
        lead_id, partner_id = people.get(row.email, (False, False))
        vals = {
            "import_id": self.id,
            "line": row.line,
            "email": row.email,
            "date": moment,
            "what": row.what or self.what or row.company or row.person,
            "person": row.person,
            "company": row.company,
            "phone": row.phone,
            "note": row.note,
            "campaign_id": campaign_id,
            "lead_id": lead_id,
            "partner_id": partner_id,
        }
        if problems:
            reason = " ".join(self._line_problem(problem) for problem in problems)
            return {**vals, "outcome": "refuse", "reason": reason}
        if lead_id or partner_id:
            reason = (
                self.env._("The address belongs to a lead.")
                if lead_id
                else self.env._("The address belongs to a contact.")
            )
            return {**vals, "outcome": "match", "reason": reason}
        reason = (
            self.env._("Nobody with this address yet: a lead is created.")
            if self.create_leads
            else self.env._("Nobody with this address yet: the touch waits for its person.")
        )
        return {**vals, "outcome": "create", "reason": reason}

    def _find_campaigns(self, names):
        """Campaigns by title in the user's language or by identifier."""
        if not names:
            return {}
        campaigns = self.env["utm.campaign"].search(
            Domain.OR(
                Domain(field, "=ilike", escape_psql(name))
                for name in names
                for field in ("title", "name")
            )
        )
        found = {campaign.title.lower(): campaign.id for campaign in campaigns}
        return {campaign.name.lower(): campaign.id for campaign in campaigns} | found

    def _find_people(self, emails):
        """Whose addresses these are: ``{address: (lead id, contact id)}``.

        The same choice as ingestion makes; whether the user may open the lead does not matter for
        whose touch it is.
        """
        if not emails:
            return {}
        self.env.flush_all()
        touch = self.env["marketing.touchpoint"]
        addresses = SQL("SELECT unnest(%s)", list(set(emails)))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT address.email, lead.id, COALESCE(lead.partner_id, contact.id)
                  FROM (SELECT unnest(%(emails)s) AS email) AS address
             LEFT JOIN (%(leads)s) AS lead ON lead.email_normalized = address.email
                   AND (lead.company_id = %(company)s OR lead.company_id IS NULL)
             LEFT JOIN (%(contacts)s) AS contact ON contact.email_normalized = address.email
                   AND (contact.company_id = %(company)s OR contact.company_id IS NULL)
                """,
                emails=list(set(emails)),
                leads=touch._leads_by_address(addresses),
                contacts=touch._contacts_by_address(addresses),
                company=self.company_id.id,
            )
        )
        return {
            email: (lead_id or False, partner_id or False)
            for email, lead_id, partner_id in rows
            if lead_id or partner_id
        }

    def _find_known(self, vals_list):
        """Keys of lines that are in the log already: importing a file again adds nothing."""
        emails = list({vals["email"] for vals in vals_list})
        if not emails:
            return set()
        # sudo: a touch one may not see would still be doubled
        touches = (
            self.env["marketing.touchpoint"]
            .sudo()
            .search_fetch(
                [("kind", "=", "offline"), ("email_normalized", "in", emails)],
                ["email_normalized", "date", "name", "campaign_id"],
            )
        )
        return {
            (touch.email_normalized, touch.date, touch.name or "", touch.campaign_id.id)
            for touch in touches
        }

    @api.model
    def _key(self, vals):
        return (vals["email"], vals["date"], vals["what"] or "", vals["campaign_id"] or False)

    def _to_utc(self, moment):
        """Files speak the time of whoever imports them."""
        zone = pytz.timezone(self.env.user.tz or "UTC")
        local = zone.localize(moment.replace(microsecond=0))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    # ------------------------------------------------------------
    # What happens
    # ------------------------------------------------------------

    def _create_leads(self, lines):
        """One lead per new address, whatever the number of its touches."""
        first = {}
        for line in lines:
            first.setdefault(line.email, line)
        leads = self.env["crm.lead"].create(
            [self._prepare_lead_vals(line) for line in first.values()]
        )
        by_email = dict(zip(first, leads.ids, strict=True))
        for line in lines:
            line.lead_id = by_email[line.email]

    def _prepare_lead_vals(self, line):
        who = line.person or line.company or line.email
        return {
            "name": f"{line.what} – {who}" if line.what and line.what != who else who,
            "contact_name": line.person,
            "partner_name": line.company,
            "email_from": line.email,
            "phone": line.phone,
            "description": line.note,
            "campaign_id": line.campaign_id.id,
            "source_id": self.source_id.id,
            "medium_id": self.medium_id.id,
            "company_id": self.company_id.id,
            "user_id": False,
        }

    def _prepare_touch_vals(self, line):
        return {
            "kind": "offline",
            "date": line.date,
            "name": line.what,
            "note": line.note,
            "email_normalized": line.email,
            "lead_id": line.lead_id.id,
            "partner_id": line.partner_id.id,
            "campaign_id": line.campaign_id.id,
            "source_id": self.source_id.id,
            "medium_id": self.medium_id.id,
            "company_id": self.company_id.id,
        }

    # ------------------------------------------------------------
    # Words for codes
    # ------------------------------------------------------------

    def _file_problem(self, code):
        name = self.file_name or self.env._("The file")
        return {
            "empty": self.env._("“%(file)s” is empty. Choose the file with the list.", file=name),
            "no_email_column": self.env._(
                "No column for the address was found. The first line must name the columns, one of "
                "them “Email”."
            ),
            "bad_xlsx": self.env._(
                "The spreadsheet “%(file)s” is damaged. Save it again as XLSX or CSV.", file=name
            ),
            "not_text": self.env._(
                "“%(file)s” is neither a spreadsheet (XLSX) nor a text file (CSV). Save the list "
                "as one of these and choose it again.",
                file=name,
            ),
            "bad_csv": self.env._(
                "The text file “%(file)s” is damaged. Save it again as CSV.", file=name
            ),
        }[code]

    def _line_problem(self, code):
        return {
            "no_email": self.env._("No address."),
            "bad_email": self.env._("Not exactly one valid address."),
            "no_date": self.env._("No date, neither in the line nor above."),
            "bad_date": self.env._("The date cannot be read: write it as 2026-03-25."),
            "ambiguous_date": self.env._(
                "Day and month cannot be told apart: write the date as 2026-03-25."
            ),
            "future_date": self.env._("The date is in the future."),
            "no_campaign": self.env._("There is no campaign with this name."),
            "duplicate_line": self.env._("The same as an earlier line of the file."),
            "known": self.env._("In the log already."),
        }[code]
