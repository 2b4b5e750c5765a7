from odoo.tests import HttpCase, tagged

from odoo.addons.marketing_touchpoint.tests.common import TouchpointCommon

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@tagged("post_install", "-at_install")
class TestTouchpointSms(TouchpointCommon, HttpCase):
    def _create_sms_trace(self, record, sms_id=990001):
        return self._create_trace(
            record,
            trace_type="sms",
            sms_id_int=sms_id,
            sms_number="+32456001122",
            email=False,
        )

    def test_a_link_in_a_text_message_is_a_touch_of_its_reader(self):
        trace = self._create_sms_trace(self.bob_lead)
        link = self._create_link()
        response = self.url_open(
            f"/r/{link.code}/s/{trace.sms_id_int}",
            allow_redirects=False,
            headers={"User-Agent": AGENT},
        )
        self.assertEqual(response.status_code, 301)
        self.env.invalidate_all()
        self._ingest()
        click = link.link_click_ids
        self.assertEqual(len(click), 1)
        self.assertTouches(click, "sms_click")
        self.assertEqual(self._touches(click).lead_id, self.bob_lead)
        self.assertEqual(self._touches(click).campaign_id, self.campaign)

    def test_a_text_message_is_not_an_email(self):
        trace = self._create_sms_trace(self.bob_lead)
        self._ingest()
        self.assertTouches(trace)

    def test_a_mailing_contact_is_known_by_its_address(self):
        trace = self._create_sms_trace(self.zoe)
        click = self.env["link.tracker.click"].add_click(
            self._create_link().code, mailing_trace_id=trace.id
        )
        self._ingest()
        self.assertEqual(self._touches(click).email_normalized, "zoe@touch.example.com")
