from datetime import datetime, timedelta

from odoo.tests import tagged

from .test_followup import MONDAY, FollowupCommon


@tagged("post_install", "-at_install")
class TestDeadlineOfTheRule(FollowupCommon):
    """A rule may set the time to answer for its leads, with or without a policy."""

    def setUp(self):
        super().setUp()
        self._date(self.pool, create_date=MONDAY - timedelta(days=60))
        self.rule.response_hours = 2

    def _given(self):
        lead = self._create_leads(1)
        self._assign(lead)
        self._date(lead, date_open=MONDAY)
        self.engine._run_clocks()
        return lead

    def test_the_clock_runs_without_any_policy_and_the_leader_is_told(self):
        self.team.user_id = self.mona
        lead = self._given()
        self.assertEqual(lead.date_response_due, MONDAY + timedelta(hours=2))
        self._at(MONDAY + timedelta(hours=3))
        self.engine._run_clocks()
        clock = self._clock(lead)
        self.assertEqual((clock.state, clock.is_breached), ("escalated", True))
        self.assertEqual(lead.user_id, self.ann, "without a policy it is not passed on")
        self.assertEqual(self._notices("escalated", lead).user_id, self.mona)

    def test_it_goes_before_the_time_of_the_policy(self):
        self._create_policy(response_hours=8, reminder_hours=1)
        lead = self._given()
        self.assertEqual(self._clock(lead).date_due, MONDAY + timedelta(hours=2))
        self.assertEqual(self._clock(lead).date_remind, MONDAY + timedelta(hours=1))

    def test_the_policy_holds_where_the_rule_says_nothing(self):
        self.rule.response_hours = 0
        self._create_policy(response_hours=3)
        self.assertEqual(self._clock(self._given()).date_due, datetime(2026, 3, 16, 12))

    def test_leads_of_long_ago_are_not_late_when_a_time_is_set(self):
        self.rule.response_hours = 0
        lead = self._create_leads(1)
        self._assign(lead)
        self._date(lead, date_open=MONDAY - timedelta(days=30))
        self.rule.response_hours = 2
        self.assertEqual(self.rule.response_since, MONDAY)
        self.engine._run_clocks()
        self.assertEqual(self._clock(lead).date_due, MONDAY + timedelta(hours=2))

    def test_an_answer_stops_it(self):
        lead = self._given()
        self._send_mail(lead, self.ann, MONDAY + timedelta(hours=1))
        self._at(MONDAY + timedelta(hours=3))
        self.engine._run_clocks()
        self.assertEqual(self._clock(lead).state, "answered")
