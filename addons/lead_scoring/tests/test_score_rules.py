from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .score_common import NOW, PublishedRulesCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestScoreRules(PublishedRulesCommon):
    """Each kind of rule, one lead at a time."""

    def _publish_event_rule(self, **values):
        return self._publish(("engagement", self._event_rule(**values)))

    def test_a_state_rule_is_worth_points_only_while_it_is_true(self):
        self._publish(("fit", self._state_rule([("website", "!=", False)], 10)))
        lead = self._create_lead(website="https://example.com")
        self._score(lead)
        self.assertScore(lead, 10, {"fit 0": 10})
        lead.website = False
        self._score(lead)
        self.assertScore(lead, 0, {})

    def test_scoring_again_changes_nothing(self):
        self._publish_event_rule()
        lead = self._create_lead()
        self._touch(lead=lead)
        for _again in range(3):
            self._score(lead)
        self.assertScore(lead, 10)
        self.assertEqual(self.env["lead.score.line"].search_count([("lead_id", "=", lead.id)]), 1)

    def test_unknown_is_not_a_mismatch(self):
        france, germany = self.env.ref("base.fr"), self.env.ref("base.de")
        not_france = [("country_id", "!=", france.id)]
        by_path = ["!", ("country_id.code", "=", "FR")]
        small = [("expected_revenue", "<", 1000)]
        self._publish(
            (
                "fit",
                self._state_rule(not_france, -10),
                self._state_rule(by_path, -1),
                self._state_rule(small, -100),
            )
        )
        unknown = self._create_lead()
        french = self._create_lead(country_id=france.id, expected_revenue=5000)
        german = self._create_lead(country_id=germany.id, expected_revenue=500)
        self._score()
        self.assertScore(unknown, 0)
        self.assertScore(french, 0)
        self.assertScore(german, -111)

    def test_unknown_matches_when_the_rule_says_so(self):
        domain = [("country_id", "!=", self.env.ref("base.fr").id)]
        self._publish(("fit", self._state_rule(domain, -10, match_unknown=True)))
        lead = self._create_lead()
        self._score(lead)
        self.assertScore(lead, -10)

    def test_asking_for_an_empty_value_finds_it(self):
        self._publish(("fit", self._state_rule([("country_id", "=", False)], -3)))
        lead = self._create_lead()
        self._score(lead)
        self.assertScore(lead, -3)

    def test_every_touch_counts(self):
        self._publish_event_rule()
        lead = self._create_lead()
        for day in range(3):
            self._touch(lead=lead, days=day)
        self._score(lead)
        self.assertScore(lead, 30)

    def test_once_counts_the_latest_touch_only(self):
        self._publish_event_rule(count_mode="once", decay_kind="half_life", decay_days=10)
        lead = self._create_lead()
        self._touch(lead=lead, days=20)
        self._touch(lead=lead, days=10)
        self._score(lead)
        self.assertScore(lead, 5)

    def test_at_most_n_per_week(self):
        self._publish_event_rule(count_mode="week", count_max=2)
        lead = self._create_lead()
        for hours in (1, 2, 3):  # this week
            self._touch(lead=lead, days=hours / 24)
        self._touch(lead=lead, days=7)  # last week
        self._score(lead)
        self.assertScore(lead, 30)

    def test_a_day_begins_in_the_time_zone_of_the_rules(self):
        rule = self._event_rule(count_mode="day", count_max=1)
        self._publish(("engagement", rule), tz="Asia/Shanghai")
        lead = self._create_lead()
        # 23:30 and 00:30 in Shanghai: two days there, one day in UTC
        midnight = NOW.replace(day=16, hour=16, minute=0)
        self._touch(lead=lead, date=midnight - timedelta(minutes=30))
        self._touch(lead=lead, date=midnight + timedelta(minutes=30))
        self._score(lead)
        self.assertScore(lead, 20)

    def test_the_first_k_of_a_day_count(self):
        self._publish_event_rule(daily_max=2)
        lead = self._create_lead()
        touches = [self._touch(lead=lead, days=3 + hour / 24) for hour in range(4)]
        self._score(lead)
        self.assertScore(lead, 20)
        counted = {touch["id"] for touch in lead.get_score_explanation()[0]["evidence"]}
        self.assertEqual(counted, {touches[2].id, touches[3].id}, "the earliest two")

    def test_a_window_forgets_older_touches(self):
        self._publish_event_rule(window_days=30)
        lead = self._create_lead()
        self._touch(lead=lead, days=29)
        self._touch(lead=lead, days=31)
        self._score(lead)
        self.assertScore(lead, 10)

    def test_a_reset_ignores_what_was_before(self):
        self._publish_event_rule(date_from=NOW - timedelta(days=5))
        lead = self._create_lead()
        self._touch(lead=lead, days=4)
        self._touch(lead=lead, days=6)
        self._score(lead)
        self.assertScore(lead, 10)

    def test_linear_decay_halves_ten_points_at_fifty_percent_a_month(self):
        self._publish_event_rule(decay_kind="linear", decay_days=30, decay_rate=0.5)
        expected = {0: 10, 15: 8, 30: 5, 45: 3, 60: 0, 90: 0}  # 7.5 and 2.5 round up
        leads = {days: self._create_lead() for days in expected}
        for days, lead in leads.items():
            self._touch(lead=lead, days=days)
        self._score()
        self.assertEqual({days: lead.score for days, lead in leads.items()}, expected)

    def test_half_life_decay(self):
        self._publish_event_rule(points=100, decay_kind="half_life", decay_days=10)
        expected = {0: 100, 10: 50, 20: 25, 40: 6}  # 6.25
        leads = {days: self._create_lead() for days in expected}
        for days, lead in leads.items():
            self._touch(lead=lead, days=days)
        self._score()
        self.assertEqual({days: lead.score for days, lead in leads.items()}, expected)

    def test_a_step_keeps_all_points_and_then_none(self):
        self._publish_event_rule(decay_kind="step", decay_days=10)
        fresh, old = self._create_lead(), self._create_lead()
        self._touch(lead=fresh, days=9.9)
        self._touch(lead=old, days=10)
        self._score()
        self.assertScore(fresh, 10)
        self.assertScore(old, 0, {"engagement 0": 0})

    def test_decay_is_per_event_so_a_fresh_click_of_an_old_lead_counts_in_full(self):
        self._publish_event_rule(decay_kind="linear", decay_days=10, decay_rate=1.0)
        lead = self._create_lead()
        self._touch(lead=lead, days=300)
        self._touch(lead=lead, days=0)
        self._score(lead)
        self.assertScore(lead, 10)

    def test_limits_apply_inside_out_and_each_has_its_own_line(self):
        self._publish(
            (
                "engagement",
                {"group": {"is_limited": True, "points_min": 0, "points_max": 25}},
                self._event_rule("mail_click", 10, is_limited=True, points_min=0, points_max=20),
                self._event_rule("call", 15),
            ),
            ("fit", self._state_rule([("website", "!=", False)], 10)),
            is_limited=True,
            points_min=0,
            points_max=30,
        )
        lead = self._create_lead(website="https://example.com")
        for day in range(3):
            self._touch(lead=lead, days=day)
        self._touch("call", lead=lead)
        self._score(lead)
        self.assertScore(
            lead,
            30,
            {
                "fit 0": 10,
                "engagement 0": 30,
                "Limit of “engagement 0”": -10,
                "engagement 1": 15,
                "Limit of group “engagement”": -10,
                "Limit of the total": -5,
            },
        )
        self.assertEqual((lead.score_fit, lead.score_engagement), (10, 25))

    def test_machines_are_not_people(self):
        self._publish_event_rule()
        lead = self._create_lead()
        self._touch(lead=lead, is_bot=True)
        self._score(lead)
        self.assertScore(lead, 0)

    def test_a_touch_filter_narrows_an_event_rule(self):
        spring, autumn = self.env["utm.campaign"].create([{"title": "Spring"}, {"title": "Autumn"}])
        self._publish_event_rule(touch_domain=repr([("campaign_id", "=", spring.id)]))
        lead = self._create_lead()
        self._touch(lead=lead, campaign_id=spring.id)
        self._touch(lead=lead, campaign_id=autumn.id)
        self._score(lead)
        self.assertScore(lead, 10)

    def test_touches_are_found_by_partner_and_by_address(self):
        self._publish_event_rule()
        partner = self.env["res.partner"].create({"name": "P", "email": "p@example.com"})
        by_partner = self._create_lead(partner_id=partner.id)
        by_address = self._create_lead(email_from="someone@example.com")
        stranger = self._create_lead(email_from="else@example.com")
        self._touch(partner_id=partner.id)
        self._touch(email_normalized="someone@example.com")
        self._score()
        self.assertScore(by_partner, 10)
        self.assertScore(by_address, 10)
        self.assertScore(stranger, 0)

    def test_the_future_does_not_count(self):
        self._publish_event_rule()
        lead = self._create_lead()
        self._touch(lead=lead, days=-1)
        self._score(lead)
        self.assertScore(lead, 0)

    def test_what_happened_in_this_second_counts_already(self):
        self._publish_event_rule(decay_kind="half_life", decay_days=30)
        lead = self._create_lead()
        # a click row is stamped by the database with fractions of a second, the job is woken at
        # once and knows full seconds only
        touch = self._touch(lead=lead, date=NOW)
        touch.flush_recordset()
        self.env.cr.execute(
            "UPDATE marketing_touchpoint SET date = date + interval '0.9 s' WHERE id = %s",
            [touch.id],
        )
        self._score(lead)
        self.assertScore(lead, 10)
        self._touch(lead=lead, date=NOW + timedelta(minutes=1))
        self._score(lead)
        self.assertScore(lead, 10)

    def test_the_predictive_probability_may_be_asked_but_is_never_touched(self):
        self._publish(("fit", self._state_rule([("probability", ">=", 40)], 7)))
        lead = self._create_lead(probability=42.0)
        before = (lead.probability, lead.automated_probability)
        self._score(lead)
        self.assertScore(lead, 7)
        self.assertEqual((lead.probability, lead.automated_probability), before)
