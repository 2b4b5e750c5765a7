from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .score_common import NOW, PublishedRulesCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestScoreWhy(PublishedRulesCommon):
    """Reasons and history, and who may see them."""

    def test_history_tells_what_changed_since_monday(self):
        self._publish(
            ("fit", self.website),
            ("engagement", self._event_rule(points=20, decay_kind="half_life", decay_days=2)),
        )
        lead = self._create_lead(website="https://example.com")
        with freeze_time(NOW - timedelta(days=8)):
            self._touch(lead=lead, days=8)
            self._score(lead)
        with freeze_time(NOW - timedelta(days=4)):
            self._score(lead)
        self.assertScore(lead, 35)
        lead.website = False
        self._touch("mail_click", lead=lead, name="Newsletter", days=0)
        self._score(lead)
        summary = lead.get_score_summary()
        self.assertEqual(sum(c["points"] for c in summary["changes"]), lead.score - 35)
        texts = {change["points"]: change["text"] for change in summary["changes"]}
        self.assertIn("no longer: fit 0", texts[-30])
        self.assertIn("Newsletter", texts[16])

    def test_rows_of_earlier_versions_are_read_as_those_of_this_one(self):
        """They said of a new line all that can be said of a line."""
        self._publish(("fit", self.website), ("engagement", self._event_rule(points=20)))
        lead = self._create_lead(website="https://example.com")
        self._touch("mail_click", lead=lead, name="Newsletter", days=0)
        self._score(lead)
        row = self.env["lead.score.history"].search([("lead_id", "=", lead.id)])
        short = row.summary
        self.assertIn("+30 fit 0", short)
        nothing = dict.fromkeys(("group", "count", "count_before", "raw", "raw_before", "touch"))
        row.changes = [
            {"kind": "rule", "axis": "fit", "before": 0, **nothing, **change}
            for change in row.changes
        ]
        self.assertEqual(row.summary, short)

    def test_a_worker_scores_a_lead_once(self):
        """Not once for each reason there could be."""
        self._publish()
        lead = self._create_lead(website="https://example.com")
        queue = self.env["lead.score.queue"]
        while queue._process_batch(1000):
            pass

        def count(*reasons):
            for reason in reasons:
                queue._mark_leads(lead, reason)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            queue._process_batch(1000)
            return self.env.cr.sql_log_count - before

        count("facts")  # what is read once
        self.assertLess(count("facts"), 0.6 * count("facts", "time"))

    def test_the_summary_says_what_would_lift_the_lead(self):
        self._publish(fit_a_from=30, fit_b_from=20)
        lead = self._create_lead()
        self._score(lead)
        lifts = lead.get_score_summary()["lifts"]
        self.assertEqual(
            [(lift["target"], [rule["name"] for rule in lift["rules"]]) for lift in lifts],
            [
                ("20 more points for band B:", ["fit 0"]),
                ("10 more points for band 2:", ["engagement 0"]),
            ],
        )

    def test_the_explanation_prints_as_a_report(self):
        self._publish()
        lead = self._create_lead("Big deal", website="https://example.com", user_id=self.anna.id)
        self._score(lead)
        report = self.env["ir.actions.report"].with_user(self.anna)
        html, __ = report._render_qweb_html("lead_scoring.report_lead_score", lead.ids)
        for text in ("Big deal", "fit 0", "What would lift it"):
            self.assertIn(text, html.decode())

    def test_salespeople_see_the_explanation_of_their_own_leads_only(self):
        own = self._create_lead(website="https://example.com", user_id=self.anna.id)
        foreign = self._create_lead(website="https://example.com", user_id=self.bert.id)
        self._publish()
        own, foreign = own.with_user(self.anna), foreign.with_user(self.anna)
        self.assertScore(own, 30)
        self.assertEqual(own.get_score_summary()["score"], 30)
        for method in ("get_score_explanation", "get_score_summary"):
            with self.assertRaises(AccessError):
                getattr(foreign, method)()
        for name in ("lead.score.line", "lead.score.result", "lead.score.history"):
            visible = self.env[name].with_user(self.anna).search([])
            self.assertEqual(visible.lead_id, own, name)

    def test_salespeople_cannot_change_rules_scores_or_history(self):
        model = self._create_set(("fit", self.website))
        lead = self._create_lead(website="https://example.com", user_id=self.anna.id)
        self._publish()
        as_anna = model.with_user(self.anna)
        history = self.env["lead.score.history"].search([("lead_id", "=", lead.id)])
        line = self.env["lead.score.line"].search([("lead_id", "=", lead.id)])
        for change in (
            lambda: as_anna.write({"name": "Mine"}),
            lambda: as_anna.rule_ids.write({"points": 1000}),
            lambda: as_anna.action_publish(),
            lambda: history.with_user(self.anna).unlink(),
            lambda: line.with_user(self.anna).write({"points": 1000}),
            lambda: line.with_user(self.manager).write({"points": 1000}),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                change()

    def test_a_manager_of_another_company_sees_neither_rules_nor_results(self):
        company = self.env["res.company"].create({"name": "Other"})
        model = self._publish(company_id=self.env.company.id)
        lead = self._create_lead(website="https://x.example", company_id=self.env.company.id)
        self._score(lead)
        self.assertScore(lead, 30)
        outsider = self.manager.copy(
            {"login": "other", "company_id": company.id, "company_ids": [(6, 0, company.ids)]}
        )
        for record in (
            model,
            model.rule_ids,
            model.group_ids,
            model.run_ids,
            self.env["lead.score.line"].search([("lead_id", "=", lead.id)]),
            self.env["lead.score.history"].search([("lead_id", "=", lead.id)]),
        ):
            self.assertTrue(record)
            with self.assertRaises(AccessError):
                record.with_user(outsider).check_access("read")
