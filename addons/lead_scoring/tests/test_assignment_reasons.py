from datetime import datetime, timedelta
from unittest.mock import patch

from markupsafe import escape

from odoo.tests import tagged

from ..models.lead_assignment_decision import GIVEN_REASONS, LEFT_REASONS
from ..report.lead_assignment_report import REASONS
from .common_assignment import AssignmentCommon

WEDNESDAY = datetime(2026, 3, 18, 10)


@tagged("post_install", "-at_install")
class TestAssignmentReasons(AssignmentCommon):
    """Each reason code can be reached, and is readable in English and Chinese.

    One method per code, named after it; the last tests see to it that none is missing.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"].search([("name", "=", "lead_scoring")])._update_translations(
            ["zh_CN"]
        )

    def setUp(self):
        super().setUp()
        self._at(WEDNESDAY)
        self._date(self.pool, create_date=WEDNESDAY - timedelta(days=60))
        self.lead = self._create_leads(1)

    def _ends_as(self, reason, lead=None):
        lead = lead or self.lead
        self._assign(lead)
        self.assertEqual(self._decision(lead).reason, reason)
        self.assertIn(escape(self._label("reason", reason)), self._decision(lead).explanation)

    def _is_excluded_for(self, code, outcome, user=None, lead=None, **limits):
        """Ann cannot take the lead for this reason, and the others are not asked."""
        lead = lead or self.lead
        (self._seat(self.bob) | self._seat(self.cai)).unlink()
        self._seat(self.ann).write(limits)
        self._ends_as(outcome, lead)
        decision = self._decision(lead)
        self.assertEqual(decision.excluded, {str((user or self.ann).id): code})
        for lang in ("en_US", "zh_CN"):
            label = decision.with_context(lang=lang)._get_exclusion_labels()[code]
            self.assertIn(escape(label), decision.with_context(lang=lang).explanation)

    def _label(self, field, code, lang="en_US"):
        Decision = self.env["lead.assignment.decision"].with_context(lang=lang)
        return dict(Decision._fields[field]._description_selection(Decision.env))[code]

    def _received(self, date, count=1):
        self._date(self._create_leads(count, user_id=self.ann.id), date_open=date)

    # given

    def test_next_in_turn(self):
        self._ends_as("next_in_turn")

    def test_least_loaded(self):
        self.pool.method = "least_loaded"
        self._ends_as("least_loaded")

    def test_territory_owner(self):
        self.pool.method = "territory"
        self._seat(self.bob).country_ids = self.lead.country_id = self.env.ref("base.fr")
        self._ends_as("territory_owner")

    def test_account_owner(self):
        self.pool.method = "sticky"
        self.lead.partner_id = self.env["res.partner"].create(
            {"name": "Acme", "user_id": self.cai.id}
        )
        self._ends_as("account_owner")

    def test_substitute(self):
        self._absent(self.ann, self.zoe)
        self._ends_as("substitute")

    def test_manual(self):
        self.lead.with_user(self.mona).user_id = self.bob
        self._assign(self._create_leads(1))
        self.assertEqual(self._decision(self.lead).reason, "manual")

    def test_claimed(self):
        self.pool.method = "claim"
        self._assign(self.lead)
        self.lead.with_user(self.bob).action_claim()
        self.assertEqual(self._decision(self.lead).reason, "claimed")

    # left

    def test_no_rule(self):
        self.rule.domain = "[('expected_revenue', '>', 0)]"
        self._ends_as("no_rule")

    def test_too_old(self):
        self.rule.max_age_days = 7
        self._date(self.lead, create_date=WEDNESDAY - timedelta(days=8))
        self._ends_as("too_old")

    def test_empty_pool(self):
        self.pool.member_ids.unlink()
        self._ends_as("empty_pool")

    def test_nobody_matches(self):
        self.rule.match_country = True
        self._ends_as("nobody_matches")

    def test_nobody_available(self):
        self.pool.member_ids.optout = True
        self._ends_as("nobody_available")

    def test_nobody_with_capacity(self):
        self.pool.member_ids.capacity_day = 1
        self._assign(self._create_leads(3))
        self._ends_as("nobody_with_capacity")

    def test_nobody_left(self):
        engine = self.env["lead.assignment.engine"]
        engine._assign(self.lead, "cron", {self.lead.id: self.people.ids})
        self.assertEqual(self.lead.assignment_reason, "nobody_left")

    def test_waiting_claim(self):
        self.pool.method = "claim"
        self._ends_as("waiting_claim")

    def test_already_owned(self):
        self.lead.user_id = self.zoe
        self._ends_as("already_owned")

    def test_closed(self):
        self.lead.action_set_lost()
        self._ends_as("closed")

    def test_native_team(self):
        self.team.assignment_engine = "native"
        self._ends_as("native_team")

    def test_locked(self):
        """Another process holds the lead: the database skips it. (With real processes:
        tests/parallel.)"""
        engine = self.registry["lead.assignment.engine"]
        with patch.object(engine, "_lock_leads", lambda *_args, **_kwargs: {}):
            self._ends_as("locked")

    def test_failed(self):
        with patch.object(
            self.registry["crm.lead"], "convert_opportunity", side_effect=ValueError("broken addon")
        ), self.enter_registry_test_mode(), self.assertLogs(
            "odoo.addons.lead_scoring.models.lead_assignment_engine", "ERROR"
        ):  # fmt: skip
            self.rule.convert = True
            self.env.ref("lead_scoring.ir_cron_lead_assignment").method_direct_trigger()
        self.assertEqual(self._decision(self.lead).reason, "failed")

    # excluded

    def test_empty_team(self):
        team = self.env["crm.team"].create({"name": "Nobody"})
        self.pool.member_ids.unlink()
        self.pool.member_ids.create({"pool_id": self.pool.id, "team_id": team.id})
        self._ends_as("empty_pool")
        self.assertEqual(self._decision(self.lead).excluded, {str(-team.id): "empty_team"})
        self.assertIn("Nobody", self._decision(self.lead).explanation)

    def test_inactive(self):
        self.ann.active = False
        self._is_excluded_for("inactive", "nobody_available")

    def test_opted_out(self):
        self._is_excluded_for("opted_out", "nobody_available", optout=True)

    def test_absent(self):
        self._absent(self.ann)
        self._is_excluded_for("absent", "nobody_available")

    def test_off_hours(self):
        calendar = self._create_calendar((12, 16))
        self.pool.write({"use_working_hours": True, "resource_calendar_id": calendar.id})
        self._is_excluded_for("off_hours", "nobody_available")

    def test_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        lead = self._create_leads(1, team_id=False)
        self._date(lead, company_id=other.id)
        self.mona.company_ids |= other
        lead = lead.with_context(allowed_company_ids=(self.env.company | other).ids)
        self._is_excluded_for("company", "nobody_matches", lead=lead)

    def test_country(self):
        self.rule.match_country = True
        self._is_excluded_for("country", "nobody_matches")

    def test_state(self):
        self.rule.match_state = True
        self._is_excluded_for("state", "nobody_matches")

    def test_language(self):
        self.rule.match_language = True
        self._is_excluded_for("language", "nobody_matches")

    def test_skill(self):
        self.rule.match_skill = True
        self._is_excluded_for("skill", "nobody_matches")

    def test_former_owner(self):
        (self._seat(self.bob) | self._seat(self.cai)).unlink()
        engine = self.env["lead.assignment.engine"]
        engine._assign(self.lead, "cron", {self.lead.id: self.ann.ids})
        self.assertEqual(self._decision(self.lead).excluded, {str(self.ann.id): "former_owner"})

    def test_capacity_day(self):
        self._received(WEDNESDAY - timedelta(hours=10))  # midnight: today
        self._is_excluded_for("capacity_day", "nobody_with_capacity", capacity_day=1)

    def test_capacity_day_is_free_again_after_midnight(self):
        self._received(WEDNESDAY - timedelta(hours=11))
        self._seat(self.ann).capacity_day = 1
        self._ends_as("next_in_turn")

    def test_capacity_week(self):
        self._received(datetime(2026, 3, 16))  # Monday
        self._is_excluded_for("capacity_week", "nobody_with_capacity", capacity_week=1)

    def test_capacity_week_does_not_count_last_week(self):
        self._received(datetime(2026, 3, 15, 23))
        self._seat(self.ann).capacity_week = 1
        self._ends_as("next_in_turn")

    def test_capacity_month(self):
        self._received(datetime(2026, 3, 1))
        self._is_excluded_for("capacity_month", "nobody_with_capacity", capacity_month=1)

    def test_capacity_month_does_not_count_last_month(self):
        self._received(datetime(2026, 2, 28, 23))
        self._seat(self.ann).capacity_month = 1
        self._ends_as("next_in_turn")

    def test_backlog(self):
        self._received(datetime(2026, 1, 1))
        self._is_excluded_for("backlog", "nobody_with_capacity", backlog_max=1)

    # all of them

    def _absent(self, user, substitute=None):
        self.env["lead.assignment.absence"].create(
            {
                "user_id": user.id,
                "date_from": WEDNESDAY - timedelta(days=1),
                "date_to": WEDNESDAY + timedelta(days=1),
                "substitute_id": substitute and substitute.id,
            }
        )

    def _codes(self):
        exclusions = self.env["lead.assignment.decision"]._get_exclusion_labels()
        return {code for code, _label in GIVEN_REASONS + LEFT_REASONS} | set(exclusions)

    def test_each_code_has_a_test(self):
        missing = [code for code in self._codes() if not hasattr(self, f"test_{code}")]
        self.assertFalse(missing)

    def test_each_code_reads_well_in_english_and_chinese(self):
        exclusions = self.env["lead.assignment.decision"]
        for code, _label in GIVEN_REASONS + LEFT_REASONS:
            english, chinese = (self._label("reason", code, lang) for lang in ("en_US", "zh_CN"))
            self.assertNotEqual(english, chinese, code)
        in_english = exclusions._get_exclusion_labels()
        in_chinese = exclusions.with_context(lang="zh_CN")._get_exclusion_labels()
        for code, label in in_english.items():
            self.assertNotEqual(label, in_chinese[code], code)

    def test_the_fairness_report_names_the_same_exclusions(self):
        labels = self.env["lead.assignment.decision"]._get_exclusion_labels()
        self.assertEqual({**dict(REASONS), **labels}, dict(REASONS))
