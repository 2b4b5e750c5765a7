from collections import Counter
from datetime import timedelta

from odoo.tests import tagged

from .common_assignment import AssignmentCommon


@tagged("post_install", "-at_install")
class TestBetterThanNative(AssignmentCommon):
    """What Odoo's own assignment was seen to do wrong, done right; a test for each.

    Speed, the last of them, is a matter of the bench (``tests/perf``); that the number of
    statements does not grow with the leads is tested in ``test_assignment_engine``.
    """

    def _given(self, leads):
        return Counter(leads.mapped(lambda lead: lead.user_id.name))

    def test_a_capacity_that_is_no_multiple_of_thirty_is_kept_to_the_lead(self):
        """Odoo rounds capacity / 30 to leads a day: 5, 10 and 14 a month become none at all,
        15 becomes 30, 20 becomes 30, 44 becomes 30, 45 becomes 60."""
        for capacity in (5, 10, 14, 15, 20, 44, 45):
            with self.subTest(capacity=capacity):
                user = self.zoe.copy({"login": f"capacity{capacity}", "name": f"C{capacity}"})
                pool = self._create_pool(f"Capacity {capacity}", user)
                pool.member_ids.capacity_month = capacity
                self._create_rule(pool, sequence=1)
                leads = self._create_leads(50)
                self._assign(leads)
                self.assertEqual(len(leads.filtered("user_id")), capacity)
                pool.rule_ids.active = False

    def test_one_lead_a_day_for_a_month_goes_to_three_people_in_equal_shares(self):
        """Odoo gives 30/0/0: it keeps no pointer, and sorts members by what they have left."""
        now = self.env.cr.now()
        leads = self.env["crm.lead"]
        for day in range(30):
            self._at((now + timedelta(days=day, hours=day / 30)).replace(microsecond=0))
            lead = self._create_leads(1)
            self.env["crm.team"].with_user(self.mona)._cron_assign_leads()
            leads |= lead
        self.assertEqual(self._given(leads), {"Ann": 10, "Bob": 10, "Cai": 10})

    def test_the_button_after_each_of_twelve_leads_gives_equal_shares(self):
        """Odoo gives 12/0/0: by hand it ignores what was given today."""
        leads = self.env["crm.lead"]
        for _click in range(12):
            leads |= self._create_leads(1)
            self.team.with_user(self.mona).action_assign_leads()
        self.assertEqual(self._given(leads), {"Ann": 4, "Bob": 4, "Cai": 4})

    def test_a_lead_two_members_prefer_is_given_once_and_no_other_lead_is_forgotten(self):
        """Odoo gives it to both (the last one wins, both quotas are spent), and an ordinary
        lead stays without owner."""
        self.pool.method = "territory"
        france = self.env.ref("base.fr")
        (self._seat(self.ann) | self._seat(self.bob)).country_ids = france
        self.pool.member_ids.capacity_day = 1
        preferred = self._create_leads(1, country_id=france.id)
        ordinary = self._create_leads(1)
        self._assign(preferred | ordinary)
        decisions = self.env["lead.assignment.decision"].search([("lead_id", "=", preferred.id)])
        self.assertEqual(len(decisions), 1)
        self.assertEqual(preferred.user_id, self.ann)
        self.assertEqual(ordinary.user_id, self.cai)

    def test_a_lead_older_than_a_week_is_given_by_the_scheduled_action(self):
        """Odoo never allocates it, silently."""
        lead = self._create_leads(1)
        self._date(lead, create_date=self.env.cr.now() - timedelta(days=8))
        self.env["crm.team"].with_user(self.mona)._cron_assign_leads()
        self.assertEqual(lead.user_id, self.ann)

    def test_leads_of_equal_probability_are_given_oldest_first(self):
        """Odoo sorts by the function ``id`` instead of the lead's: no order among equals."""
        leads = self._create_leads(6)
        leads.probability = 50
        self.assertEqual(len(set(leads.mapped("score"))), 1)
        for number, lead in enumerate(leads):
            self._date(lead, create_date=self.env.cr.now() - timedelta(hours=number))
        self._assign(leads.sorted("id"))
        oldest_first = leads.sorted("create_date")
        self.assertEqual(
            oldest_first.mapped(lambda lead: lead.user_id.name),
            ["Ann", "Bob", "Cai", "Ann", "Bob", "Cai"],
        )

    def test_somebody_who_left_receives_nothing(self):
        """Seen in another product: a round robin that gives leads to dismissed staff."""
        self.ann.active = False
        leads = self._create_leads(4)
        self._assign(leads)
        self.assertEqual(self._given(leads), {"Bob": 2, "Cai": 2})

    def test_people_are_told_of_what_the_scheduled_action_gave_them(self):
        """Odoo's job assigns and says nothing."""
        leads = self._create_leads(3)
        self.env["crm.team"].with_user(self.mona)._cron_assign_leads()
        notices = self.env["lead.followup.notice"].search([("lead_id", "in", leads.ids)])
        self.assertEqual(notices.user_id, self.people)
        self.assertEqual(set(notices.mapped("kind")), {"assigned"})
