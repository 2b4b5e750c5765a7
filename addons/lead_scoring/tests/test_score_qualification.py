from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .score_common import NOW, PublishedRulesCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestScoreQualification(PublishedRulesCommon):
    """Grades, marketing qualification and what it starts."""

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
