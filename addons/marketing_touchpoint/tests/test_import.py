import base64
import io
from datetime import datetime, timedelta

import openpyxl

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import TouchpointCommon

SCANS = """Name;Email;Date;Campaign
Bob;Bob <BOB@touch.example.com>;2026-03-25 10:15;
Ada;ada@touch.example.com;2026-03-25 10:20;touch SPRING
New;new@touch.example.com;2026-03-25 10:30;
Again;new@touch.example.com;2026-03-25 10:30;
Typo;not an address;2026-03-25 10:40;
Soon;soon@touch.example.com;2099-01-01;
Odd;odd@touch.example.com;03/04/2026;
Lost;lost@touch.example.com;2026-03-25;No Such Campaign
"""


@tagged("post_install", "-at_install")
class TestImport(TouchpointCommon):
    def _wizard(self, content=SCANS, user=None, **values):
        if isinstance(content, str):
            content = content.encode()
        return (
            self.env["marketing.touchpoint.import"]
            .with_user(user or self.mia)
            .create({"file": base64.b64encode(content), "what": "Our stand", **values})
        )

    def test_the_dry_run_says_what_would_happen_and_writes_nothing(self):
        before = self._snapshot()
        leads = self.env["crm.lead"].search_count([])
        wizard = self._wizard(campaign_id=self.campaign.id)
        wizard.action_check()
        self.assertEqual(
            [(line.line, line.outcome) for line in wizard.line_ids],
            [
                (2, "match"),
                (3, "match"),
                (4, "create"),
                (5, "refuse"),
                (6, "refuse"),
                (7, "refuse"),
                (8, "refuse"),
                (9, "refuse"),
            ],
        )
        self.assertEqual(wizard.line_ids[0].lead_id, self.bob_lead)
        self.assertEqual(wizard.line_ids[1].partner_id, self.ada)
        reasons = wizard.line_ids[3:].mapped("reason")
        self.assertEqual(len(set(reasons)), 5, "every refusal has its own reason")
        self.assertIn("campaign", reasons[-1])
        self.assertEqual((wizard.match_count, wizard.create_count, wizard.refuse_count), (2, 1, 5))
        self.assertEqual(self._snapshot(), before)
        self.assertEqual(self.env["crm.lead"].search_count([]), leads)

    def test_importing_does_what_the_dry_run_said(self):
        wizard = self._wizard(campaign_id=self.campaign.id)
        wizard.action_check()
        action = wizard.action_import()
        touches = self.Touch.search(action["domain"], order="date")
        self.assertEqual(len(touches), 3)
        self.assertEqual(set(touches.mapped("kind")), {"offline"})
        self.assertEqual(touches.campaign_id, self.campaign)
        self.assertEqual(touches[0].lead_id, self.bob_lead)
        self.assertEqual(touches[0].date, datetime(2026, 3, 25, 10, 15))
        self.assertEqual(touches[1].partner_id, self.ada)
        self.assertFalse(touches[2].lead_id or touches[2].partner_id)
        self.assertEqual(touches[2].name, "Our stand")

    def test_importing_a_file_again_adds_nothing(self):
        wizard = self._wizard()
        wizard.action_check()
        wizard.action_import()
        again = self._wizard()
        again.action_check()
        self.assertEqual(again.refuse_count, 8)
        with self.assertRaises(UserError):
            again.action_import()

    def test_nothing_is_imported_unseen(self):
        with self.assertRaises(UserError):
            self._wizard().action_import()

    def test_times_are_those_of_the_person_who_imports(self):
        self.mia.tz = "Asia/Shanghai"
        wizard = self._wizard()
        wizard.action_check()
        self.assertEqual(wizard.line_ids[0].date, datetime(2026, 3, 25, 2, 15))

    def test_a_spreadsheet_is_read_like_a_text_file(self):
        book = openpyxl.Workbook()
        book.active.append(["邮箱", "姓名", "日期"])
        book.active.append(["bob@touch.example.com", "Bob", datetime(2026, 3, 25, 10, 15)])
        stream = io.BytesIO()
        book.save(stream)
        wizard = self._wizard(stream.getvalue())
        wizard.action_check()
        self.assertEqual(wizard.line_ids.outcome, "match")
        self.assertEqual(wizard.line_ids.lead_id, self.bob_lead)

    def test_lines_without_a_date_take_the_one_above(self):
        yesterday = fields.Datetime.now() - timedelta(days=1)
        wizard = self._wizard("email\nbob@touch.example.com\n")
        wizard.action_check()
        self.assertEqual(wizard.line_ids.outcome, "refuse")
        wizard.date = yesterday
        wizard.action_check()
        self.assertEqual(wizard.line_ids.outcome, "match")
        self.assertEqual(wizard.line_ids.date, yesterday)

    def test_new_people_become_leads_when_wanted(self):
        wizard = self._wizard(user=self.max, create_leads=True, campaign_id=self.campaign.id)
        wizard.action_check()
        touches = self.Touch.search(wizard.action_import()["domain"], order="date")
        lead = touches[2].lead_id
        self.assertEqual(lead.email_normalized, "new@touch.example.com")
        self.assertEqual(lead.campaign_id, self.campaign)
        self.assertFalse(lead.user_id)
        self.assertEqual(touches[0].lead_id, self.bob_lead, "known people stay who they are")

    def test_files_that_cannot_be_read_are_refused_with_a_reason(self):
        for content, word in (("", "Choose"), ("\n", "empty"), ("name\nBob\n", "Email")):
            with self.assertRaisesRegex(UserError, word):
                self._wizard(content).action_check()
        picture = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\xff\xfe"
        with self.assertRaisesRegex(UserError, "“badge.png” is neither .* Save the list as"):
            self._wizard(picture, file_name="badge.png").action_check()
        with self.assertRaisesRegex(UserError, "“scans.xlsx” is damaged. Save it again"):
            self._wizard(b"PK\x03\x04 cut off", file_name="scans.xlsx").action_check()

    def test_salespeople_do_not_import(self):
        with self.assertRaises(AccessError):
            self._wizard(user=self.sam)

    def test_people_of_other_companies_are_not_matched(self):
        company = self.env["res.company"].create({"name": "Touch Ltd"})
        self.env["crm.lead"].create(
            {
                "name": "Elsewhere",
                "email_from": "new@touch.example.com",
                "company_id": company.id,
            }
        )
        wizard = self._wizard()
        wizard.action_check()
        self.assertEqual(wizard.line_ids[2].outcome, "create")
