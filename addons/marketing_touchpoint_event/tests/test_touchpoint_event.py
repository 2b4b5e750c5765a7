from datetime import datetime, timedelta

from odoo.tests import tagged

from odoo.addons.marketing_touchpoint.tests.common import TouchpointCommon


@tagged("post_install", "-at_install")
class TestTouchpointEvent(TouchpointCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.event = cls.env["event.event"].create(
            {
                "name": "Touch Fair",
                "date_begin": datetime.now() + timedelta(days=1),
                "date_end": datetime.now() + timedelta(days=2),
            }
        )

    def _register(self, **values):
        return self.env["event.registration"].create(
            {
                "event_id": self.event.id,
                "name": "Bob",
                "email": "Bob <BOB@touch.example.com>",
                "state": "open",
                "utm_campaign_id": self.campaign.id,
                **values,
            }
        )

    def test_registering_and_coming_are_two_touches(self):
        registration = self._register()
        self._ingest()
        self.assertTouches(registration, "event_registration")
        registration.action_set_done()
        self._ingest()
        self.assertTouches(registration, "event_registration", "event_attendance")
        touches = self._touches(registration)
        self.assertEqual(touches.campaign_id, self.campaign)
        self.assertEqual(touches.lead_id, self.bob_lead)
        self.assertEqual(set(touches.mapped("name")), {"Touch Fair"})
        self.assertEqual(touches[-1].kind, "event_attendance")
        self.assertEqual(touches[-1].date, registration.date_closed)

    def test_cancelling_takes_the_registration_back(self):
        registration = self._register()
        self._ingest()
        registration.action_cancel()
        self._ingest()
        self.assertTouches(registration)
        registration.action_set_draft()
        registration.action_confirm()
        self._ingest()
        self.assertTouches(registration, "event_registration")

    def test_an_unconfirmed_registration_is_no_touch(self):
        registration = self._register()
        registration.action_set_draft()
        self.assertEqual(registration.state, "draft")
        self._ingest()
        self.assertTouches(registration)

    def test_a_colleague_who_books_is_not_the_attendee(self):
        registration = self._register(partner_id=self.ada.id)
        self._ingest()
        touch = self._touches(registration)
        self.assertEqual(touch.email_normalized, "bob@touch.example.com")
        self.assertFalse(touch.partner_id)
        alone = self._register(partner_id=self.ada.id, email=False)
        alone.email = False
        self._ingest()
        self.assertEqual(self._touches(alone).partner_id, self.ada)

    def test_a_deleted_registration_never_happened(self):
        registration = self._register()
        self._ingest()
        touch = self._touches(registration)
        registration.unlink()
        self.assertFalse(touch.exists())
