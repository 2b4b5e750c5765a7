import base64
import os
from datetime import date
from pathlib import Path

from odoo.exceptions import AccessError, UserError

from .common import RoiCommon


class TestComparison(RoiCommon):
    """Side by side, why it changed, what is usual, and paths from a file."""

    def _compare(self, **values):
        return self._compare_all(**values).filtered(
            lambda line: line.campaign_id == self.campaign_a
        )

    def _compare_all(self, **values):
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
        return self.env[action["res_model"]].with_user(self.marketer).search(action["domain"])

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

    def test_the_bridge_of_everything_is_made_of_sums(self):
        """March: A cost 100 and brought 150, B 100 and 50; 100 no campaign can claim: 50 %.

        April: A cost 200, and B brought 500 without cost: 150 %. Steps of A and B do not add up to
        those of both; the total has its own, and they do.
        """
        march, april = self.env["res.partner"].create([{"name": "March"}, {"name": "April"}])
        self._create_touch(-1)
        self._create_touch(-1, self.campaign_b, partner=march)
        self._create_touch(30, self.campaign_b, partner=april)
        self._create_bill(200.0, {self.campaign_a: 50, self.campaign_b: 50}, days=5)
        self._create_bill(200.0, {self.campaign_a: 100}, days=40)
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        for partner, amount in ((self.customer, 150.0), (march, 50.0), (stranger, 100.0)):
            self._invoice(self._create_order(amount, partner=partner), days=5)
        self._invoice(self._create_order(500.0, days=31, partner=april), days=40)
        self.Run._run()
        lines = self._compare_all()
        total = lines.filtered("is_total")
        self.assertEqual(lines[0], total)
        self.assertEqual((total.cost_before, total.revenue_before), (200.0, 300.0))
        self.assertEqual((total.roi_before_text, total.roi_after_text), ("50 %", "150 %"))
        self.assertAlmostEqual(total.step_revenue, 1.0)
        self.assertAlmostEqual(total.step_cost, 0.0)
        self.assertAlmostEqual(total.roi_change, 1.0)
        self.assertEqual(lines[-1].name, "Without Campaign")
        self.assertEqual(lines[-1].revenue_before, 100.0)
        self.assertFalse(lines.filtered(lambda line: line.campaign_id == self.campaign_b).is_known)

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

    def test_benchmarks_know_every_ratio_and_margins_are_for_finance(self):
        """Cost 100; two touches; 300 ordered and invoiced with a margin of 260."""
        self._create_bill(100.0, {self.campaign_a: 100})
        self._create_touch(-2)
        self._create_touch(-1)
        self._invoice(self._create_order(300.0))
        self.Run._run()
        Benchmark = self.env["marketing.roi.benchmark"]
        domain = [("dimension", "=", "all"), ("company_id", "=", self.company.id)]
        found = {row.metric: row.median for row in Benchmark.with_user(self.finance).search(domain)}
        for metric, expected in {
            "roi": 2.0,
            "romi": 1.6,
            "roas": 3.0,
            "cost_per_touch": 50.0,
            "deal_amount": 300.0,
            "cac": 100.0,
        }.items():
            self.assertAlmostEqual(found[metric], expected, msg=metric)
            ratio = self._ratio(metric, self.campaign_a)
            self.assertAlmostEqual(found[metric], ratio, msg=metric)
        for metric in ("ltv", "ltv_cac", "cac_payback_months"):
            self.assertAlmostEqual(found[metric], self._ratio(metric, self.campaign_a), msg=metric)
        seen = set(Benchmark.with_user(self.marketer).search(domain).mapped("metric"))
        self.assertEqual(set(found) - seen, {"romi", "ltv", "ltv_cac", "cac_payback_months"})

    def test_velocity_is_benchmarked_as_in_the_report(self):
        """Two opportunities, one won for 900, ten days after the first touch."""
        self._create_bill(600.0, {self.campaign_a: 100})
        self._create_touch(-10)
        won, lost = (self._create_lead(campaign_id=self.campaign_a.id) for _number in range(2))
        won.action_set_won()
        lost.action_set_lost()
        self._create_order(900.0, opportunity_id=won.id)
        self.Run._run()
        row = (
            self.env["marketing.roi.benchmark"]
            .with_user(self.marketer)
            .search(
                [
                    ("metric", "=", "velocity"),
                    ("dimension", "=", "all"),
                    ("company_id", "=", self.company.id),
                ]
            )
        )
        self.assertAlmostEqual(row.median, 90.0)

    # ------------------------------------------------------------------ paths

    def _analyse(self, text, **values):
        analysis = (
            self.env["marketing.path.analysis"]
            .with_user(self.marketer)
            .create({"file": base64.b64encode(text.encode()), **values})
        )
        action = analysis.action_analyse()
        action = action.get("params", {}).get("next", action)  # a notice leads to the table
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

    def test_who_imports_a_small_file_is_told_what_is_missing(self):
        analysis = (
            self.env["marketing.path.analysis"]
            .with_user(self.marketer)
            .create({"file": base64.b64encode(b"path;conversions\nemail;7")})
        )
        action = analysis.action_analyse()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(
            action["params"]["message"].splitlines(),
            [
                f"{model}: 7 conversions, 100 are needed."
                for model in ("Markov Chain", "Shapley Value")
            ],
        )

    def test_the_table_of_paths_adds_up_channel_by_channel_and_never_over_models(self):
        """Three equal thirds of 1: rounded they still make 1; a channel has no sum of models."""
        lines = self._analyse("path;conversions\na > b > c;1", min_conversions=0)
        sets = [["method"], ["channel"], []]
        by_method, by_channel, everything = lines._read_grouping_sets(
            [("id", "in", lines.ids)], sets, ["conversions:sum", "__count"]
        )
        self.assertEqual({row[0]: row[1] for row in by_method}["linear"], 1.0)
        self.assertEqual({row[1] for row in by_channel}, {False})
        self.assertEqual(everything, [(False, len(lines))])

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
