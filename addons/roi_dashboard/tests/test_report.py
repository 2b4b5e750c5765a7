from datetime import datetime, time, timedelta

from odoo.tests import Form

from .common import NOON, RoiCommon


class TestReport(RoiCommon):
    """Ratios, the choice of the model, and the documents behind a number."""

    def test_roi_is_unknown_without_cost(self):
        self._create_touch(-1)
        self._invoice(self._create_order(100.0))
        self.Run._run()
        self.assertIsNone(self._ratio("roi", self.campaign_a) or None)
        self.assertRevenue(100.0, campaign=self.campaign_a)

    def test_roi_of_cost_without_revenue_is_minus_one(self):
        self._create_bill(50.0, {self.campaign_a: 100})
        self.Run._run()
        self.assertEqual(self._ratio("roi", self.campaign_a), -1.0)

    def test_bill_split_over_two_campaigns(self):
        """A bill of 1 000, 60/40; A brought 1 500 and B 300: ROI 150 % and -25 %, total 80 %."""
        self._create_bill(1000.0, {self.campaign_a: 60, self.campaign_b: 40})
        other = self.env["res.partner"].create({"name": "Somebody"})
        self._create_touch(-1, self.campaign_a)
        self._create_touch(-1, self.campaign_b, partner=other)
        self._invoice(self._create_order(1500.0))
        self._invoice(self._create_order(300.0, partner=other))
        self.Run._run()
        self.assertAlmostEqual(self._ratio("roi", self.campaign_a), 1.5)
        self.assertAlmostEqual(self._ratio("roi", self.campaign_b), -0.25)
        self.assertAlmostEqual(self._ratio("roi", domain=[("campaign_id", "!=", False)]), 0.8)

    def test_ratios_of_one_campaign(self):
        """Cost 600; two leads, one won; one order of 900 on day 0, first touch 10 days before."""
        self._create_bill(600.0, {self.campaign_a: 100})
        self._create_touch(-10)
        won = self._create_lead(campaign_id=self.campaign_a.id)
        lost = self._create_lead(campaign_id=self.campaign_a.id)
        won.action_set_won()
        lost.action_set_lost()
        self._invoice(self._create_order(900.0, opportunity_id=won.id))
        self.Run._run()
        campaign = self.campaign_a
        self.assertAlmostEqual(self._ratio("roas", campaign), 1.5)
        self.assertAlmostEqual(self._ratio("cost_per_lead", campaign), 300.0)
        self.assertAlmostEqual(self._ratio("cost_per_opportunity", campaign), 300.0)
        self.assertAlmostEqual(self._ratio("cost_per_win", campaign), 600.0)
        self.assertAlmostEqual(self._ratio("cac", campaign), 600.0)
        self.assertAlmostEqual(self._ratio("win_rate", campaign), 0.5)
        self.assertAlmostEqual(self._ratio("cycle_days", campaign), 10.0)
        self.assertAlmostEqual(self._ratio("deal_amount", campaign), 900.0)
        # 2 opportunities x 50 % x 900 / 10 days
        self.assertAlmostEqual(self._ratio("velocity", campaign), 90.0)
        # 900 less cost of goods 40 is 860
        self.assertAlmostEqual(self._ratio("romi", campaign), 260 / 600)

    def test_unit_costs_are_unknown_without_cost(self):
        self._create_lead(campaign_id=self.campaign_a.id)
        self.Run._run()
        self.assertFalse(self._ratio("cost_per_lead", self.campaign_a))

    def test_facts_count_once_whatever_the_number_of_models(self):
        self._create_bill(50.0, {self.campaign_a: 100})
        self._create_touch(-1)
        self._invoice(self._create_order(100.0))
        self.Run._run()
        self.assertRevenue(50.0, measure="cost_actual")
        self.assertRevenue(100.0)
        self.assertRevenue(1, measure="touch_count", domain=[("fact", "=", "touch")])

    def test_the_chosen_model_answers(self):
        self._create_touch(-5, self.campaign_a)
        self._create_touch(-1, self.campaign_b)
        self._invoice(self._create_order(100.0))
        self.Run._run()
        self.assertRevenue(0.0, campaign=self.campaign_a)
        self.env.ref("roi_dashboard.model_first_touch").with_user(
            self.manager
        ).action_make_default()
        self.assertRevenue(100.0, campaign=self.campaign_a)

    def test_by_content_of_the_touch(self):
        """Two links of one campaign: the revenue is that of the link that was clicked."""
        banner, button = self.env["link.tracker"].create(
            [
                {"url": f"https://roi.example/{name}", "campaign_id": self.campaign_a.id}
                for name in ("banner", "button")
            ]
        )
        self._create_touch(-5, kind="link_click", link_id=banner.id)
        self._create_touch(-1, kind="link_click", link_id=button.id)
        self._invoice(self._create_order(100.0))
        self.Run._run()
        groups = self.Report._read_group(
            [
                ("model_id", "=", self.linear.id),
                ("fact", "=", "invoiced"),
                ("campaign_id", "=", self.campaign_a.id),
            ],
            ["link_id"],
            ["revenue_invoiced:sum"],
        )
        self.assertEqual(dict(groups), {banner: 50.0, button: 50.0})

    def test_content_is_called_by_what_it_says_and_where_it_leads(self):
        """In the report; elsewhere a link is called by its short address, as Odoo does it."""
        link = self.env["link.tracker"].create(
            {
                "url": "https://roi.example/fair/",
                "title": "Fair",
                "label": "Book a seat",
                "campaign_id": self.campaign_a.id,
            }
        )
        bare = self.env["link.tracker"].create(
            {"url": "https://roi.example/news", "title": "https://roi.example/news"}
        )
        self._create_touch(-2, kind="link_click", link_id=bare.id)
        self._create_touch(-1, kind="link_click", link_id=link.id)
        self._invoice(self._create_order(100.0))
        self.Run._run()
        groups = self.Report.with_user(self.marketer).formatted_read_group(
            [("model_id", "=", self.linear.id), ("link_id", "!=", False)],
            ["link_id"],
            ["revenue_invoiced:sum"],
        )
        self.assertEqual(
            {group["link_id"]: group["revenue_invoiced:sum"] for group in groups},
            {
                (link.id, "Book a seat (roi.example/fair)"): 50.0,
                (bare.id, "roi.example/news"): 50.0,
            },
        )
        self.assertEqual(link.display_name, link.short_url)

    def test_a_period_begins_and_ends_with_its_days(self):
        """Four leads, two of them in the first and in the last second of a period of three days."""
        first, last = NOON.date(), NOON.date() + timedelta(days=2)
        moments = [
            datetime.combine(day, moment)
            for day, moment in (
                (first - timedelta(days=1), time(23, 59, 59)),
                (first, time(0, 0)),
                (last, time(23, 59, 59)),
                (last + timedelta(days=1), time(0, 0)),
            )
        ]
        leads = self.env["crm.lead"]
        for moment in moments:
            lead = self._create_lead(campaign_id=self.campaign_a.id)
            self.env.cr.execute(
                "UPDATE crm_lead SET create_date = %s WHERE id = %s", [moment, lead.id]
            )
            leads |= lead
        self.env.invalidate_all()
        domain = [
            ("fact", "=", "lead"),
            ("campaign_id", "=", self.campaign_a.id),
            ("date", ">=", first),
            ("date", "<=", last),
        ]
        self.assertEqual(self.Report._read_group(domain, [], ["lead_count:sum"]), [(2,)])
        rows = self.Report.search(domain)
        self.assertEqual(set(rows.mapped("res_id")), set(leads[1:3].ids))
        either = ["|", ("date", "<", first), ("date", ">", last), *domain[:2]]
        self.assertEqual(self.Report._read_group(either, [], ["lead_count:sum"]), [(2,)])

    def test_recurring_revenue_of_a_won_opportunity(self):
        """1 200 a year is 100 a month, shared like the conversion; an open one has none yet."""
        year = self.env["crm.recurring.plan"].create({"name": "Yearly", "number_of_months": 12})
        lead = self._create_lead(
            recurring_revenue=1200.0, recurring_plan=year.id, expected_revenue=10.0
        )
        self._create_touch(-2, self.campaign_a, date=lead.create_date - timedelta(days=2))
        self._create_touch(-1, self.campaign_b, date=lead.create_date - timedelta(days=1))
        self.Run._run()
        self.assertRevenue(0.0, model=self.linear, measure="recurring_amount")
        lead.action_set_won()
        self.Run._run()
        for campaign in (self.campaign_a, self.campaign_b):
            self.assertRevenue(
                50.0, model=self.linear, campaign=campaign, measure="recurring_amount"
            )

    def test_two_models_side_by_side(self):
        self._create_touch(-5, self.campaign_a)
        self._create_touch(-1, self.campaign_b)
        self._invoice(self._create_order(100.0))
        self.Run._run()
        groups = self.Report._read_group(
            [
                ("model_id", "in", (self.last | self.linear).ids),
                ("campaign_id", "=", self.campaign_b.id),
                ("company_id", "=", self.company.id),
            ],
            ["model_id"],
            ["revenue_invoiced:sum"],
        )
        self.assertEqual(dict(groups), {self.last: 100.0, self.linear: 50.0})

    def test_the_programme_adds_its_campaigns(self):
        programme = self.env["utm.campaign"].create(
            {"title": "Programme", "company_id": self.company.id}
        )
        (self.campaign_a | self.campaign_b).parent_id = programme
        self._create_touch(-5, self.campaign_a)
        self._create_touch(-1, self.campaign_b)
        self._invoice(self._create_order(100.0))
        self.Run._run()
        [(amount,)] = self.Report._read_group(
            [("campaign_id", "child_of", programme.id), ("model_id", "=", self.linear.id)],
            [],
            ["revenue_invoiced:sum"],
        )
        self.assertEqual(amount, 100.0)
        groups = self.Report._read_group(
            [("company_id", "=", self.company.id), ("fact", "=", "invoiced")],
            ["programme_id"],
            ["revenue_invoiced:sum"],
        )
        self.assertEqual(groups, [(programme, 100.0)])

    def test_a_number_opens_the_documents_behind_it(self):
        """The rows of a campaign name its bill and its invoice and sum to its figures."""
        bill = self._create_bill(50.0, {self.campaign_a: 100})
        self._create_touch(-1)
        invoice = self._invoice(self._create_order(100.0))
        self._refund(invoice, amount=30.0)
        self.Run._run()
        rows = self.Report.search(
            [("campaign_id", "=", self.campaign_a.id), ("fact", "in", ("cost", "invoiced"))]
        )
        self.assertEqual(len(set(rows.ids)), len(rows))
        self.assertAlmostEqual(sum(rows.mapped("revenue_invoiced")), 70.0)
        self.assertAlmostEqual(sum(rows.mapped("cost_actual")), 50.0)
        opened = {
            (action["res_model"], action["res_id"])
            for action in (row.action_open_document() for row in rows)
        }
        self.assertEqual(
            opened,
            {("account.move", move.id) for move in bill | invoice | invoice.reversal_move_ids},
        )

    def test_row_ids_are_unique(self):
        for day in (-5, -3, -1):
            self._create_touch(day)
        self._create_bill(50.0, {self.campaign_a: 60, self.campaign_b: 40})
        self._create_lead(campaign_id=self.campaign_a.id).action_set_won()
        self._create_lead(campaign_id=self.campaign_a.id)
        self._invoice(self._create_order(100.0))
        self.Run._run()
        ids = self.Report.search([("model_id", "!=", False)]).ids
        self.assertGreater(len(ids), 50)
        self.assertEqual(len(ids), len(set(ids)))

    def test_ifood_case(self):
        """The published case: cost 6 720, revenue 3 674, profit -3 046, ROI -45.33 %."""
        self._create_bill(2240 * 3, {self.campaign_a: 100})
        self._create_touch(-1)
        self._invoice(self._create_order(11.0, quantity=334))
        self.Run._run()
        self.assertRevenue(6720.0, campaign=self.campaign_a, measure="cost_actual")
        self.assertRevenue(3674.0, campaign=self.campaign_a)
        self.assertEqual(f"{self._ratio('roi', self.campaign_a):.2%}", "-45.33%")

    def test_a_model_is_entered_by_hand(self):
        form = Form(self.env["marketing.attribution.model"].with_user(self.manager))
        form.name = "Linear, a month"
        form.method = "linear"
        form.window_days = 30
        model = form.save()
        self._create_touch(-40)
        recent = self._create_touch(-20)
        order = self._create_order()
        self.Run._run()
        self.assertEqual(self._weights(order, model), {recent: 1.0})

    def test_conversion_days_are_counted_from_the_first_touch(self):
        self._create_touch(-30)
        self._create_touch(-3)
        order = self._create_order()
        self.Run._run()
        self.assertEqual(self._conversion(order).date_first_touch, NOON + timedelta(days=-30))
