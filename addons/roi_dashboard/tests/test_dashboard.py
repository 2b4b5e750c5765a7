from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.mail.tests.common import mail_new_test_user

from ..models import marketing_dashboard_attention, marketing_dashboard_funnel
from .common import RoiCommon

PERIOD = {"date_from": "2026-02-01", "date_to": "2026-03-31"}
PANELS = ("kpis", "trend", "funnel", "campaigns", "channels", "attention")


class DashboardCommon(RoiCommon):
    """Campaign A spent 400 and brought 1 000, B spent 200 and brought 500, nobody 300.

    Two customers met A on 20 February and B on 25 February by email or at a fair; four leads, one
    of them won. All in February and March 2026, except the bill of January over 50.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.email = cls.env.ref("utm.utm_medium_email")
        cls.phone = cls.env.ref("utm.utm_medium_phone")
        cls.first = cls.env.ref("roi_dashboard.model_first_touch")
        cls.salesperson = mail_new_test_user(
            cls.env,
            login="roi_salesperson",
            groups="base.group_user,sales_team.group_sale_salesman",
            company_id=cls.company.id,
        )
        cls()._build_world()  # the helpers that make documents belong to a test

    def _build_world(self):
        other, stranger = self.env["res.partner"].create([{"name": "Other"}, {"name": "Stranger"}])
        self._create_bill(400.0, {self.campaign_a: 100}, days=-8)
        self._create_bill(200.0, {self.campaign_b: 100}, days=2)
        self._create_bill(50.0, {self.campaign_a: 100}, days=-45)
        self._create_touch(-9, self.campaign_a, medium_id=self.email.id)
        self._create_touch(-4, self.campaign_b, medium_id=self.phone.id)
        self._create_touch(-4, self.campaign_b, partner=other, medium_id=self.phone.id)
        self._create_touch(-2, self.campaign_a, medium_id=self.email.id)
        for number in range(4):
            lead = self._create_lead(name=f"Lead {number}", campaign_id=self.campaign_a.id)
            self._set_created(lead, -3)
        lead.action_set_won()
        lead.date_closed = "2026-03-02 10:00:00"
        orders = [
            self._create_order(1000.0),
            self._create_order(500.0, days=3, partner=other),
            self._create_order(300.0, days=4, partner=stranger),
        ]
        for days, order in zip((0, 3, 4), orders, strict=True):
            self._invoice(order, days=days)
        self.Run._run()
        self.env.flush_all()

    def setUp(self):
        super().setUp()
        self.env.registry.clear_cache()

    def _dashboard(self, user=None, companies=None):
        user = user or self.finance
        companies = companies or user.company_id
        return (
            self.env["marketing.dashboard"]
            .with_user(user)
            .with_context(allowed_company_ids=companies.ids)
            .with_company(companies[0])
        )

    def _ask(self, panel, user=None, domain=(), companies=None, **options):
        dashboard = self._dashboard(user, companies)
        return getattr(dashboard, f"get_{panel}")(list(domain), PERIOD | options)

    def _card(self, key, **kwargs):
        return next(card for card in self._ask("kpis", **kwargs)["cards"] if card["key"] == key)

    def _start(self, campaigns):
        """Have campaigns run since the beginning of the year."""
        for state in ("submitted", "approved", "running"):
            # sudo: the approval itself is not what is tested here
            campaigns.sudo().write({"state": state})
        campaigns.write({"date_start": "2026-01-01", "date_started": "2026-01-01"})

    def _plan(self, campaign, amount):
        self.env["marketing.budget.line"].create(
            {
                "campaign_id": campaign.id,
                "category_id": self.env["marketing.cost.category"].search([], limit=1).id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
                "amount": amount,
            }
        )
        self.env.flush_all()

    def _sum(self, domain, measure, user=None):
        report = self.Report.with_user(user or self.finance)
        return sum(report.search(domain).mapped(measure))


class TestDashboardFigures(DashboardCommon):
    """The figures are those of the report, and each opens the rows it is the sum of."""

    def test_cards(self):
        self.assertEqual(self._card("cost")["value"], 600.0)
        self.assertEqual(self._card("revenue")["value"], 1800.0)
        self.assertAlmostEqual(self._card("roi")["value"], 2.0)
        self.assertAlmostEqual(self._card("roas")["value"], 3.0)
        self.assertAlmostEqual(self._card("cost_per_lead")["value"], 150.0)

    def test_cards_equal_the_report(self):
        ratios = ("roi", "roas", "cac", "ltv_cac", "cost_per_lead")
        specs = ["cost_actual:sum", "revenue_invoiced:sum", "pipeline_amount:sum"]
        specs += [f"{name}:avg" for name in ratios]
        [expected] = self.Report.with_user(self.finance)._read_group(
            [
                ("date", ">=", PERIOD["date_from"]),
                ("date", "<=", PERIOD["date_to"]),
                ("company_id", "=", self.company.id),
            ],
            [],
            specs,
        )
        shown = [self._card(key)["value"] for key in ("cost", "revenue", "pipeline", *ratios)]
        self.assertEqual(shown, [float(value) for value in expected])

    def test_every_card_opens_the_rows_it_is_made_of(self):
        sums = {"cost": "cost_actual", "revenue": "revenue_invoiced", "pipeline": "pipeline_amount"}
        for key, measure in sums.items():
            card = self._card(key)
            self.assertAlmostEqual(self._sum(card["open"]["domain"], measure), card["value"], 2)
        for key in ("roi", "roas", "cac", "ltv_cac", "cost_per_lead"):
            card = self._card(key)
            [(value,)] = self.Report.with_user(self.finance)._read_group(
                card["open"]["domain"], [], [f"{key}:avg"]
            )
            self.assertAlmostEqual(value, card["value"], msg=key)

    def test_a_card_says_how_it_changed_and_what_it_should_be(self):
        self._plan(self.campaign_a, 800.0)
        card = self._card("cost", compare="previous_period")
        self.assertEqual(card["before"], 50.0)
        self.assertEqual(card["change"], 11.0)
        self.assertEqual(card["target"]["value"], 800.0)
        self.assertEqual(card["target"]["rate"], 0.75)
        self.assertAlmostEqual(sum(card["spark"]), 600.0)

    def test_nothing_to_compare_with_has_no_change(self):
        card = self._card("revenue", compare="previous_year")
        self.assertIsNone(card["change"])

    def test_the_trend_adds_up_and_opens(self):
        trend = self._ask("trend", compare="previous_period")
        self.assertEqual(trend["interval"], "week")
        self.assertEqual(sum(point["cost"] for point in trend["points"]), 600.0)
        self.assertEqual(sum(point["revenue"] for point in trend["points"]), 1800.0)
        for point in trend["points"]:
            self.assertAlmostEqual(self._sum(point["open_cost"], "cost_actual"), point["cost"], 2)
            self.assertAlmostEqual(
                self._sum(point["open_revenue"], "revenue_invoiced"), point["revenue"], 2
            )

    def test_the_funnel_counts_opens_and_times(self):
        stages = {stage["key"]: stage for stage in self._ask("funnel")["stages"]}
        counts = [stages[key]["count"] for key in ("touch", "lead", "opportunity", "won")]
        self.assertEqual(counts, [8, 4, 4, 1], "a new lead is a touch too")
        self.assertEqual(stages["won"]["rate"], 0.25)
        self.assertIsNotNone(stages["won"]["days"])
        measures = {"touch": "touch_count", "lead": "lead_count", "won": "won_count"}
        for key, measure in measures.items():
            self.assertEqual(self._sum(stages[key]["open"], measure), stages[key]["count"])

    def test_campaigns_are_ranked_and_add_up(self):
        rows = self._ask("campaigns")["rows"]
        self.assertEqual([row["cost"] for row in rows], [400.0, 200.0, 0.0])
        self.assertEqual([row["revenue"] for row in rows], [1000.0, 500.0, 300.0])
        self.assertEqual([row["id"] for row in rows][2], False)
        self.assertAlmostEqual(rows[0]["roi"], 1.5)
        self.assertIsNone(rows[2]["roi"])
        self.assertEqual({row["flag"] for row in rows[:2]}, {"too_little"})
        for row in rows:
            self.assertEqual(self._sum(row["open_revenue"], "revenue_invoiced"), row["revenue"])
            self.assertEqual(self._sum(row["open_cost"], "cost_actual"), row["cost"])
            self.assertEqual(self._sum(row["open_budget"], "cost_actual"), row["cost"])
            self.assertEqual(self._sum(row["open_leads"], "lead_count"), row["leads"])

    def test_a_young_campaign_is_not_judged(self):
        self.campaign_b.date_start = "2099-01-01"
        self.env.registry.clear_cache()
        flags = {row["id"]: row["flag"] for row in self._ask("campaigns")["rows"]}
        self.assertEqual(flags[self.campaign_b.id], "too_young")

    def test_channels_under_two_models_side_by_side(self):
        answer = self._ask("channels", model_id=self.last.id, model2_id=self.linear.id)
        rows = {row["id"]: row for row in answer["rows"]}
        self.assertEqual((answer["model"], answer["model2"]), (self.last.name, self.linear.name))
        self.assertEqual(rows[self.email.id]["cost"], 400.0)
        self.assertEqual(rows[self.phone.id]["cost"], 200.0)
        self.assertEqual(rows[self.email.id]["credit"], 1000.0)
        self.assertAlmostEqual(rows[self.email.id]["credit2"], 500.0)
        for column in ("credit", "credit2"):
            self.assertAlmostEqual(sum(row[column] for row in answer["rows"]), 1800.0, 2)
        for row in answer["rows"]:
            self.assertEqual(self._sum(row["open_cost"], "cost_actual"), row["cost"])
            for column in ("credit", "credit2"):
                opened = self._sum(row[f"open_{column}"], "revenue_invoiced")
                self.assertAlmostEqual(opened, row[column], 2)

    def test_a_filter_holds_in_every_panel(self):
        only_a = [["campaign_id", "=", self.campaign_a.id]]
        self.assertEqual(self._card("revenue", domain=only_a)["value"], 1000.0)
        self.assertEqual(
            sum(point["cost"] for point in self._ask("trend", domain=only_a)["points"]), 400.0
        )
        self.assertEqual(self._ask("funnel", domain=only_a)["stages"][0]["count"], 6)
        rows = self._ask("campaigns", domain=only_a)["rows"]
        self.assertEqual([row["id"] for row in rows], [self.campaign_a.id])
        channels = self._ask("channels", domain=only_a)["rows"]
        credit = {row["id"]: row["credit"] for row in channels}
        self.assertEqual(credit, {self.email.id: 1000.0, False: 0.0})

    def test_another_model_gives_another_answer(self):
        only_b = [["campaign_id", "=", self.campaign_b.id]]
        shared = self._card("revenue", domain=only_b, model_id=self.linear.id)["value"]
        self.assertAlmostEqual(shared, 750.0)

    def test_more_leads_than_can_be_opened_are_not_counted_to_the_end(self):
        self.env.cr.execute(
            "UPDATE crm_lead SET date_last_stage_update = '2026-03-01', date_open = NULL,"
            " date_conversion = NULL WHERE campaign_id = %s",
            [self.campaign_a.id],
        )
        self.env.invalidate_all()
        for most, count, is_more in ((10, 3, False), (3, 3, False), (2, 2, True)):
            self.env.registry.clear_cache()
            with patch.object(marketing_dashboard_attention, "MOST_OPENED", most):
                items = {item["key"]: item for item in self._ask("attention")["items"]}
            with self.subTest(most=most):
                stale = items["stale_leads"]
                self.assertEqual((stale["count"], stale["is_more"]), (count, is_more))

    def test_of_very_many_leads_a_part_of_the_table_tells_how_long_it_takes(self):
        domain = [("fact", "=", "lead"), ("campaign_id", "=", self.campaign_a.id)]
        columns = {"lead": SQL("lead.id")}
        whole = self.Report._select_leads(domain, columns)
        self.assertNotIn("TABLESAMPLE", whole.code)
        leads = {row[0] for row in self.env.execute_query(whole)}
        self.assertEqual(len(leads), 4)
        part = self.Report._select_leads(domain, columns, percent=50.0)
        self.assertIn("TABLESAMPLE", part.code)
        first, again = ({row[0] for row in self.env.execute_query(part)} for _turn in range(2))
        self.assertEqual(first, again)
        self.assertLessEqual(first, leads)
        with (
            patch.object(marketing_dashboard_funnel, "ENOUGH_LEADS", 0.000001),
            patch.object(self.env.registry["marketing.roi.report"], "_select_leads") as select,
        ):
            select.return_value = SQL("SELECT 1.0 AS days")
            self.env.registry.clear_cache()
            self._ask("funnel")
        self.assertTrue(select.call_count)
        self.assertTrue(all(call.kwargs["percent"] < 1 for call in select.call_args_list))

    def test_the_attention_list_names_what_is_wrong(self):
        quiet = self.env["utm.campaign"].create({"title": "Quiet", "company_id": self.company.id})
        self._plan(self.campaign_a, 300.0)
        self._start(self.campaign_a | self.campaign_b | quiet)
        self._create_bill(70.0, {quiet: 100}, days=-20)
        self.env.cr.execute(
            "UPDATE crm_lead SET date_last_stage_update = '2026-03-01', date_open = NULL,"
            " date_conversion = NULL WHERE campaign_id = %s",
            [self.campaign_a.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        items = {item["key"]: item for item in self._ask("attention")["items"]}
        over = items["over_budget"]
        self.assertEqual([row["id"] for row in over["rows"]], [self.campaign_a.id])
        self.assertEqual(over["rows"][0]["amount"], 150.0)
        self.assertEqual([row["name"] for row in items["no_revenue"]["rows"]], ["Quiet"])
        stale = items["stale_leads"]
        self.assertEqual(stale["count"], 3)
        self.assertEqual(stale["rows"], [], "finance does not read leads")
        opened = self._dashboard().get_records([], PERIOD, stale["open"]["lazy"])
        self.assertEqual(opened["model"], "marketing.roi.report")
        self.assertEqual(self._sum(opened["domain"], "lead_count"), 3)
        with self.assertRaises(UserError):
            self._dashboard().get_records([], PERIOD, "anything")

    def test_an_empty_period_says_so(self):
        for panel in ("kpis", "trend", "funnel", "campaigns", "channels"):
            answer = getattr(self._dashboard(), f"get_{panel}")(
                [], {"date_from": "2001-01-01", "date_to": "2001-03-31"}
            )
            self.assertTrue(answer["is_empty"], panel)

    def test_the_setup_knows_whether_there_is_anything(self):
        self.assertTrue(self._dashboard().get_setup()["has_facts"])
        empty = self.env["res.company"].create({"name": "Empty Company"})
        newcomer = self._create_user("roi_new", "group_campaign_finance", company_id=empty.id,
                                     company_ids=[(6, 0, empty.ids)])  # fmt: skip
        self.assertFalse(self._dashboard(newcomer).get_setup()["has_facts"])


class TestDashboardRights(DashboardCommon):
    """Who sees what; what comes from the cache is nobody else's."""

    def test_a_salesperson_is_refused(self):
        dashboard = self._dashboard(self.salesperson)
        with self.assertRaises(AccessError):
            dashboard.get_setup()
        for panel in PANELS:
            self._ask(panel)  # finance has put it into the cache
            with self.assertRaises(AccessError):
                self._ask(panel, user=self.salesperson)

    def test_margin_is_for_finance_also_from_the_cache(self):
        keys = {card["key"] for card in self._ask("kpis", user=self.finance)["cards"]}
        self.assertIn("ltv_cac", keys)
        keys = {card["key"] for card in self._ask("kpis", user=self.marketer)["cards"]}
        self.assertNotIn("ltv_cac", keys)
        with self.assertRaises(AccessError):
            self._ask("kpis", user=self.marketer, domain=[["revenue_margin", ">", 0]])

    def test_companies_stay_apart_also_from_the_cache(self):
        other = self._create_company(name="Other Company")
        outsider = self._create_user(
            "roi_outsider",
            "group_campaign_finance",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertEqual(self._card("revenue")["value"], 1800.0)
        self.assertFalse(self._card("revenue", user=outsider)["value"])
        for panel in ("trend", "funnel", "campaigns", "channels"):
            self.assertTrue(self._ask(panel, user=outsider)["is_empty"], panel)

    def test_several_companies_and_currencies_add_up(self):
        """A bill of 100 in a company whose money is worth half: 50 here, 200 there for ours."""
        currency = self.env["res.currency"].create(
            {
                "name": "HLF",
                "symbol": "h",
                "rounding": 0.01,
                "rate_ids": [(0, 0, {"name": "2020-01-01", "rate": 2.0, "company_id": False})],
            }
        )
        other = self._create_company(name="Half Company", currency_id=currency.id)
        campaign = self.env["utm.campaign"].create({"title": "Half", "company_id": other.id})
        self.env["marketing.cost.line"].create(
            {
                "campaign_id": campaign.id,
                "company_id": other.id,
                "date": "2026-03-01",
                "name": "Advertising",
                "amount": 100.0,
            }
        )
        both = self.company | other
        self.finance.company_ids = both
        self.env.registry.clear_cache()
        self.assertEqual(self._card("cost", companies=self.company)["value"], 600.0)
        self.assertEqual(self._card("cost", companies=other)["value"], 100.0)
        card = self._card("cost", companies=both)
        self.assertEqual(card["value"], 650.0)
        report = self.Report.with_user(self.finance).with_context(allowed_company_ids=both.ids)
        rows = report.search(card["open"]["domain"])
        self.assertAlmostEqual(sum(rows.mapped("cost_actual")), 650.0, 2)
        self.assertEqual(self._card("cost", companies=other | self.company)["value"], 1300.0)

    def test_bad_arguments_are_said_clearly(self):
        dashboard = self._dashboard()
        for options in (
            {"date_from": "yesterday"},
            {"date_from": "2026-03-31", "date_to": "2026-03-01"},
            {"date_from": "1990-01-01", "date_to": "2026-03-01"},
            {"compare": "last_life"},
            {"model_id": 999_999_999},
            {"model_id": "1 OR 1=1"},
            {"nonsense": 1},
        ):
            with self.assertRaises(UserError, msg=str(options)):
                dashboard.get_kpis([], options)
        for domain in ([["no_such_field", "=", 1]], [["campaign_id"]], "campaign", 7):
            with self.assertRaises(UserError, msg=str(domain)):
                dashboard.get_kpis(domain, PERIOD)

    def test_panels_may_be_answered_by_a_replica(self):
        for panel in (*PANELS, "setup"):
            self.assertTrue(getattr(self.env["marketing.dashboard"], f"get_{panel}")._readonly)


class TestDashboardCache(DashboardCommon):
    """Asked twice, computed once; asked after a change, computed anew."""

    def _count_queries(self, panel, **kwargs):
        before = self.env.cr.sql_log_count
        self._ask(panel, **kwargs)
        return self.env.cr.sql_log_count - before

    def test_the_second_answer_costs_next_to_nothing(self):
        for panel in PANELS:
            first = self._count_queries(panel)
            self.assertLessEqual(self._count_queries(panel), min(6, first - 1), panel)

    def test_a_run_makes_the_answer_anew(self):
        self.assertEqual(self._card("revenue")["value"], 1800.0)
        self._invoice(self._create_order(40.0))
        self.Run._run()
        self.assertEqual(self._card("revenue")["value"], 1840.0)

    def test_an_answer_can_be_changed_without_harm(self):
        self._ask("kpis")["cards"].clear()
        self.assertTrue(self._ask("kpis")["cards"])

    def test_the_number_of_queries_does_not_grow_with_the_campaigns(self):
        for panel in PANELS:
            self._count_queries(panel)  # names and settings are read once
        self.env.registry.clear_cache()
        few = {panel: self._count_queries(panel) for panel in PANELS}
        for number in range(4):
            campaign = self.env["utm.campaign"].create(
                {"title": f"More {number}", "company_id": self.company.id}
            )
            self._create_bill(10.0 + number, {campaign: 100})
            self._create_touch(-1, campaign, medium_id=self.email.id)
        self.Run._run(full=True)
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self._ask("kpis", user=self.manager)
        for panel in PANELS:
            self.assertLessEqual(self._count_queries(panel), few[panel] + 8, panel)
