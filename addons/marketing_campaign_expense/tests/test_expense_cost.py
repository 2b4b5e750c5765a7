from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.marketing_campaign_ext.tests.common_money import CampaignMoneyCommon


@tagged("post_install", "-at_install")
class TestExpenseCost(CampaignMoneyCommon):
    """An expense counts once on its way: shown, then committed, then booked by its entry."""

    @classmethod
    def get_default_groups(cls):
        return (
            super().get_default_groups()
            | cls.quick_ref("hr_expense.group_hr_expense_manager")
            | cls.quick_ref("hr.group_hr_manager")
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.traveller = cls._create_money_user("money_traveller", "base.group_user")
        cls.employee = cls.env["hr.employee"].create(
            {
                "name": "Traveller",
                "user_id": cls.traveller.id,
                "company_id": cls.company.id,
                "work_contact_id": cls.traveller.partner_id.id,
            }
        )
        cls.travel = cls.env["product.product"].create(
            {
                "name": "Travel",
                "can_be_expensed": True,
                "supplier_taxes_id": [(5, 0, 0)],
                "standard_price": 0.0,
                "categ_id": cls.product_category.id,
            }
        )

    def _create_expense(self, amount, shares, **values):
        return self.env["hr.expense"].create(
            {
                "name": "Train to the fair",
                "employee_id": self.employee.id,
                "product_id": self.travel.id,
                "total_amount_currency": amount,
                "tax_ids": [(5, 0, 0)],
                "date": date(2026, 3, 7),
                "analytic_distribution": {
                    self._key(campaign): percent for campaign, percent in shares.items()
                },
                **values,
            }
        )

    def test_an_expense_counts_once_at_every_step(self):
        expense = self._create_expense(200.0, {self.spring: 75, self.autumn: 25})
        self.assertCosts(self.spring, draft=0, committed=0, booked=0)
        expense.action_submit()
        if expense.state == "submitted":
            self.assertCosts(self.spring, draft=150, committed=0, booked=0)
            expense.action_approve()
        self.assertEqual(expense.state, "approved")
        self.assertCosts(self.spring, draft=0, committed=150, booked=0, budget_remaining=850)
        self.assertCosts(self.autumn, draft=0, committed=50, booked=0)
        expense._post_without_wizard()
        self.assertEqual(expense.account_move_id.state, "posted")
        self.assertCosts(self.spring, draft=0, committed=0, booked=150, budget_remaining=850)

    def test_a_refused_expense_counts_nowhere(self):
        expense = self._create_expense(200.0, {self.spring: 100})
        expense.action_submit()
        expense._do_refuse("No receipt")
        self.assertCosts(self.spring, draft=0, committed=0, booked=0)

    def test_a_company_paid_expense_is_booked_by_its_payment(self):
        expense = self._create_expense(
            80.0,
            {self.spring: 100},
            payment_mode="company_account",
            payment_method_line_id=self.company_data["default_journal_bank"]
            .outbound_payment_method_line_ids[:1]
            .id,
        )
        expense.action_submit()
        if expense.state == "submitted":
            expense.action_approve()
        self.assertCosts(self.spring, committed=80, booked=0)
        expense.action_post()
        self.assertCosts(self.spring, committed=0, booked=80)

    def test_a_foreign_expense_counts_at_the_rate_of_its_date(self):
        expense = self._create_expense(100.0, {self.spring: 100}, currency_id=self.gold.id)
        expense.action_submit()
        if expense.state == "submitted":
            expense.action_approve()
        self.assertCosts(self.spring, committed=50)

    def test_the_row_opens_the_expense(self):
        expense = self._create_expense(100.0, {self.spring: 100})
        expense.action_submit()
        row = self._rows(self.spring, "draft", "committed")
        action = row.with_user(self.env.user).action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("hr.expense", expense.id))

    def test_an_expense_over_budget_is_not_approved(self):
        self.company.campaign_gate_policy = "block"
        expense = self._create_expense(1000.01, {self.spring: 100})
        expense.manager_id = self.env.user
        with self.assertRaises(UserError) as refusal:
            expense.action_submit()
            expense.action_approve()
        self.assertIn("0.01", str(refusal.exception))
