from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields, sql_db
from odoo.tests import tagged

from .common import TouchpointCommon


@tagged("post_install", "-at_install")
class TestIngest(TouchpointCommon):
    def test_a_mail_that_was_sent_opened_clicked_and_replied_is_four_touches(self):
        trace = self._create_trace(
            self.zoe,
            trace_status="reply",
            open_datetime=self.sent_at + timedelta(hours=1),
            links_click_datetime=self.sent_at + timedelta(hours=2),
            reply_datetime=self.sent_at + timedelta(hours=3),
        )
        self._ingest()
        touches = self._touches(trace)
        self.assertEqual(
            touches.mapped("kind"), ["mail_sent", "mail_open", "mail_click", "mail_reply"]
        )
        self.assertEqual(
            touches.mapped("date"), [self.sent_at + timedelta(hours=hour) for hour in range(4)]
        )
        self.assertEqual(touches.campaign_id, self.campaign)
        self.assertEqual(touches.mailing_id, self.mailing)
        self.assertEqual(touches.source_id, self.mailing.source_id)
        self.assertEqual(touches.medium_id, self.mailing.medium_id)
        self.assertEqual(set(touches.mapped("email_normalized")), {"zoe@touch.example.com"})
        self.assertEqual(set(touches.mapped("name")), {"Touch Offer"})

    def test_test_mails_are_nobody(self):
        trace = self._create_trace(self.zoe, is_test_trace=True, open_datetime=self.sent_at)
        self._ingest()
        self.assertTouches(trace)

    def test_mails_not_sent_are_no_touch(self):
        waiting = self._create_trace(self.zoe, trace_status="outgoing", sent_datetime=False)
        failed = self._create_trace(self.zoe, trace_status="error")
        self._ingest()
        self.assertTouches(waiting + failed)

    def test_a_click_knows_its_link_and_its_reader(self):
        trace = self._create_trace(self.zoe)
        link = self._create_link(label="Buy now")
        click = self.env["link.tracker.click"].add_click(
            link.code, mailing_trace_id=trace.id, ip="203.0.113.7"
        )
        self._ingest()
        touch = self._touches(click)
        self.assertEqual(touch.kind, "mail_click")
        self.assertEqual(touch.link_id, link)
        self.assertEqual(touch.name, "Buy now")
        self.assertEqual(touch.email_normalized, "zoe@touch.example.com")
        self.assertEqual(touch.mailing_id, self.mailing)
        self.assertTouches(trace, "mail_sent", "mail_open")

    def test_a_click_row_replaces_the_click_of_its_trace(self):
        trace = self._create_trace(self.zoe, links_click_datetime=self.sent_at)
        self._ingest()
        self.assertTouches(trace, "mail_sent", "mail_click")
        link = self._create_link()
        click = self.env["link.tracker.click"].add_click(link.code, mailing_trace_id=trace.id)
        self._ingest()
        self.assertTouches(click, "mail_click")
        self.assertTouches(trace, "mail_sent", "mail_open")

    def test_an_anonymous_click_stays_anonymous(self):
        click = self.env["link.tracker.click"].add_click(self._create_link().code)
        self._ingest()
        touch = self._touches(click)
        self.assertEqual(touch.kind, "link_click")
        self.assertEqual(touch.campaign_id, self.campaign)
        self.assertFalse(touch.partner_id or touch.lead_id or touch.email_normalized)

    def test_a_lead_is_a_touch_of_its_campaign(self):
        self._ingest()
        touch = self._touches(self.bob_lead)
        self.assertEqual(touch.kind, "lead_created")
        self.assertEqual(touch.lead_id, self.bob_lead)
        self.assertEqual(touch.campaign_id, self.campaign)
        self.assertEqual(touch.date, self.bob_lead.create_date)
        self.assertEqual(touch.email_normalized, "bob@touch.example.com")

    def test_a_confirmed_order_is_a_touch_until_it_is_cancelled(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.ada.id,
                "opportunity_id": self.bob_lead.id,
                "campaign_id": self.campaign.id,
            }
        )
        self._ingest()
        self.assertTouches(order)
        order.action_confirm()
        self._ingest()
        touch = self._touches(order)
        self.assertEqual(touch.kind, "order")
        self.assertEqual(touch.partner_id, self.ada)
        self.assertEqual(touch.lead_id, self.bob_lead)
        self.assertEqual(touch.company_id, order.company_id)
        order._action_cancel()
        self._ingest()
        self.assertTouches(order)

    def test_a_meeting_is_a_touch_once_it_took_place(self):
        now = fields.Datetime.now()
        past, future = self.env["calendar.event"].create(
            [
                {
                    "name": name,
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "opportunity_id": self.bob_lead.id,
                }
                for name, start in (
                    ("Demo", now - timedelta(days=1)),
                    ("Offer", now + timedelta(days=1)),
                )
            ]
        )
        self._ingest()
        self.assertTouches(past, "meeting")
        self.assertTouches(future)
        self.assertEqual(self._touches(past).lead_id, self.bob_lead)
        past.write({"start": now + timedelta(days=2), "stop": now + timedelta(days=3)})
        self._ingest()
        self.assertTouches(past)

    def test_a_meeting_becomes_a_touch_when_its_time_comes(self):
        now = fields.Datetime.now()
        meeting = self.env["calendar.event"].create(
            {
                "name": "Demo",
                "start": now - timedelta(minutes=30),
                "stop": now,
                "opportunity_id": self.bob_lead.id,
            }
        )
        # written a month ago, read up to an hour ago: only its own clock can bring it in
        self._age(meeting)
        self._ingest()
        self._touches(meeting).unlink()
        self.env["marketing.touchpoint.source"].search([("code", "=", "meeting")]).write(
            {"watermark": now - timedelta(hours=1)}
        )
        self._ingest()
        self.assertTouches(meeting, "meeting")

    def test_a_call_is_a_touch_when_done(self):
        call = self.bob_lead.activity_schedule(
            "mail.mail_activity_data_call", summary="Ask for size", user_id=self.sam.id
        )
        todo = self.bob_lead.activity_schedule("mail.mail_activity_data_todo", user_id=self.sam.id)
        self._ingest()
        self.assertTouches(call + todo)
        (call + todo).action_done()
        self._ingest()
        touch = self._touches(call + todo)
        self.assertEqual(touch.kind, "call")
        self.assertEqual(touch.lead_id, self.bob_lead)
        self.assertEqual(touch.name, "Ask for size")
        self.assertGreaterEqual(touch.date, call.create_date)

    def test_reading_again_changes_nothing(self):
        self._create_trace(self.zoe, open_datetime=self.sent_at)
        self._create_trace(self.ada)
        self.env["link.tracker.click"].add_click(self._create_link().code)
        self._ingest()
        before = self._snapshot()
        self.assertTrue(before)
        self._ingest()
        self.assertEqual(self._snapshot(), before)
        self.env["marketing.touchpoint.source"].search([]).action_read_again()
        self._ingest()
        self.assertEqual(self._snapshot(), before)

    def test_batches_read_every_row_once(self):
        traces = self.env["mailing.trace"].concat(
            *(self._create_trace(self.zoe) for _nr in range(7))
        )
        with patch(
            "odoo.addons.marketing_touchpoint.models.marketing_touchpoint_ingest.BATCH_SIZE", 3
        ):
            self._ingest()
        self.assertTouches(traces, *["mail_sent"] * 7)

    def test_an_old_trace_opened_now_is_read(self):
        trace = self._create_trace(self.zoe)
        self._settle()
        self._age(trace)
        self.assertTouches(trace, "mail_sent")
        trace.set_opened()
        self._ingest()
        self.assertTouches(trace, "mail_sent", "mail_open")

    def test_rows_behind_the_watermark_are_not_read_again(self):
        """The watermark works: a row changed without a new write date goes unseen."""
        trace = self._create_trace(self.zoe)
        self._settle()
        self._age(trace)
        self.env.cr.execute(
            "UPDATE mailing_trace SET open_datetime = sent_datetime WHERE id = %s", (trace.id,)
        )
        self._ingest()
        self.assertTouches(trace, "mail_sent")

    def test_a_mail_that_bounces_after_all_is_taken_back(self):
        trace = self._create_trace(self.zoe)
        self._ingest()
        trace.set_bounced()
        self._ingest()
        self.assertTouches(trace)
        trace.set_opened()  # it did arrive
        self._ingest()
        self.assertTouches(trace, "mail_sent", "mail_open")

    def test_a_corrected_date_and_campaign_are_followed(self):
        other = self.env["utm.campaign"].create({"title": "Touch Autumn"})
        self._ingest()
        touch = self._touches(self.bob_lead)
        self.bob_lead.campaign_id = other
        self._ingest()
        self.assertEqual(self._touches(self.bob_lead), touch)
        self.assertEqual(touch.campaign_id, other)

    def test_a_mailing_moved_to_another_campaign_takes_its_old_touches_along(self):
        trace = self._create_trace(self.zoe, open_datetime=self.sent_at)
        self._ingest()
        self._age(trace)
        other = self.env["utm.campaign"].create({"title": "Touch Autumn"})
        self.mailing.campaign_id = other
        self._ingest()
        self.assertEqual(self._touches(trace).campaign_id, other)

    def test_company_comes_from_lead_order_or_campaign(self):
        company = self.env["res.company"].create({"name": "Touch Ltd"})
        campaign = self.env["utm.campaign"].create(
            {"title": "Touch Ltd campaign", "company_id": company.id}
        )
        self.mailing.campaign_id = campaign
        trace = self._create_trace(self.zoe)
        lead = self.env["crm.lead"].create({"name": "Of the company", "company_id": company.id})
        self._ingest()
        self.assertEqual(self._touches(trace).company_id, company)
        self.assertEqual(self._touches(lead).company_id, company)

    def test_a_deleted_meeting_never_happened_a_deleted_mailing_did(self):
        trace = self._create_trace(self.zoe)
        meeting = self.env["calendar.event"].create(
            {
                "name": "Demo",
                "start": self.sent_at,
                "stop": self.sent_at + timedelta(hours=1),
                "opportunity_id": self.bob_lead.id,
            }
        )
        self._ingest()
        of_trace, of_meeting = self._touches(trace), self._touches(meeting)
        self.assertTrue(of_trace and of_meeting)
        meeting.unlink()
        self.assertFalse(of_meeting.exists())
        self.mailing.unlink()
        self._ingest()
        with self.enter_registry_test_mode():
            self.env.ref("marketing_touchpoint.ir_cron_sweep").method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(of_trace.exists().source_deleted)
        self.assertFalse(of_trace.can_open_source)
        self.assertEqual(of_trace.exists().email_normalized, "zoe@touch.example.com")
        self.assertEqual(of_trace.campaign_id, self.campaign)

    def test_what_is_deleted_behind_our_back_is_found(self):
        order = self.env["sale.order"].create({"partner_id": self.ada.id})
        order.action_confirm()
        self._ingest()
        touch = self._touches(order)
        self.assertTrue(touch)
        self.env.cr.execute("DELETE FROM sale_order WHERE id = %s", (order.id,))
        self.Touch._sweep_deleted(self.Touch._order_source())
        self.assertFalse(touch.exists())

    def test_opening_the_source_opens_the_record(self):
        trace = self._create_trace(self.zoe)
        link = self._create_link()
        click = self.env["link.tracker.click"].add_click(link.code)
        self._ingest()
        self.assertEqual(self._touches(self.bob_lead).action_open_source()["res_model"], "crm.lead")
        self.assertEqual(self._touches(trace).action_open_source()["res_id"], trace.id)
        self.assertEqual(self._touches(click).action_open_source()["res_id"], link.id)

    def test_a_salesperson_is_not_offered_records_he_may_not_open(self):
        trace = self._create_trace(self.bob_lead)
        self._ingest()
        self.assertFalse(self._touches(trace).with_user(self.sam).can_open_source)
        self.assertTrue(self._touches(trace).with_user(self.mia).can_open_source)
        self.assertTrue(self._touches(self.bob_lead).with_user(self.sam).can_open_source)


@tagged("post_install", "-at_install")
class TestWatermark(TouchpointCommon):
    def _watermark(self, code="mailing_trace"):
        self.env["marketing.touchpoint.source"].invalidate_model()
        return self.env["marketing.touchpoint.source"].search([("code", "=", code)]).watermark

    def test_the_horizon_is_the_oldest_running_transaction(self):
        """A real second connection that began earlier and has not committed yet."""
        Source = self.env["marketing.touchpoint.source"]
        with sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT now() AT TIME ZONE 'UTC'")
            [began] = other.fetchone()
            self.assertLessEqual(Source._read_horizon(), began)
        own_start = self.env.cr.now()
        self.assertLessEqual(Source._read_horizon(), own_start)

    def test_a_pass_moves_only_up_to_a_horizon_read_before_it(self):
        Source = type(self.env["marketing.touchpoint.source"])
        first, second = datetime(2026, 1, 1), datetime(2026, 2, 1)
        self.env["marketing.touchpoint.source"].search([]).unlink()
        with patch.object(Source, "_read_horizon", return_value=first):
            self._ingest()
        self.assertFalse(self._watermark(), "no horizon was known before the first pass")
        with patch.object(Source, "_read_horizon", return_value=second):
            self._ingest()
        self.assertEqual(self._watermark(), first)
        self._ingest()
        self.assertEqual(self._watermark(), second)

    def test_a_row_that_commits_late_is_read(self):
        """Its write date is older than rows already read, but not older than the horizon."""
        Source = type(self.env["marketing.touchpoint.source"])
        began = datetime.now() - timedelta(minutes=20)
        with patch.object(Source, "_read_horizon", return_value=began):
            self._settle()
        late = self._create_trace(self.zoe)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mailing_trace SET write_date = %s WHERE id = %s", (began, late.id)
        )
        self._ingest()
        self.assertTouches(late, "mail_sent")

    def test_an_interrupted_pass_goes_on_where_it_stopped(self):
        traces = self.env["mailing.trace"].concat(
            *(self._create_trace(self.zoe) for _nr in range(5))
        )
        self.env.flush_all()
        spec = self.Touch._mailing_trace_source()
        self.env["marketing.touchpoint.source"]._ensure([spec.code])
        self.env["marketing.touchpoint.source"].search(
            [("code", "=", spec.code)]
        ).action_read_again()
        self.env.flush_all()
        with patch(
            "odoo.addons.marketing_touchpoint.models.marketing_touchpoint_ingest.BATCH_SIZE", 2
        ):
            more = True
            while more and len(self._touches(traces)) < 2:
                more = self.Touch._ingest_batch(spec)
            self.assertTrue(more, "the pass is not through")
            self.assertLess(len(self._touches(traces)), 5)
        self.env["marketing.touchpoint.source"].invalidate_model()
        self._ingest()
        self.assertTouches(traces, *["mail_sent"] * 5)
