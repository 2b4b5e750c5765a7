import base64
import os
from datetime import date
from pathlib import Path

from odoo.exceptions import AccessError, UserError

from .common import RoiCommon


class TestComparison(RoiCommon):
    """Side by side, why it changed, what is usual, and paths from a file."""

    def _compare(self, **values):
        comparison = (
            self.env["marketing.roi.comparison"]
            .with_user(self.marketer)
            .create(
                {
                    "date_before_from": date(2026, 3, 1),
                    "date_before_to": date(2026, 3, 31),
                    "date_after_from": date(2026, 4, 1),
                    "date_after_to": date(2026, 4, 30),
                    **values,
                }
            )
        )
        action = comparison.action_compare()
        lines = self.env[action["res_model"]].with_user(self.marketer).search(action["domain"])
        return lines.filtered(lambda line: line.campaign_id == self.campaign_a)

    def test_why_the_roi_changed(self):
        """March: cost 100, revenue 150. April: cost 200, revenue 500 less 50: 50 % to 125 %.

        By new revenue (500 - 150) / 100, by the credit note -50 / 100, and by cost from
        450 / 100 to 450 / 200.
        """
        self._create_touch(-1)
        self._create_bill(100.0, {self.campaign_a: 100}, days=5)
        self._create_bill(200.0, {self.campaign_a: 100}, days=40)
        self._invoice(self._create_order(150.0), days=5)
        invoice = self._invoice(self._create_order(500.0, days=2), days=40)
        self._refund(invoice, days=45, amount=50.0)
        self.Run._run()
        line = self._compare()
        self.assertEqual((line.roi_before_text, line.roi_after_text), ("50 %", "125 %"))
        self.assertAlmostEqual(line.step_revenue, 3.5)
        self.assertAlmostEqual(line.step_refund, -0.5)
        self.assertAlmostEqual(line.step_cost, -2.25)
        self.assertAlmostEqual(line.step_reattribution, 0.0)
        self.assertAlmostEqual(line.roi_change, 0.75)

    def test_late_touches_are_a_step_of_their_own(self):
        """A cost 100 in March and in April, when an order of 300 is credited to B.

        Then it turns out that the customer met A after B: 300 move to A, and nobody bought more.
        """
        self._create_touch(-5, self.campaign_b)
        self._create_bill(100.0, {self.campaign_a: 100}, days=5)
        self._create_bill(100.0, {self.campaign_a: 100}, days=40)
        self._invoice(self._create_order(300.0, days=0), days=40)
        self.Run._run()
        line = self._compare()
        self.assertEqual((line.roi_before_text, line.roi_after_text), ("-100 %", "-100 %"))
        self._create_touch(-1, self.campaign_a)
        run = self.Run._run()
        self.assertFalse(run.is_full)
        line = self._compare()
        self.assertEqual((line.roi_before_text, line.roi_after_text), ("-100 %", "200 %"))
        self.assertAlmostEqual(line.step_reattribution, 3.0)
        self.assertAlmostEqual(line.step_revenue, 0.0)
        self.assertEqual(line.revenue_moved, 300.0)
        action = line.action_open_moved()
        moved = self.env[action["res_model"]].with_user(self.marketer).search(action["domain"])
        self.assertEqual(moved.mapped("amount"), [300.0])
        self.assertEqual(moved.date, date(2026, 4, 10))
        # what A gained, B lost; new revenue on the new credits is not moved
        Shift, of_model = self.env["marketing.attribution.shift"], [("model_id", "=", self.last.id)]
        shifts = Shift.search(of_model)
        self.assertEqual(sum(shifts.mapped("amount")), 0.0)
        self._invoice(self._create_order(50.0, days=1), days=41)
        self.Run._run()
        self.assertEqual(Shift.search_count(of_model), 2)
        self.Run._run(full=True)
        self.assertEqual(Shift.search_count(of_model), 2)

    def test_two_models_over_one_period(self):
        """A has the first, B the last touch of an order of 300; A cost 100."""
        self._create_touch(-5, self.campaign_a)
        self._create_touch(-1, self.campaign_b)
        self._create_bill(100.0, {self.campaign_a: 100})
        self._invoice(self._create_order(300.0))
        self.Run._run()
        period = {"date_after_from": date(2026, 3, 1), "date_after_to": date(2026, 3, 31)}
        line = self._compare(
            model_after_id=self.env.ref("roi_dashboard.model_first_touch").id, **period
        )
        self.assertEqual((line.roi_before_text, line.roi_after_text), ("-100 %", "200 %"))
        self.assertAlmostEqual(line.step_reattribution, 3.0)
        self.assertAlmostEqual(line.roi_change, 3.0)

    def test_plan_stands_beside_actual(self):
        self.env["marketing.budget.line"].create(
            {
                "campaign_id": self.campaign_a.id,
                "date_from": date(2026, 4, 2),
                "date_to": date(2026, 4, 30),
                "amount": 80.0,
            }
        )
        self._create_bill(100.0, {self.campaign_a: 100}, days=40)
        self.Run._run()
        line = self._compare()
        self.assertEqual((line.cost_planned_after, line.cost_after), (80.0, 100.0))
        self.assertFalse(line.is_known)
        self.assertEqual(line.roi_before_text, "—")

    def test_comparisons_are_private_and_not_for_sales(self):
        self._create_bill(100.0, {self.campaign_a: 100}, days=40)
        line = self._compare()
        with self.assertRaises(AccessError):
            line.with_user(self.finance).read(["roi_after_text"])
        salesman = self.env["res.users"].create(
            {
                "name": "Sales",
                "login": "roi_comparison_sales",
                "group_ids": [(6, 0, [self.env.ref("sales_team.group_sale_salesman").id])],
            }
        )
        with self.assertRaises(AccessError):
            self.env["marketing.roi.benchmark"].with_user(salesman).search([])

    def test_a_period_ends_after_it_begins(self):
        with self.assertRaises(UserError):
            self._compare(date_after_to=date(2026, 3, 1))

    def test_benchmarks_are_medians_over_campaigns(self):
        """ROI of four campaigns of one type: -100 %, 0 %, 100 % and 200 %."""
        kind = self.env["marketing.campaign.type"].create({"name": "Fair"})
        for number in range(4):
            partner = self.env["res.partner"].create({"name": f"Visitor {number}"})
            campaign = self.env["utm.campaign"].create(
                {"title": f"Fair {number}", "company_id": self.company.id, "type_id": kind.id}
            )
            self._create_bill(100.0, {campaign: 100})
            if number:
                self._create_touch(-1, campaign, partner=partner)
                self._invoice(self._create_order(100.0 * number, partner=partner))
        self.Run._run()
        row = (
            self.env["marketing.roi.benchmark"]
            .with_user(self.finance)
            .search([("metric", "=", "roi"), ("type_id", "=", kind.id)])
        )
        self.assertEqual(row.campaign_count, 4)
        self.assertEqual(row.median_text, "50 %")
        self.assertAlmostEqual(row.lower_quartile, -0.25)
        self.assertAlmostEqual(row.median, 0.5)
        self.assertAlmostEqual(row.upper_quartile, 1.25)

    # ------------------------------------------------------------------ paths

    def _analyse(self, text, **values):
        analysis = (
            self.env["marketing.path.analysis"]
            .with_user(self.marketer)
            .create({"file": base64.b64encode(text.encode()), **values})
        )
        action = analysis.action_analyse()
        return self.env[action["res_model"]].with_user(self.marketer).search(action["domain"])

    def test_paths_of_a_file_under_every_model(self):
        lines = self._analyse(
            "path;conversions;value;nulls\nemail > event;3;30;1\nemail;1;5;0", min_conversions=0
        )
        credit = {(line.method, line.channel): line.conversions for line in lines}
        self.assertEqual(credit["first", "email"], 4.0)
        self.assertEqual(credit["last", "event"], 3.0)
        self.assertEqual(credit["linear", "email"], 2.5)
        self.assertEqual(credit["shapley", "event"], 1.5)
        for method in ("first", "last", "linear", "u_shaped", "markov", "shapley"):
            total = sum(count for (name, _channel), count in credit.items() if name == method)
            self.assertAlmostEqual(total, 4.0)

    def test_data_driven_models_are_left_out_of_small_files(self):
        lines = self._analyse("path;conversions;value;nulls\nemail;1;5;0")
        self.assertFalse({"markov", "shapley"} & set(lines.mapped("method")))
        self.assertIn("linear", lines.mapped("method"))

    def test_bad_files_are_refused_with_the_line(self):
        with self.assertRaisesRegex(UserError, "Line 2"):
            self._analyse("path;conversions\nemail;many")
        with self.assertRaises(UserError):
            self._analyse("path;conversions")

    def test_the_public_paths_through_the_menu(self):
        default = Path(__file__).parents[3].parent / "shared" / "data"
        folder = Path(os.environ.get("SUITE_DATA") or default) / "channelattribution_pathdata"
        if not folder.exists():
            self.skipTest(f"The public path data is not there: {folder}")
        lines = self._analyse((folder / "paths_rows1-5000.csv").read_text())
        markov = lines.filtered(lambda line: line.method == "markov")
        self.assertEqual(len(markov), 12)
        self.assertAlmostEqual(sum(markov.mapped("conversions")), 8193, 3)
        alpha = markov.filtered(lambda line: line.channel == "alpha")
        self.assertAlmostEqual(alpha.conversions, 1802.387, 2)

    def test_a_data_driven_model_says_why_it_refuses(self):
        model = self.env.ref("roi_dashboard.model_markov")
        self._create_touch(-1)
        self._create_order()
        self.Run._run()
        self.assertIn("100", model.refusal)
        self.assertFalse(
            self.env["marketing.attribution.credit"].search([("model_id", "=", model.id)])
        )
        model.write({"min_conversions": 1, "min_paths": 1})
        self.Run._run()
        self.assertFalse(model.refusal)
        self.assertTrue(
            self.env["marketing.attribution.credit"].search([("model_id", "=", model.id)])
        )
