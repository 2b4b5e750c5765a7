from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import TouchpointCommon


@tagged("post_install", "-at_install")
class TestRights(TouchpointCommon):
    def _own_and_foreign(self):
        foreign = self.env["crm.lead"].create(
            {"name": "Of Max", "email_from": "max@touch.example.com", "user_id": self.max.id}
        )
        trace = self._create_trace(self.zoe, email="max@touch.example.com")
        self._ingest()
        return self._touches(self.bob_lead), self._touches(foreign) + self._touches(trace)

    def test_a_salesperson_sees_the_touches_of_leads_he_may_read(self):
        own, foreign = self._own_and_foreign()
        seen = self.Touch.with_user(self.sam).search([("id", "in", (own + foreign).ids)])
        self.assertEqual(seen, own)
        self.assertEqual(own.with_user(self.sam).name, "Bob wants some")
        with self.assertRaises(AccessError):
            foreign[0].with_user(self.sam).name

    def test_a_salesperson_sees_what_a_person_did_before_the_lead_was_his(self):
        trace = self._create_trace(self.zoe, email="bob@touch.example.com")
        self._ingest()
        self.assertTrue(self._touches(trace).with_user(self.sam).name)
        self.bob_lead.user_id = self.max
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self._touches(trace).with_user(self.sam).name

    def test_the_timeline_of_a_salesperson_follows_his_rights(self):
        trace = self._create_trace(self.bob_lead)
        self._ingest()
        timeline = self.bob_lead.with_user(self.sam).touchpoint_ids
        self.assertIn(self._touches(trace), timeline)

    def test_marketing_and_sales_managers_see_all_of_their_companies(self):
        own, foreign = self._own_and_foreign()
        elsewhere = self.env["res.company"].create({"name": "Touch Ltd"})
        hidden = self.Touch.create({"name": "Elsewhere", "company_id": elsewhere.id})
        everything = own + foreign + hidden
        for user in (self.mia, self.max):
            seen = self.Touch.with_user(user).search([("id", "in", everything.ids)])
            self.assertEqual(seen, (own + foreign).sorted(), user.login)

    def test_others_see_nothing(self):
        self._ingest()
        with self.assertRaises(AccessError):
            self.Touch.with_user(self.ann).search([])
        with self.assertRaises(AccessError):
            self.campaign.with_user(self.ann).touchpoint_ids

    def test_only_offline_touches_are_typed(self):
        touch = self.Touch.with_user(self.mia).create({"name": "Fair", "kind": "offline"})
        touch.name = "Spring Fair"
        with self.assertRaises(AccessError):
            self.Touch.with_user(self.mia).create({"name": "Fake", "kind": "mail_click"})
        with self.assertRaises(AccessError):
            touch.kind = "order"
        with self.assertRaises(AccessError):
            touch.res_model = "sale.order"
        touch.unlink()

    def test_touches_read_from_records_are_not_rewritten(self):
        self._ingest()
        touch = self._touches(self.bob_lead).with_user(self.mia)
        with self.assertRaises(AccessError):
            touch.campaign_id = False
        with self.assertRaises(AccessError):
            touch.unlink()
        touch.action_mark_machine()
        self.assertTrue(touch.is_bot)

    def test_a_salesperson_types_touches_of_own_leads_only(self):
        touch = self.Touch.with_user(self.sam).create(
            {"name": "Coffee", "lead_id": self.bob_lead.id}
        )
        self.assertEqual(touch.email_normalized, "bob@touch.example.com")
        foreign = self.env["crm.lead"].create({"name": "Of Max", "user_id": self.max.id})
        with self.assertRaises(AccessError):
            self.Touch.with_user(self.sam).create({"name": "Coffee", "lead_id": foreign.id})

    def test_watermarks_are_moved_by_nobody_but_administrators(self):
        self._ingest()
        source = self.env["marketing.touchpoint.source"].search([], limit=1)
        self.assertTrue(source.with_user(self.max).code)
        with self.assertRaises(AccessError):
            source.with_user(self.max).action_read_again()
        with self.assertRaises(AccessError):
            source.with_user(self.sam).read(["code"])
