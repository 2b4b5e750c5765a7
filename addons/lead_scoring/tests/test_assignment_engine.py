from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common_assignment import AssignmentCommon


@tagged("post_install", "-at_install")
class TestAssignmentEngine(AssignmentCommon):
    def _owners(self, leads):
        return [lead.user_id for lead in leads.sorted("id")]

    def test_leads_go_round_in_turn(self):
        leads = self._create_leads(6)
        self._assign(leads)
        self.assertEqual(self._owners(leads), [*self.people, *self.people])

    def test_one_lead_at_a_time_is_as_fair_as_a_batch(self):
        """Odoo's own assignment gives 30/0/0 here: it keeps no pointer."""
        leads = self._create_leads(30)
        for lead in leads:
            self._assign(lead)
        counts = Counter(self._owners(leads))
        self.assertEqual(counts, {user: 10 for user in self.people})

    def test_weights_are_kept(self):
        pool = self._create_pool("Weighted", self.people, [3, 2, 1])
        self.rule.pool_id = pool
        leads = self._create_leads(12)
        self._assign(leads)
        counts = Counter(self._owners(leads))
        self.assertEqual(counts, {self.ann: 6, self.bob: 4, self.cai: 2})

    def test_the_first_rule_that_matches_decides(self):
        other = self._create_pool("Key accounts", self.zoe)
        self._create_rule(other, "[('expected_revenue', '>=', 10000)]", sequence=1)
        big = self._create_leads(1, expected_revenue=20000)
        small = self._create_leads(1, expected_revenue=100)
        self._assign(big | small)
        self.assertEqual(big.user_id, self.zoe)
        self.assertEqual(small.user_id, self.ann)
        self.assertEqual(big.assignment_pool_id, other)

    def test_a_lead_another_process_holds_is_skipped_and_says_so(self):
        lead = self._create_leads(1)
        with patch.object(
            self.registry["lead.assignment.engine"], "_lock_leads", lambda *args, **kwargs: {}
        ):
            self._assign(lead)
        self.assertFalse(lead.user_id)
        self.assertEqual(self._decision(lead).reason, "locked")

    def test_a_pool_without_members_says_so(self):
        self.pool.member_ids.unlink()
        lead = self._create_leads(1)
        self._assign(lead)
        self.assertEqual(lead.assignment_reason, "empty_pool")

    def test_a_lead_two_rules_take_is_given_once(self):
        """Odoo gives a lead two members prefer to both, and leaves another without owner."""
        other = self._create_pool("Other", self.zoe)
        self._create_rule(other, sequence=99)
        leads = self._create_leads(4)
        self._assign(leads)
        self.assertEqual(self._owners(leads), [*self.people, self.ann])
        given = self.env["lead.assignment.decision"].search([("lead_id", "in", leads.ids)])
        self.assertEqual(len(given), 4)

    def test_the_order_of_leads_is_priority_score_age(self):
        """Odoo leaves ties to chance: it sorts by the function ``id``."""
        late, early, urgent = self._create_leads(3)
        urgent.priority = "2"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = create_date - interval '1 day' WHERE id = %s",
            [early.id],
        )
        self._assign(late | early | urgent)
        self.assertEqual(urgent.user_id, self.ann)
        self.assertEqual(early.user_id, self.bob)
        self.assertEqual(late.user_id, self.cai)

    def test_a_lead_no_rule_takes_says_so_once(self):
        self.rule.domain = "[('expected_revenue', '>', 0)]"
        lead = self._create_leads(1)
        self._assign(lead)
        self._assign(lead)
        self.assertFalse(lead.user_id)
        self.assertEqual(lead.assignment_reason, "no_rule")
        self.assertEqual(len(lead.assignment_decision_ids), 1)

    def test_a_lead_too_old_for_the_rule_says_so(self):
        self.rule.max_age_days = 7
        lead = self._create_leads(1)
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s WHERE id = %s",
            [self.env.cr.now() - timedelta(days=8), lead.id],
        )
        self._assign(lead)
        self.assertEqual(lead.assignment_reason, "too_old")

    def test_an_old_lead_is_assigned_when_the_rule_does_not_mind(self):
        """Odoo's scheduled action silently ignores leads older than seven days."""
        lead = self._create_leads(1)
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s WHERE id = %s",
            [self.env.cr.now() - timedelta(days=90), lead.id],
        )
        self._assign(lead)
        self.assertEqual(lead.user_id, self.ann)

    def test_won_lost_and_owned_leads_are_left_alone(self):
        won = self._create_leads(1, type="opportunity")
        won.action_set_won()
        lost = self._create_leads(1)
        lost.action_set_lost()
        owned = self._create_leads(1, user_id=self.zoe.id)
        self._assign(won | lost | owned)
        self.assertFalse(won.user_id)
        self.assertFalse(lost.user_id)
        self.assertEqual(owned.user_id, self.zoe)
        self.assertEqual(self._decision(won).reason, "closed")
        self.assertEqual(self._decision(lost).reason, "closed")
        self.assertEqual(self._decision(owned).reason, "already_owned")

    def test_leads_of_a_team_with_odoos_assignment_are_left_alone(self):
        self.team.assignment_engine = "native"
        lead = self._create_leads(1)
        self._assign(lead)
        self.assertFalse(lead.user_id)
        self.assertEqual(self._decision(lead).reason, "native_team")

    def test_the_team_of_the_pool_is_set(self):
        team = self.env["crm.team"].create(
            {"name": "Pool Team", "member_ids": [(6, 0, self.people.ids)]}
        )
        self.pool.team_id = team
        lead = self._create_leads(1)
        self._assign(lead)
        self.assertEqual(lead.team_id, team)

    def test_a_monthly_limit_of_fourteen_means_fourteen(self):
        """Odoo turns 14 a month into 0 a day: that person never gets a lead."""
        self._seat(self.ann).capacity_month = 14
        leads = self._create_leads(60)
        self._assign(leads)
        self.assertEqual(Counter(self._owners(leads))[self.ann], 14)

    def test_a_daily_limit_counts_what_was_received_elsewhere(self):
        self._seat(self.ann).capacity_day = 2
        self._create_leads(1, user_id=self.ann.id)
        leads = self._create_leads(6)
        self._assign(leads)
        self.assertEqual(Counter(self._owners(leads))[self.ann], 1)

    def test_a_backlog_limit_counts_open_leads_only(self):
        self.pool.count_manual = False
        self._seat(self.ann).backlog_max = 2
        done = self._create_leads(5, user_id=self.ann.id)
        done.action_set_lost()
        self._create_leads(1, user_id=self.ann.id)
        leads = self._create_leads(6)
        self._assign(leads)
        self.assertEqual(Counter(self._owners(leads))[self.ann], 1)

    def test_everybody_full_leaves_the_lead_with_a_reason(self):
        self.pool.member_ids.capacity_day = 1
        leads = self._create_leads(4)
        self._assign(leads)
        left = leads.filtered(lambda lead: not lead.user_id)
        self.assertEqual(len(left), 1)
        self.assertEqual(left.assignment_reason, "nobody_with_capacity")
        self.assertEqual(set(self._decision(left).excluded.values()), {"capacity_day"})

    def test_paused_and_archived_people_receive_nothing(self):
        self._seat(self.ann).optout = True
        self.bob.active = False
        leads = self._create_leads(2)
        self._assign(leads)
        self.assertEqual(self._owners(leads), [self.cai, self.cai])
        self.assertEqual(
            self._decision(leads[0]).excluded,
            {str(self.ann.id): "opted_out", str(self.bob.id): "inactive"},
        )

    def test_the_substitute_takes_the_turn_of_the_absent(self):
        now = self.env.cr.now()
        self.env["lead.assignment.absence"].create(
            {
                "user_id": self.ann.id,
                "date_from": now - timedelta(hours=1),
                "date_to": now + timedelta(days=1),
                "substitute_id": self.zoe.id,
            }
        )
        leads = self._create_leads(3)
        self._assign(leads)
        self.assertEqual(self._owners(leads), [self.zoe, self.bob, self.cai])
        self.assertEqual(leads[0].assignment_reason, "substitute")
        self.assertEqual(self._decision(leads[0]).turn_user_id, self.ann)

    def test_absence_without_substitute_passes_the_turn_on_and_causes_no_flood(self):
        now = self.env.cr.now()
        absence = self.env["lead.assignment.absence"].create(
            {
                "user_id": self.ann.id,
                "date_from": now - timedelta(hours=1),
                "date_to": now + timedelta(days=1),
            }
        )
        self._assign(self._create_leads(20))
        absence.unlink()
        leads = self._create_leads(6)
        self._assign(leads)
        self.assertEqual(Counter(self._owners(leads)), {user: 2 for user in self.people})

    def test_time_off_on_the_working_hours_counts(self):
        resource = self.env["resource.resource"].create(
            {"name": "Ann", "user_id": self.ann.id, "tz": "UTC"}
        )
        now = self.env.cr.now()
        self.env["resource.calendar.leaves"].create(
            {
                "resource_id": resource.id,
                "date_from": now - timedelta(hours=1),
                "date_to": now + timedelta(hours=1),
            }
        )
        leads = self._create_leads(2)
        self._assign(leads)
        self.assertEqual(self._owners(leads), [self.bob, self.cai])

    def test_outside_working_hours_nobody_is_available(self):
        calendar = self.env["resource.calendar"].create(
            {"name": "Never", "company_id": False, "attendance_ids": [(5, 0, 0)]}
        )
        self.pool.write({"use_working_hours": True, "resource_calendar_id": calendar.id})
        lead = self._create_leads(1)
        self._assign(lead)
        self.assertEqual(lead.assignment_reason, "nobody_available")
        self.assertEqual(set(self._decision(lead).excluded.values()), {"off_hours"})

    def test_one_rule_serves_all_countries(self):
        de, fr, cn = (self.env.ref(f"base.{code}") for code in ("de", "fr", "cn"))
        self.rule.match_country = True
        self._seat(self.ann).country_ids = de
        self._seat(self.bob).country_ids = fr
        leads = self.env["crm.lead"].union(
            *(self._create_leads(1, country_id=country.id) for country in (fr, de, cn))
        )
        self._assign(leads)
        self.assertEqual(leads.mapped("user_id"), self.bob | self.ann)
        self.assertEqual(leads[2].assignment_reason, "nobody_matches")

    def test_a_lead_nobody_can_take_goes_on_to_the_next_rule_if_the_rule_says_so(self):
        self.rule.match_country = True
        catch_all = self._create_rule(self._create_pool("Rest", self.zoe), sequence=99)
        first, second = self._create_leads(1), self._create_leads(1)
        self._assign(first)
        self.assertEqual(first.assignment_reason, "nobody_matches")
        self.rule.when_nobody = "next"
        self._assign(first | second)
        self.assertEqual((first | second).user_id, self.zoe)
        self.assertEqual(second.assignment_rule_id, catch_all)

    def test_skills_languages_and_states_narrow_the_pool(self):
        tag = self.env["crm.tag"].create({"name": "Robotics"})
        lang = self.env["res.lang"]._activate_lang("fr_FR")
        state = self.env["res.country.state"].search([], limit=1)
        for flag, field, record, values in (
            ("match_skill", "tag_ids", tag, {"tag_ids": [(6, 0, tag.ids)]}),
            ("match_language", "lang_ids", lang, {"lang_id": lang.id}),
            ("match_state", "state_ids", state, {"state_id": state.id}),
        ):
            with self.subTest(flag):
                self.rule.write(
                    {
                        "match_skill": False,
                        "match_language": False,
                        "match_state": False,
                        flag: True,
                    }
                )
                self._seat(self.cai)[field] = record
                leads = self._create_leads(2, **values)
                self._assign(leads)
                self.assertEqual(leads.user_id, self.cai)

    def test_the_account_stays_with_its_owner(self):
        self.pool.method = "sticky"
        company = self.env["res.partner"].create(
            {"name": "Acme", "is_company": True, "user_id": self.cai.id}
        )
        contact = self.env["res.partner"].create({"name": "Joe", "parent_id": company.id})
        lead = self._create_leads(1, partner_id=contact.id)
        self._assign(lead)
        self.assertEqual(lead.user_id, self.cai)
        self.assertEqual(lead.assignment_reason, "account_owner")

    def test_the_least_loaded_comes_first(self):
        self.pool.method = "least_loaded"
        self._create_leads(3, user_id=self.ann.id)
        self._create_leads(1, user_id=self.bob.id)
        leads = self._create_leads(3)
        self._assign(leads)
        self.assertEqual(Counter(self._owners(leads)), {self.cai: 2, self.bob: 1})

    def test_conversion_is_odoos_own(self):
        self.rule.write({"convert": True, "partner_action": "create"})
        lead = self._create_leads(1, contact_name="Joe", email_from="joe@acme.example.com")
        self._assign(lead.with_context(tracking_disable=False))
        self.assertEqual(lead.type, "opportunity")
        self.assertEqual(lead.partner_id.email_normalized, "joe@acme.example.com")
        self.assertTrue(lead.date_conversion)
        self.assertIn(self.ann.partner_id, lead.message_partner_ids)

    def test_the_rule_schedules_an_activity_and_leaves_a_note(self):
        self.rule.write(
            {
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "activity_summary": "First call",
                "activity_days": 1,
                "message": "Please call within the hour.",
            }
        )
        lead = self._create_leads(1)
        self._assign(lead)
        self.assertEqual(lead.activity_ids.summary, "First call")
        self.assertEqual(lead.activity_ids.user_id, self.ann)
        self.assertIn("Please call within the hour.", lead.message_ids[0].body)

    def test_one_message_per_person_however_many_leads(self):
        self._assign(self._create_leads(6))
        self._assign(self._create_leads(9)[6:])
        with self.enter_registry_test_mode():
            self.env.ref("lead_scoring.ir_cron_lead_notice").method_direct_trigger()
        messages = self.env["mail.message"].search(
            [("partner_ids", "in", self.ann.partner_id.ids), ("subject", "like", "attention")]
        )
        self.assertEqual(len(messages), 1)
        self.assertIn("Lead 0", messages.body)
        self.assertIn("Lead 6", messages.body)

    def test_a_lead_given_by_hand_uses_up_a_turn(self):
        self._assign(self._create_leads(3))
        by_hand = self._create_leads(2)
        by_hand.with_user(self.mona).write({"user_id": self.ann.id})
        leads = self._create_leads(4)
        self._assign(leads)
        self.assertEqual(Counter(self._owners(leads)), {self.bob: 2, self.cai: 2})
        self.assertEqual(self._decision(by_hand[0]).reason, "manual")
        self._assign(self._create_leads(1))
        decisions = self.env["lead.assignment.decision"].search([("lead_id", "in", by_hand.ids)])
        self.assertEqual(len(decisions), 2, "counted once")

    def test_leads_people_create_for_themselves_do_not_count(self):
        own = self.env["crm.lead"].with_user(self.ann).create({"name": "Own"})
        leads = self._create_leads(3)
        self._assign(leads)
        self.assertEqual(self._owners(leads), [*self.people])
        self.assertFalse(own.assignment_decision_ids)

    def test_the_ledger_replays_to_the_same_people(self):
        self._seat(self.bob).weight = 3
        self._assign(self._create_leads(20))
        self.pool.method = "least_loaded"
        self._assign(self._create_leads(5))
        decisions = self.env["lead.assignment.decision"].search(
            [("pool_id", "=", self.pool.id)], order="id"
        )
        self.assertEqual(len(decisions), 25)
        self.assertFalse(decisions._replay())
        forged = decisions[3]
        self.env.cr.execute(
            "UPDATE lead_assignment_decision SET turn_user_id = %s WHERE id = %s",
            [(self.people - forged.turn_user_id)[0].id, forged.id],
        )
        forged.invalidate_recordset()
        self.assertEqual(list(decisions._replay()), [forged])

    def test_pointers_follow_on_from_decision_to_decision(self):
        self._assign(self._create_leads(7))
        decisions = self.env["lead.assignment.decision"].search(
            [("pool_id", "=", self.pool.id)], order="id"
        )
        for earlier, later in zip(decisions, decisions[1:], strict=False):
            after = {row[0]: row[3] for row in earlier.eligible}
            before = {row[0]: row[2] for row in later.eligible}
            self.assertEqual(after, before)

    def test_why_me_names_everybody_and_the_reason(self):
        self._seat(self.bob).optout = True
        lead = self._create_leads(1)
        self._assign(lead)
        explanation = lead.with_user(self.ann).assignment_explanation
        for text in ("Ann", "Bob", "Paused", "Next in turn"):
            self.assertIn(text, explanation)

    def test_queries_do_not_grow_with_the_leads(self):
        """Deciding and recording: the same statements for 10 leads and for 300."""
        engine = self.env["lead.assignment.engine"]

        def decide(leads):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            facts = engine._lock_leads(leads)
            verdicts = engine._decide(facts, {})
            engine._record(facts, verdicts, "button")
            return self.env.cr.sql_log_count - before

        few, many = self._create_leads(10), self._create_leads(300)
        decide(few)
        self.assertEqual(decide(few), decide(many))

    def test_a_broken_condition_is_refused_with_the_name_of_the_rule(self):
        with self.assertRaisesRegex(ValidationError, "Rule of Inside sales"):
            self.rule.domain = "[('no_such_field', '=', 1)]"

    def test_a_condition_may_use_all_that_is_known_about_a_lead(self):
        """Place, language, interest by tag or property, company size, origin, grade, revenue."""
        self.team.lead_properties_definition = [
            {"name": "employees", "string": "Employees", "type": "integer"},
            {"name": "interest", "string": "Interest", "type": "char"},
        ]
        tag = self.env["crm.tag"].create({"name": "Robotics"})
        source = self.env["utm.source"].create({"name": "Fair in Hanover"})
        campaign = self.env["utm.campaign"].create({"title": "Robots"})
        state = self.env["res.country.state"].search([], limit=1)
        lead, other = self._create_leads(2, score_grade="C3")
        lead.write(
            {
                "country_id": state.country_id.id,
                "state_id": state.id,
                "lang_id": self.env.ref("base.lang_en").id,
                "tag_ids": [(6, 0, tag.ids)],
                "source_id": source.id,
                "campaign_id": campaign.id,
                "expected_revenue": 5000,
                "score_grade": "A1",
                "lead_properties": {"employees": 250, "interest": "arms"},
            }
        )
        for condition in (
            ("country_id", "=", state.country_id.id),
            ("state_id", "=", state.id),
            ("lang_id.code", "=", "en_US"),
            ("tag_ids", "in", tag.ids),
            ("lead_properties.interest", "=", "arms"),
            ("lead_properties.employees", ">=", 200),
            ("source_id", "=", source.id),
            ("campaign_id.title", "ilike", "robots"),
            ("score_grade", "=", "A1"),
            ("expected_revenue", ">", 1000),
        ):
            with self.subTest(condition[0]):
                self.rule.domain = repr([condition])
                matches = self.env["lead.assignment.engine"]._match_rules(
                    (lead | other).ids, self.rule
                )
                self.assertEqual(list(matches), lead.ids)

    def test_rules_of_another_company_do_not_apply(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.rule.company_id = self.env.company
        lead = self._create_leads(1, team_id=False)
        self.env.cr.execute(
            "UPDATE crm_lead SET company_id = %s WHERE id = %s", [other.id, lead.id]
        )
        lead.invalidate_recordset()
        self.env["lead.assignment.engine"]._assign(lead, "cron")
        self.assertFalse(lead.user_id)
        self.assertEqual(lead.assignment_reason, "no_rule")

    def test_people_without_access_to_the_company_are_excluded(self):
        other = self.env["res.company"].create({"name": "Other"})
        lead = self._create_leads(1, team_id=False)
        self.env.cr.execute(
            "UPDATE crm_lead SET company_id = %s WHERE id = %s", [other.id, lead.id]
        )
        lead.invalidate_recordset()
        self.env["lead.assignment.engine"]._assign(lead, "cron")
        self.assertEqual(lead.assignment_reason, "nobody_matches")
        self.assertEqual(set(self._decision(lead).excluded.values()), {"company"})

    def test_salespeople_cannot_assign(self):
        with self.assertRaises(AccessError):
            self._create_leads(1).with_user(self.ann).action_assign_by_rules()
