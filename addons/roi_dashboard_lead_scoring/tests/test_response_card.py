from datetime import date, datetime

from odoo.tests import TransactionCase, tagged

from odoo.addons.mail.tests.common import mail_new_test_user
from odoo.addons.roi_dashboard.tools import goals, periods

PERIOD = {"date_from": "2026-03-01", "date_to": "2026-03-31", "compare": "previous_period"}


@tagged("post_install", "-at_install")
class TestResponseCard(TransactionCase):
    """Six leads of one campaign with their clocks, in March unless a test says otherwise.

    Promised are 4 hours by the policy, 10 for leads of the patient rule.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Quick Answers"})
        cls.campaign = cls.env["utm.campaign"].create(
            {"title": "Answered", "company_id": cls.company.id}
        )
        cls.policy = cls.env["lead.followup.policy"].create(
            {"name": "Soon", "company_id": cls.company.id, "response_hours": 4.0}
        )
        cls.rule = cls.env["lead.assignment.rule"].create(
            {
                "name": "Patient",
                "response_hours": 10.0,
                "pool_id": cls.env["lead.assignment.pool"].create({"name": "Pool"}).id,
            }
        )
        cls.finance = mail_new_test_user(
            cls.env,
            login="roi_response_finance",
            groups="base.group_user,marketing_campaign_ext.group_campaign_finance",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def _receive(self, day, hours, state="answered", **values):
        lead = self.env["crm.lead"].create(
            {
                "name": "Lead",
                "campaign_id": self.campaign.id,
                "company_id": self.company.id,
                "user_id": False,
            }
        )
        if values.pop("is_patient", False):
            lead.assignment_rule_id = self.rule
        clock = {
            "lead_id": lead.id,
            "user_id": self.env.uid,
            "policy_id": self.policy.id,
            "company_id": self.company.id,
            "date_start": datetime(2026, *day, 9),
            "response_hours": hours,
            "is_breached": hours > 4.0,
            "state": state,
        }
        return self.env["lead.followup.clock"].create(clock | values)

    def _card(self, key="response", **options):
        self.env.flush_all()
        self.env.registry.clear_cache()
        dashboard = self.env["marketing.dashboard"].with_user(self.finance)
        cards = dashboard.with_company(self.company).get_kpis([], PERIOD | options)["cards"]
        return next((card for card in cards if card["key"] == key), None)

    def test_no_clock_no_card(self):
        self.assertIsNone(self._card())

    def test_medians_of_the_period_of_the_one_before_and_on_the_way(self):
        for day, hours in (((3, 2), 1.0), ((3, 2), 3.0), ((3, 31), 8.0), ((2, 10), 6.0)):
            self._receive(day, hours)
        self._receive((4, 1), 100.0)
        card = self._card()
        self.assertEqual((card["value"], card["before"]), (3.0, 6.0))
        self.assertAlmostEqual(card["change"], -0.5)
        _size, parts = self.env["marketing.dashboard"]._get_buckets(
            periods.Span(date(2026, 3, 1), date(2026, 3, 31))
        )
        self.assertEqual(len(card["spark"]), len(parts))
        known = [value for value in card["spark"] if value is not None]
        self.assertEqual(known, [2.0, 8.0], "a median of each part, not a part of the median")
        self.assertIsNone(self._card(compare="none")["before"])

    def test_the_promise_and_how_many_were_answered_by_then(self):
        self._receive((3, 2), 1.0)
        self._receive((3, 3), 2.0)
        self._receive((3, 4), 9.0, is_patient=True, is_breached=False)
        self._receive((3, 5), 0.0, state="escalated", is_breached=True)
        self._receive((3, 6), 0.0, state="running", is_breached=False)
        target = self._card()["target"]
        self.assertEqual(target["value"], 4.0, "the median of 4, 4, 10 and 4")
        self.assertEqual(target["rate"], 0.5, "2 hours of 4")
        self.assertEqual(target["detail"], "75 % in time")

    def test_nothing_promised_no_target(self):
        self.policy.response_hours = 0
        self._receive((3, 2), 1.0)
        self.assertIsNone(self._card()["target"])

    def test_one_statement_for_all_of_it(self):
        self._receive((3, 2), 1.0)
        self._receive((2, 2), 1.0)
        dashboard = self.env["marketing.dashboard"].with_user(self.finance)
        scope = dashboard.with_company(self.company)._get_scope([], PERIOD)
        reader = dashboard.with_company(self.company)
        reader._get_response_card(scope)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        reader._get_response_card(scope)
        self.assertEqual(self.env.cr.sql_log_count - before, 1)

    def test_the_clocks_of_other_companies_count_nowhere(self):
        other = self.env["res.company"].create({"name": "Slow Answers"})
        self._receive((3, 2), 99.0, company_id=other.id)
        self.assertIsNone(self._card())

    def test_an_mql_has_a_goal_where_budget_and_number_are_planned(self):
        card = next(
            kpi
            for kpi in self.env["marketing.dashboard"]._get_kpis()
            if kpi["key"] == "cost_per_mql"
        )
        plan = goals.Plan("1/", 1.0, {"mql": 20.0}, 500.0)
        self.assertEqual(card["goal"]([plan]).value, 25.0)
        self.assertIsNone(card["goal"]([goals.Plan("1/", 1.0, {"leads": 20.0}, 500.0)]))
