from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_money import CampaignMoneyCommon


@tagged("post_install", "-at_install")
class TestCostSpread(CampaignMoneyCommon):
    """Shared costs go to campaigns by a rule, and all of them are the ledger to the cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.winter = cls._create_money_campaign("Test Winter", 1000.0)
        cls.campaigns = cls.spring + cls.autumn + cls.winter  # 1 000, 500, 1 000

    def _spread(self, bills, rule, campaigns=None, user=None, **values):
        items = bills.invoice_line_ids
        wizard = (
            self.env["marketing.cost.spread"]
            .with_user(user or self.accountant)
            .with_context(active_model="account.move.line", active_ids=items.ids)
            .create({"rule": rule, "campaign_ids": (campaigns or self.campaigns).ids, **values})
        )
        wizard.action_spread()
        self.env.invalidate_all()
        return wizard

    def _shared_bill(self, amount, **values):
        return self._create_bill(amount, {}, line_values={"analytic_distribution": False}, **values)

    def _booked(self):
        return [self._figures(campaign).cost_booked for campaign in self.campaigns]

    def test_equal_parts_of_an_odd_bill_lose_no_cent(self):
        bill = self._shared_bill(100.01)
        self._spread(bill, "equal")
        booked = self._booked()
        self.assertAlmostEqual(sum(booked), 100.01, 6)
        self.assertLess(max(booked) - min(booked), 0.03)
        self.assertEqual(bill.state, "posted")

    def test_by_budget_a_campaign_with_half_the_money_bears_half(self):
        self._spread(self._shared_bill(250.0), "budget")
        self.assertEqual(self._booked(), [100, 50, 100])

    def test_by_leads_of_the_period(self):
        self.env["crm.lead"].sudo().create(
            [
                {"name": "Lead", "campaign_id": campaign.id}
                for campaign, count in ((self.spring, 3), (self.autumn, 1))
                for _number in range(count)
            ]
        )
        self.env.flush_all()
        today = date.today()
        self._spread(self._shared_bill(80.0), "leads", date_from=today, date_to=today)
        self.assertEqual(self._booked(), [60, 20, 0])

    def test_without_a_share_for_anybody_it_says_so(self):
        with self.assertRaisesRegex(UserError, "another rule"):
            self._spread(self._shared_bill(80.0), "leads")

    def test_what_is_on_a_campaign_stays_there(self):
        self._spread(self._create_bill(100.0, {self.spring: 40}), "equal")
        self.assertEqual(self._booked(), [60, 20, 20])

    def test_several_bills_and_a_refund_at_once(self):
        bills = self._shared_bill(99.99) + self._shared_bill(0.05)
        bills += self._shared_bill(33.34, move_type="in_refund")
        self._spread(bills, "budget")
        self.assertAlmostEqual(sum(self._booked()), 99.99 + 0.05 - 33.34, 6)

    def test_the_form_shows_what_it_will_do(self):
        items = self._shared_bill(250.0).invoice_line_ids
        form = Form(
            self.env["marketing.cost.spread"]
            .with_user(self.accountant)
            .with_context(active_model="account.move.line", active_ids=items.ids)
        )
        self.assertEqual(form.amount, 250)
        self.assertLessEqual(set(self.campaigns.ids), set(form.campaign_ids.ids))
        form.campaign_ids = self.campaigns
        amounts = [line["amount"] for line in form.line_ids._records]
        self.assertEqual(amounts, [100, 50, 100])
        form.rule = "equal"
        self.assertAlmostEqual(sum(line["amount"] for line in form.line_ids._records), 250, 6)

    def test_only_accounting_spreads(self):
        bill = self._shared_bill(10.0)
        for user in (self.marketer, self.finance):
            with self.assertRaises(AccessError):
                self._spread(bill, "equal", user=user)
