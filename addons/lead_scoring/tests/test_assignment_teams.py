import json
from collections import Counter

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_assignment import AssignmentCommon


@tagged("post_install", "-at_install")
class TestTeamsInPools(AssignmentCommon):
    """A pool of one person and two teams: Zoe, North (Ann and Bob) with weight 2, South (Cai)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north, cls.south = cls.env["crm.team"].create(
            [
                {
                    "name": name,
                    "use_leads": True,
                    "assignment_engine": "rules",
                    "member_ids": [(6, 0, people.ids)],
                }
                for name, people in (("North", cls.ann | cls.bob), ("South", cls.cai))
            ]
        )
        (cls.north | cls.south).crm_team_member_ids.assignment_max = 30
        cls.region = cls.env["lead.assignment.pool"].create(
            {
                "name": "Regions",
                "member_ids": [
                    (0, 0, {"user_id": cls.zoe.id, "sequence": 1}),
                    (0, 0, {"team_id": cls.north.id, "weight": 2, "sequence": 2}),
                    (0, 0, {"team_id": cls.south.id, "sequence": 3}),
                ],
            }
        )
        cls.rule.pool_id = cls.region

    def _given(self, leads):
        return Counter(leads.mapped(lambda lead: lead.user_id.name))

    def test_teams_share_by_weight_and_their_people_take_turns(self):
        leads = self._create_leads(8)
        self._assign(leads)
        self.assertEqual(self._given(leads), {"Zoe": 2, "Ann": 2, "Bob": 2, "Cai": 2})

    def test_one_lead_at_a_time_is_as_fair_as_a_batch(self):
        leads = self._create_leads(8)
        for lead in leads:
            self._assign(lead)
        self.assertEqual(self._given(leads), {"Zoe": 2, "Ann": 2, "Bob": 2, "Cai": 2})

    def test_the_lead_joins_the_team_whose_turn_it_was(self):
        leads = self._create_leads(4)
        self._assign(leads)
        for lead in leads:
            team = self._decision(lead).turn_team_id
            self.assertEqual(lead.team_id, team or self.team)
        self.assertEqual(leads.filtered(lambda lead: lead.team_id == self.south).user_id, self.cai)

    def test_a_paused_member_of_a_team_is_passed_over_and_the_team_keeps_its_part(self):
        self.north.crm_team_member_ids.filtered(
            lambda member: member.user_id == self.ann
        ).assignment_optout = True
        leads = self._create_leads(8)
        self._assign(leads)
        self.assertEqual(self._given(leads), {"Zoe": 2, "Bob": 4, "Cai": 2})

    def test_the_capacity_odoo_keeps_for_team_members_counts_to_the_lead(self):
        self.north.crm_team_member_ids.assignment_max = 3
        leads = self._create_leads(20)
        self._assign(leads)
        given = self._given(leads)
        self.assertEqual((given["Ann"], given["Bob"]), (3, 3))
        self.assertEqual(given["Zoe"] + given["Cai"], 14)
        self.assertEqual(
            self._decision(leads[-1]).excluded, {str(-self.north.id): "capacity_month"}
        )

    def test_limits_of_the_team_count_what_the_team_received(self):
        self._create_leads(1, team_id=self.north.id, user_id=self.ann.id)
        seat = self.region.member_ids.filtered(lambda member: member.team_id == self.north)
        seat.capacity_day = 3
        self.region.count_manual = False
        leads = self._create_leads(12)
        self._assign(leads)
        given = self._given(leads)
        self.assertEqual(given["Ann"] + given["Bob"], 2)

    def test_the_account_stays_with_its_owner_in_the_team(self):
        self.region.method = "sticky"
        partner = self.env["res.partner"].create({"name": "Acme", "user_id": self.bob.id})
        lead = self._create_leads(1, partner_id=partner.id)
        self._assign(lead)
        self.assertEqual(lead.user_id, self.bob)
        self.assertEqual(lead.assignment_reason, "account_owner")

    def test_a_lead_given_by_hand_uses_up_a_turn_of_the_team_and_of_the_person(self):
        by_hand = self._create_leads(1)
        by_hand.with_user(self.mona).write({"user_id": self.ann.id})
        leads = self._create_leads(3)
        self._assign(leads)
        self.assertEqual(self._given(leads), {"Zoe": 1, "Bob": 1, "Cai": 1})

    def test_the_ledger_replays_both_turns_and_explains_both(self):
        self.env["lead.assignment.engine"]._assign(self._create_leads(10), "cron")
        decisions = self.env["lead.assignment.decision"].search([("pool_id", "=", self.region.id)])
        self.assertEqual(len(decisions), 10)
        self.assertFalse(decisions._replay())
        for_team = decisions.filtered(lambda decision: decision.turn_team_id == self.north)[0]
        for text in ("Zoe", "North", "South", "In team North", "Ann", "Bob"):
            self.assertIn(text, for_team.explanation)
        choice = for_team.team_choice
        choice["eligible"][0][2] += 10**12  # a whole lead more due than it was
        self.env.cr.execute(
            "UPDATE lead_assignment_decision SET team_choice = %s WHERE id = %s",
            [json.dumps(choice), for_team.id],
        )
        for_team.invalidate_recordset()
        self.assertEqual(list(decisions._replay()), [for_team])

    def test_the_fairness_report_ties_out_by_team_and_by_person(self):
        self._assign(self._create_leads(9, expected_revenue=100))
        self.env.flush_all()
        Report = self.env["lead.assignment.report"].with_user(self.mona)
        domain = [("pool_id", "=", self.region.id)]
        ((given, due),) = Report._read_group(domain, [], ["given:sum", "due:sum"])
        self.assertAlmostEqual(given, 9)
        self.assertAlmostEqual(due, 9)
        by_team = {
            team: (given, due)
            for team, given, due in Report._read_group(
                domain, ["team_id"], ["given:sum", "due:sum"]
            )
        }
        self.assertAlmostEqual(by_team[self.north][1], 4.5)
        self.assertLess(abs(by_team[self.north][0] - 4.5), 1)
        rows = Report._read_group([*domain, ("user_id", "=", self.ann.id)], [], ["due:sum"])
        self.assertAlmostEqual(rows[0][0], by_team[self.north][0] / 2)

    def test_people_of_a_team_in_a_public_pool_may_claim(self):
        self.region.method = "claim"
        lead = self._create_leads(1)
        self._assign(lead)
        lead.with_user(self.bob).action_claim()
        self.assertEqual(lead.user_id, self.bob)

    def test_a_seat_is_a_person_or_a_team(self):
        for values in ({}, {"user_id": self.ann.id, "team_id": self.north.id}):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
                self.region.member_ids.create({"pool_id": self.region.id, **values})

    def test_pointers_inside_teams_are_for_sales_administrators_to_read(self):
        self._assign(self._create_leads(4))
        turns = self.env["lead.assignment.team.turn"]
        self.assertTrue(turns.with_user(self.mona).search([]))
        with self.assertRaises(AccessError):
            turns.with_user(self.ann).search([])
        with self.assertRaises(AccessError):
            turns.with_user(self.mona).search([], limit=1).credit = 9
