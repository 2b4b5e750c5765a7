from odoo.tests import TransactionCase, tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase


@tagged("post_install", "-at_install")
class TestScoreWakesAssignment(TransactionCase, CronMixinCase):
    """A lead that waits for a salesperson is offered again when its score changes: the rule that
    takes it may look at the score."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {"name": "Wake", "assignment_engine": "rules", "company_id": False}
        )
        cls.env.ref("lead_scoring.model_b2b").copy().action_publish()
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Waits",
                "type": "lead",
                "team_id": cls.team.id,
                "user_id": False,
                "email_from": "buyer@wake-works.example",
                "partner_name": "Wake Works",
                "function": "Managing Director",
            }
        )

    def _score(self):
        with self.capture_triggers("lead_scoring.ir_cron_lead_assignment") as captured:
            self.env["lead.score.model"]._score_leads(self.lead)
        return captured.records

    def test_a_changed_score_offers_a_waiting_lead_again(self):
        self.assertTrue(self._score())
        self.assertTrue(self.lead.score)

    def test_an_unchanged_score_wakes_nobody(self):
        self._score()
        self.assertFalse(self._score())

    def test_a_lead_with_a_salesperson_waits_for_nothing(self):
        self.lead.user_id = self.env.user
        self.assertFalse(self._score())
        self.assertTrue(self.lead.score)
