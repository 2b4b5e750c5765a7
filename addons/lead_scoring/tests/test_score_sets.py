from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .score_common import NOW, PublishedRulesCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestScoreSets(PublishedRulesCommon):
    """The life of rule sets: drafts, versions, shadows, evaluations."""

    def test_publishing_scores_all_open_leads_at_once(self):
        lead = self._create_lead(website="https://example.com")
        self._touch(lead=lead)
        model = self._publish()
        self.assertScore(lead, 50)
        self.assertEqual(lead.score_model_id, model)
        self.assertEqual((lead.score_fit, lead.score_engagement), (30, 20))
        self.assertEqual(lead.score_grade, "B2")

    def test_a_published_set_is_immutable(self):
        model = self._publish().with_user(self.manager)
        rule, group = model.rule_ids[0], model.group_ids[0]
        for change in (
            lambda: rule.write({"points": 99}),
            lambda: rule.unlink(),
            lambda: rule.copy(),
            lambda: group.write({"name": "Other"}),
            lambda: group.unlink(),
            lambda: model.write({"mql_enter": 1}),
            lambda: model.write({"group_ids": [(0, 0, {"name": "More", "axis": "fit"})]}),
            lambda: model.unlink(),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()

    def test_a_new_version_keeps_its_name_in_every_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        model = self._publish()
        model.with_context(lang="zh_CN").name = "客户评分"
        draft = self.env["lead.score.model"].browse(model.action_new_version()["res_id"])
        self.assertEqual(draft.with_context(lang="zh_CN").name, "客户评分")
        self.assertEqual(draft.with_context(lang="en_US").name, "Rules")

    def test_a_new_version_replaces_the_old_one_and_rescores_everybody(self):
        first = self._publish()
        lead = self._create_lead(website="https://example.com")
        self._score(lead)
        second = self.Model.browse(first.action_new_version()["res_id"])
        self.assertEqual((second.version, second.state), (2, "draft"))
        self.assertEqual([first.display_name, second.display_name], ["Rules v1", "Rules v2"])
        self.assertEqual(second.rule_ids.mapped("key"), first.rule_ids.mapped("key"))
        second.rule_ids[0].points = 11
        self.assertScore(lead, 30)
        second.action_publish()
        self.assertEqual(first.state, "archived")
        self.assertScore(lead, 11)
        self.assertEqual(lead.score_model_id, second)
        change = self.env["lead.score.history"].search([("lead_id", "=", lead.id)], limit=1)
        self.assertEqual((change.reason, change.score_before, change.score), ("publish", 30, 11))
        self.assertFalse(
            self.env["lead.score.line"].search(
                [("lead_id", "=", lead.id), ("model_id", "=", first.id)]
            )
        )

    def test_a_shadow_scores_silently_beside_the_published_set(self):
        live = self._publish()
        lead = self._create_lead(website="https://example.com")
        self._score(lead)
        shadow = self._create_set(("fit", self._state_rule([("website", "!=", False)], 99)))
        shadow.action_shadow()
        self.assertScore(lead, 30)
        results = self.env["lead.score.result"].search([("lead_id", "=", lead.id)])
        self.assertEqual({r.model_id: r.score for r in results}, {live: 30, shadow: 99})
        self.assertFalse(
            self.env["lead.score.history"].search([("model_id", "=", shadow.id)]),
            "a shadow leaves no trace on the lead",
        )
        shadow.action_publish()
        self.assertScore(lead, 99)
        self.assertEqual(live.state, "archived")

    def test_a_shadow_is_compared_with_the_published_rules(self):
        self._publish()
        lead = self._create_lead(website="https://example.com")
        shadow = self._create_set(("fit", self._state_rule([("website", "!=", False)], 75)))
        shadow.action_shadow()
        self._score(lead)
        action = shadow.with_user(self.manager).action_view_results()
        result = self.env["lead.score.result"].with_user(self.manager).search(action["domain"])
        result = result.filtered(lambda result: result.lead_id == lead)
        self.assertEqual((result.score, result.lead_score, result.difference), (75, 30, 45))
        self.assertEqual((result.is_mql, result.lead_is_mql), (True, False))

    def test_the_most_specific_set_scores_a_lead(self):
        team = self.env["crm.team"].create({"name": "Special", "company_id": False})
        everybody = self._publish()
        special = self._publish(
            ("fit", self._state_rule([("website", "!=", False)], 7)), team_id=team.id
        )
        common = self._create_lead(website="https://example.com")
        other = self._create_lead(website="https://example.com", team_id=team.id)
        self._score()
        self.assertScore(common, 30)
        self.assertScore(other, 7)
        self.assertEqual((common | other).score_model_id, everybody | special)
        other.team_id = False
        self._score(other)
        self.assertScore(other, 30)
        special.action_archive_set()
        other.team_id = team
        self._score(other)
        self.assertScore(other, 30)

    def test_archiving_the_only_set_takes_the_scores_away(self):
        lead = self._create_lead(website="https://example.com")
        model = self._publish()
        self.assertScore(lead, 30)
        model.action_archive_set()
        self.assertEqual((lead.score, lead.score_grade, lead.is_mql), (0, False, False))
        self.assertFalse(lead.score_model_id)

    def test_what_archiving_takes_away_and_publishing_gives_back_adds_up(self):
        lead = self._create_lead(website="https://example.com")
        self._touch(lead=lead)
        model = self._publish(mql_enter=50)
        model.action_archive_set()
        history = self.env["lead.score.history"].search([("lead_id", "=", lead.id)])
        self.assertEqual(
            [(row.reason, row.score_before, row.score, row.grade_before) for row in history],
            [("unscored", 50, 0, "B2"), ("first", 0, 50, False)],
        )
        self.assertEqual(history[0].summary, "-30 no longer: fit 0; -20 no longer: engagement 0")
        self._publish(mql_enter=50)
        self.assertScore(lead, 50)
        changes = lead.get_score_summary()["changes"]
        self.assertEqual(sum(change["points"] for change in changes), 50)
        crossings = self.env["lead.score.crossing"].search([("lead_id", "=", lead.id)], order="id")
        self.assertEqual(crossings.mapped("direction"), ["enter", "leave", "enter"])
        self.assertEqual(crossings.mapped("number"), [1, 2, 3])

    @mute_logger("odoo.sql_db")
    def test_two_published_sets_cannot_claim_the_same_leads(self):
        self._publish()
        second = self._create_set(("fit", self.website))
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            second.state = "active"
            second.flush_recordset()

    def test_the_manager_publishes_the_starter_rules(self):
        starter = self.env.ref("lead_scoring.model_b2b")
        draft = starter.with_user(self.manager).copy()
        lead = self._create_lead(
            email_from="ceo@acme-industries.example",
            partner_name="Acme",
            function="Sales Director",
            user_id=self.manager.id,
        )
        self._touch("mail_reply", lead=lead)
        draft.action_publish()
        reasons = {line["rule"] for line in lead.with_user(self.manager).get_score_explanation()}
        self.assertIn("Business email address", reasons)
        self.assertIn("Replied to an email", reasons)
        self.assertEqual(lead.score, sum(line["points"] for line in lead.get_score_explanation()))

    def test_the_night_lets_points_decay_and_says_so(self):
        self._publish(
            ("engagement", self._event_rule(points=20, decay_kind="half_life", decay_days=10))
        )
        lead = self._create_lead()
        self._touch(lead=lead)
        self._score(lead)
        self.assertScore(lead, 20)
        with freeze_time(NOW + timedelta(days=10)):
            self.env["lead.score.run"]._cron_nightly()
            with self.enter_registry_test_mode():
                self.env.ref("lead_scoring.ir_cron_score_run").method_direct_trigger()
            self.env.invalidate_all()
            self.assertScore(lead, 10)
            change = self.env["lead.score.history"].search([("lead_id", "=", lead.id)], limit=1)
            self.assertEqual((change.reason, change.score_before, change.score), ("time", 20, 10))
            self.assertIn("decay", change.summary)

    def test_an_interrupted_evaluation_continues_where_it_stopped(self):
        model = self._publish()
        leads = self.env["crm.lead"].create(
            [{"name": str(n), "website": "https://example.com"} for n in range(10)]
        )
        run = self.env["lead.score.run"]._start(model, "publish")
        self.assertTrue(run._advance(batch_size=4))
        self.assertEqual((run.state, run.done_count), ("running", 4))
        scored = leads.filtered("score")
        self.assertEqual(len(scored), 4)
        # the next batch dies half way: nothing of it stays
        with (
            patch.object(type(self.engine), "_write_leads", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
            self.cr.savepoint(),
        ):
            run._advance(batch_size=4)
        self.env.invalidate_all()
        self.assertEqual(run.done_count, 4)
        self.assertEqual(len(leads.filtered("score")), 4)
        self.assertEqual(
            self.env["lead.score.line"].search([("lead_id", "in", leads.ids)]).lead_id, scored
        )
        while run.state == "running":
            run._advance(batch_size=4)
        self.assertEqual((run.state, run.done_count, run.progress), ("done", 10, 100.0))
        for lead in leads:
            self.assertScore(lead, 30)
        self.assertEqual(
            self.env["lead.score.history"].search_count([("lead_id", "in", leads.ids)]), 10
        )

    def test_a_stopped_evaluation_stays_stopped(self):
        model = self._publish()
        self._create_lead()
        run = self.env["lead.score.run"]._start(model, "facts")
        run.with_user(self.manager).sudo().action_cancel()
        with self.enter_registry_test_mode():
            self.env.ref("lead_scoring.ir_cron_score_run").method_direct_trigger()
        self.assertEqual((run.state, run.done_count), ("cancelled", 0))
