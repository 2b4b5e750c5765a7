from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError

from .common import NOON, RoiCommon

TODAY = NOON.date() + timedelta(days=40)  # 10 April: March is over


class TestMarketingAlert(RoiCommon):
    """In March campaign A cost 100 and brought 50, B cost 10; in February A cost 20."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rule = cls.env["marketing.alert.rule"]
        cls.campaign_a.user_id = cls.marketer

    def setUp(self):
        super().setUp()
        self._create_bill(100.0, {self.campaign_a: 100}, days=1)
        self._create_bill(10.0, {self.campaign_b: 100}, days=1)
        self._create_bill(20.0, {self.campaign_a: 100}, days=-10)
        self._create_touch(-1)
        self._invoice(self._create_order(50.0), days=1)
        self.Run._run()
        day = patch("odoo.fields.Date.context_today", return_value=TODAY)
        self.addCleanup(day.stop)
        day.start()

    def _rule(self, user=None, **values):
        return self.Rule.with_user(user or self.manager).create(
            {
                "name": "Rule",
                "active": True,
                "company_id": self.company.id,
                "measure": "roi",
                "subject": "campaign",
                "unit": "month",
                "kind": "threshold",
                "direction": "below",
                "limit_value": 0,
                "user_ids": [(6, 0, self.marketer.ids)],
                **values,
            }
        )

    def _check(self, rules):
        # sudo: the job checks
        return rules.sudo()._run_checks()

    def assertAlerts(self, rule, expected):
        alerts = self._check(rule)
        self.assertEqual({alert.campaign_id: alert.figure for alert in alerts}, expected)
        return alerts

    def test_a_threshold(self):
        rule = self._rule()
        alerts = self.assertAlerts(rule, {self.campaign_a: "-50.0 %", self.campaign_b: "-100.0 %"})
        alert = alerts.filtered(lambda alert: alert.campaign_id == self.campaign_a)
        self.assertIn("03/01/2026 – 03/31/2026, below the limit of 0.0 %", alert.reason)
        rows = self.Report.search(alert._get_domain())
        self.assertEqual(sum(rows.mapped("cost_actual")), 100)

    def test_small_subjects_do_not_alarm(self):
        self.assertAlerts(self._rule(minimum_cost=50), {self.campaign_a: "-50.0 %"})

    def test_a_threshold_of_a_rate_is_typed_in_percent(self):
        self.assertAlerts(self._rule(limit_value=-60), {self.campaign_b: "-100.0 %"})

    def test_a_change_against_the_period_before(self):
        rule = self._rule(measure="cost_actual", kind="change", direction="above", limit_value=300)
        alert = self._check(rule)
        self.assertEqual((alert.campaign_id, alert.size), (self.campaign_a, 4.0))
        self.assertIn("+400.0 %", alert.reason)
        rule.sudo().limit_value = 500
        rule.sudo().cooldown_days = 0
        self.assertFalse(self._check(rule))

    def test_a_deviation_from_the_own_history(self):
        """Ten quiet weeks around 10, then one of 100."""
        for week in range(1, 11):
            self._create_bill(10.0 + week % 3, {self.campaign_b: 100}, days=33 - 7 * week)
        self._create_bill(100.0, {self.campaign_b: 100}, days=33)
        rule = self._rule(
            measure="cost_actual",
            unit="week",
            kind="deviation",
            direction="above",
            limit_value=3.5,
            history_count=10,
        )
        alert = self._check(rule)
        self.assertEqual(alert.campaign_id, self.campaign_b)
        self.assertGreater(alert.size, 3.5)
        self.assertIn("robust z-score", alert.reason)

    def test_without_history_there_is_no_deviation(self):
        rule = self._rule(measure="cost_actual", kind="deviation", direction="both", limit_value=1)
        self.assertFalse(self._check(rule))

    def test_what_was_told_rests(self):
        rule = self._rule(cooldown_days=14)
        first = self._check(rule)
        self.assertEqual(len(first), 2)
        self.assertFalse(self._check(rule))
        first.date = "2026-03-20"
        self.assertEqual(len(self._check(rule)), 2)

    def test_people_are_told_with_figure_reason_and_link(self):
        alert = self._check(self._rule(minimum_cost=50))
        message = (
            self.env["mail.message"]
            .sudo()
            .search([("partner_ids", "in", self.marketer.partner_id.ids)], limit=1)
        )
        for text in ("Campaign A", "-50.0 %", "below the limit", alert._get_link()):
            self.assertIn(text, message.body)

    def test_a_channel_and_an_activity(self):
        channel = self.env["discuss.channel"].create({"name": "Marketing"})
        self._check(self._rule(minimum_cost=50, channel_id=channel.id, has_activity=True))
        self.assertIn("Campaign A", channel.message_ids[:1].body)
        activity = self.campaign_a.activity_ids
        self.assertEqual((activity.user_id, activity.summary), (self.marketer, "Rule"))
        self.assertIn("-50.0 %", activity.note)

    def test_shipped_rules_are_off(self):
        # sudo: they are rules of the first company
        rules = self.Rule.sudo().with_context(active_test=False).search([])
        shipped = [
            rule
            for rule, name in rules.get_external_id().items()
            if name.startswith("roi_dashboard.")
        ]
        self.assertEqual(len(shipped), 5)
        self.assertFalse(any(rule.active for rule in rules.browse(shipped)))
        self.assertEqual(self.Rule.sudo().search([]) & rules.browse(shipped), self.Rule)

    def test_a_new_company_has_the_shipped_rules_off_and_telling_nobody(self):
        # sudo: the rules of the first company, as somebody there has set them up
        shipped = self.env.ref("roi_dashboard.marketing_alert_rule_roi").sudo()
        shipped.write({"active": True, "has_activity": True, "limit_value": -10})
        company = self.env["res.company"].create({"name": "Elsewhere"})
        # sudo: rules of a company nobody here works in
        rules = self.Rule.sudo().with_context(active_test=False)
        own = rules.search([("company_id", "=", company.id)])
        self.assertEqual(len(own), 5)
        self.assertFalse(any(own.mapped("active")) or any(own.mapped("has_activity")))
        self.assertFalse(own.user_ids or own.channel_id or own.campaign_ids)
        self.assertIn(shipped.name, own.mapped("name"))
        rules._create_examples(company)
        self.assertEqual(rules.search_count([("company_id", "=", company.id)]), 5)

    def test_queries_do_not_grow_with_rules_and_campaigns(self):
        """Judging alone; what fires is written and told, that costs by its number."""

        def judge(rules):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._check(rules)
            return self.env.cr.sql_log_count - before

        quiet = {"measure": "cost_actual", "direction": "above", "limit_value": 1e9}
        one = judge(self._rule(**quiet))
        campaigns = self.env["utm.campaign"].create(
            [{"title": f"More {number}", "company_id": self.company.id} for number in range(20)]
        )
        for campaign in campaigns:
            self._create_bill(1.0, {campaign: 100}, days=2)
        many = self.Rule.browse()
        for _number in range(10):
            many |= self._rule(**quiet)
        judge(many)
        self.assertLessEqual(judge(many), one + 2)

    def test_margins_are_for_finance(self):
        with self.assertRaises(AccessError):
            self._rule(measure="revenue_margin", user_ids=[(6, 0, self.finance.ids)])
        # The user who prepares the world is a manager and in finance.
        with self.assertRaises(ValidationError):
            self._rule(self.env.user, measure="revenue_margin")
        rule = self._rule(
            self.env.user,
            measure="revenue_margin",
            direction="below",
            limit_value=1e6,
            user_ids=[(6, 0, self.finance.ids)],
        )
        alerts = self._check(rule)
        self.assertTrue(alerts)
        self.assertTrue(alerts.with_user(self.finance).mapped("reason"))
        with self.assertRaises(AccessError):
            alerts.with_user(self.marketer).mapped("reason")
        channel = self.env["discuss.channel"].create({"name": "Marketing"})
        with self.assertRaises(ValidationError):
            rule.sudo().channel_id = channel

    def test_who_lost_the_role_is_not_told(self):
        rule = self._rule()
        # sudo: the administrator takes the role
        self.marketer.sudo().group_ids -= self.env.ref("marketing_campaign_ext.group_campaign_user")
        self.assertFalse(rule._get_readers(rule.user_ids))

    def test_other_companies_are_not_judged(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        # sudo: a rule of another company
        rule = (
            self._rule().sudo().copy({"company_id": other.id, "user_ids": [(5,)], "active": True})
        )
        self.assertFalse(self._check(rule))

    def test_managers_write_rules_and_nobody_writes_alerts(self):
        for user in (self.marketer, self.finance):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.Rule.with_user(user).create({"name": "Mine", "measure": "roi"})
        alerts = self._check(self._rule())
        with self.assertRaises(AccessError):
            alerts.with_user(self.manager).write({"value": 1})
        salesman = self._create_salesman()
        for records in (alerts, alerts.rule_id):
            with self.assertRaises(AccessError):
                records.with_user(salesman).read(["name"])

    def _create_salesman(self):
        return self.env["res.users"].create(
            {
                "name": "Salesman",
                "login": "alert_salesman",
                "group_ids": [(6, 0, self.env.ref("sales_team.group_sale_salesman").ids)],
            }
        )
