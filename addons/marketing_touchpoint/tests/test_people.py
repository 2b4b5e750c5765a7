from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import TouchpointCommon


@tagged("post_install", "-at_install")
class TestPeople(TouchpointCommon):
    def test_a_mail_to_a_contact_names_the_contact(self):
        trace = self._create_trace(self.ada)
        self._ingest()
        self.assertEqual(self._touches(trace).partner_id, self.ada)

    def test_an_address_is_matched_to_its_contact_and_lead(self):
        of_ada = self._create_trace(self.zoe, email="ada@touch.example.com")
        of_bob = self._create_trace(self.zoe, email="bob@touch.example.com")
        self._ingest()
        self.assertEqual(self._touches(of_ada).partner_id, self.ada)
        self.assertEqual(self._touches(of_bob).lead_id, self.bob_lead)

    def test_an_address_with_an_open_and_a_lost_lead_goes_to_the_open_one(self):
        lost = self.bob_lead.copy({"email_from": "bob@touch.example.com"})
        lost.action_set_lost()
        trace = self._create_trace(self.zoe, email="bob@touch.example.com")
        self._ingest()
        self.assertEqual(self._touches(trace).lead_id, self.bob_lead)

    def test_an_address_that_becomes_a_lead_brings_its_history(self):
        trace = self._create_trace(self.zoe)
        self._ingest()
        touch = self._touches(trace)
        self.assertFalse(touch.lead_id or touch.partner_id)
        lead = self.env["crm.lead"].create(
            {"name": "Zoe asks", "email_from": "Zoe <ZOE@touch.example.com>"}
        )
        self._ingest()
        self.assertEqual(touch.lead_id, lead)
        self.assertIn(touch, lead.touchpoint_ids)

    def test_a_lead_that_becomes_a_contact_keeps_its_history(self):
        trace = self._create_trace(self.bob_lead)
        self._ingest()
        touches = self._touches(trace) + self._touches(self.bob_lead)
        self.bob_lead._handle_partner_assignment(create_missing=True)
        bob = self.bob_lead.partner_id
        self.assertTrue(bob)
        self._ingest()
        self.assertEqual(touches.partner_id, bob)
        self.assertEqual(touches.lead_id, self.bob_lead)
        self.assertEqual(set(bob.touchpoint_ids), set(touches))

    def test_a_changed_address_keeps_its_history(self):
        trace = self._create_trace(self.zoe, email="bob@touch.example.com")
        self._ingest()
        touch = self._touches(trace)
        self.bob_lead.email_from = "robert@touch.example.com"
        self._ingest()
        self.assertEqual(touch.lead_id, self.bob_lead)
        self.assertEqual(touch.email_normalized, "bob@touch.example.com", "as it was at the time")
        self.assertIn(touch, self.bob_lead.touchpoint_ids)

    def _two_leads_at_one_address(self):
        """Bob's lead and a younger one share a mailbox: the touch names the younger one."""
        twin = self.bob_lead.copy(
            {
                "name": "Bob's office",
                "email_from": "bob@touch.example.com",
                "user_id": self.max.id,
            }
        )
        trace = self._create_trace(self.zoe, email="bob@touch.example.com")
        self._ingest()
        touch = self._touches(trace)
        self.assertEqual(touch.lead_id, twin)
        for lead in self.bob_lead + twin:
            self.assertIn(touch, lead.touchpoint_ids)
        return twin, trace, touch

    def test_leads_that_share_an_address_keep_its_history_when_one_of_them_changes_it(self):
        twin, trace, touch = self._two_leads_at_one_address()
        self.bob_lead.with_user(self.sam).email_from = "robert@touch.example.com"
        self._ingest()
        self.env.invalidate_all()
        for lead in self.bob_lead + twin:
            self.assertIn(touch, lead.touchpoint_ids, lead.name)
        self.assertTrue(touch.with_user(self.sam).name, "he reads what his lead did")
        # what is done with the address from now on is the other one's
        trace.set_replied()
        self._ingest()
        reply = self._touches(trace, "mail_reply")
        reply.date = fields.Datetime.now() + timedelta(hours=1)
        self.env.invalidate_all()
        self.assertIn(reply, twin.touchpoint_ids)
        self.assertNotIn(reply, self.bob_lead.touchpoint_ids)

    def test_an_address_taken_over_from_the_contact_leaves_the_old_one_remembered(self):
        twin, _trace, touch = self._two_leads_at_one_address()
        twin.email_from = "office@touch.example.com"  # the lead the touch names
        robert = self.env["res.partner"].create(
            {"name": "Robert", "email": "bob@touch.example.com"}
        )
        self.bob_lead.partner_id = robert
        self.env.flush_all()
        robert.email = "robert@touch.example.com"
        self.assertEqual(self.bob_lead.email_normalized, "robert@touch.example.com")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertIn(touch, self.bob_lead.touchpoint_ids)

    def test_a_late_arrival_from_the_time_before_the_change_is_theirs_too(self):
        _twin, trace, _touch = self._two_leads_at_one_address()
        self.bob_lead.email_from = "robert@touch.example.com"
        trace.open_datetime = self.sent_at
        self._ingest()
        self.assertIn(self._touches(trace, "mail_open"), self.bob_lead.touchpoint_ids)

    def test_a_merged_lead_hands_over_the_history_of_the_address_it_shared(self):
        _twin, _trace, touch = self._two_leads_at_one_address()
        survivor = self.env["crm.lead"].create(
            {
                "name": "Bob at home",
                "email_from": "bob.private@touch.example.com",
                "type": "opportunity",
            }
        )
        self.assertNotIn(touch, survivor.touchpoint_ids)
        self.bob_lead.type = "lead"
        merged = (survivor + self.bob_lead).with_user(self.max).merge_opportunity()
        self.assertEqual(merged, survivor)
        self.env.invalidate_all()
        self.assertIn(touch, survivor.touchpoint_ids)
        # and once more: what the survivor took over goes on to the next one
        last = self.env["crm.lead"].create(
            {"name": "Bob", "email_from": "b@touch.example.com", "type": "opportunity"}
        )
        last.probability = 90
        self.assertEqual((last + survivor).merge_opportunity(), last)
        self.env.invalidate_all()
        self.assertIn(touch, last.touchpoint_ids)

    def test_former_addresses_are_for_managers_of_their_company(self):
        elsewhere = self.env["res.company"].create({"name": "Touch Ltd"})
        foreign = self.env["crm.lead"].create(
            {"name": "Far", "email_from": "far@touch.example.com", "company_id": elsewhere.id}
        )
        leads = foreign + self.bob_lead
        self.env.flush_all()
        leads.write({"email_from": "new@touch.example.com"})
        self.env.flush_all()
        former = self.env["marketing.touchpoint.address"].search([("lead_id", "in", leads.ids)])
        self.assertEqual(
            set(former.mapped("email_normalized")),
            {"far@touch.example.com", "bob@touch.example.com"},
        )
        seen = former.with_user(self.max).search([("id", "in", former.ids)])
        self.assertEqual(seen.lead_id, self.bob_lead)
        with self.assertRaises(AccessError):
            former.with_user(self.sam).search([])
        with self.assertRaises(AccessError):
            seen.with_user(self.max).unlink()

    def test_a_late_open_at_an_old_address_finds_its_owner(self):
        trace = self._create_trace(self.zoe, email="bob@touch.example.com")
        self._ingest()
        self.bob_lead.email_from = "robert@touch.example.com"
        self._ingest()
        trace.set_opened()
        self._ingest()
        self.assertEqual(self._touches(trace, "mail_open").lead_id, self.bob_lead)

    def test_merged_leads_hand_their_touches_to_the_survivor(self):
        twin = self.env["crm.lead"].create(
            {
                "name": "Bob again",
                "email_from": "bob.private@touch.example.com",
                "user_id": self.sam.id,
            }
        )
        trace = self._create_trace(twin, open_datetime=self.sent_at)
        self._ingest()
        touches = self._touches(trace) + self._touches(twin) + self._touches(self.bob_lead)
        self.assertEqual(len(touches), 4)
        survivor = (self.bob_lead + twin).with_user(self.max).merge_opportunity()
        gone = (self.bob_lead + twin) - survivor
        self.assertFalse(gone.exists())
        self.assertEqual(len(touches.exists()), 4)
        self.assertEqual(touches.lead_id, survivor)
        self._ingest()
        self.assertEqual(touches.lead_id, survivor, "reading again does not undo the merge")
        # and an open that arrives after the merge
        trace.set_replied()
        self._ingest()
        self.assertEqual(self._touches(trace, "mail_reply").lead_id, survivor)

    def test_merged_contacts_hand_their_touches_to_the_survivor(self):
        twin = self.env["res.partner"].create(
            {"name": "Ada L.", "email": "ada.l@touch.example.com"}
        )
        traces = self._create_trace(self.ada) + self._create_trace(twin)
        self._ingest()
        touches = self._touches(traces)
        self.assertEqual(touches.partner_id, self.ada + twin)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.ada + twin).ids, self.ada)
        self.assertFalse(twin.exists())
        self.env.invalidate_all()
        self.assertEqual(len(touches.exists()), 2)
        self.assertEqual(touches.partner_id, self.ada)
        self._ingest()
        self.assertEqual(touches.partner_id, self.ada)

    def test_two_people_at_one_address_are_not_mixed_up(self):
        eve = self.env["res.partner"].create({"name": "Eve", "email": "ada@touch.example.com"})
        of_eve = self._create_trace(eve)
        self._ingest()
        self.assertEqual(self._touches(of_eve).partner_id, eve)
        self.assertNotIn(self._touches(of_eve), self.ada.touchpoint_ids)

    def test_a_company_shows_what_its_people_did(self):
        company = self.env["res.partner"].create({"name": "Touch Inc", "is_company": True})
        self.ada.parent_id = company
        trace = self._create_trace(self.ada)
        self._ingest()
        self.assertIn(self._touches(trace), company.touchpoint_ids)
        self.assertNotIn(self._touches(self.bob_lead), company.touchpoint_ids)

    def test_privacy_lookup_finds_the_touches_of_a_person(self):
        if "privacy.lookup.wizard" not in self.env:
            self.skipTest("the application Privacy is not installed")
        trace = self._create_trace(self.zoe)
        self._ingest()
        wizard = self.env["privacy.lookup.wizard"].create(
            {"name": "Zoe", "email": "zoe@touch.example.com"}
        )
        wizard.action_lookup()
        self.assertIn(
            ("marketing.touchpoint", self._touches(trace).id),
            [(line.res_model, line.res_id) for line in wizard.line_ids],
        )

    def test_an_address_is_not_matched_across_companies(self):
        company = self.env["res.company"].create({"name": "Touch Ltd"})
        self.env["crm.lead"].create(
            {
                "name": "Elsewhere",
                "email_from": "zoe@touch.example.com",
                "company_id": company.id,
            }
        )
        self.campaign.company_id = self.env.company
        trace = self._create_trace(self.zoe)
        self._ingest()
        self.assertFalse(self._touches(trace).lead_id)

    def test_a_typed_touch_finds_its_person(self):
        typed = self.Touch.with_user(self.mia).create(
            [
                {"name": "Fair", "email_normalized": "Bob <BOB@touch.example.com>"},
                {"name": "Showroom", "partner_id": self.ada.id},
            ]
        )
        self.assertEqual(typed[0].lead_id, self.bob_lead)
        self.assertEqual(typed[0].email_normalized, "bob@touch.example.com")
        self.assertEqual(typed[1].email_normalized, "ada@touch.example.com")

    def test_counts_leave_machines_out_and_timelines_grey_them(self):
        trace = self._create_trace(self.bob_lead, open_datetime=self.sent_at)
        self._ingest()
        self.bob_lead.invalidate_recordset()
        count = self.bob_lead.touchpoint_count
        touch = self._touches(trace, "mail_open")
        touch.action_mark_machine()
        self.env.invalidate_all()
        self.assertEqual(touch.bot_reason, "manual")
        self.assertEqual(self.bob_lead.touchpoint_count, count - 1)
        self.assertIn(touch, self.bob_lead.touchpoint_ids)
        self.assertIn(touch, self.campaign.touchpoint_ids)

    def test_timelines_take_as_many_queries_for_many_leads_as_for_one(self):
        leads = self.env["crm.lead"].create(
            [{"name": f"L{nr}", "email_from": f"l{nr}@touch.example.com"} for nr in range(20)]
        )
        self._ingest()
        leads[0].mapped("touchpoint_count")  # warm up
        self.env.invalidate_all()
        self.env.user.has_group("base.group_user")
        with self.assertQueryCount(3):
            self.env["crm.lead"].browse(leads.ids).mapped("touchpoint_count")
        self.assertEqual(leads.mapped("touchpoint_count"), [1] * 20)
