from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .score_common import NOW, LeadScoreCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestScoreSets(LeadScoreCommon):
    """The life of rule sets, and what leads, history and qualification make of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls._state_rule([("website", "!=", False)], 30)
        cls.click = cls._event_rule("mail_click", 20)

    def _publish(self, *groups, **values):
        groups = groups or (("fit", self.website), ("engagement", self.click))
        model = self._create_set(*groups, **values)
        model.action_publish()
        return model

    def _process_queue(self):
        with self.enter_registry_test_mode():
            self.env.ref("lead_scoring.ir_cron_score_queue").method_direct_trigger()
        self.env.invalidate_all()

    # ---------------------------------------------------------------- versions

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

    @mute_logger("odoo.sql_db")
    def test_two_published_sets_cannot_claim_the_same_leads(self):
        self._publish()
        second = self._create_set(("fit", self.website))
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            second.state = "active"
            second.flush_recordset()

    # ---------------------------------------------------------------- leads

    def test_won_and_lost_leads_keep_the_score_they_had(self):
        self._publish()
        won, lost = (
            self._create_lead(website="https://x.example"),
            self._create_lead(website="https://y.example"),
        )
        self._score()
        won.action_set_won()
        lost.action_set_lost()
        for lead in (won, lost):
            self._touch(lead=lead)
        self._score()
        self._publish(("fit", self._state_rule([("website", "!=", False)], 1)))
        self.assertScore(won, 30)
        self.assertScore(lost, 30)

    def test_merged_leads_are_scored_from_the_union_of_their_facts(self):
        self._publish(("engagement", self.click))
        first = self._create_lead("First", email_from="a@example.com")
        second = self._create_lead("Second", email_from="a@example.com")
        self._touch(lead=first, email_normalized="a@example.com")
        self._touch(lead=second, email_normalized="a@example.com")
        self._score()
        self.assertEqual((first.score, second.score), (40, 40), "the same person, both times")
        survivor = (first | second).merge_opportunity()
        self._process_queue()
        self.assertScore(survivor, 40)
        self.assertEqual(
            self.env["lead.score.line"].search([("lead_id", "in", (first | second).ids)]).lead_id,
            survivor,
        )

    def test_a_changed_lead_is_marked_and_scored_by_the_job(self):
        self._publish()
        lead = self._create_lead()
        self._process_queue()
        self.assertEqual((lead.score, lead.score_grade), (0, "C3"))
        lead.website = "https://example.com"
        self.assertTrue(self.env["lead.score.queue"].search([("lead_id", "=", lead.id)]))
        self._process_queue()
        self.assertScore(lead, 30)
        self.assertFalse(self.env["lead.score.queue"].search([]))

    def test_a_new_touch_marks_the_leads_of_its_person(self):
        self._publish()
        partner = self.env["res.partner"].create({"name": "P"})
        by_partner = self._create_lead(partner_id=partner.id)
        by_address = self._create_lead(email_from="x@example.com")
        self._process_queue()
        self._touch(partner_id=partner.id)
        touch = self._touch(email_normalized="x@example.com")
        self._process_queue()
        self.assertScore(by_partner, 20)
        self.assertScore(by_address, 20)
        touch.is_bot = True
        self._process_queue()
        self.assertScore(by_address, 0)

    def test_nothing_is_marked_while_no_rules_are_live(self):
        self.env["lead.score.queue"].search([]).sudo().unlink()
        self._create_lead()
        self.assertFalse(self.env["lead.score.queue"].search([]))

    def test_only_what_changed_is_written(self):
        self._publish()
        leads = self.env["crm.lead"].concat(*(self._create_lead() for _each in range(3)))
        self._score()
        self.env.cr.execute("SELECT id, xmin::text FROM crm_lead WHERE id = ANY(%s)", (leads.ids,))
        before = dict(self.env.cr.fetchall())
        lines = self.env["lead.score.history"].search_count([])
        leads[0].website = "https://example.com"
        self.env.flush_all()
        self.env.cr.execute("SELECT max(id) FROM lead_score_line")
        self._score()
        self.env.cr.execute(
            "SELECT id, xmin::text FROM crm_lead WHERE id = ANY(%s)", (leads[1:].ids,)
        )
        self.assertEqual(
            dict(self.env.cr.fetchall()), {lead.id: before[lead.id] for lead in leads[1:]}
        )
        self.assertEqual(self.env["lead.score.history"].search_count([]), lines + 1)

    def test_many_leads_cost_as_many_queries_as_one(self):
        self._publish()
        one = self._create_lead()
        self._score(one)
        many = self.env["crm.lead"].create([{"name": str(n)} for n in range(60)])
        for lead in many[:30]:
            self._touch(lead=lead)
        self.env.flush_all()
        self._score(one)  # warm
        counts = []
        for leads in (one, many):
            before = self.env.cr.sql_log_count
            self._score(leads)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    # ---------------------------------------------------------------- nightly and runs

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

    # ---------------------------------------------------------------- grade and qualification

    def test_grade_is_fit_band_times_engagement_band(self):
        self._publish(
            (
                "fit",
                self._state_rule([("name", "ilike", "fit")], 20),
                self._state_rule([("name", "ilike", "top")], 20),
            ),
            ("engagement", self._event_rule(points=10)),
        )
        grades = {}
        for name in ("none", "fit", "fit top"):
            for clicks in (0, 1, 3):
                lead = self._create_lead(name)
                for _click in range(clicks):
                    self._touch(lead=lead)
                grades[name, clicks] = lead
        self._score()
        self.assertEqual(
            {key: lead.score_grade for key, lead in grades.items()},
            {
                ("none", 0): "C3",
                ("none", 1): "C2",
                ("none", 3): "C1",
                ("fit", 0): "B3",
                ("fit", 1): "B2",
                ("fit", 3): "B1",
                ("fit top", 0): "A3",
                ("fit top", 1): "A2",
                ("fit top", 3): "A1",
            },
        )

    def _crossings(self, lead):
        crossings = self.env["lead.score.crossing"].search(
            [("lead_id", "=", lead.id)], order="number"
        )
        return [(crossing.number, crossing.direction) for crossing in crossings]

    def test_qualification_has_hysteresis_and_each_crossing_is_logged_once(self):
        self._publish(
            (
                "fit",
                *(
                    self._state_rule([("name", "ilike", w)], p)
                    for w, p in (("ten", 10), ("forty", 40), ("sixty", 60))
                ),
            ),
            mql_enter=60,
            mql_leave=45,
        )
        lead = self._create_lead("forty")
        steps = [
            ("forty", False, []),
            ("forty ten", False, []),  # 50: not enough to enter
            ("sixty", True, [(1, "enter")]),
            ("forty ten", True, [(1, "enter")]),  # 50: enough to stay
            ("forty", False, [(1, "enter"), (2, "leave")]),
            ("sixty ten", True, [(1, "enter"), (2, "leave"), (3, "enter")]),
        ]
        for name, is_mql, crossings in steps:
            lead.name = name
            self._score(lead)
            self._score(lead)
            self.assertEqual((name, lead.is_mql), (name, is_mql))
            self.assertEqual(self._crossings(lead), crossings)
        self.assertEqual(lead.date_mql, NOW)

    def test_qualification_by_grade_cell_with_cells_that_keep(self):
        self._publish(
            ("fit", self._state_rule([("website", "!=", False)], 40)),
            ("engagement", self._event_rule(points=30, decay_kind="half_life", decay_days=10)),
            mql_basis="grade",
            mql_a1="enter",
            mql_a2="keep",
            mql_a3="leave",
        )
        lead = self._create_lead(website="https://example.com")
        self._score(lead)
        self.assertEqual((lead.score_grade, lead.is_mql), ("A3", False))
        self._touch(lead=lead)
        for days, grade, is_mql in ((0, "A1", True), (10, "A2", True), (30, "A3", False)):
            with freeze_time(NOW + timedelta(days=days)):
                self._score(lead)
            self.assertEqual((lead.score_grade, lead.is_mql), (grade, is_mql))

    def test_actions_start_once_per_crossing_and_a_failing_one_stops_no_other(self):
        team = self.env["crm.team"].create({"name": "T", "user_id": self.bert.id})
        actions = self.env["ir.actions.server"].create(
            [
                {
                    "name": "Fail",
                    "model_id": self.env["ir.model"]._get_id("crm.lead"),
                    "state": "code",
                    "code": "raise UserError('broken')",
                },
                {
                    "name": "Tag",
                    "model_id": self.env["ir.model"]._get_id("crm.lead"),
                    "state": "code",
                    "code": "record.write({'referred': (record.referred or '') + 'x'})",
                },
            ]
        )
        todo = self.env.ref("mail.mail_activity_data_call")
        self._publish(
            ("fit", self._state_rule([("website", "!=", False)], 60)),
            trigger_ids=[
                (0, 0, {"action": "server", "server_action_id": actions[0].id}),
                (0, 0, {"action": "server", "server_action_id": actions[1].id}),
                (0, 0, {"action": "activity", "activity_type_id": todo.id, "text": "Call"}),
                (0, 0, {"direction": "leave", "action": "note", "text": "Cooled down"}),
            ],
        )
        owned = self._create_lead(website="https://example.com", user_id=self.anna.id)
        teams = self._create_lead(website="https://example.com", team_id=team.id)
        self._score()
        cron = self.env.ref("lead_scoring.ir_cron_crossings")
        for _again in range(2):
            with (
                self.enter_registry_test_mode(),
                mute_logger("odoo.addons.lead_scoring.models.lead_score_crossing"),
            ):
                cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((owned.referred, teams.referred), ("x", "x"))
        self.assertEqual(owned.activity_ids.user_id, self.anna)
        self.assertEqual(teams.activity_ids.user_id, self.bert)
        failed = self.env["lead.score.trigger.log"].search([("state", "=", "failed")])
        self.assertEqual(failed.lead_id, owned | teams)
        self.assertIn("broken", failed[0].error)
        owned.website = False
        self._score(owned)
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertIn("Cooled down", owned.message_ids[0].body)

    def test_publishing_starts_no_actions_unless_asked(self):
        lead = self._create_lead(website="https://example.com")
        rule = self._state_rule([("website", "!=", False)], 60)
        note = [(0, 0, {"action": "note", "text": "Hello"})]
        first = self._publish(("fit", rule), trigger_ids=note)
        crossing = self.env["lead.score.crossing"].search([("lead_id", "=", lead.id)])
        self.assertEqual((crossing.direction, crossing.state), ("enter", "silent"))
        first.action_archive_set()
        self._publish(("fit", rule), trigger_ids=note, act_on_publish=True)
        latest = self.env["lead.score.crossing"].search([("lead_id", "=", lead.id)], limit=1)
        self.assertEqual((latest.number > 1, latest.state), (True, "todo"))

    def test_sales_qualified_is_when_a_salesperson_takes_the_opportunity(self):
        lead = self._create_lead()
        self.assertFalse(lead.date_sql)
        lead.user_id = self.anna
        self.assertFalse(lead.date_sql, "a lead is not an opportunity")
        lead.convert_opportunity(self.env["res.partner"])
        self.assertEqual(lead.date_sql, NOW)
        with freeze_time(NOW + timedelta(days=3)):
            lead.user_id = self.bert
        self.assertEqual(lead.date_sql, NOW, "the first time counts")

    # ---------------------------------------------------------------- why and rights

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

    def test_the_explanation_prints_as_a_report(self):
        self._publish()
        lead = self._create_lead("Big deal", website="https://example.com", user_id=self.anna.id)
        self._score(lead)
        report = self.env["ir.actions.report"].with_user(self.anna)
        html, __ = report._render_qweb_html("lead_scoring.report_lead_score", lead.ids)
        for text in ("Big deal", "fit 0", "What would lift it"):
            self.assertIn(text, html.decode())

    def test_a_contact_is_watched_only_when_a_rule_looks_at_it(self):
        contact = self.env["res.partner"].create({"name": "Contact"})
        self._publish()
        lead = self._create_lead(partner_id=contact.id)
        self._process_queue()
        contact.comment = "No rule cares"
        self.assertFalse(self.env["lead.score.queue"].search([]))
        rule = self._state_rule([("partner_id.barcode", "!=", False)], 8)
        self._publish(("fit", rule))
        contact.barcode = "4711"
        self._process_queue()
        self.assertScore(lead, 8)

    def test_an_address_that_changes_through_the_contact_makes_the_score_due(self):
        """Several leads of one contact: writing the address of one changes those of all."""
        contact = self.env["res.partner"].create({"name": "P", "email": "p@old.example.com"})
        one, other = (self._create_lead(partner_id=contact.id) for _lead in range(2))
        self._create_set(
            ("fit", self._state_rule([("email_from", "ilike", "@new.example.com")]))
        ).action_publish()
        self._process_queue()
        self.assertScore(other, 0)
        one.email_from = "p@new.example.com"
        self.assertEqual(other.email_from, "p@new.example.com")
        self._process_queue()
        for lead in one + other:
            self.assertScore(lead, 10)

    def test_a_lead_that_leaves_a_shared_address_keeps_the_score_of_its_history(self):
        one, other = (self._create_lead(email_from="both@example.com") for _lead in range(2))
        self._touch(lead=other, days=3, email_normalized="both@example.com")
        self._create_set(("engagement", self._event_rule())).action_publish()
        self.assertScore(one, 10)
        one.email_from = "alone@example.com"
        self._process_queue()
        self.assertScore(one, 10)
        with freeze_time(NOW + timedelta(days=1)):
            for days in (5, -0.5):  # one click of the time before arrives late, one is of today
                self._touch(lead=other, days=days, email_normalized="both@example.com")
            self._process_queue()
            self.assertScore(one, 20)
            self.assertScore(other, 30)

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
