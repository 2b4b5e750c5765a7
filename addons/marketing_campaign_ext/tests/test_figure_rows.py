from datetime import date

from lxml import etree

from odoo.fields import Command
from odoo.tests import tagged

from ..models.utm_campaign_cost_rows import UtmCampaign as CostRows
from ..models.utm_campaign_target import UtmCampaign
from .common_money import CampaignMoneyCommon

FIGURES = (
    "budget_amount",
    "budget_remaining",
    "cost_committed",
    "cost_draft",
    "cost_booked",
    "cost_paid",
    "cost_accrued",
    "cost_actual",
    "cost_forecast",
)


@tagged("post_install", "-at_install")
class TestFigureRows(CampaignMoneyCommon):
    """Every figure of a campaign is the total in the footer of the list that it opens.

    A shared programme over two companies and two currencies: Spring is spent beyond its plan, part
    of it in hours and part in a bill that is half paid; Autumn is archived; Abroad counts in
    francs, whose rate changes between its two budget lines; Closed is over.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.francs = cls.env["res.company"].create(
            {"name": "Francs", "currency_id": cls.gold.id, "parent_id": False}
        )
        cls.both = cls.company + cls.francs
        people = cls.marketer + cls.manager + cls.finance
        people.company_ids = cls.both
        cls.programme = cls.env["utm.campaign"].create({"title": "Test Both", "company_id": False})
        cls.abroad = cls._create_money_campaign(
            "Test Abroad",
            0,
            company=cls.francs,
            state="draft",
            parent_id=cls.programme.id,
            budget_line_ids=[
                Command.create({"amount": amount, "date_from": day, "date_to": day})
                for amount, day in ((10.03, date(2026, 3, 30)), (33.37, date(2026, 4, 2)))
            ],
        )
        cls.closed = cls._create_money_campaign("Test Closed", 800.0, parent_id=cls.programme.id)
        cls.campaigns = cls.spring + cls.autumn + cls.abroad + cls.closed
        (cls.spring + cls.autumn).parent_id = cls.programme
        cls._spend()
        cls.closed.sudo().state = "done"
        cls.autumn.sudo().active = False

    @classmethod
    def _spend(cls):
        bill = cls._create_bill(1400.01, {cls.spring: 75, cls.autumn: 25})
        cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        ).create({"amount": 700.0})._create_payments()
        cls._create_bill(33.35, {cls.closed: 50}, currency_id=cls.gold.id)
        cls._create_bill(12.0, {cls.autumn: 100}, post=False)
        cls.env["marketing.cost.line"].create(
            [
                {
                    "name": campaign.title,
                    "campaign_id": campaign.id,
                    "amount": 7.77,
                    "date": date(2026, 3, 3),
                }
                for campaign in cls.campaigns
            ]
        )
        plan = cls.env.ref("marketing_campaign_ext.analytic_plan_campaigns")
        cls.env["account.analytic.line"].create(
            {
                "name": "Hours",
                "date": date(2026, 3, 4),
                "amount": -20.0,
                "company_id": cls.company.id,
                plan._column_name(): cls.spring.analytic_account_id.id,
            }
        )

    def _get_total_column(self, action):
        """The amount at the right of the footer: the last visible column with a sum."""
        view_id = dict((kind, view_id) for view_id, kind in action["views"])["list"]
        model = self.env[action["res_model"]].with_user(self.finance)
        arch = etree.fromstring(model.get_view(view_id, "list")["arch"])
        columns = arch.xpath("//field[@sum and not(@optional='hide') and not(@column_invisible)]")
        return columns[-1].get("name")

    def _open(self, campaign, fname):
        """What the list says in its footer when the figure is clicked."""
        button = fname.replace("cost_", "").replace("budget_", "").replace("amount", "budget")
        button = {"draft": "draft_bills"}.get(button, button)
        action = getattr(campaign, f"action_open_{button}")()
        column = self._get_total_column(action)
        # one request asks in one currency: another figure is another request
        self.env.invalidate_all()
        rows = campaign.env[action["res_model"]].with_context(**action["context"])
        rows = rows.search(action["domain"])
        self.assertLessEqual(rows.campaign_currency_id, campaign.currency_id)
        return sum(rows.mapped(column)), action

    def _as(self, user, campaign):
        return self._figures(campaign, user, allowed_company_ids=self.both.ids)

    def test_each_figure_opens_rows_that_sum_to_it(self):
        for user in self.manager + self.finance:
            for campaign in self.campaigns + self.programme:
                seen = self._as(user, campaign)
                for fname in (*FIGURES, *(f"{name}_total" for name in FIGURES)):
                    with self.subTest(user=user.login, campaign=campaign.title, figure=fname):
                        total, _action = self._open(seen, fname)
                        self.assertAlmostEqual(total, seen[fname], 6)

    def test_the_footer_of_a_long_list_is_the_total(self):
        """The client adds up one page of a list, and all groups of a grouped one."""
        seen = self._as(self.finance, self.autumn)
        self.assertFalse(seen.action_open_accrued()["context"]["search_default_group_date"])
        self.env["marketing.cost.line"].create(
            [{"name": "Day", "campaign_id": self.autumn.id, "amount": 1.0} for _row in range(80)]
        )
        seen = self._as(self.finance, self.autumn)
        context = seen.action_open_accrued()["context"]
        self.assertTrue(context["search_default_group_date"])
        context = seen.action_open_actual()["context"]
        self.assertTrue(context["search_default_group_state"])
        self.assertFalse(context["search_default_group_date"])

    def test_cards_on_a_phone_show_the_amounts_of_the_list(self):
        seen = self._as(self.finance, self.spring)
        for fname in FIGURES:
            with self.subTest(figure=fname):
                action = seen._action_open_figure(fname)
                view_id = dict((kind, view_id) for view_id, kind in action["views"])["kanban"]
                model = seen.env[action["res_model"]]
                card = etree.fromstring(model.get_view(view_id, "kanban")["arch"])
                shown = card.xpath("//t[@t-name='card']//field[@widget='monetary']/@name")
                self.assertEqual(shown, [self._get_total_column(action)])

    def test_a_marketer_is_told_what_the_rows_leave_out(self):
        seen = self._as(self.marketer, self.spring)
        for fname, hidden in (
            ("cost_booked", 20),
            ("cost_paid", 20),
            ("cost_forecast", 20),
            ("budget_remaining", -20),
            ("budget_amount", 0),
        ):
            with self.subTest(figure=fname):
                total, action = self._open(seen, fname)
                self.assertAlmostEqual(total + hidden, seen[fname], 6)
                self.assertEqual("not listed" in action["name"], bool(hidden))

    def test_the_figures_are_what_was_planned_and_spent(self):
        seen = self._as(self.finance, self.spring)
        self.assertAlmostEqual(seen.cost_booked, 1050.01 + 20)
        self.assertAlmostEqual(seen.cost_paid, 525.0 + 20, 1)
        self.assertAlmostEqual(seen.budget_remaining, 1000 - 1070.01 - 7.77)
        self.assertAlmostEqual(seen.cost_forecast, 1070.01 + 7.77)
        abroad = self._as(self.finance, self.abroad)
        self.assertAlmostEqual(abroad.budget_amount, 43.40)
        programme = self._as(self.finance, self.programme)
        # 10.03 / 2 and 33.37 / 4, each at the rate of its day
        self.assertAlmostEqual(programme.budget_amount_total, 1000 + 500 + 800 + 5.02 + 8.34)

    def test_a_forecast_says_what_it_consists_of(self):
        _total, action = self._open(self._as(self.finance, self.spring), "cost_forecast")
        self.assertEqual(action["domain"][1][2], ["committed", "booked", "accrued"])
        _total, action = self._open(self._as(self.finance, self.autumn), "cost_forecast")
        self.assertEqual(action["domain"][1][2], ["planned"])
        _total, action = self._open(self._as(self.finance, self.closed), "cost_forecast")
        self.assertEqual(action["domain"][1][2], ["committed", "booked", "accrued"])

    def test_one_company_opens_its_part(self):
        for company, expected in ((self.company, 2300), (self.francs, 43.40)):
            seen = self._figures(
                self.programme.with_company(company),
                self.finance,
                allowed_company_ids=company.ids,
            )
            total, _action = self._open(seen, "budget_amount_total")
            self.assertAlmostEqual(total, expected)
            self.assertAlmostEqual(seen.budget_amount_total, expected)

    def _sell(self):
        for campaign, amount, day in (
            (self.spring, 100.01, date(2026, 3, 10)),
            (self.abroad, 33.33, date(2026, 3, 11)),
            (self.abroad, 77.77, date(2026, 4, 11)),
        ):
            invoice = self.init_invoice("out_invoice", invoice_date=day, amounts=[amount])
            invoice.campaign_id = campaign
            invoice.action_post()
        self.env.flush_all()

    def test_invoiced_revenue_opens_the_invoice_lines_that_sum_to_it(self):
        self._sell()
        for campaign in self.abroad + self.spring + self.programme:
            seen = self._as(self.finance, campaign)
            # Figure and rows of this addon: with attribution installed both are its own.
            revenue = UtmCampaign._total_revenue(seen, seen)[campaign.id]
            action = CostRows.action_open_revenue(seen)
            column = self._get_total_column(action)
            self.env.invalidate_all()
            rows = seen.env[action["res_model"]].with_context(**action["context"])
            rows = rows.search(action["domain"])
            self.assertTrue(revenue)
            self.assertAlmostEqual(sum(rows.mapped(column)), revenue, 6)
            self.assertEqual(rows.mapped("kind"), ["invoiced"] * len(rows))
            self.assertEqual(rows.reporting_currency_id, seen.currency_id)

    def test_a_marketer_is_told_that_the_invoices_are_for_finance(self):
        self._sell()
        seen = self._as(self.marketer, self.spring)
        action = CostRows.action_open_revenue(seen)
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn(seen.title, action["params"]["title"])
        self.assertIn("only finance", action["params"]["message"])

    def test_the_ledger_of_a_campaign_has_the_invoice_lines_of_its_revenue(self):
        self._sell()
        for campaign in self.abroad + self.spring + self.programme:
            seen = self._as(self.finance, campaign)
            # The figure of this addon: with attribution installed it is what that credits.
            revenue = UtmCampaign._total_revenue(seen, seen)[campaign.id]
            action = seen.action_open_ledger()
            self.env.invalidate_all()
            rows = seen.env[action["res_model"]].with_context(**action["context"])
            rows = rows.search(action["domain"])
            self.assertTrue(revenue)
            self.assertAlmostEqual(sum(rows.mapped("amount_invoiced")), revenue, 6)
            self.assertAlmostEqual(sum(rows.mapped("amount_cost")), seen.cost_actual_total, 6)
            self.assertEqual(rows.reporting_currency_id, seen.currency_id)
