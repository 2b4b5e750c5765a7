from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from ..models.marketing_roi_total import FACT_MEASURES, MEASURES
from ..report.report_question import Question
from .common import NOON, RoiCommon

# Groupings the stored totals answer, by days and by months; the last one they do not know.
GROUPINGS = (
    ["campaign_id"],
    ["date:day", "fact"],
    ["date:month", "company_id"],
    ["date:year", "programme_id", "is_new_customer"],
    ["medium_id", "source_id", "mailing_id"],
    [],
    ["product_categ_id", "user_id"],
)

LEAD_MEASURES = ("lead_count", "opportunity_count", "won_count", "lost_count")


class TestTotals(RoiCommon):
    """The stored totals say what the rows say, whatever happened, to the cent."""

    def _read(self, domain, groupby, by_rows):
        """Sums of a grouping; an aggregate the totals do not know makes the report read rows."""
        names = sorted({*MEASURES, *LEAD_MEASURES, "customer_months"})
        aggregates = [f"{name}:sum" for name in names] + ["__count"]
        if by_rows:
            aggregates.append("res_id:max")
        groups = self.Report._read_group(domain, groupby, aggregates)
        width = len(groupby)
        return {
            str(row[:width]): [round(float(value or 0), 6) for value in row[width:][:-1]]
            if by_rows
            else [round(float(value or 0), 6) for value in row[width:]]
            for row in groups
        }

    def assertSameAsRows(self, *domains):
        models = self.env["marketing.attribution.model"].search([])
        for domain in domains or ([], [("date", ">=", "2026-02-10"), ("date", "<", "2026-04-05")]):
            scope = [*domain, ("model_id", "in", models.ids)]
            for groupby in GROUPINGS:
                grouping = ["model_id", *groupby]
                totals = self._read(scope, grouping, by_rows=False)
                with self.subTest(domain=domain, groupby=groupby):
                    self.assertEqual(totals, self._read(scope, grouping, by_rows=True))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        models = cls.env["marketing.attribution.model"].search([])
        models.filtered(
            lambda model: model.method not in ("last", "linear", "w_shaped", "time_decay")
        ).active = False
        # under time decay, shares are added up when somebody asks
        models.filtered(lambda model: model.method == "w_shaped").keep_totals = True

    def _prepare_world(self):
        """Touches, orders, invoices, refunds and bills over four months, some without campaign."""
        self.other = self.env["res.partner"].create({"name": "Other"})
        self.campaign_c = self.campaign_a.copy({"company_id": self.company.id})
        self._create_touch(3, self.campaign_c, company_id=False)
        email = self.env.ref("utm.utm_medium_email")
        for day in (-70, -40, -12, -5, -1):
            self._create_touch(day, self.campaign_a if day % 2 else self.campaign_b)
            self._create_touch(day, self.campaign_a, medium_id=email.id)
        self.invoices = self.env["account.move"]
        self.orders = self.env["sale.order"]
        for day, amount, partner in ((-30, 0.1, None), (-3, 99.99, None), (10, 33.34, self.other)):
            order = self._create_order(amount, day, partner=partner)
            self.orders |= order
            self.invoices |= self._invoice(order, days=day + 2)
        self._refund(self.invoices[1], days=20, amount=33.33)
        self._create_bill(100.0, {self.campaign_a: 60, self.campaign_b: 40})
        self.lead = self._create_lead(campaign_id=self.campaign_a.id, expected_revenue=77.77)
        self.Run._run()

    def test_after_the_first_run(self):
        self._prepare_world()
        self.assertSameAsRows()

    def test_touches_are_counted_before_the_next_run(self):
        self._prepare_world()
        late = self._create_touch(-2, self.campaign_b)
        self.assertSameAsRows()
        late.date = NOON + timedelta(days=-45)
        self.assertSameAsRows()
        late.unlink()
        self.assertSameAsRows()
        self.Run._run()
        self.assertFalse(self.env["marketing.roi.stale.day"].search([]))
        self.assertSameAsRows()

    def test_after_changes_that_are_computed_alone(self):
        self._prepare_world()
        steps = (
            lambda: self._create_touch(-2, self.campaign_b),
            lambda: self._refund(self.invoices[2], days=40),
            lambda: self.invoices[0].button_draft(),
            lambda: self.orders[0]._action_cancel(),
            lambda: self._create_order(12.34, 30),
            self.lead.action_set_won,
            lambda: self.env["marketing.touchpoint"].search([], limit=3).sudo().unlink(),
            lambda: self.campaign_c.write({"company_id": False}),
        )
        for step in steps:
            step()
            run = self.Run._run()
            self.assertFalse(run.is_full)
            self.assertSameAsRows()
        before = self._read([], ["campaign_id"], by_rows=False)
        self.Run._run(full=True)
        self.assertEqual(self._read([], ["campaign_id"], by_rows=False), before)

    def test_leads_that_change_are_counted_before_the_next_run(self):
        """However they are written: by forms, in sets, by statements, by merging and deleting."""
        self._prepare_world()
        stage = self.env["crm.stage"].search([("is_won", "=", False)], limit=1)
        lead = self._create_lead(campaign_id=self.campaign_b.id, type="lead", stage_id=stage.id)
        twin = self._create_lead(campaign_id=self.campaign_a.id, type="lead", partner_id=False)
        team = self.env["crm.team"].create({"name": "Movers", "company_id": False})
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})

        def by_statement():
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE crm_lead SET create_date = '2026-02-03 10:00', campaign_id = %s"
                " WHERE id = %s",
                [self.campaign_a.id, lead.id],
            )
            self.env.invalidate_all()

        steps = (
            lambda: self.assertTrue(lead),
            lambda: lead.convert_opportunity(self.other),
            lambda: lead.write({"campaign_id": self.campaign_a.id}),
            by_statement,
            lead.action_set_won,
            lambda: lead.write({"stage_id": stage.id, "probability": 10}),
            lead.action_set_lost,
            lead.action_unarchive,
            lambda: lead.write({"company_id": False, "team_id": team.id}),
            lambda: team.write({"company_id": elsewhere.id}),
            lambda: (lead | twin).merge_opportunity(),
            lambda: self.lead.unlink(),
        )
        for number, step in enumerate(steps):
            step()
            self.env.flush_all()
            with self.subTest(step=number):
                marked = self.env["marketing.roi.stale.day"].search([("fact", "=", "lead")])
                self.assertTrue(marked)
                self.assertSameAsRows()
                self.Run._run()
                self.assertFalse(self.env["marketing.roi.stale.day"].search([]))
                self.assertSameAsRows()

    def test_what_says_nothing_of_where_a_lead_counts_marks_no_day(self):
        self._prepare_world()
        self.lead.write({"name": "Another name", "priority": "3", "expected_revenue": 5})
        self.env.flush_all()
        self.assertFalse(self.env["marketing.roi.stale.day"].search([("fact", "=", "lead")]))

    def test_a_deleted_order_stays_until_the_next_run_takes_it_off(self):
        self._prepare_world()
        order = self._create_order(50.0, 5)
        self.Run._run()
        order._action_cancel()
        order.unlink()
        self.assertSameAsRows()
        self.Run._run()
        self.assertSameAsRows()
        self.assertRevenue(0.0, measure="revenue_ordered", domain=[("date", "=", "2026-03-06")])

    def test_in_a_frozen_period(self):
        self._prepare_world()
        self.env["marketing.attribution.lock"].create(
            {"company_id": self.company.id, "date": date(2026, 3, 10)}
        )
        self._create_touch(-2, self.campaign_b)
        self._refund(self.invoices[0], days=3, amount=0.05)
        self.Run._run()
        self.assertSameAsRows()
        self.Run._run(full=True)
        self.assertSameAsRows()

    def test_a_model_that_is_redone_alone(self):
        self._prepare_world()
        self.linear.write({"window_days": 20})
        run = self.Run._run()
        self.assertFalse(run.is_full)
        self.assertSameAsRows()

    def test_what_describes_a_conversion_may_be_deleted(self):
        country = self.env["res.country"].create({"name": "Nowhere", "code": "ZZ"})
        team = self.env["crm.team"].create({"name": "Gone soon"})
        user = new_test_user(self.env, "gone-soon", "sales_team.group_sale_salesman")
        described = {"country_id": country.id, "team_id": team.id, "user_id": user.id}
        lead = self._create_lead(campaign_id=self.campaign_a.id, **described)
        self._prepare_world()
        conversion = self.env["marketing.attribution.conversion"].search(
            [("lead_id", "=", lead.id)]
        )
        for name, record in (("country_id", country), ("team_id", team), ("user_id", user)):
            with self.subTest(name):
                self.assertEqual(conversion[name], record)
                record.unlink()
                self.assertFalse(conversion[name])
                self.assertSameAsRows()

    def test_a_deleted_channel_is_taken_off_and_its_revenue_stays(self):
        self._prepare_world()
        channel = self.env["utm.medium"].create({"name": "Leaflet"})
        self._create_touch(9, medium_id=channel.id, partner=self.other)
        self.Run._run()
        domain = [("medium_id", "=", channel.id), ("fact", "=", "invoiced")]
        self.assertRevenue(33.34 - 0.0, domain=domain)
        before = self._revenue()
        channel.unlink()
        self.assertEqual(self._revenue(), before)
        self.assertSameAsRows()
        groups = self.Report.formatted_read_group([], ["medium_id"], ["revenue_invoiced:sum"])
        self.assertTrue(groups)

    def test_merged_campaigns(self):
        self._prepare_world()
        wizard = self.env["marketing.campaign.merge"]
        wizard._merge(self.campaign_b, self.campaign_a)
        self.assertSameAsRows()

    def test_changes_put_together_change_nothing(self):
        self._prepare_world()
        self._create_touch(-2, self.campaign_b)
        self._refund(self.invoices[2], days=40)
        self.Run._run()
        Total = self.env["marketing.roi.total"].sudo()
        before = self._read([], ["campaign_id", "date:day"], by_rows=False)
        rows = Total.search_count([])
        self.assertTrue(Total.search_count([("is_change", "=", True)]))
        self.Run._put_together(least=0)
        self.assertFalse(Total.search_count([("is_change", "=", True)]))
        self.assertLess(Total.search_count([]), rows)
        self.assertEqual(self._read([], ["campaign_id", "date:day"], by_rows=False), before)
        self.assertSameAsRows()

    def test_made_anew_they_are_the_same(self):
        self._prepare_world()
        before = self._read([], ["campaign_id", "date:day"], by_rows=False)
        self.env["marketing.roi.total"].sudo().search([]).unlink()
        self.Run._rebuild_totals()
        self.assertEqual(self._read([], ["campaign_id", "date:day"], by_rows=False), before)

    def test_only_what_is_asked_for_is_read(self):
        """Revenue by campaign and month is answered by one small table."""
        self._prepare_world()
        report = self.Report._with_question([], ["campaign_id"], ["revenue_invoiced:sum"], None)
        statement = report._table_query.code
        self.assertIn("marketing_roi_total", statement)
        for table in ("marketing_attribution_credit", "marketing_touchpoint", "crm_lead"):
            self.assertNotIn(table, statement)
        self.assertNotIn("account_analytic_line", statement)
        report = self.Report._with_question([], ["campaign_id"], ["lead_count:sum"], None)
        self.assertNotIn("crm_lead", report._table_query.code)

    def test_sums_are_kept_of_the_models_people_look_at(self):
        """Whether they are kept changes what is read, never what comes out."""
        self._prepare_world()
        models = self.env["marketing.attribution.model"]
        self.assertEqual(
            set(models.search([("has_totals", "=", True)]).mapped("method")),
            {"last", "linear", "w_shaped"},
        )
        decay = models.search([("method", "=", "time_decay")])
        domain = [("model_id", "=", decay.id)]
        before = self._read(domain, ["campaign_id", "date:day"], by_rows=False)
        self.assertTrue(before)

        def statement(domain):
            groupby, aggregates = ["campaign_id"], ["revenue_invoiced:sum"]
            report = self.Report._with_question(domain, groupby, aggregates, None)
            return report._table_query.code

        self.assertIn("marketing_attribution_credit", statement(domain))
        self.assertNotIn("marketing_roi_total", statement(domain))
        decay.keep_totals = True
        self.assertEqual(self._read(domain, ["campaign_id", "date:day"], by_rows=False), before)
        self.Run._run()
        self.assertTrue(decay.has_totals)
        self.assertNotIn("marketing_attribution_credit", statement(domain))
        self.assertEqual(self._read(domain, ["campaign_id", "date:day"], by_rows=False), before)
        self.assertSameAsRows()
        decay.keep_totals = False
        self.Run._run()
        self.assertFalse(decay.has_totals)
        totals = self.env["marketing.roi.total"].sudo()
        self.assertFalse(totals.search_count([("model_id", "=", decay.id)]))
        self.assertSameAsRows()

    def test_figures_come_before_their_sums(self):
        """A full run credits; until the sums are made the report reads the credits."""
        self._prepare_world()
        linear = self.env["marketing.attribution.model"].search([("method", "=", "linear")])
        domain = [("model_id", "=", linear.id)]
        before = self._read(domain, ["campaign_id", "date:day"], by_rows=False)
        self.Run._run(full=True, with_sums=False)
        self.assertFalse(linear.has_totals)
        self.assertEqual(self._read(domain, ["campaign_id", "date:day"], by_rows=False), before)
        self._create_touch(-4, self.campaign_b)
        self.Run._run(with_sums=False)
        self.assertSameAsRows()
        self.Run._sum_up()
        self.assertTrue(linear.has_totals)
        self.assertSameAsRows()
        rows = self.env["marketing.roi.total"].sudo().search_count([])
        self.Run._sum_up()
        self.assertEqual(self.env["marketing.roi.total"].sudo().search_count([]), rows)

    def test_sums_of_another_model_used_for_roi(self):
        self._prepare_world()
        decay = self.env["marketing.attribution.model"].search([("method", "=", "time_decay")])
        decay.action_make_default()
        self.assertSameAsRows()
        self.Run._run()
        self.assertTrue(decay.has_totals)
        self.assertFalse(
            self.env["marketing.attribution.model"].search([("method", "=", "last")]).has_totals
        )
        self.assertSameAsRows()

    def test_each_kind_of_total_has_its_measures(self):
        """A measure of the totals is one of the report, and stands in one kind of row only."""
        self.assertLessEqual(set(MEASURES), set(self.Report._fields))
        self.assertEqual(len(MEASURES), sum(map(len, FACT_MEASURES.values())))

    def test_whole_months_of_a_period(self):
        question = Question(by_month=True, date_from=date(2025, 12, 31), date_to=date(2026, 3, 30))
        self.assertEqual(question.whole_months(), (date(2026, 1, 1), date(2026, 3, 1)))
        short = Question(by_month=True, date_from=date(2026, 1, 5), date_to=date(2026, 1, 30))
        self.assertIsNone(short.whole_months())

    def test_who_may_read_them(self):
        self._prepare_world()
        total = self.env["marketing.roi.total"].sudo().search([], limit=1)
        total.with_user(self.marketer).read(["revenue_invoiced"])
        with self.assertRaises(AccessError):
            total.with_user(self.marketer).read(["revenue_margin"])
        seller = new_test_user(self.env, "roi_seller", "sales_team.group_sale_salesman")
        for record in (total, self.env["marketing.roi.stale.day"]):
            with self.assertRaises(AccessError):
                record.with_user(seller).search([])
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._create_user(
            "roi_stranger",
            "group_campaign_user",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        self.assertNotIn(total, self.env["marketing.roi.total"].with_user(stranger).search([]))
