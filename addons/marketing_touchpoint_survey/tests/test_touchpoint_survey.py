from odoo.tests import tagged

from odoo.addons.marketing_touchpoint.tests.common import TouchpointCommon


@tagged("post_install", "-at_install")
class TestTouchpointSurvey(TouchpointCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env["survey.survey"].create({"title": "Touch Needs"})

    def _answer(self, **values):
        return self.env["survey.user_input"].create({"survey_id": self.survey.id, **values})

    def test_a_finished_survey_is_a_touch_of_its_person(self):
        answer = self._answer(email="Bob <BOB@touch.example.com>")
        self._ingest()
        self.assertTouches(answer)
        answer._mark_done()
        self._ingest()
        touch = self._touches(answer)
        self.assertEqual(touch.kind, "survey")
        self.assertEqual(touch.date, answer.end_datetime)
        self.assertEqual(touch.name, "Touch Needs")
        self.assertEqual(touch.lead_id, self.bob_lead)

    def test_a_contact_who_answers_is_known(self):
        answer = self._answer(partner_id=self.ada.id)
        answer._mark_done()
        self._ingest()
        self.assertEqual(self._touches(answer).partner_id, self.ada)

    def test_trying_a_survey_out_is_no_touch(self):
        answer = self._answer(test_entry=True, email="bob@touch.example.com")
        answer._mark_done()
        self._ingest()
        self.assertTouches(answer)
