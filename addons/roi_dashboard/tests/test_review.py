from odoo.exceptions import AccessError, UserError

from .common import RoiCommon


class TestMarketingCampaignReview(RoiCommon):
    """A planned 80 and 10 leads; it cost 50, brought 100 and one lead."""

    def setUp(self):
        super().setUp()
        self.env["marketing.budget.line"].create(
            {
                "campaign_id": self.campaign_a.id,
                "name": "Budget",
                "category_id": self.env["marketing.cost.category"].search([], limit=1).id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
                "amount": 80.0,
            }
        )
        self.env["marketing.campaign.target"].create(
            {"campaign_id": self.campaign_a.id, "metric": "leads", "target_value": 10}
        )
        medium = self.env["utm.medium"].create({"name": "Review Channel"})
        source = self.env["utm.source"].create({"name": "Review Source"})
        dull = self.env["utm.source"].create({"name": "Dull Source"})
        for day in range(-6, 0):
            self._create_touch(day, medium_id=medium.id, source_id=source.id)
            self._create_touch(
                day - 0.5,
                partner=self.env["res.partner"].create({"name": f"Other {day}"}),
                medium_id=medium.id,
                source_id=dull.id,
            )
        self.medium, self.source, self.dull = medium, source, dull
        self._create_bill(50.0, {self.campaign_a: 100})
        self._invoice(self._create_order(100.0))
        self._create_lead(campaign_id=self.campaign_a.id)
        self.Run._run()
        # sudo: the campaign went its way
        for state in ("submitted", "approved", "running", "done"):
            self.campaign_a.sudo().state = state
        self.review = self._open(self.marketer)

    def _open(self, user):
        action = self.campaign_a.with_user(user).action_open_review()
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])

    def test_plan_and_actual_stand_side_by_side(self):
        lines = {line.measure: line for line in self.review.plan_line_ids}
        cost = lines["cost_actual"]
        self.assertEqual((cost.planned_value, cost.actual_value), (80, 50))
        leads = lines["lead_count"]
        self.assertEqual((leads.planned_text, leads.actual_text), ("10", "1"))
        self.assertEqual(lines["roi"].actual_text, "100.0 %")
        self.assertEqual(lines["roi"].planned_text, "—")
        self.assertEqual(self.review.roi_text, "100.0 %")

    def test_funnel_and_touches(self):
        counts = {line.measure: line.actual_value for line in self.review.funnel_line_ids}
        touches = self._revenue(campaign=self.campaign_a, measure="touch_count")
        self.assertGreaterEqual(touches, 12)
        self.assertEqual((counts["touch_count"], counts["lead_count"]), (touches, 1))
        self.assertEqual(self.review.best_line_ids.source_id, self.source)
        self.assertEqual(self.review.best_line_ids.actual_value, 100)
        self.assertEqual(self.review.worst_line_ids.source_id, self.dull)
        self.assertEqual(self.review.medium_id, self.medium)

    def test_there_is_one_review_per_campaign(self):
        self.assertEqual(self._open(self.manager), self.review)

    def test_published_reviews_are_the_library_and_stay(self):
        with self.assertRaises(UserError):
            self.review.action_publish()
        self.review.write({"verdict": "repeat", "learned": "<p>Start earlier</p>"})
        self.review.action_publish()
        self.assertEqual(self.review.state, "published")
        self._create_bill(500.0, {self.campaign_a: 100})
        with self.assertRaises(UserError):
            self.review.action_take_figures()
        with self.assertRaises(UserError):
            self.review.learned = "Something else"
        self.assertEqual(self.review.cost_amount, 50)
        library = self.env["marketing.campaign.review"].with_user(self.finance).search([])
        self.assertIn(self.review, library)
        with self.assertRaises(AccessError):
            self.review.action_reopen()
        self.review.with_user(self.manager).action_reopen()
        self.assertEqual(self.review.state, "draft")

    def test_benchmarks_lead_to_reviews(self):
        kind = self.env["marketing.campaign.type"].search([], limit=1)
        self.campaign_a.type_id = kind
        benchmark = self.env["marketing.roi.benchmark"].new(
            {"dimension": "type", "type_id": kind.id}
        )
        domain = benchmark.action_open_reviews()["domain"]
        self.review.write({"verdict": "stop", "learned": "<p>No</p>"})
        self.review.action_publish()
        self.assertIn(self.review, self.env["marketing.campaign.review"].search(domain))

    def test_figures_are_not_typed(self):
        with self.assertRaises(AccessError):
            self.review.plan_line_ids[:1].with_user(self.marketer).write({"actual_value": 1})
        for user in (self.finance,):
            with self.assertRaises(AccessError):
                self.review.with_user(user).write({"learned": "x"})

    def test_refusals(self):
        salesman = self.env["res.users"].create(
            {
                "name": "Salesman",
                "login": "review_salesman",
                "group_ids": [(6, 0, self.env.ref("sales_team.group_sale_salesman").ids)],
            }
        )
        with self.assertRaises(AccessError):
            self.review.with_user(salesman).read(["learned"])
        other = self.env["res.company"].create({"name": "Elsewhere"})
        outsider = self._create_user(
            "review_outsider",
            "group_campaign_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertFalse(self.env["marketing.campaign.review"].with_user(outsider).search([]))
