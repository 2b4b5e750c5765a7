import re

from odoo.tests import HttpCase, tagged

from odoo.addons.mass_mailing.tests.common import MassMailCommon

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@tagged("post_install", "-at_install")
class TestRealMail(MassMailCommon, HttpCase):
    """A mailing that is really sent, its picture really loaded, its link really followed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = cls.env["utm.campaign"].create({"title": "Touch Http"})
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Reader", "email_from": "reader@touch.example.com"}
        )
        cls.mailing = cls.env["mailing.mailing"].create(
            {
                "subject": "Read me",
                "campaign_id": cls.campaign.id,
                "mailing_model_id": cls.env["ir.model"]._get_id("crm.lead"),
                "mailing_domain": repr([("id", "=", cls.lead.id)]),
                "reply_to_mode": "update",
                "body_html": '<p>Look <a href="/contactus">here</a></p>',
            }
        )

    def _send(self):
        with self.mock_mail_gateway(mail_unlink_sent=False):
            self.mailing.action_send_mail()
            body = self._mails[0]["body"]
        self.env.flush_all()
        return body

    def _get(self, url):
        path = re.sub(r"^https?://[^/]+", "", url)
        return self.url_open(path, allow_redirects=False, headers={"User-Agent": AGENT})

    def test_a_reader_opens_and_clicks_once_each(self):
        body = self._send()
        [link] = re.findall(r'href="([^"]*/r/[^"]*/m/\d+)"', body)
        [pixel] = re.findall(r'src="([^"]*/mail/track/[^"]*)"', body)
        self.assertEqual(self._get(pixel).status_code, 200)
        self.assertEqual(self._get(link).status_code, 301)
        self.env.invalidate_all()
        self.env["marketing.touchpoint"]._ingest_all()
        touches = self.env["marketing.touchpoint"].search([("lead_id", "=", self.lead.id)])
        self.assertEqual(
            sorted(touches.mapped("kind")),
            ["lead_created", "mail_click", "mail_open", "mail_sent"],
        )
        mails = touches.filtered(lambda touch: touch.kind != "lead_created")
        self.assertEqual(mails.campaign_id, self.campaign)
        self.assertEqual(mails.mailing_id, self.mailing)
        self.assertFalse(any(touches.mapped("is_bot")))

    def test_a_tracked_link_outside_of_mails_is_an_anonymous_touch(self):
        link = self.env["link.tracker"].create(
            {"url": "/touch-landing", "title": "Landing", "campaign_id": self.campaign.id}
        )
        self.assertEqual(self._get(f"/r/{link.code}").status_code, 301)
        self.env.invalidate_all()
        self.env["marketing.touchpoint"]._ingest_all()
        touch = self.env["marketing.touchpoint"].search([("link_id", "=", link.id)])
        self.assertEqual(touch.kind, "link_click")
        self.assertEqual(touch.campaign_id, self.campaign)
        self.assertFalse(touch.partner_id or touch.lead_id)
