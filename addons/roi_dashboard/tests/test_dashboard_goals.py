from datetime import date

from odoo.tests import tagged

from .test_dashboard import DashboardCommon


@tagged("post_install", "-at_install")
class TestDashboardGoals(DashboardCommon):
    """What cards should show comes from the goals of campaigns; February and March have 59 days.

    A spent 400 and brought 1 000 and four leads, B spent 200 and brought 500, 300 are nobody's.
    """

    def setUp(self):
        super().setUp()
        # half of these days lie in the period
        self.campaign_a.write({"date_start": "2026-02-01", "date_end": "2026-05-29"})
        self.campaign_b.write({"date_start": "2026-02-01", "date_end": "2026-03-31"})

    def _agree(self, campaigns):
        for state in ("submitted", "approved", "running"):
            # sudo: the approval itself is not what is tested here
            campaigns.sudo().write({"state": state})

    def _set_goal(self, campaign, metric, value):
        if campaign.state == "draft":
            self._agree(campaign)
        self.env["marketing.campaign.target"].create(
            {"campaign_id": campaign.id, "metric": metric, "target_value": value}
        )
        self.env.flush_all()
        self.env.registry.clear_cache()

    def _target(self, key, **kwargs):
        return self._card(key, **kwargs)["target"]

    def test_nobody_said_anything_nothing_is_shown(self):
        for key in ("cost", "revenue", "roi", "roas", "pipeline", "cac", "cost_per_lead"):
            self.assertIsNone(self._target(key), key)

    def test_a_goal_is_spread_over_the_days_of_its_campaign(self):
        self._set_goal(self.campaign_a, "revenue", 4000.0)
        target = self._target("revenue")
        self.assertAlmostEqual(target["value"], 2000.0)
        self.assertEqual(target["actual"], 1000.0, "of A, not of everybody")
        self.assertAlmostEqual(target["rate"], 0.5)
        self.assertEqual(target["label"], "Target of 1 campaign")
        opened = self.env[target["open"]["model"]].with_user(self.finance)
        goal = opened.search(target["open"]["domain"])
        self.assertEqual((goal.campaign_id, goal.target_value), (self.campaign_a, 4000.0))
        action = goal.action_open_campaign()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("utm.campaign", goal.campaign_id.id)
        )
        in_may = self._target("revenue", date_from="2026-05-01", date_to="2026-05-31")
        self.assertAlmostEqual(in_may["value"], 4000.0 * 29 / 118)
        self.assertIsNone(self._target("revenue", date_from="2026-06-01", date_to="2026-06-30"))

    def test_where_the_goal_covers_all_that_is_shown_it_is_said_plainly(self):
        self._set_goal(self.campaign_a, "revenue", 4000.0)
        target = self._target("revenue", domain=[["campaign_id", "=", self.campaign_a.id]])
        self.assertEqual((target["label"], target["actual"]), ("Target", None))
        self.assertAlmostEqual(target["rate"], 0.5)

    def test_goals_of_several_campaigns_add_up(self):
        self._set_goal(self.campaign_a, "revenue", 4000.0)
        self._set_goal(self.campaign_b, "revenue", 1000.0)
        target = self._target("revenue")
        self.assertAlmostEqual(target["value"], 3000.0)
        self.assertEqual(target["actual"], 1500.0)
        self.assertEqual(target["label"], "Target of 2 campaigns")

    def test_return_and_unit_cost_come_from_goals_and_budgets(self):
        self._plan(self.campaign_a, 1000.0)
        self._set_goal(self.campaign_a, "revenue", 4000.0)
        self._set_goal(self.campaign_a, "leads", 8.0)
        only_a = [["campaign_id", "=", self.campaign_a.id]]
        self.assertAlmostEqual(self._target("roi", domain=only_a)["value"], 3.0)
        self.assertAlmostEqual(self._target("roas", domain=only_a)["value"], 4.0)
        self.assertAlmostEqual(self._target("cost_per_lead", domain=only_a)["value"], 125.0)
        self.assertAlmostEqual(self._target("roi")["actual"], 1.5)
        self.assertAlmostEqual(self._target("cost_per_lead", domain=only_a)["rate"], 0.8)

    def test_a_goal_of_its_own_wins(self):
        self._plan(self.campaign_a, 1000.0)
        self._set_goal(self.campaign_a, "revenue", 4000.0)
        self._set_goal(self.campaign_a, "roi", 0.0)
        self._set_goal(self.campaign_a, "cost_per_lead", 90.0)
        self.assertAlmostEqual(self._target("roi")["value"], 0.0, msg="to break even is a goal")
        self.assertAlmostEqual(self._target("cost_per_lead")["value"], 90.0)

    def test_a_programme_covers_what_is_below_it(self):
        self.campaign_b.parent_id = self.campaign_a
        self._set_goal(self.campaign_a, "revenue", 4000.0)
        self._set_goal(self.campaign_b, "revenue", 900.0)
        target = self._target("revenue")
        self.assertAlmostEqual(target["value"], 2000.0)
        self.assertEqual(target["actual"], 1500.0)
        below = self._target("revenue", domain=[["campaign_id", "=", self.campaign_b.id]])
        self.assertAlmostEqual(below["value"], 900.0)
        programme = [["programme_id", "=", self.campaign_a.id]]
        self.assertAlmostEqual(self._target("revenue", domain=programme)["value"], 2000.0)
        alone = [["campaign_id", "=", self.campaign_a.id]]
        self.assertIsNone(
            self._target("revenue", domain=alone), "half of a programme cannot be held to its goal"
        )

    def test_filters_of_campaigns_choose_goals_and_others_have_none(self):
        kind = self.env["marketing.campaign.type"].create({"name": "Fair"})
        self.campaign_a.type_id = kind
        self._set_goal(self.campaign_a, "revenue", 4000.0)
        for domain in (
            [["type_id", "=", kind.id]],
            [["type_id", "ilike", "fair"]],
            [["campaign_id", "child_of", self.campaign_a.ids]],
            [["campaign_id", "ilike", "campaign a"]],
            [["campaign_id.type_id", "=", kind.id]],
            [["programme_id", "ilike", "campaign a"]],
            ["|", ["campaign_id", "=", self.campaign_a.id], ["campaign_id", "=", False]],
            ["!", ["campaign_id", "=", self.campaign_b.id]],
        ):
            self.assertAlmostEqual(self._target("revenue", domain=domain)["value"], 2000.0)
        for domain in (
            [["campaign_id", "=", self.campaign_b.id]],
            [["type_id", "!=", kind.id]],
            [["medium_id", "=", self.email.id]],
            [["is_new_customer", "=", True]],
        ):
            self.assertIsNone(self._target("revenue", domain=domain), domain)

    def test_plans_nobody_agreed_to_set_no_goal(self):
        goal = {"metric": "revenue", "target_value": 4000.0}
        self.campaign_a.target_ids = [(0, 0, goal)]
        self.assertIsNone(self._target("revenue"), "a draft")
        self._agree(self.campaign_a)
        self.env.registry.clear_cache()
        self.assertTrue(self._target("revenue"))
        # sudo: who may cancel is not what is tested here
        self.campaign_a.sudo().state = "cancelled"
        self.env.registry.clear_cache()
        self.assertIsNone(self._target("revenue"), "cancelled")

    def test_a_campaign_without_an_end_has_no_part_of_a_goal(self):
        self._set_goal(self.campaign_a, "revenue", 4000.0)
        self.campaign_a.date_end = False
        self.env.registry.clear_cache()
        self.assertIsNone(self._target("revenue"))

    def test_the_budget_opens_its_rows(self):
        self._plan(self.campaign_a, 800.0)
        target = self._target("cost")
        self.assertEqual(self._sum(target["open"]["domain"], "cost_planned"), target["value"])

    def test_what_no_plan_can_say_is_a_setting(self):
        self.company.write(
            {"customer_cost_limit": 250.0, "ltv_cac_goal": 4.0, "pipeline_coverage": 3.0}
        )
        self._set_goal(self.campaign_a, "revenue", 4000.0)
        lead = self._create_lead(campaign_id=self.campaign_a.id, expected_revenue=600.0)
        self._set_created(lead, -3)
        self.Run._run(full=True)
        self.env.flush_all()
        self.env.registry.clear_cache()
        limit = self._target("cac")
        self.assertEqual((limit["value"], limit["rate"]), (250.0, self._card("cac")["value"] / 250))
        self.assertEqual(self._target("ltv_cac")["value"], 4.0)
        pipeline = self._target("pipeline")
        self.assertAlmostEqual(pipeline["value"], 3 * (2000.0 - 1000.0))
        self.company.write({"customer_cost_limit": 0, "ltv_cac_goal": 0, "pipeline_coverage": 0})
        self.env.registry.clear_cache()
        for key in ("cac", "ltv_cac", "pipeline"):
            self.assertIsNone(self._target(key), key)

    def test_a_goal_that_is_reached_needs_no_pipeline(self):
        self.company.pipeline_coverage = 3.0
        self._set_goal(self.campaign_a, "revenue", 2000.0)
        target = self._target("pipeline")
        self.assertEqual((target["label"], target["value"]), ("Revenue target reached", None))

    def test_money_and_goals_of_other_companies(self):
        """2 000 h of a company whose money is worth half are 1 000 here."""
        currency = self.env["res.currency"].create(
            {
                "name": "HLF",
                "symbol": "h",
                "rounding": 0.01,
                "rate_ids": [(0, 0, {"name": "2020-01-01", "rate": 2.0, "company_id": False})],
            }
        )
        other = self._create_company(name="Half Company", currency_id=currency.id)
        campaign = self.env["utm.campaign"].create(
            {
                "title": "Half",
                "company_id": other.id,
                "date_start": date(2026, 2, 1),
                "date_end": date(2026, 3, 31),
            }
        )
        self._set_goal(campaign, "revenue", 2000.0)
        self._set_goal(campaign, "roi", 100.0)
        self._set_goal(self.campaign_b, "revenue", 500.0)
        both = self.company | other
        self.finance.company_ids = both
        self.env.registry.clear_cache()
        self.assertAlmostEqual(self._target("revenue", companies=self.company)["value"], 500.0)
        self.assertAlmostEqual(self._target("revenue", companies=other)["value"], 2000.0)
        self.assertAlmostEqual(self._target("revenue", companies=both)["value"], 1500.0)
        self.assertAlmostEqual(
            self._target("revenue", companies=other | self.company)["value"], 3000.0
        )
        self.assertAlmostEqual(self._target("revenue", user=self.marketer)["value"], 500.0)

    def test_goals_cost_three_statements_whatever_their_number(self):
        def count():
            self.env.registry.clear_cache()
            self._ask("kpis")
            self.env.registry.clear_cache()
            before = self.env.cr.sql_log_count
            self._ask("kpis")
            return self.env.cr.sql_log_count - before

        without = count()
        self._set_goal(self.campaign_a, "revenue", 4000.0)
        one = count()
        self.assertLessEqual(one, without + 3)
        campaigns = self.env["utm.campaign"].create(
            [
                {
                    "title": f"More {number}",
                    "company_id": self.company.id,
                    "date_start": "2026-02-01",
                    "date_end": "2026-05-29",
                }
                for number in range(6)
            ]
        )
        for campaign in campaigns:
            self._set_goal(campaign, "revenue", 100.0)
        self.assertLessEqual(count(), one)


class TestGoalSettings(DashboardCommon):
    def test_the_settings_page_keeps_them(self):
        self.env["res.config.settings"].with_company(self.company).create(
            {"customer_cost_limit": 99.0, "ltv_cac_goal": 2.5, "pipeline_coverage": 4.0}
        ).execute()
        self.assertEqual(self.company.customer_cost_limit, 99.0)
        self.assertEqual(self.company.ltv_cac_goal, 2.5)
        self.assertEqual(self.company.pipeline_coverage, 4.0)
