from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError

from .common import NOON, RoiCommon


class TestDefinitions(RoiCommon):
    """What figures are grouped by, what credits remember, and where Odoo's own figure misleads.

    Read as a marketer who has no rights in sales or accounting.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Seen = cls.Report.with_user(cls.marketer)

    # ------------------------------------------------------------------ by what

    def _create_known_deal(self):
        """A deal that is known in every respect, and what it is known by."""
        country = self.env.ref("base.no")
        known = {
            "type_id": self.env["marketing.campaign.type"].create({"name": "Fair"}),
            "medium_id": self.env.ref("utm.utm_medium_email"),
            "mailing_id": self.env["mailing.mailing"].create({"subject": "Come and see"}),
            "team_id": self.env["crm.team"].create({"name": "North", "company_id": False}),
            "user_id": self.env.user,
            "country_id": country,
            "product_categ_id": self.env["product.category"].create({"name": "Booths"}),
        }
        known["source_id"] = known["mailing_id"].source_id
        self.campaign_a.type_id = known["type_id"]
        self.customer.country_id = country
        self.product.categ_id = known["product_categ_id"]
        touch = {name: known[name].id for name in ("medium_id", "source_id", "mailing_id")}
        self._create_touch(-1, kind="mail_click", **touch)
        values = {name: known[name].id for name in ("team_id", "user_id")}
        self._invoice(self._create_order(100.0, **values))
        return known

    def test_revenue_by_everything_a_deal_is_known_by(self):
        known = self._create_known_deal()
        self._invoice(
            self._create_order(40.0, partner=self.env["res.partner"].create({"name": "Stranger"}))
        )
        self.Run._run()
        domain = [("company_id", "=", self.company.id), ("fact", "=", "invoiced")]
        for name, record in known.items():
            with self.subTest(by=name):
                groups = dict(self.Seen._read_group(domain, [name], ["revenue_invoiced:sum"]))
                expected = 140.0 if name in ("product_categ_id", "user_id") else 100.0
                self.assertEqual(groups[record.with_user(self.marketer)], expected)
                self.assertEqual(sum(groups.values()), 140.0)

    def test_the_roi_of_a_type_is_no_mean_of_its_campaigns(self):
        """A cost 100 and brought 300, B cost 300 and brought 100: 200 % and -67 %, together 0 %."""
        kind = self.env["marketing.campaign.type"].create({"name": "Fair"})
        (self.campaign_a | self.campaign_b).type_id = kind
        other = self.env["res.partner"].create({"name": "Somebody"})
        self._create_touch(-1)
        self._create_touch(-1, self.campaign_b, partner=other)
        for partner, campaign, cost, revenue in (
            (self.customer, self.campaign_a, 100.0, 300.0),
            (other, self.campaign_b, 300.0, 100.0),
        ):
            self._create_bill(cost, {campaign: 100})
            self._invoice(self._create_order(revenue, partner=partner))
        self.Run._run()
        domain = [("company_id", "=", self.company.id), ("campaign_id", "!=", False)]
        [[by_type], by_campaign] = [
            self.Seen._read_group(domain, [name], ["roi:avg", "roas:avg"])
            for name in ("type_id", "campaign_id")
        ]
        self.assertEqual(by_type[1:], (0.0, 1.0))
        self.assertEqual([round(row[1], 4) for row in by_campaign], [2.0, -0.6667])

    def test_cost_and_revenue_stand_in_their_own_months(self):
        """A bill of March, an invoice of May: the ROI of March is -100 %, that of May unknown."""
        self._create_touch(-1)
        self._create_bill(100.0, {self.campaign_a: 100})
        self._invoice(self._create_order(150.0), days=62)
        self.Run._run()
        groups = self.Seen._read_group(
            [("campaign_id", "=", self.campaign_a.id), ("fact", "in", ("cost", "invoiced"))],
            ["date:month"],
            ["cost_actual:sum", "revenue_invoiced:sum", "roi:avg"],
        )
        self.assertEqual(
            [(month, cost, revenue, roi or None) for month, cost, revenue, roi in groups],
            [(date(2026, 3, 1), 100.0, 0.0, -1.0), (date(2026, 5, 1), 0.0, 150.0, None)],
        )

    # ------------------------------------------------------------------ what credits remember

    def test_a_credit_names_the_run_and_the_parameters_behind_it(self):
        self.linear.write({"window_days": 30, "contact_scope": "contact", "dedup_hours": 2.0})
        self._create_touch(-1)
        order = self._create_order()
        self.Run._run()
        credit = self._conversion(order).credit_ids.filtered(
            lambda credit: credit.model_id == self.linear
        )
        run = credit.with_user(self.marketer).run_id
        self.assertTrue(run.date_start)
        [parameters] = [entry for entry in run.parameters if entry["name"] == self.linear.name]
        self.assertEqual(parameters["version"], credit.model_version)
        for name, value in {
            "method": "linear",
            "window_days": 30,
            "contact_scope": "contact",
            "dedup_hours": 2.0,
        }.items():
            self.assertEqual(parameters[name], value, name)

    def test_a_run_says_in_words_what_it_was_computed_with(self):
        """What the method does not look at is not mentioned."""
        self.env.ref("roi_dashboard.model_time_decay").half_life_days = 14
        self.linear.with_opens = False
        text = self.Run._run().with_user(self.marketer).parameters_text
        decay = text.split("Time Decay, version 2\n")[1].splitlines()[0]
        self.assertIn("Window (days): 90", decay)
        self.assertIn("Half-Life (days): 14", decay)
        linear = text.split("Linear, version 2\n")[1].splitlines()[0]
        self.assertIn("Count Opened Emails: no", linear)
        self.assertNotIn("Half-Life", linear)
        self.assertNotIn("Order of the Chain", linear)
        markov = text.split("Markov Chain, version 1\n")[1].splitlines()[0]
        self.assertIn("Order of the Chain: 1", markov)

    def test_a_visitor_who_is_named_after_freezing_changes_nothing_that_is_frozen(self):
        touch = self._create_touch(-1, partner=self.env["res.partner"])
        order = self._create_order()
        lock = self.env["marketing.attribution.lock"].create(
            {"company_id": self.company.id, "date": "2026-03-31"}
        )
        touch.partner_id = self.customer
        self.Run._run(full=True)
        no_touch = self.env["marketing.touchpoint"]
        self.assertEqual(self._weights(order, self.linear), {no_touch: 1.0})
        lock.action_unfreeze()
        self.Run._run(full=True)
        self.assertEqual(self._weights(order, self.linear), {touch: 1.0})

    def test_merged_leads_keep_the_touches_of_both_campaigns(self):
        """Odoo keeps the campaign of one lead and forgets the other."""
        leads = self.env["crm.lead"]
        for days, campaign in ((-9, self.campaign_a), (-4, self.campaign_b)):
            lead = self._create_lead(campaign_id=campaign.id, partner_id=False)
            self._create_touch(days, campaign, partner=self.env["res.partner"], lead_id=lead.id)
            leads |= lead
        survivor = leads.merge_opportunity()
        self.assertEqual(len(survivor.campaign_id), 1)
        self._invoice(self._create_order(100.0, opportunity_id=survivor.id))
        self.Run._run()
        for campaign in (self.campaign_a, self.campaign_b):
            self.assertRevenue(50.0, model=self.linear, campaign=campaign)

    def test_a_model_that_refuses_cannot_be_the_one_that_answers(self):
        """Else every report would say that nothing was sold."""
        markov = self.env.ref("roi_dashboard.model_markov").with_user(self.manager)
        self._create_touch(-1)
        self._invoice(self._create_order(100.0))
        self.Run._run()
        with self.assertRaisesRegex(ValidationError, "100 are needed"):
            markov.action_make_default()
        markov.write({"min_conversions": 1, "min_paths": 1})
        self.Run._run()
        markov.action_make_default()
        self.assertRevenue(100.0, campaign=self.campaign_a)
        with self.assertRaisesRegex(ValidationError, "99 are needed"):
            markov.min_conversions = 99

    # ------------------------------------------------------------------ Odoo's own figures

    def test_money_of_other_companies_is_in_no_figure_not_even_in_a_total(self):
        """Odoo's own figure shows everybody the money of every company."""
        programme = self.env["utm.campaign"].create(
            {"title": "Programme", "company_id": self.company.id}
        )
        elsewhere = self._create_foreign_company()
        self.campaign_b.company_id = False
        (self.campaign_a | self.campaign_b).parent_id = programme
        self._create_touch(-1)
        self._create_touch(-0.5, self.campaign_b, company_id=elsewhere.id)
        self._create_foreign_invoice(elsewhere)
        self._invoice(self._create_order(10.0, campaign_id=self.campaign_a.id))
        self.Run._run()
        total = [("campaign_id", "child_of", programme.id)]
        [(seen,)] = self.Seen._read_group(total, [], ["revenue_invoiced:sum"])
        self.assertEqual(seen, 10.0)
        self.assertEqual(programme.with_user(self.marketer).roi_revenue_amount, 10.0)
        self.campaign_a.invalidate_recordset(["invoiced_amount"])
        self.assertEqual(self.campaign_a.invoiced_amount, 110)
        # who works in both sees both, converted on the day of each invoice
        self.marketer.company_ids |= elsewhere
        both = programme.with_user(self.marketer).with_context(
            allowed_company_ids=(self.company + elsewhere).ids
        )
        self.assertAlmostEqual(both.roi_revenue_amount, 60.0)

    def test_marketers_need_no_rights_in_sales(self):
        """Odoo's own figures are hidden from whoever only does marketing."""
        self._create_touch(-1)
        self._invoice(self._create_order(100.0, campaign_id=self.campaign_a.id))
        self.Run._run()
        campaign = self.campaign_a.with_user(self.marketer)
        for name in ("invoiced_amount", "quotation_count"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                campaign.read([name])
        self.assertEqual(campaign.roi_revenue_amount, 100.0)

    def test_a_cancelled_order_and_an_empty_one_are_no_results(self):
        """Odoo's own number of quotations counts both."""
        order = self._create_order(100.0, campaign_id=self.campaign_a.id)
        order._action_cancel()
        self.env["sale.order"].create(
            {"partner_id": self.customer.id, "campaign_id": self.campaign_a.id}
        )
        self._create_touch(-1)
        self.Run._run()
        self.assertEqual(self.campaign_a.quotation_count, 2)
        for measure in ("conversion_count", "revenue_ordered"):
            self.assertRevenue(0.0, campaign=self.campaign_a, measure=measure)

    def test_figures_can_be_grouped_and_sorted(self):
        """Odoo's own are computed campaign by campaign: no pivot, no order."""
        with self.assertRaises(ValueError):
            self.env["utm.campaign"]._read_group([], [], ["invoiced_amount:sum"])
        other = self.env["res.partner"].create({"name": "Somebody"})
        for partner, campaign, amount in (
            (self.customer, self.campaign_a, 10.0),
            (other, self.campaign_b, 20.0),
        ):
            self._create_touch(-1, campaign, partner=partner)
            self._invoice(self._create_order(amount, partner=partner))
        self.Run._run()
        groups = self.Seen._read_group(
            [("company_id", "=", self.company.id), ("campaign_id", "!=", False)],
            ["campaign_id"],
            ["revenue_invoiced:sum"],
            order="revenue_invoiced:sum DESC",
        )
        self.assertEqual([amount for _campaign, amount in groups], [20.0, 10.0])

    def test_a_cookie_of_the_bookkeeper_changes_no_revenue(self):
        """A vendor bill that carries a campaign by accident: neither revenue nor cost of it."""
        self._create_touch(-1)
        self._invoice(self._create_order(100.0, campaign_id=self.campaign_a.id))
        self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner_b.id,
                "invoice_date": NOON.date() + timedelta(days=1),
                "campaign_id": self.campaign_a.id,
                "invoice_line_ids": [
                    Command.create({"name": "Paper", "price_unit": 30.0, "tax_ids": []})
                ],
            }
        ).action_post()
        self.Run._run()
        self.assertRevenue(100.0, campaign=self.campaign_a)
        self.assertRevenue(0.0, campaign=self.campaign_a, measure="cost_actual")
        self.assertEqual(self.campaign_a.invoiced_amount, 70)
