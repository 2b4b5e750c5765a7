import random
from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from ..models.lead_score_engine_due import HORIZON
from . import score_reference
from .score_common import NOW, LeadScoreCommon


@tagged("post_install", "-at_install")
class TestScoreDue(LeadScoreCommon):
    """Time alone carries leads across thresholds when it is due, not only at night."""

    def _publish(self, *rules, **values):
        values = {"engagement_1_from": 38, "engagement_2_from": 20, "mql_enter": 1000, **values}
        with freeze_time(NOW):
            model = self._create_set(("engagement", *rules), **values)
            model.action_publish()
            self._score()
        return model

    def _get_due(self, lead):
        return self.env["lead.score.result"].search([("lead_id", "=", lead.id)]).date_due

    def _work(self, moment):
        with freeze_time(moment):
            self.env["lead.score.queue"]._mark_due()
            while self.env["lead.score.queue"]._process_batch(1000):
                pass
            self.env["lead.score.queue"]._wake_for_next()

    def _melting_lead(self):
        """40 points that lose 4 a day: 37.5, which is still 38, after 15 hours."""
        lead = self._create_lead()
        self._touch(lead=lead)
        rule = self._event_rule(points=40, decay_kind="linear", decay_days=10, decay_rate=1.0)
        self._publish(rule)
        return lead

    def test_decay_carries_a_lead_across_a_threshold_at_the_minute(self):
        lead = self._melting_lead()
        due = self._get_due(lead)
        self.assertLessEqual(abs(due - (NOW + timedelta(hours=15))), timedelta(seconds=2))
        self._work(due - timedelta(minutes=1))
        self.assertEqual((lead.score, lead.score_grade), (40, "C1"))
        self._work(due)
        for _look in range(3):  # at most one more look: the moment is a whole second
            if due := self._get_due(lead):
                self._work(due)
        self.assertEqual((lead.score, lead.score_grade), (37, "C2"))
        last = self.env["lead.score.history"].search([("lead_id", "=", lead.id)], limit=1)
        self.assertEqual((last.reason, last.grade_before, last.grade), ("time", "C1", "C2"))
        self.assertLessEqual(last.date - NOW, timedelta(hours=15, minutes=3))

    def test_the_job_has_an_appointment_for_that_moment(self):
        lead = self._melting_lead()
        cron = self.env.ref("lead_scoring.ir_cron_score_queue")
        calls = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).mapped("call_at")
        self.assertIn(self._get_due(lead), calls)
        with freeze_time(NOW):
            self._score(lead)
        again = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).mapped("call_at")
        self.assertEqual(calls, again, "one appointment is enough")

    def test_a_touch_leaves_its_window_when_it_is_due(self):
        lead = self._create_lead()
        self._touch(lead=lead, days=29.5)
        self._publish(self._event_rule(points=25, window_days=30))
        self.assertEqual(lead.score_grade, "C2")
        due = self._get_due(lead)
        self.assertLessEqual(abs(due - (NOW + timedelta(hours=12))), timedelta(seconds=2))
        self._work(due)
        self.assertEqual((lead.score, lead.score_grade), (0, "C3"))

    def test_a_penalty_that_melts_lets_a_lead_rise(self):
        lead = self._create_lead()
        self._touch("mail_reply", lead=lead)
        self._touch("mail_click", lead=lead, days=29)
        self._publish(
            self._event_rule("mail_reply", points=42),
            self._event_rule("mail_click", points=-10, decay_kind="step", decay_days=30),
        )
        self.assertEqual(lead.score_grade, "C2")
        self._work(self._get_due(lead))
        self.assertEqual((lead.score, lead.score_grade), (42, "C1"))

    def test_nothing_is_due_where_no_threshold_can_be_reached(self):
        lead = self._create_lead()
        self._touch(lead=lead)
        self._publish(
            self._event_rule(points=10, decay_kind="linear", decay_days=10, decay_rate=1.0)
        )
        self.assertEqual(lead.score_grade, "C3")
        self.assertFalse(self._get_due(lead))

    def test_a_lead_won_meanwhile_is_looked_at_once_and_stays_as_it_was(self):
        lead = self._melting_lead()
        with freeze_time(NOW):
            lead.action_set_won()
        self._work(NOW + timedelta(hours=20))
        self.assertEqual((lead.score, lead.score_grade), (40, "C1"))
        self.assertFalse(self._get_due(lead))

    # ------------------------------------------------------------------ never too late

    def _random_rules(self, draw):
        rules = []
        for kind in ("mail_click", "mail_reply", "meeting", "call"):
            decay = draw.choice(("linear", "half_life", "step", "none"))
            rules.append(
                {
                    "name": kind,
                    "touch_kind": kind,
                    "points": draw.choice((-12, 7, 15, 30)),
                    "window_days": draw.choice((0, 0, 3)),
                    "count_mode": draw.choice(("every", "once")),
                    "decay_kind": decay,
                    "decay_days": draw.choice((2.0, 5.0)),
                    "decay_rate": draw.choice((0.5, 1.0)),
                }
            )
        return rules

    def _get_cell(self, rule_set, lead, touches, moment, was_mql):
        __, totals = score_reference.score(rule_set, lead, touches, moment)
        band = sum(totals["engagement"] >= bound for bound in (38, 20))
        return band, totals["score"] >= (30 if was_mql else 45)

    def test_the_moment_is_never_too_late(self):
        """Beside the plain Python reference, asked every ten minutes for a day and a half."""
        draw = random.Random(7)
        late = []
        for _world in range(4):
            rules = self._random_rules(draw)
            leads = [self._create_lead() for _number in range(15)]
            touches = {
                lead: [
                    self._touch(draw.choice(rules)["touch_kind"], lead, days=draw.uniform(0, 6))
                    for _number in range(draw.randrange(1, 6))
                ]
                for lead in leads
            }
            limits = {"is_limited": True, "points_min": -10, "points_max": 60}
            self._publish(
                *[{**rule, "kind": "event"} for rule in rules],
                mql_enter=45,
                mql_leave=30,
                **limits,
            )
            rule_set = {
                "tz": "UTC",
                "limit": (-10, 60),
                "groups": [{"name": "all", "axis": "engagement", "rules": rules}],
            }
            for lead in leads:
                facts = {"id": lead.id, "company_id": None, "partner_id": None, "email": None}
                met = [
                    {
                        "id": touch.id,
                        "kind": touch.kind,
                        "date": touch.date,
                        "is_bot": False,
                        "company_id": None,
                        "lead_id": lead.id,
                        "partner_id": None,
                        "email": None,
                    }
                    for touch in touches[lead]
                ]
                cell = self._get_cell(rule_set, facts, met, NOW, lead.is_mql)
                due = self._get_due(lead) or NOW + HORIZON
                moment = NOW
                while moment < due - timedelta(minutes=2):
                    if self._get_cell(rule_set, facts, met, moment, lead.is_mql) != cell:
                        late.append((lead.id, moment, due))
                        break
                    moment += timedelta(minutes=10)
        self.assertEqual(late, [])


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestScoreHistoryKept(LeadScoreCommon):
    """The history is kept as long as the setting says, a lead's latest change for ever."""

    def _add_rows(self, lead, *ages):
        return self.env["lead.score.history"].create(
            [
                {"lead_id": lead.id, "date": NOW - timedelta(days=age), "reason": "facts"}
                for age in ages
            ]
        )

    def _forget(self, months):
        self.env["ir.config_parameter"].set_param("lead_scoring.history_months", str(months))
        return self.env["lead.score.history"]._gc_old_rows()

    def test_old_changes_are_forgotten_but_never_the_latest(self):
        old, quiet = self._create_lead(), self._create_lead()
        rows = self._add_rows(old, 400, 370, 10)
        alone = self._add_rows(quiet, 900, 800)
        self.assertEqual(self._forget(12), (3, 0))
        self.assertEqual((rows | alone).exists(), rows[2] | alone[1])

    def test_zero_keeps_everything(self):
        rows = self._add_rows(self._create_lead(), 4000, 10)
        self.assertEqual(self._forget(0), (0, 0))
        self.assertEqual(rows.exists(), rows)
