from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError

from .common import RoiCommon


class TestCampaignReturn(RoiCommon):
    """The figures on the campaign, its programme included."""

    def test_figures_and_label_follow_the_attribution(self):
        """Cost 400, two orders of 500 of which one is refunded: revenue 500, ROI 25 %."""
        self._create_bill(400.0, {self.campaign_a: 100})
        self._create_touch(-1)
        self._invoice(self._create_order(500.0))
        self._refund(self._invoice(self._create_order(500.0)))
        self.Run._run()
        campaign = self.campaign_a.with_user(self.marketer)
        self.assertEqual(campaign.roi_cost_amount, 400.0)
        self.assertEqual(campaign.roi_revenue_amount, 500.0)
        self.assertEqual(campaign.roi_conversion_count, 2.0)
        self.assertEqual(campaign.roi_text, "25 %")
        self.assertEqual(campaign.revenue_amount_total, 500.0)
        self.assertEqual(campaign.roi_label, "25 %")

    def test_a_dash_without_cost(self):
        self._create_touch(-1)
        self._invoice(self._create_order(500.0))
        self.Run._run()
        campaign = self.campaign_a.with_user(self.finance)
        self.assertEqual(campaign.roi_text, "—")
        self.assertEqual(campaign.roi_label, "—")
        self.assertEqual(campaign.roi_expected_text, "—")

    def test_a_programme_adds_the_campaigns_below_it(self):
        programme = self.env["utm.campaign"].create(
            {"title": "Programme", "company_id": self.company.id}
        )
        self.campaign_a.parent_id = programme
        self.campaign_b.parent_id = self.campaign_a
        self._create_bill(100.0, {self.campaign_a: 50, self.campaign_b: 50})
        self._create_touch(-1, self.campaign_b)
        self._invoice(self._create_order(300.0))
        self.Run._run()
        self.assertEqual(programme.roi_cost_amount, 100.0)
        self.assertEqual(programme.roi_revenue_amount, 300.0)
        self.assertEqual(self.campaign_b.roi_cost_amount, 50.0)
        self.assertEqual(programme.roi_text, "200 %")

    def test_break_even(self):
        """Cost 100 on day 0; 60 come on day 3 and 60 on day 9: even since day 9."""
        self._create_bill(100.0, {self.campaign_a: 100})
        self._create_touch(-1)
        self._invoice(self._create_order(60.0), days=3)
        self.Run._run()
        self.assertFalse(self.campaign_a.date_break_even)
        self._invoice(self._create_order(60.0), days=9)
        self.Run._run()
        self.campaign_a.invalidate_recordset()
        self.assertEqual(self.campaign_a.date_break_even, date(2026, 3, 10))

    def test_expected_roi_has_a_range(self):
        """Cost 100, revenue 50, pipeline 300 at 50 %: -50 % if all is lost, 100 %, 250 %."""
        self._create_bill(100.0, {self.campaign_a: 100})
        self._create_touch(-1)
        self._invoice(self._create_order(50.0))
        lead = self._create_lead(expected_revenue=300)
        lead.probability = 50
        self._create_touch(0, date=lead.create_date - timedelta(days=1))
        self.Run._run()
        self.assertEqual(self.campaign_a.roi_expected_text, "100 % (-50 % to 250 %)")

    def test_planned_roi(self):
        """A target of 1 500 revenue on a budget of 600: 150 %; without one of them, a dash."""
        self.assertEqual(self.campaign_a.roi_planned_text, "—")
        self.env["marketing.budget.line"].create(
            {
                "campaign_id": self.campaign_a.id,
                "date_from": date(2026, 3, 1),
                "date_to": date(2026, 3, 31),
                "amount": 600.0,
            }
        )
        self.assertEqual(self.campaign_a.roi_planned_text, "—")
        self.env["marketing.campaign.target"].create(
            {"campaign_id": self.campaign_a.id, "metric": "revenue", "target_value": 1500.0}
        )
        campaign = self.campaign_a.with_user(self.finance)
        self.assertEqual(campaign.roi_planned_text, "150 %")

    def test_targets_look_at_what_is_credited(self):
        """The order names B, but the customer met A: the revenue target of A is reached."""
        targets = self.env["marketing.campaign.target"].create(
            [
                {"campaign_id": campaign.id, "metric": metric, "target_value": value}
                for campaign in (self.campaign_a, self.campaign_b)
                for metric, value in (("revenue", 200.0), ("roi", 50.0))
            ]
        )
        self._create_touch(-1, self.campaign_a)
        self._create_bill(80.0, {self.campaign_a: 100})
        order = self._create_order(100.0, campaign_id=self.campaign_b.id)
        self.env["marketing.touchpoint"]._ingest_all()
        self.env["marketing.touchpoint"].sudo().search(
            [("res_model", "=", "sale.order"), ("res_id", "=", order.id)]
        ).action_mark_machine()
        self._invoice(order)
        self.Run._run()
        values = {
            (target.campaign_id, target.metric): (target.actual_value, target.is_known)
            for target in targets.with_user(self.marketer)
        }
        self.assertEqual(values[self.campaign_a, "revenue"], (100.0, True))
        self.assertEqual(values[self.campaign_a, "roi"], (25.0, True))
        self.assertEqual(values[self.campaign_b, "revenue"], (0.0, True))
        self.assertEqual(values[self.campaign_b, "roi"], (0.0, False))

    @freeze_time("2026-03-20")
    def test_a_campaign_younger_than_the_median_cycle_is_not_judged(self):
        """Orders take 30 days from the first touch; the campaign started 10 days ago."""
        self._create_touch(-30)
        self._create_bill(100.0, {self.campaign_a: 100})
        self._invoice(self._create_order(50.0))
        self.Run._run()
        self.campaign_a.date_start = date(2026, 3, 10)
        self.assertTrue(self.campaign_a.is_too_young)
        self.assertEqual(self.campaign_a.roi_label, "too early")
        self.campaign_a.date_start = date(2026, 2, 1)
        self.assertFalse(self.campaign_a.is_too_young)
        self.assertEqual(self.campaign_a.roi_label, "-50 %")

    def test_a_campaign_that_starts_in_the_future_is_not_judged(self):
        self.campaign_a.date_start = date.today() + timedelta(days=30)
        self.assertTrue(self.campaign_a.is_too_young)

    def test_the_button_opens_the_rows_of_the_programme(self):
        self._create_bill(100.0, {self.campaign_a: 100})
        self.campaign_a.parent_id = self.campaign_b
        action = self.campaign_b.action_open_roi()
        rows = self.Report.search(action["domain"])
        self.assertEqual(sum(rows.mapped("cost_actual")), 100.0)

    def _assert_opens(self, campaign, button, measure, fname):
        """The list that a figure opens adds up to it, in the currency of the figure."""
        action = getattr(campaign, button)()
        self.assertEqual(action["views"][0][1], "list")
        self.env.invalidate_all()
        rows = campaign.env["marketing.roi.report"].with_context(**action["context"])
        rows = rows.search(action["domain"])
        self.assertTrue(rows)
        self.assertTrue(campaign[fname])
        self.assertAlmostEqual(sum(rows.mapped(measure)), campaign[fname], 2)
        return rows

    def test_each_figure_opens_the_rows_that_sum_to_it(self):
        """A programme of two campaigns: three orders, one shared, a refund, a bill, a deal."""
        self.campaign_a.parent_id = self.campaign_b
        self._create_bill(333.33, {self.campaign_a: 60, self.campaign_b: 40})
        self._create_touch(-2, self.campaign_b)
        self._create_touch(-1)
        for amount in (99.99, 200.01):
            self._refund(self._invoice(self._create_order(amount)), amount=33.34)
        lead = self._create_lead(expected_revenue=301)
        lead.probability = 50
        self._create_touch(0, date=lead.create_date - timedelta(days=1))
        self.Run._run()
        for user in (self.marketer, self.manager, self.finance):
            for campaign in (self.campaign_a, self.campaign_b):
                for button, measure, fname in (
                    ("action_open_revenue", "revenue_invoiced", "revenue_amount_total"),
                    ("action_open_roi_cost", "cost_actual", "roi_cost_amount"),
                    ("action_open_roi_revenue", "revenue_invoiced", "roi_revenue_amount"),
                    ("action_open_roi_pipeline", "pipeline_weighted", "roi_pipeline_amount"),
                ):
                    with self.subTest(user=user.login, campaign=campaign.title, button=button):
                        self._assert_opens(campaign.with_user(user), button, measure, fname)

    def test_invoiced_revenue_opens_rows_in_the_currency_of_the_campaign(self):
        """Somebody who works in francs looks at a campaign in the company's own currency."""
        francs = self.setup_other_currency("CHF", rates=[("2026-01-01", 2.0), ("2026-03-05", 4.0)])
        elsewhere = self.env["res.company"].create({"name": "Francs", "currency_id": francs.id})
        self._create_touch(-1)
        self._invoice(self._create_order(100.01), days=2)
        self._invoice(self._create_order(50.0), days=9)
        self.Run._run()
        self.marketer.company_ids |= elsewhere
        seen = self.campaign_a.with_user(self.marketer).with_context(
            allowed_company_ids=(elsewhere + self.company).ids
        )
        rows = self._assert_opens(
            seen, "action_open_revenue", "revenue_invoiced", "revenue_amount_total"
        )
        self.assertEqual(seen.revenue_amount_total, 150.01)
        self.assertEqual(rows.currency_id, self.company.currency_id)
        rows = self._assert_opens(
            seen, "action_open_roi_revenue", "revenue_invoiced", "roi_revenue_amount"
        )
        self.assertEqual(rows.currency_id, francs)

    def test_a_credited_campaign_is_archived_and_not_deleted(self):
        self._create_touch(-1)
        self._create_order()
        self.Run._run()
        with self.assertRaises(UserError):
            self.campaign_a.unlink()
        self.campaign_b.unlink()

    def test_figures_of_a_list_take_few_queries(self):
        campaigns = self.env["utm.campaign"].create(
            [{"title": f"Many {number}", "company_id": self.company.id} for number in range(30)]
        )
        self._create_bill(100.0, dict.fromkeys(campaigns[:3], 100 / 3))
        self.Run._run()
        self.env.flush_all()

        def count(records):
            self.env.invalidate_all()
            records.mapped("title")
            before = self.env.cr.sql_log_count
            records.mapped("roi_text")
            return self.env.cr.sql_log_count - before

        few = count(campaigns[:3])
        self.assertLessEqual(count(campaigns), few + 1)

    # ------------------------------------------------------------------ more of the report

    def test_cohorts_count_the_months_from_the_touch(self):
        """Touched on 1 February, invoiced in March (1) and, of the second order, in May (3)."""
        self._create_touch(-28)
        self._invoice(self._create_order(100.0), days=0)
        self._invoice(self._create_order(40.0, days=1), days=62)
        self.Run._run()
        groups = self.Report._read_group(
            [("campaign_id", "=", self.campaign_a.id), ("fact", "=", "invoiced")],
            ["touch_date:month", "months_since_touch"],
            ["revenue_invoiced:sum"],
        )
        self.assertEqual(groups, [(date(2026, 2, 1), 1, 100.0), (date(2026, 2, 1), 3, 40.0)])

    @freeze_time("2027-03-01")
    def test_lifetime_value_and_payback(self):
        """One customer won for 120; in 12 months 100 and 140 less cost of goods 40 each: 160.

        A month brings 160 / 11.99; 36 months make the lifetime value.
        """
        self._create_bill(120.0, {self.campaign_a: 100})
        self._create_touch(-1)
        self._invoice(self._create_order(100.0), days=0)
        self._invoice(self._create_order(140.0, days=120), days=120)
        self.Run._run()
        months = 365 * 12 / 365.25
        monthly = 160 / months
        campaign = self.campaign_a
        self.assertAlmostEqual(self._ratio("customer_monthly_margin", campaign), monthly, 4)
        self.assertAlmostEqual(self._ratio("ltv", campaign), monthly * 36, 3)
        self.assertAlmostEqual(self._ratio("ltv_cac", campaign), monthly * 36 / 120, 4)
        self.assertAlmostEqual(self._ratio("cac_payback_months", campaign), 120 / monthly, 3)
        self.company.customer_life_months = 18
        self.assertAlmostEqual(self._ratio("ltv", campaign), monthly * 18, 3)

    def test_new_and_existing_customers_are_apart(self):
        old = self.env["res.partner"].create({"name": "Old customer"})
        self._invoice(self._create_order(10.0, days=-200, partner=old), days=-200)
        self._create_touch(-1)
        self._create_touch(-1, partner=old)
        self._invoice(self._create_order(100.0))
        self._invoice(self._create_order(40.0, partner=old))
        self.Run._run()
        self.assertRevenue(100.0, campaign=self.campaign_a, domain=[("is_new_customer", "=", True)])
        self.assertRevenue(40.0, campaign=self.campaign_a, domain=[("is_new_customer", "=", False)])

    def test_merging_campaigns_moves_their_credits(self):
        self._create_touch(-1)
        self._invoice(self._create_order(100.0))
        self.Run._run()
        self.env["marketing.attribution.lock"].create(
            {"company_id": self.company.id, "date": "2026-03-31"}
        )
        wizard = self.env["marketing.campaign.merge"].create(
            {
                "campaign_ids": [(6, 0, (self.campaign_a | self.campaign_b).ids)],
                "target_id": self.campaign_b.id,
            }
        )
        wizard.action_merge()
        self.Run._run(full=True)
        self.assertRevenue(100.0, campaign=self.campaign_b)
