from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_assignment import AssignmentCommon


@tagged("post_install", "-at_install")
class TestAssignmentJob(AssignmentCommon):
    """One lead that cannot be converted holds up nobody."""

    def setUp(self):
        super().setUp()
        self.rule.convert = True
        self.good, self.bad, self.other = self._create_leads(3)
        self.broken = True
        self.error = ValueError("an addon does not like this lead")
        original = self.registry["crm.lead"].convert_opportunity

        def convert_opportunity(leads, *args, **kwargs):
            if self.broken and self.bad in leads:
                raise self.error
            return original(leads, *args, **kwargs)

        self.startPatcher(
            patch.object(self.registry["crm.lead"], "convert_opportunity", convert_opportunity)
        )

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("lead_scoring.ir_cron_lead_assignment").method_direct_trigger()
        self.env.invalidate_all()

    def test_the_others_are_given_and_the_bad_one_says_so(self):
        with self.assertLogs("odoo.addons.lead_scoring", "ERROR") as logs:
            self._run_job()
        self.assertTrue(self.good.user_id)
        self.assertTrue(self.other.user_id)
        self.assertEqual(self.good.type, "opportunity")
        self.assertFalse(self.bad.user_id)
        self.assertEqual(self.bad.type, "lead")
        self.assertEqual(self.bad.assignment_reason, "failed")
        self.assertIn(str(self.bad.id), "".join(logs.output))
        self.assertIn(
            "ValueError: an addon does not like this lead", self.bad.assignment_explanation
        )

    def test_it_is_tried_again_alone_and_given_when_the_cause_is_gone(self):
        with self.assertLogs("odoo.addons.lead_scoring", "ERROR"):
            self._run_job()
        with self.assertLogs("odoo.addons.lead_scoring", "ERROR") as logs:
            self._run_job()
        self.assertEqual(len(logs.output), 1, "no batch failed again because of it")
        self.assertEqual(len(self.bad.assignment_decision_ids), 1, "said once")
        self.broken = False
        self._run_job()
        self.assertTrue(self.bad.user_id)

    def test_the_button_gives_the_others_and_says_what_stopped_the_bad_one(self):
        self.error = UserError("This lead needs an e-mail address.")
        leads = self.good | self.bad | self.other
        with self.assertLogs("odoo.addons.lead_scoring", "ERROR"):
            answer = leads.with_user(self.mona).action_assign_by_rules()
        self.assertEqual(
            answer["params"]["message"], "Given by the rules: 2 · An error stopped it: 1"
        )
        self.assertEqual(leads.filtered("user_id"), self.good | self.other)
        decision = self._decision(self.bad)
        self.assertEqual(decision.error, "This lead needs an e-mail address.")
        self.assertIn(decision.error, self.bad.assignment_explanation)
        self.assertEqual(decision.trigger, "button")

    def test_the_button_of_the_team_is_not_stopped_by_it_either(self):
        with self.assertLogs("odoo.addons.lead_scoring", "ERROR"):
            self.team.with_user(self.mona).action_assign_leads()
        self.assertTrue(self.good.user_id and self.other.user_id)
        self.assertEqual(self.bad.assignment_reason, "failed")

    def test_a_request_another_one_was_quicker_than_begins_anew(self):
        engine = self.env["lead.assignment.engine"]
        with (
            patch.object(type(engine), "_assign", side_effect=SerializationFailure),
            self.assertRaises(SerializationFailure),
        ):
            self.good.with_user(self.mona).action_assign_by_rules()

    def test_that_another_process_was_first_is_no_failure(self):
        engine = self.env["lead.assignment.engine"]
        with patch.object(type(engine), "_assign", side_effect=SerializationFailure):
            engine._assign_alone(self.good)
        self.assertFalse(self.good.assignment_reason)
        self.assertFalse(self.good.assignment_decision_ids)
