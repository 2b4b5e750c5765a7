from datetime import date, datetime, timedelta

from odoo.tests import tagged

from .common_assignment import AssignmentCommon

MONDAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestSimulation(AssignmentCommon):
    """A week in March, seen from a fortnight later. Office hours 8 to 12 and 13 to 17 UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls._create_calendar((8, 12), (13, 17))
        cls.env["lead.followup.policy"].search([]).active = False
        cls.rule.active = False  # a draft
        cls.env["resource.resource"].search([("user_id", "in", cls.people.ids)]).unlink()

    def setUp(self):
        super().setUp()
        self._at(datetime(2026, 3, 20, 12))

    def _come_in(self, *dates, **values):
        leads = self._create_leads(len(dates), **values)
        for lead, moment in zip(leads, dates, strict=True):
            self._date(lead, create_date=moment)
        return leads

    def _simulate(self, leads, days=5):
        facts = self._facts()
        simulation = (
            self.env["lead.assignment.simulation"]
            .with_user(self.mona)
            .create(
                {
                    "date_from": MONDAY,
                    "date_to": MONDAY + timedelta(days=days - 1),
                    "rule_ids": [(6, 0, self.rule.ids)],
                }
            )
        )
        simulation.action_run()
        self.assertEqual(self._facts(), facts, "it changes nothing")
        lines = {line.lead_id: line for line in simulation.line_ids}
        return [lines[lead] for lead in leads]

    def _facts(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT (SELECT ARRAY_AGG((credit, rotation::text) ORDER BY id)"
            "          FROM lead_assignment_pool_member),"
            " (SELECT ARRAY_AGG(rotation::text ORDER BY id) FROM lead_assignment_pool),"
            " (SELECT COUNT(*) FROM lead_assignment_decision),"
            " (SELECT COUNT(*) FROM lead_followup_notice),"
            " (SELECT COUNT(*) FROM mail_message),"
            " (SELECT ARRAY_AGG((user_id, write_date) ORDER BY id) FROM crm_lead)"
        )
        return self.env.cr.fetchone()

    def _names(self, lines):
        return [line.user_id.name for line in lines]

    def _day(self, number, hour=9, minute=0):
        return datetime(2026, 3, 2 + number, hour, minute)

    def test_leads_of_the_past_count_as_they_came_in_whatever_became_of_them(self):
        leads = self._come_in(*[self._day(0, 9, minute) for minute in range(6)])
        leads[0].user_id = self.zoe
        leads[5].action_set_lost()
        self.assertEqual(self._names(self._simulate(leads)), ["Ann", "Bob", "Cai"] * 2)

    def test_who_is_off_work_receives_nothing_and_leads_wait_for_the_morning(self):
        self.pool.write({"use_working_hours": True, "resource_calendar_id": self.office.id})
        noon, friday_night = self._day(0, 12, 30), self._day(4, 22)
        leads = self._come_in(self._day(0), noon, friday_night)
        lines = self._simulate(leads)
        self.assertEqual(
            [line.date_given for line in lines],
            [self._day(0), self._day(0, 13), self._day(7, 8)],
        )
        self.assertEqual([line.wait_hours for line in lines], [0, 0, 0], "nobody was at work")

    def test_absences_of_those_days_count_and_substitutes_stand_in(self):
        self.env["lead.assignment.absence"].create(
            [
                {"user_id": self.ann.id, "date_from": self._day(0, 0), "date_to": self._day(1, 0)},
                {
                    "user_id": self.bob.id,
                    "date_from": self._day(0, 0),
                    "date_to": self._day(1, 0),
                    "substitute_id": self.zoe.id,
                },
            ]
        )
        leads = self._come_in(*[self._day(0, 9, m) for m in range(2)], self._day(1))
        lines = self._simulate(leads)
        self.assertEqual(self._names(lines), ["Zoe", "Cai", "Ann"])
        self.assertEqual(lines[0].reason, "substitute")

    def test_time_off_of_those_days_counts(self):
        resource = self.env["resource.resource"].create(
            {"name": "Ann", "user_id": self.ann.id, "tz": "UTC"}
        )
        self.env["resource.calendar.leaves"].create(
            {
                "resource_id": resource.id,
                "date_from": self._day(0, 0),
                "date_to": self._day(1, 0),
            }
        )
        leads = self._come_in(self._day(0), self._day(0, 10), self._day(1))
        self.assertEqual(self._names(self._simulate(leads)), ["Bob", "Cai", "Ann"])

    def test_a_substitute_who_is_away_as_well_takes_nothing(self):
        for user, substitute in ((self.ann, self.zoe), (self.zoe, False)):
            self.env["lead.assignment.absence"].create(
                {
                    "user_id": user.id,
                    "date_from": self._day(0, 0),
                    "date_to": self._day(1, 0),
                    "substitute_id": substitute and substitute.id,
                }
            )
        leads = self._come_in(self._day(0), self._day(0, 10))
        self.assertEqual(self._names(self._simulate(leads)), ["Bob", "Cai"])

    def test_limits_renew_at_midnight_and_a_deadline_missed_by_waiting_is_at_risk(self):
        self.pool.write({"use_working_hours": True, "resource_calendar_id": self.office.id})
        self.pool.member_ids.capacity_day = 1
        self.env["lead.followup.policy"].create(
            {"name": "P", "response_hours": 4, "domain": f"[('team_id', '=', {self.team.id})]"}
        )
        leads = self._come_in(*[self._day(0, 10, minute) for minute in range(5)])
        lines = self._simulate(leads)
        self.assertEqual([line.date_given.day for line in lines], [2, 2, 2, 3, 3])
        self.assertAlmostEqual(lines[3].wait_hours, 6 - 3 / 60, 2, "10:03 to 17:00, lunch aside")
        self.assertEqual([line.is_at_risk for line in lines], [False] * 3 + [True] * 2)

    def test_the_deadline_of_the_rule_goes_before_that_of_the_policy(self):
        self.test_limits_renew_at_midnight_and_a_deadline_missed_by_waiting_is_at_risk()
        self.rule.response_hours = 8
        leads = self.env["crm.lead"].search([("team_id", "=", self.team.id)], order="create_date")
        self.assertFalse(any(line.is_at_risk for line in self._simulate(leads)))

    def test_what_was_received_before_the_period_counts_towards_the_month(self):
        before = self._create_leads(2, user_id=self.ann.id)
        self._date(before, create_date=datetime(2026, 3, 1, 9), date_open=datetime(2026, 3, 1, 9))
        self.pool.member_ids.filtered(lambda seat: seat.user_id != self.ann).unlink()
        self.pool.member_ids.capacity_month = 3
        leads = self._come_in(*[self._day(0, 9, minute) for minute in range(3)])
        lines = self._simulate(leads)
        self.assertEqual(self._names(lines), ["Ann", False, False])
        self.assertEqual(lines[1].reason, "nobody_with_capacity")
        self.assertIn("Monthly limit reached: 1", lines[1].excluded)

    def test_open_leads_are_held_until_they_were_closed(self):
        self.pool.member_ids.filtered(lambda seat: seat.user_id != self.ann).unlink()
        self.pool.member_ids.backlog_max = 1
        leads = self._come_in(self._day(0), self._day(1), self._day(3))
        leads[0].action_set_lost()
        self._date(leads[0], date_closed=self._day(2))
        lines = self._simulate(leads)
        self.assertEqual([line.date_given for line in lines], [self._day(0), self._day(2), False])

    def test_leads_nobody_takes_say_why_and_are_at_risk_where_there_is_a_deadline(self):
        self.rule.match_country = True
        self.rule.response_hours = 2
        (line,) = self._simulate(self._come_in(self._day(0)))
        self.assertEqual(line.reason, "nobody_matches")
        self.assertIn("Other country: 3", line.excluded)
        self.assertTrue(line.is_at_risk)

    def test_a_thousand_waiting_leads_take_no_statement_each(self):
        self.pool.member_ids.capacity_day = 1
        few = self._come_in(*[self._day(0, 9)] * 5)
        simulator = self.env["lead.assignment.simulator"]

        def count(leads):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            simulator._replay_period(leads, self.rule, self._day(0, 0), self._day(5, 0))
            return self.env.cr.sql_log_count - before

        many = few | self._come_in(*[self._day(0, 10)] * 100)
        count(few)
        self.assertEqual(count(few), count(many))
