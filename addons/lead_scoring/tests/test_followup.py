from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_assignment import AssignmentCommon

MONDAY = datetime(2026, 3, 16, 9, 0, 0)


class FollowupCommon(AssignmentCommon):
    """Office hours 8 to 12 and 13 to 17 UTC; it is Monday, 9 o'clock, unless said otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        calendar = cls._create_calendar((8, 12), (13, 17))
        cls.env.company.resource_calendar_id = calendar
        cls.env["lead.followup.policy"].search([]).active = False
        cls.engine = cls.env["lead.followup.engine"]

    @classmethod
    def _create_policy(cls, **values):
        return cls.env["lead.followup.policy"].create(
            {
                "name": "Policy",
                "domain": f"[('team_id', '=', {cls.team.id})]",
                "date_start": datetime(2019, 1, 1),
                "manager_id": cls.mona.id,
                **values,
            }
        )

    def setUp(self):
        super().setUp()
        self._at(MONDAY)

    def _receive(self, user, date, count=1, **values):
        """Leads this person has had since that day."""
        leads = self._create_leads(count, user_id=user.id, **values)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET date_open = %s, date_last_stage_update = %s WHERE id IN %s",
            [date, date, tuple(leads.ids)],
        )
        leads.invalidate_recordset()
        return leads

    def _send_mail(self, lead, user, date):
        message = lead.with_user(user).message_post(
            body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        message.sudo().date = date

    def _notices(self, kind, lead):
        return self.env["lead.followup.notice"].search(
            [("kind", "=", kind), ("lead_id", "=", lead.id)]
        )

    def _clock(self, lead):
        return self.env["lead.followup.clock"].search([("lead_id", "=", lead.id)], limit=1)


@tagged("post_install", "-at_install")
class TestResponseTime(FollowupCommon):
    def setUp(self):
        super().setUp()
        self.policy = self._create_policy(response_hours=4, reminder_hours=1)

    def test_the_clock_runs_in_working_hours_only(self):
        lead = self._receive(self.ann, datetime(2026, 3, 13, 16, 0))  # Friday, an hour to go
        self.engine._run_clocks()
        self.assertEqual(self._clock(lead).date_due, datetime(2026, 3, 16, 11, 0))
        self.assertEqual(self._clock(lead).date_remind, datetime(2026, 3, 16, 10, 0))
        self.assertEqual(lead.date_response_due, datetime(2026, 3, 16, 11, 0))

    def test_a_reminder_comes_once_before_the_limit(self):
        lead = self._receive(self.ann, MONDAY)
        self.engine._run_clocks()
        self._at(datetime(2026, 3, 16, 13, 30))
        self.engine._run_clocks()
        self.engine._run_clocks()
        self.assertEqual(len(self._notices("reminder", lead)), 1)

    def test_real_actions_stop_the_clock_and_a_note_does_not(self):
        soon = MONDAY + timedelta(minutes=30)

        def mail(lead):
            self._send_mail(lead, self.ann, soon)

        def call(lead):
            activity = lead.activity_schedule("mail.mail_activity_data_call", user_id=self.ann.id)
            activity.with_user(self.ann).action_feedback("Spoke to her")
            lead.message_ids[0].sudo().date = soon

        def meeting(lead):
            event = self.env["calendar.event"].create(
                {
                    "name": "Visit",
                    "opportunity_id": lead.id,
                    "user_id": self.ann.id,
                    "start": soon,
                    "stop": soon + timedelta(hours=1),
                }
            )
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE calendar_event SET create_date = %s WHERE id = %s", [soon, event.id]
            )

        def stage(lead):
            self._at(soon)
            lead.stage_id = self.env["crm.stage"].create({"name": "Contacted", "sequence": 50})

        def note(lead):
            lead.with_user(self.ann).message_post(body="Thinking", subtype_xmlid="mail.mt_note")
            lead.message_ids[0].sudo().date = soon

        def colleague(lead):
            self._send_mail(lead, self.mona, soon)

        for action, state in (
            (mail, "answered"),
            (call, "answered"),
            (meeting, "answered"),
            (stage, "answered"),
            (note, "running"),
            (colleague, "running"),
        ):
            with self.subTest(action.__name__):
                self._at(MONDAY)
                lead = self._receive(self.ann, MONDAY)
                self.engine._run_clocks()
                action(lead)
                self._at(MONDAY + timedelta(hours=1))
                self.engine._run_clocks()
                self.assertEqual(self._clock(lead).state, state)
                if state == "answered":
                    self.assertAlmostEqual(self._clock(lead).response_hours, 0.5, 2)

    def test_a_quotation_stops_the_clock(self):
        if "opportunity_id" not in self.env.get("sale.order", self.env["res.users"])._fields:
            self.skipTest("sale_crm is not installed")
        lead = self._receive(self.ann, MONDAY - timedelta(minutes=30))
        partner = self.env["res.partner"].create({"name": "Buyer"})
        order = self.env["sale.order"].create({"partner_id": partner.id, "opportunity_id": lead.id})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET create_uid = %s, create_date = %s WHERE id = %s",
            [self.ann.id, MONDAY, order.id],
        )
        self.engine._run_clocks()
        self.engine._run_clocks()
        self.assertEqual(self._clock(lead).state, "answered")

    def test_no_answer_goes_round_and_never_back_then_to_the_manager(self):
        lead = self._receive(self.ann, MONDAY)
        self.engine._run_clocks()
        owners, day = [self.ann], MONDAY
        for _hop in range(3):
            day += timedelta(days=1)
            self._at(day)
            self.engine._run_clocks()
            lead.invalidate_recordset()
            owners.append(lead.user_id)
            self.engine._run_clocks()
        self.assertEqual(len(set(owners[:3])), 3, "somebody else each time")
        self.assertEqual(owners[3], owners[2], "after two hops the manager decides")
        clocks = self.env["lead.followup.clock"].search([("lead_id", "=", lead.id)], order="id")
        self.assertEqual(clocks.mapped("state"), ["rerouted", "rerouted", "escalated"])
        self.assertEqual(clocks.mapped("hop"), [0, 1, 2])
        self.assertTrue(all(clocks.mapped("is_breached")))
        self.assertEqual(self._notices("escalated", lead).user_id, self.mona)
        self.assertEqual(self._notices("taken_away", lead).user_id, owners[0] | owners[1])

    def test_when_everybody_else_had_it_the_reason_says_so(self):
        self._seat(self.bob).optout = True
        self._seat(self.cai).optout = True
        lead = self._receive(self.ann, MONDAY)
        self.engine._run_clocks()
        self._at(MONDAY + timedelta(days=1))
        self.engine._run_clocks()
        self.assertEqual(lead.user_id, self.ann, "it is not left without anybody")
        decision = self._decision(lead)
        self.assertEqual(decision.trigger, "reroute")
        self.assertEqual(decision.excluded[str(self.ann.id)], "former_owner")
        self.assertEqual(self._clock(lead).state, "escalated")

    def test_a_lead_won_or_given_away_ends_the_clock(self):
        lead, other = self._receive(self.ann, MONDAY, 2)
        self.engine._run_clocks()
        lead.action_set_lost()
        other.user_id = self.zoe
        self.engine._run_clocks()
        clocks = self.env["lead.followup.clock"].search(
            [("lead_id", "in", (lead | other).ids), ("user_id", "=", self.ann.id)]
        )
        self.assertEqual(clocks.mapped("state"), ["ended", "ended"])

    def test_salespeople_see_their_own_clocks_only(self):
        leads = self._receive(self.ann, MONDAY) | self._receive(self.bob, MONDAY)
        self.engine._run_clocks()
        Clock = self.env["lead.followup.clock"]
        domain = [("lead_id", "in", leads.ids)]
        self.assertEqual(Clock.with_user(self.ann).search(domain).user_id, self.ann)
        self.assertEqual(len(Clock.with_user(self.mona).search(domain)), 2)
        with self.assertRaises(AccessError):
            Clock.with_user(self.ann).search(domain).write({"state": "answered"})
        with self.assertRaises(AccessError):
            self.policy.with_user(self.ann).response_hours = 99


@tagged("post_install", "-at_install")
class TestPublicPool(FollowupCommon):
    def setUp(self):
        super().setUp()
        self.public = self._create_pool("Public", self.people, method="claim")
        self.policy = self._create_policy(
            recycle=True,
            public_pool_id=self.public.id,
            protect_days=10,
            extend_days=3,
            longest_days=20,
            warn_days=2,
        )

    def test_the_worked_example(self):
        """Claimed 25 March 2019; protection 10 days, extension 3, at most 20."""
        self._at(datetime(2019, 5, 1))
        lead = self._receive(self.ann, datetime(2019, 3, 25))
        self.assertEqual(lead.date_recycle, datetime(2019, 4, 4))
        for action, expected in (
            (datetime(2019, 3, 28), datetime(2019, 4, 4)),
            (datetime(2019, 4, 2), datetime(2019, 4, 5)),
            (datetime(2019, 4, 5), datetime(2019, 4, 8)),
            (datetime(2019, 4, 8), datetime(2019, 4, 11)),
            (datetime(2019, 4, 12), datetime(2019, 4, 14)),
        ):
            self._send_mail(lead, self.ann, action)
            lead.invalidate_recordset(["date_recycle"])
            self.assertEqual(lead.date_recycle, expected)

    def test_bulk_edit_import_and_merge_cannot_miss_it(self):
        """Known products compute the date when a lead is claimed, and miss other ways."""
        leads = self._create_leads(2)
        leads.write({"user_id": self.bob.id})
        fields = ["name", "type", "user_id/.id", "team_id/.id"]
        result = self.env["crm.lead"].load(
            fields, [["Imported", "lead", str(self.cai.id), str(self.team.id)]]
        )
        imported = self.env["crm.lead"].browse(result["ids"])
        merged = leads.merge_opportunity()
        for lead in merged | imported:
            self.assertEqual(lead.date_recycle, MONDAY + timedelta(days=10))

    def test_unprotected_leads_return_and_protected_ones_stay(self):
        lead, exempt, fresh = self._receive(self.ann, MONDAY - timedelta(days=11), 3)
        exempt.followup_protected = True
        self._send_mail(fresh, self.ann, MONDAY - timedelta(days=1))
        self.engine._recycle()
        self.assertFalse(lead.user_id)
        self.assertEqual(lead.assignment_pool_id, self.public)
        self.assertEqual((exempt | fresh).user_id, self.ann)
        self.assertEqual(self._decision(lead).former_user_id, self.ann)
        self.assertEqual(self._notices("recycled", lead).user_id, self.ann)

    def test_the_rules_leave_the_queue_alone(self):
        lead = self._receive(self.ann, MONDAY - timedelta(days=11))
        self.engine._recycle()
        self.team.with_user(self.mona).action_assign_leads()
        self.assertFalse(lead.user_id)

    def test_a_warning_comes_once(self):
        lead = self._receive(self.ann, MONDAY - timedelta(days=9))
        self.engine._warn_before_recycling()
        self.engine._warn_before_recycling()
        self.assertEqual(len(self._notices("recycle_soon", lead)), 1)

    def _queued(self, count=1):
        leads = self._create_leads(count)
        self.engine._return_to_pool(dict.fromkeys(leads.ids), self.public, "recycle")
        return leads

    def test_a_member_claims_and_owns(self):
        lead = self._queued()
        lead.with_user(self.bob).action_claim()
        self.assertEqual(lead.user_id, self.bob)
        self.assertEqual(self._decision(lead).reason, "claimed")
        self.assertEqual(lead.date_recycle, MONDAY + timedelta(days=10))

    def test_a_claimed_lead_cannot_be_claimed_again(self):
        lead = self._queued()
        lead.with_user(self.bob).action_claim()
        with self.assertRaisesRegex(UserError, "already taken by Bob"):
            lead.with_user(self.cai).action_claim()

    def test_only_members_claim(self):
        with self.assertRaisesRegex(UserError, "not a member"):
            self._queued().with_user(self.zoe).action_claim()

    def test_leads_of_another_company_cannot_be_claimed(self):
        """Not even by somebody who knows the number of the lead."""
        other = self.env["res.company"].create({"name": "Other"})
        lead = self._queued()
        self._date(lead, company_id=other.id)
        with self.assertRaisesRegex(UserError, "belongs to Other"):
            lead.with_user(self.bob).action_claim()
        self.assertFalse(lead.user_id)

    def test_somebody_of_two_companies_claims_in_one(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.bob.company_ids |= other
        for company in (self.env.company, other):
            with self.subTest(company=company.name):
                lead = self._queued()
                self._date(lead, company_id=company.id)
                self.env.invalidate_all()
                lead.with_user(self.bob).with_context(
                    allowed_company_ids=company.ids
                ).action_claim()
                self.assertEqual(lead.user_id, self.bob)

    def test_claims_per_day_are_limited(self):
        self.public.claims_per_day = 2
        leads = self._queued(3)
        leads[:2].with_user(self.bob).action_claim()
        with self.assertRaisesRegex(UserError, "2 leads a day"):
            leads[2].with_user(self.bob).action_claim()
        self._at(MONDAY + timedelta(days=1))
        leads[2].with_user(self.bob).action_claim()
        self.assertEqual(leads.user_id, self.bob)

    def test_leads_held_are_limited_and_won_ones_do_not_count(self):
        self.public.held_max = 1
        self._create_leads(3, type="opportunity", user_id=self.bob.id).action_set_won()
        leads = self._queued(2)
        leads[0].with_user(self.bob).action_claim()
        with self.assertRaisesRegex(UserError, "You hold 1 open leads"):
            leads[1].with_user(self.bob).action_claim()

    def test_the_former_owner_has_to_wait(self):
        self.public.cooling_hours = 12
        lead = self._receive(self.ann, MONDAY - timedelta(days=11))
        self.engine._recycle()
        with self.assertRaisesRegex(UserError, "taken from you"):
            lead.with_user(self.ann).action_claim()
        self._at(MONDAY + timedelta(hours=13))
        lead.with_user(self.ann).action_claim()
        self.assertEqual(lead.user_id, self.ann)

    def test_a_public_pool_has_to_be_one_to_claim_from(self):
        with self.assertRaises(ValidationError):
            self.policy.public_pool_id = self.pool

    def test_a_rule_can_queue_leads_to_be_claimed(self):
        self.rule.pool_id = self.public
        lead = self._create_leads(1)
        self._assign(lead)
        self.assertEqual(lead.assignment_reason, "waiting_claim")
        lead.with_user(self.cai).action_claim()
        self.assertEqual(lead.user_id, self.cai)


@tagged("post_install", "-at_install")
class TestStaleAndLost(FollowupCommon):
    def test_stale_opportunities_call_the_owner_then_the_manager(self):
        self._create_policy(stale_days=15, stale_manager_days=5)
        old = self._receive(self.ann, MONDAY - timedelta(days=16), type="opportunity")
        fresh = self._receive(self.ann, MONDAY - timedelta(days=14), type="opportunity")
        self.engine._call_for_stale()
        self.engine._call_for_stale()
        self.assertEqual(old.activity_ids.user_id, self.ann)
        self.assertEqual(len(old.activity_ids), 1)
        self.assertFalse(fresh.activity_ids)
        self._at(MONDAY + timedelta(days=5))
        self.engine._call_for_stale()
        self.assertEqual(old.activity_ids.user_id, self.ann | self.mona)

    def test_lost_leads_come_back_when_their_reason_has_passed(self):
        public = self._create_pool("Public", self.people, method="claim")
        no_budget = self.env["crm.lost.reason"].create(
            {"name": "No budget this year", "revive_days": 90, "revive_pool_id": public.id}
        )
        never = self.env["crm.lost.reason"].create({"name": "Wrong number"})
        lead = self._receive(self.ann, MONDAY)
        gone = self._receive(self.ann, MONDAY)
        lead.action_set_lost(lost_reason_id=no_budget.id)
        gone.action_set_lost(lost_reason_id=never.id)
        self._at(MONDAY + timedelta(days=89))
        self.engine._revive_lost()
        self.assertFalse(lead.active)
        self._at(MONDAY + timedelta(days=91))
        self.engine._revive_lost()
        self.assertTrue(lead.active)
        self.assertEqual(lead.won_status, "pending")
        self.assertFalse(lead.user_id)
        self.assertEqual(lead.assignment_pool_id, public)
        self.assertFalse(gone.active)
        self.assertIn("No budget this year", "".join(lead.message_ids.mapped("body")))

    def test_leads_lost_before_a_delay_was_entered_stay_lost(self):
        """Or years of lost leads would come back at once; another day may be chosen."""
        postponed = self.env["crm.lost.reason"].create({"name": "Postponed"})
        before = self._receive(self.ann, MONDAY - timedelta(days=400))
        self._at(MONDAY - timedelta(days=300))
        before.action_set_lost(lost_reason_id=postponed.id)
        self._date(before, date_closed=MONDAY - timedelta(days=300))
        self._at(MONDAY)
        postponed.revive_days = 30
        self.assertEqual(postponed.revive_since, MONDAY.date())
        self.engine._revive_lost()
        self.assertFalse(before.active)
        postponed.revive_since = False
        self.engine._revive_lost()
        self.assertTrue(before.active)
        self.assertFalse(before.user_id or before.assignment_reason, "the rules look at it again")

    def test_the_job_runs_all_steps(self):
        self._create_policy(response_hours=1)
        lead = self._receive(self.ann, MONDAY)
        with self.enter_registry_test_mode():
            self.env.ref("lead_scoring.ir_cron_lead_followup").method_direct_trigger()
        self.assertTrue(self._clock(lead))

    def test_nothing_happens_without_a_policy(self):
        lead = self._receive(self.ann, MONDAY - timedelta(days=400))
        self.engine._run_clocks()
        self.engine._recycle()
        self.engine._call_for_stale()
        self.assertEqual(lead.user_id, self.ann)
        self.assertFalse(self._clock(lead) or lead.activity_ids)
