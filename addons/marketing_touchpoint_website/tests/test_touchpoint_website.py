from datetime import datetime, timedelta

from odoo.tests import HttpCase, tagged

from odoo.addons.marketing_touchpoint.tests.common import TouchpointCommon

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
TOKEN = "0123456789abcdef0123456789abcdef"


@tagged("post_install", "-at_install")
class TestTouchpointWebsite(TouchpointCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visitor = cls.env["website.visitor"].create({"access_token": TOKEN})

    def _view(self, url="https://www.example.com/touch-prices", days=0):
        return self.env["website.track"].create(
            {
                "visitor_id": self.visitor.id,
                "url": url,
                "visit_datetime": datetime.now() - timedelta(days=days),
            }
        )

    def test_an_unknown_visitor_stays_unknown(self):
        track = self._view()
        self._ingest()
        self.assertTouches(track)

    def test_a_visitor_who_becomes_a_lead_brings_what_he_read(self):
        self._settle()
        track = self._view(url="https://www.example.com/touch-prices?x=1&utm_campaign=touch+spring")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE website_track SET visit_datetime = visit_datetime - interval '30 days'"
            " WHERE id = %s",
            (track.id,),
        )
        track.invalidate_recordset()
        self._ingest()
        self.assertTouches(track)
        self.bob_lead.visitor_ids = self.visitor
        self._ingest()
        touch = self._touches(track)
        self.assertEqual(touch.kind, "page_view")
        self.assertEqual(touch.lead_id, self.bob_lead)
        self.assertEqual(touch.campaign_id, self.campaign)
        self.assertEqual(touch.name, "https://www.example.com/touch-prices")

    def test_a_customer_who_logged_in_is_known(self):
        self.visitor.access_token = str(self.ada.id)
        self.assertEqual(self.visitor.partner_id, self.ada)
        track = self._view()
        self._ingest()
        self.assertEqual(self._touches(track).partner_id, self.ada)

    def test_our_own_staff_is_nobody(self):
        self.visitor.access_token = str(self.sam.partner_id.id)
        track = self._view()
        self._ingest()
        self.assertTouches(track)

    def test_clicks_made_before_logging_in_get_their_name(self):
        click = self.env["link.tracker.click"].add_click(
            self._create_link().code, visitor_token=TOKEN
        )
        track = self._view()
        self._settle()
        self._age(click)
        touch = self._touches(click)
        self.assertFalse(touch.partner_id)
        known = self.env["website.visitor"].create({"access_token": str(self.ada.id)})
        self._age(known)
        self.visitor._merge_visitor(known)
        self._ingest()
        self.assertEqual(touch.partner_id, self.ada)
        self.assertEqual(touch.email_normalized, "ada@touch.example.com")
        self.assertEqual(self._touches(track).partner_id, self.ada)


@tagged("post_install", "-at_install")
class TestTouchpointWebsiteHttp(TouchpointCommon, HttpCase):
    def test_a_click_then_a_form_name_the_visitor(self):
        """In one browser session: an anonymous link click, then the contact form."""
        link = self._create_link(url="/contactus")
        headers = {"User-Agent": AGENT}
        self.url_open(f"/r/{link.code}", headers=headers)
        self.env.invalidate_all()
        self._ingest()
        touch = self._touches(link.link_click_ids)
        self.assertEqual(len(touch), 1)
        self.assertFalse(touch.lead_id)
        response = self.url_open(
            "/website/form/crm.lead",
            data={
                "name": "Please call",
                "contact_name": "Zoe",
                "email_from": "zoe@touch.example.com",
                "phone": "+32456001122",
                "partner_name": "Touch",
            },
            headers=headers,
        )
        self.assertEqual(response.status_code, 200)
        lead = self.env["crm.lead"].browse(response.json()["id"])
        self.assertEqual(lead.campaign_id, self.campaign, "the link's campaign came by cookie")
        self.env.invalidate_all()
        self._ingest()
        self.assertEqual(touch.lead_id, lead)
