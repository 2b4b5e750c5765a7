import re
from datetime import datetime, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, tagged

from odoo.addons.mass_mailing.tests.common import MassMailCommon

from .common import TouchpointCommon

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SCANNER = "Mozilla/5.0 (compatible; Barracuda Sentinel)"


@tagged("post_install", "-at_install")
class TestMachine(TouchpointCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.links = cls.env["link.tracker"].create(
            [
                {"url": f"https://www.example.com/touch-{nr}", "title": f"Touch {nr}"}
                for nr in range(4)
            ]
        )
        cls.trace = cls._create_trace(cls.zoe)
        cls._backdate(cls.trace, cls.sent_at - timedelta(minutes=5))

    @classmethod
    def _backdate(cls, record, when):
        cls.env.flush_all()
        cls.env.cr.execute(
            f"UPDATE {record._table} SET create_date = %s WHERE id IN %s",  # noqa: S608
            (when, tuple(record.ids)),
        )
        record.invalidate_recordset()

    def _click(self, link, seconds, agent=FIREFOX):
        """A click on a link of the mail, so many seconds after it was sent."""
        click = self.env["link.tracker.click"].create(
            {"link_id": link.id, "mailing_trace_id": self.trace.id, "user_agent": agent}
        )
        self._backdate(click, self.sent_at + timedelta(seconds=seconds))
        return click

    def assertMachine(self, records, reason):
        touches = self._touches(records)
        self.assertTrue(touches)
        self.assertEqual(set(touches.mapped("bot_reason")), {reason})
        self.assertEqual(set(touches.mapped("is_bot")), {bool(reason)})

    def test_people_click_one_link_after_another(self):
        clicks = self._click(self.links[0], 600)
        clicks += self._click(self.links[1], 640)
        clicks += self._click(self.links[2], 700)
        self._ingest()
        self.assertMachine(clicks, False)

    def test_three_links_within_seconds_are_a_scanner(self):
        human = self._click(self.links[0], 7200)
        burst = self._click(self.links[0], 60)
        burst += self._click(self.links[1], 63)
        self._ingest()
        self.assertMachine(burst + human, False)
        # the third link comes later than the job: the whole burst is judged again
        burst += self._click(self.links[2], 68)
        self._ingest()
        self.assertMachine(burst, "burst")
        self.assertMachine(human, False)

    def test_three_clicks_on_one_link_are_an_impatient_person(self):
        clicks = self._click(self.links[0], 60)
        clicks += self._click(self.links[0], 61)
        clicks += self._click(self.links[0], 62)
        self._ingest()
        self.assertMachine(clicks, False)

    def test_thresholds_are_adjustable_and_judge_the_past_again(self):
        clicks = self._click(self.links[0], 60) + self._click(self.links[1], 63)
        self._settle()
        self.assertMachine(clicks, False)
        self.env["res.config.settings"].create({"touchpoint_burst_links": 2}).execute()
        self._ingest()
        self.assertMachine(clicks, "burst")
        self.env["res.config.settings"].create({"touchpoint_burst_seconds": 2}).execute()
        self._ingest()
        self.assertMachine(clicks, False)
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create({"touchpoint_burst_links": 1}).execute()

    def test_a_known_agent_is_a_machine(self):
        scanned = self._click(self.links[0], 600, agent=SCANNER)
        read = self._click(self.links[1], 900)
        anonymous = self.env["link.tracker.click"].create(
            {"link_id": self.links[0].id, "user_agent": SCANNER}
        )
        self._ingest()
        self.assertMachine(scanned + anonymous, "agent")
        self.assertMachine(read, False)

    def test_an_exact_agent_does_not_match_what_contains_it(self):
        """Apple's proxy says Mozilla/5.0 and nothing else; every browser begins like that."""
        self.trace.write(
            {
                "open_datetime": self.sent_at + timedelta(hours=1),
                "open_user_agent": "Mozilla/5.0",
                "trace_status": "open",
            }
        )
        self._ingest()
        self.assertEqual(self._touches(self.trace, "mail_open").bot_reason, "agent")
        self.trace.open_user_agent = FIREFOX
        self._ingest()
        self.assertFalse(self._touches(self.trace, "mail_open").is_bot)

    def test_a_new_agent_in_the_list_is_found_in_the_past(self):
        click = self._click(self.links[0], 600, agent="Sniffer 2000")
        self._settle()
        self.assertMachine(click, False)
        agent = self.env["marketing.touchpoint.agent"].with_user(self.mia)
        agent.create({"pattern": "SNIFFER"}).action_check_again()
        self._ingest()
        self.assertMachine(click, "agent")
        with self.assertRaises(AccessError):
            self.env["marketing.touchpoint.agent"].with_user(self.sam).create(
                {"pattern": "firefox"}
            )

    def test_who_follows_the_hidden_link_is_a_machine_then_but_not_for_ever(self):
        scanned = self._click(self.links[0], 60)
        read = self._click(self.links[0], 7200)
        self._settle()
        self.assertMachine(scanned + read, False)
        self.trace.trap_datetime = self.sent_at + timedelta(seconds=65)
        self._ingest()
        self.assertMachine(scanned, "honeypot")
        self.assertMachine(read, False)

    def test_nobody_clicks_before_the_mail_is_delivered(self):
        early = self._click(self.links[0], -30)
        late = self._click(self.links[0], 30)
        self._ingest()
        self.assertMachine(early, "before_delivery")
        self.assertMachine(late, False)
        self.env["res.config.settings"].create({"touchpoint_delivery_seconds": 60}).execute()
        self._ingest()
        self.assertMachine(late, "before_delivery")

    def test_an_open_that_came_with_a_scan_is_no_open(self):
        self._click(self.links[0], 60, agent=SCANNER)
        self.trace.write(
            {"open_datetime": self.sent_at + timedelta(seconds=60), "trace_status": "open"}
        )
        self._ingest()
        self.assertEqual(self._touches(self.trace, "mail_open").bot_reason, "agent")
        self.assertFalse(self._touches(self.trace, "mail_sent").is_bot, "it was sent all the same")

    def test_what_a_person_says_stands(self):
        scanned = self._click(self.links[0], 600, agent=SCANNER)
        read = self._click(self.links[1], 900)
        self._ingest()
        self._touches(scanned).with_user(self.mia).action_mark_human()
        self._touches(read).with_user(self.mia).action_mark_machine()
        self.Touch._check_machines_again()
        self._ingest()
        self.assertMachine(scanned, False)
        self.assertMachine(read, "manual")

    def test_judging_again_changes_nothing(self):
        self._click(self.links[0], 600, agent=SCANNER)
        self._ingest()
        before = self._snapshot()
        self.Touch._check_machines_again()
        self._ingest()
        self.assertEqual(self._snapshot(), before)


@tagged("post_install", "-at_install")
class TestHiddenLink(MassMailCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Scanned", "email_from": "scanned@touch.example.com"}
        )
        cls.mailing = cls.env["mailing.mailing"].create(
            {
                "subject": "Scan me",
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

    def _get(self, url, agent=FIREFOX):
        path = re.sub(r"^https?://[^/]+", "", url)
        return self.url_open(path, allow_redirects=False, headers={"User-Agent": agent})

    def _touch(self, kind):
        self.env.invalidate_all()
        self.env["marketing.touchpoint"]._ingest_all()
        return self.env["marketing.touchpoint"].search(
            [("lead_id", "=", self.lead.id), ("kind", "=", kind)]
        )

    def test_mailings_carry_no_hidden_link_unless_switched_on(self):
        self.assertNotIn("/mail/trap/", self._send())

    def test_a_scanner_that_follows_every_link_is_caught(self):
        self.env["ir.config_parameter"].set_param("marketing_touchpoint.trap_links", "True")
        body = self._send()
        [link] = re.findall(r'href="([^"]*/r/[^"]*/m/\d+)"', body)
        [trap] = re.findall(r'href="([^"]*/mail/trap/[^"]*)"', body)
        self.assertIn("display:none", body)
        self.assertEqual(self._get(link).status_code, 301)
        self.assertEqual(self._get(trap).status_code, 200)
        self.assertEqual(self._touch("mail_click").bot_reason, "honeypot")

    def test_a_forged_hidden_link_is_not_found(self):
        self.assertEqual(self._get("/mail/trap/1/nonsense").status_code, 404)

    def test_the_agent_of_a_real_request_is_remembered(self):
        body = self._send()
        [pixel] = re.findall(r'src="([^"]*/mail/track/[^"]*)"', body)
        [link] = re.findall(r'href="([^"]*/r/[^"]*/m/\d+)"', body)
        self._get(pixel, agent=SCANNER)
        self.assertEqual(self._touch("mail_open").bot_reason, "agent")
        self._get(link, agent=SCANNER)
        self.assertEqual(self._touch("mail_click").bot_reason, "agent")
        self.assertLess(datetime(2026, 1, 1), self._touch("mail_click").date)
