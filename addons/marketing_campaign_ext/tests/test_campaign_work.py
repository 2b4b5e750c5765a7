from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestCampaignWork(CampaignCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env["mail.activity.plan"].create(
            {
                "name": "Prepare",
                "res_model": "utm.campaign",
                "company_id": False,
                "template_ids": [
                    (0, 0, {"summary": "Book", "delay_count": 3, "delay_unit": "days"}),
                    (0, 0, {"summary": "Invite", "delay_count": 1, "delay_unit": "days"}),
                ],
            }
        )
        cls.campaign = cls._create_campaign()

    def _create_action(self, kind, trigger, **values):
        return (
            self.env["marketing.campaign.action"]
            .with_user(self.marketer)
            .create(
                {
                    "campaign_id": self.campaign.id,
                    "kind": kind,
                    "trigger": trigger,
                    **values,
                }
            )
        )

    def _run_daily_job(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("marketing_campaign_ext.ir_cron_campaign_actions").method_direct_trigger()
        self.env.invalidate_all()

    def _approve_and_close(self):
        self._approve(self.campaign)
        self.campaign.action_start()
        self.campaign.action_done()

    def _work(self):
        """Activities of the campaign apart from requests for approval."""
        approval = self.env.ref("marketing_campaign_ext.mail_activity_type_approval")
        return self.campaign.activity_ids.filtered(lambda act: act.activity_type_id != approval)

    def test_plan_is_launched_by_the_approval_and_once(self):
        action = self._create_action("activity_plan", "approval", activity_plan_id=self.plan.id)
        self.assertIn("2", action.preview)
        self.assertFalse(self._work())
        self._approve(self.campaign)
        self.assertEqual(action.state, "done")
        self.assertEqual(set(self._work().mapped("summary")), {"Book", "Invite"})
        self.assertEqual(self._work().user_id, self.marketer)
        action.action_run()
        self.assertEqual(len(self._work()), 2)

    @freeze_time("2026-02-10 08:00:00")
    def test_daily_job_runs_what_is_due_relative_to_the_start(self):
        before = self._create_action("review", "start", delay_days=-14)
        later = self._create_action("review", "start", delay_days=0)
        self.assertEqual(before.date_due, date(2026, 2, 15))
        self._approve(self.campaign)
        self.assertEqual(before.state, "planned")
        with freeze_time("2026-02-15 08:00:00"):
            self._run_daily_job()
        self.assertEqual((before.state, later.state), ("done", "planned"))

    def test_nothing_runs_before_the_approval(self):
        action = self._create_action("review", "start", delay_days=-400)
        self._run_daily_job()
        self.assertEqual(action.state, "planned")
        with self.assertRaises(UserError):
            action.action_run()

    def test_dates_of_the_campaign_move_the_work(self):
        action = self._create_action("review", "end", delay_days=2)
        self.campaign.date_end = date(2026, 6, 10)
        self.assertEqual(action.date_due, date(2026, 6, 12))

    def test_cancelled_campaign_skips_its_work(self):
        action = self._create_action("review", "done")
        self.campaign.action_cancel()
        self.assertEqual(action.state, "skipped")

    def test_closing_asks_for_a_review(self):
        self._create_action("review", "done", user_id=self.manager.id)
        self._approve_and_close()
        self.assertEqual(self._work().user_id, self.manager)

    def test_mailing_is_drafted_and_not_sent(self):
        self.env["crm.lead"].create(
            {
                "name": "Attended",
                "campaign_id": self.campaign.id,
                "email_from": "guest@example.com",
            }
        )
        action = self._create_action("mailing", "done", name="Thank you for coming")
        self.assertIn("1", action.preview)
        self._approve_and_close()
        mailing = self.env["mailing.mailing"].search([("campaign_id", "=", self.campaign.id)])
        self.assertEqual((mailing.subject, mailing.state), ("Thank you for coming", "draft"))
        self.assertEqual(mailing.user_id, self.marketer)
        self.assertEqual(self._work().user_id, self.marketer, "somebody is asked to check it")

    def test_mailing_is_scheduled_when_told_so(self):
        self._create_action("mailing", "done", is_scheduled=True)
        self._approve_and_close()
        mailing = self.env["mailing.mailing"].search([("campaign_id", "=", self.campaign.id)])
        self.assertEqual(mailing.state, "in_queue")
        self.assertTrue(mailing.schedule_date)

    def test_follow_up_calls_open_leads_that_nobody_works_on(self):
        idle, busy, lost = self.env["crm.lead"].create(
            [{"name": name, "campaign_id": self.campaign.id} for name in ("idle", "busy", "lost")]
        )
        busy.activity_schedule("mail.mail_activity_data_call", user_id=self.marketer.id)
        lost.action_set_lost()
        self._create_action("followup", "done")
        self._approve_and_close()
        self.assertTrue(idle.activity_ids)
        self.assertEqual(len(busy.activity_ids), 1)
        self.assertFalse(lost.activity_ids)

    def test_attendees_without_an_opportunity_are_followed_up(self):
        if "event.registration" not in self.env:
            self.skipTest("Events are not installed.")
        event = self.env["event.event"].create(
            {
                "name": "Open day",
                "date_begin": "2026-03-10 08:00:00",
                "date_end": "2026-03-10 16:00:00",
            }
        )
        attended, known, absent = self.env["event.registration"].create(
            [
                {
                    "event_id": event.id,
                    "name": name,
                    "email": f"{name}@example.com",
                    "utm_campaign_id": self.campaign.id,
                    "state": state,
                }
                for name, state in (("attended", "done"), ("known", "done"), ("absent", "open"))
            ]
        )
        self.env["crm.lead"].create(
            {"name": "Talks", "type": "opportunity", "email_from": "known@example.com"}
        )
        action = self._create_action("followup", "done")
        self.assertIn("1", action.preview)
        self._approve_and_close()
        self.assertTrue(attended.activity_ids)
        self.assertFalse(known.activity_ids | absent.activity_ids)

    def test_one_failing_action_does_not_stop_the_others(self):
        broken = self._create_action("review", "start", delay_days=-400)
        sound = self._create_action("review", "start", delay_days=-400)
        self._approve(self.campaign)
        (broken | sound).sudo().write({"state": "planned"})
        run = type(broken)._run

        def fail_once(actions):
            if broken in actions:
                raise RuntimeError("broken on purpose")
            return run(actions)

        self.patch(type(broken), "_run", fail_once)
        with (
            mute_logger("odoo.addons.marketing_campaign_ext.models.marketing_campaign_action"),
            mute_logger("odoo.addons.base.models.ir_cron"),
        ):
            self._run_daily_job()
        self.assertEqual(sound.state, "done")

    def test_rights(self):
        action = self._create_action("review", "done")
        self.assertTrue(action.with_user(self.finance).preview)
        with self.assertRaises(AccessError):
            action.with_user(self.finance).action_skip()
        with self.assertRaises(AccessError):
            action.with_user(self.outsider).read(["name"])

    def test_work_of_an_action_that_ran_stays(self):
        action = self._create_action("review", "approval")
        self._approve(self.campaign)
        with self.assertRaises(UserError):
            action.unlink()
        with self.assertRaises(UserError):
            action.write({"date_due": date.today() + timedelta(1)})
