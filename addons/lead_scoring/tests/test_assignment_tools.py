from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_assignment import AssignmentCommon


@tagged("post_install", "-at_install")
class TestRuleTest(AssignmentCommon):
    """Trying rules out changes nothing and says why."""

    def _facts(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT (SELECT array_agg(credit ORDER BY id) FROM lead_assignment_pool_member),"
            " (SELECT count(*) FROM lead_assignment_decision),"
            " (SELECT count(*) FROM crm_lead WHERE user_id IS NOT NULL)"
        )
        return self.env.cr.fetchone()

    def _result(self, test, lead):
        line = test.line_ids.filtered(lambda line: line.lead_id == lead)
        return line.reason, line.user_id

    def test_each_waiting_lead_says_why(self):
        big = self._create_pool("Big", self.zoe)
        self._create_rule(big, "[('expected_revenue', '>', 900)]", sequence=1)
        self.rule.write({"domain": "[('expected_revenue', '>', 100)]", "max_age_days": 7})
        taken = self._create_leads(1, expected_revenue=500)
        earlier = self._create_leads(1, expected_revenue=1000)
        unmet = self._create_leads(1, expected_revenue=10)
        old = self._create_leads(1, expected_revenue=500)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s WHERE id = %s",
            [self.env.cr.now() - timedelta(days=30), old.id],
        )
        before = self._facts()
        action = self.rule.with_user(self.mona).action_test()
        test = self.env["lead.assignment.simulation"].browse(action["res_id"])
        self.assertEqual(self._result(test, taken), ("next_in_turn", self.ann))
        self.assertEqual(self._result(test, earlier)[0], "earlier_rule")
        self.assertEqual(self._result(test, unmet)[0], "not_met")
        self.assertEqual(self._result(test, old)[0], "too_old")
        self.assertEqual(self._facts(), before)

    def test_when_no_lead_waits_the_newest_show_what_the_rule_does(self):
        leads = self._create_leads(3, user_id=self.zoe.id)
        before = self._facts()
        test = self.env["lead.assignment.simulation"].browse(
            self.rule.with_user(self.mona).action_test()["res_id"]
        )
        self.assertTrue(test.is_on_newest)
        lines = test.line_ids.filtered(lambda line: line.lead_id in leads)
        self.assertEqual(len(lines), 3)
        self.assertEqual(lines.user_id, self.people)
        self.assertEqual(self._facts(), before)

    def test_a_lead_of_another_company_says_so(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.mona.company_ids |= other
        self.rule.company_id = self.env.company
        lead = self._create_leads(1, team_id=False)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET company_id = %s WHERE id = %s", [other.id, lead.id]
        )
        lead.invalidate_recordset()
        rule = self.rule.with_user(self.mona).with_context(
            allowed_company_ids=[self.env.company.id, other.id]
        )
        test = self.env["lead.assignment.simulation"].browse(rule.action_test()["res_id"])
        self.assertEqual(self._result(test, lead)[0], "other_company")

    def test_salespeople_cannot_simulate(self):
        with self.assertRaises(AccessError):
            self.env["lead.assignment.simulation"].with_user(self.ann).create({})

    def test_the_period_ends_on_the_day_of_whoever_asks(self):
        """In Shanghai a new day has begun while it is still the old one in UTC."""
        self._at(datetime(2026, 12, 31, 17))
        self.mona.tz = "Asia/Shanghai"
        simulation = self.env["lead.assignment.simulation"].with_user(self.mona).create({})
        self.assertEqual(simulation.date_to, date(2027, 1, 1))
        self.assertEqual(simulation.date_from, date(2026, 12, 2))


@tagged("post_install", "-at_install")
class TestReplay(AssignmentCommon):
    """A manager has the ledger decide again."""

    def _replay(self, decisions):
        return decisions.with_user(self.mona).action_replay()["params"]

    def test_the_same_people_come_out(self):
        by_hand, *_rest = leads = self._create_leads(5)
        by_hand.with_user(self.mona).user_id = self.bob
        self._assign(leads)
        answer = self._replay(leads.assignment_decision_ids)
        self.assertEqual(answer["type"], "success")
        self.assertIn("4 decisions", answer["message"])

    def test_a_row_that_was_tampered_with_is_named(self):
        leads = self._create_leads(5)
        self._assign(leads)
        forged = self._decision(leads[2])
        self.env.cr.execute(
            "UPDATE lead_assignment_decision SET turn_user_id = %s WHERE id = %s",
            [(self.people - forged.turn_user_id)[0].id, forged.id],
        )
        forged.invalidate_recordset()
        answer = self._replay(leads.assignment_decision_ids)
        self.assertEqual(answer["type"], "danger")
        self.assertIn("1 of 5", answer["message"])
        self.assertIn(leads[2].name, answer["message"])

    def test_decisions_of_people_are_theirs(self):
        self.rule.pool_id.method = "claim"
        lead = self._create_leads(1)
        self._assign(lead)
        self.assertEqual(self._replay(self._decision(lead))["type"], "info")


@tagged("post_install", "-at_install")
class TestAssignmentReports(AssignmentCommon):
    def _read(self, model, user, *measures, domain=()):
        records = self.env[model].with_user(self.mona)
        self.env.flush_all()
        ((*values,),) = records._read_group([("user_id", "=", user.id), *domain], [], measures)
        return values

    def test_given_against_due_in_leads_and_revenue(self):
        pool = self._create_pool("Weighted", self.people, [2, 1, 1])
        self.rule.pool_id = pool
        self._assign(self._create_leads(8, expected_revenue=100))
        domain = [("pool_id", "=", pool.id)]
        measures = ("given:sum", "due:sum", "given_revenue:sum", "due_revenue:sum")
        self.assertEqual(
            self._read("lead.assignment.report", self.ann, *measures, domain=domain),
            [4.0, 4.0, 400.0, 400.0],
        )

    def test_who_is_away_is_due_nothing_and_the_report_says_why(self):
        self._seat(self.ann).optout = True
        self._assign(self._create_leads(2))
        domain = [("pool_id", "=", self.pool.id)]
        self.assertEqual(
            self._read("lead.assignment.report", self.ann, "due:sum", "__count", domain=domain),
            [0.0, 2],
        )
        self.assertEqual(
            self.env["lead.assignment.report"]
            .search([*domain, ("user_id", "=", self.ann.id)])
            .mapped("reason"),
            ["opted_out", "opted_out"],
        )

    def test_percentiles_are_of_the_group_not_of_its_parts(self):
        policy = self.env["lead.followup.policy"].create({"name": "P"})
        hours = {self.ann: [1, 2, 9], self.bob: [3]}
        for user, values in hours.items():
            for lead, value in zip(self._create_leads(len(values)), values, strict=True):
                self.env["lead.followup.clock"].create(
                    {
                        "lead_id": lead.id,
                        "user_id": user.id,
                        "policy_id": policy.id,
                        "date_start": self.env.cr.now(),
                        "response_hours": value,
                        "is_breached": value > 4,
                        "state": "answered",
                    }
                )
        domain = [("policy_id", "=", policy.id)]
        measures = ("response_median:avg", "breaches:sum", "answered:sum")
        self.assertEqual(
            self._read("lead.response.report", self.ann, *measures, domain=domain), [2.0, 1, 3]
        )
        report = self.env["lead.response.report"].with_user(self.mona)
        ((median, late),) = report._read_group(
            domain, [], ["response_median:avg", "response_p95:avg"]
        )
        self.assertEqual(median, 2.5)
        self.assertAlmostEqual(late, 8.1, 6)

    def test_reports_are_for_those_who_see_all_leads(self):
        for model in ("lead.assignment.report", "lead.response.report"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.ann).search([])
