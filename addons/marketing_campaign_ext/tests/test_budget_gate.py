from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_money import MODULE, CampaignMoneyCommon


@tagged("post_install", "-at_install")
class TestBudgetGate(CampaignMoneyCommon):
    """A bill over budget is ignored, announced, held for approval or refused, as set."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.overrider = cls._create_money_user(
            "money_overrider",
            f"account.group_account_invoice,{MODULE}.group_campaign_budget_override",
        )

    def _set_rule(self, policy, scope="total", tolerance=0.0):
        self.company.sudo().write(
            {
                "campaign_gate_policy": policy,
                "campaign_gate_scope": scope,
                "campaign_gate_tolerance": tolerance,
            }
        )

    def _post(self, amount, shares=None, user=None, **values):
        bill = self._create_bill(amount, shares or {self.spring: 100}, post=False, **values)
        bill.with_user(user or self.accountant).action_post()
        return bill

    def _wizard(self, bill, user, reason="The fair is tomorrow"):
        return (
            self.env["marketing.budget.exception.wizard"]
            .with_user(user)
            .create({"res_model": bill._name, "res_id": bill.id, "reason": reason})
        )

    def test_after_installation_nothing_is_refused(self):
        self.assertEqual(self._post(5000.0).state, "posted")

    def test_while_nobody_checks_budgets_a_document_is_not_looked_into(self):
        self.env["res.company"].search([]).campaign_gate_policy = "ignore"
        campaigns = self.env["utm.campaign"].with_context(active_test=False)
        campaigns.search([]).gate_policy = False
        bill = self._create_bill(5000.0, {self.spring: 100}, post=False)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(2):
            self.assertFalse(bill._get_gate_holders())
        self.spring.gate_policy = "warn"
        self.assertEqual(bill._get_gate_holders(), self.spring)

    def test_what_fits_passes_and_the_next_cent_does_not(self):
        self._set_rule("block")
        self._post(1000.0)
        with self.assertRaises(UserError) as refusal:
            self._post(0.01)
        for figure in ("1,000.00", "0.01"):
            self.assertIn(figure, str(refusal.exception), "budget and document are named")
        self.assertIn(self.spring.title, str(refusal.exception))

    def test_a_tolerance_is_a_share_of_the_budget(self):
        self._set_rule("block", tolerance=0.1)
        self._post(1100.0)
        with self.assertRaises(UserError):
            self._post(0.01)

    def test_a_refund_passes_an_exhausted_budget(self):
        self._post(1500.0)
        self._set_rule("block")
        self.assertEqual(self._post(100.0, move_type="in_refund").state, "posted")

    def test_the_other_campaign_of_a_split_bill_is_checked_too(self):
        self._set_rule("block")
        with self.assertRaises(UserError) as refusal:
            self._post(1300.0, {self.spring: 60, self.autumn: 40})
        self.assertIn(self.autumn.title, str(refusal.exception))
        self.assertNotIn(self.spring.title, str(refusal.exception))

    def test_accrued_costs_use_up_the_budget(self):
        self._set_rule("block")
        self.env["marketing.cost.line"].create(
            {"name": "Ads", "campaign_id": self.spring.id, "amount": 900.0}
        )
        with self.assertRaises(UserError):
            self._post(200.0)

    def test_a_warning_lets_pass_and_is_kept(self):
        self._set_rule("warn")
        bill = self._post(1200.0)
        self.assertEqual(bill.state, "posted")
        for record in (bill, self.spring):
            self.assertIn("200.00", "".join(record.message_ids.mapped("body")))

    def test_by_category_money_of_another_category_does_not_help(self):
        self.ads._map("account_ids", self.company_data["default_account_expense"])
        self.spring.sudo().budget_line_ids.amount = 600.0
        self.env["marketing.budget.line"].sudo().create(
            {"campaign_id": self.spring.id, "category_id": self.stand.id, "amount": 400.0}
        )
        self._set_rule("block", scope="category")
        with self.assertRaises(UserError) as refusal:
            self._post(700.0)
        self.assertIn(self.ads.name, str(refusal.exception))
        self._post(600.0)
        self._set_rule("block", scope="total")
        self._post(400.0)

    def test_a_subcategory_spends_the_budget_above_it(self):
        radio = self.env["marketing.cost.category"].create(
            {"name": "Test Radio", "parent_id": self.ads.id}
        )
        radio._map("account_ids", self.company_data["default_account_expense"])
        self._set_rule("block", scope="category")
        self._post(1000.0)
        with self.assertRaises(UserError):
            self._post(1.0)

    def test_a_campaign_without_budget_spends_that_of_its_programme(self):
        child = self._create_money_campaign("Test Child", 0, parent_id=self.spring.id)
        self._set_rule("block")
        self._post(700.0, {child: 100})
        with self.assertRaises(UserError) as refusal:
            self._post(400.0, {child: 100})
        self.assertIn(self.spring.title, str(refusal.exception))

    def test_a_campaign_with_budget_does_not_spend_that_of_its_programme(self):
        self.autumn.sudo().parent_id = self.spring
        self._set_rule("block")
        self._post(500.0, {self.autumn: 100})
        self._post(1000.0)

    def test_an_unapproved_budget_is_no_budget(self):
        planned = self._create_money_campaign("Test Planned", 1000.0, state="draft")
        self._set_rule("block")
        with self.assertRaises(UserError):
            self._post(10.0, {planned: 100})

    def test_a_campaign_may_have_a_rule_of_its_own(self):
        self.spring.sudo().gate_policy = "block"
        with self.assertRaises(UserError):
            self._post(1200.0)
        self._set_rule("block")
        self.spring.sudo().gate_policy = "ignore"
        self.assertEqual(self._post(1200.0).state, "posted")

    def test_required_approval_lets_the_document_pass_once_given(self):
        self._set_rule("approval")
        bill = self._create_bill(1200.0, {self.spring: 100}, post=False)
        with self.assertRaises(RedirectWarning):
            bill.with_user(self.accountant).action_post()
        self._wizard(bill, self.accountant).action_ask()
        exception = self.env["marketing.budget.exception"].search([("res_id", "=", bill.id)])
        self.assertEqual((exception.state, exception.excess_amount), ("requested", 200.0))
        self.assertIn(self.manager, self.spring.activity_ids.user_id)
        with self.assertRaises(RedirectWarning):
            bill.with_user(self.accountant).action_post()
        with self.assertRaises(AccessError):
            exception.with_user(self.accountant).action_approve()
        with self.assertRaises(AccessError):
            exception.with_user(self.marketer).action_approve()
        exception.with_user(self.manager).action_approve()
        bill.with_user(self.accountant).action_post()
        self.assertEqual(bill.state, "posted")
        self.assertIn("The fair is tomorrow", "".join(bill.message_ids.mapped("body")))

    def test_an_approval_does_not_cover_a_bill_that_grew(self):
        self._set_rule("approval")
        bill = self._create_bill(1200.0, {self.spring: 100}, post=False)
        self._wizard(bill, self.accountant).action_ask()
        self.env["marketing.budget.exception"].search([("res_id", "=", bill.id)]).with_user(
            self.manager
        ).action_approve()
        bill.invoice_line_ids.price_unit = 1200.01
        with self.assertRaises(RedirectWarning):
            bill.with_user(self.accountant).action_post()

    def test_a_refused_request_lets_nothing_pass(self):
        self._set_rule("approval")
        bill = self._create_bill(1200.0, {self.spring: 100}, post=False)
        self._wizard(bill, self.accountant).action_ask()
        exception = self.env["marketing.budget.exception"].search([("res_id", "=", bill.id)])
        exception.with_user(self.manager).action_refuse()
        with self.assertRaises(RedirectWarning):
            bill.with_user(self.accountant).action_post()
        with self.assertRaises(UserError):
            exception.with_user(self.manager).action_approve()

    def test_the_override_right_passes_with_a_reason_that_is_kept(self):
        self._set_rule("block")
        bill = self._create_bill(1200.0, {self.spring: 100}, post=False)
        with self.assertRaises(AccessError):
            self._wizard(bill, self.accountant).action_override()
        with self.assertRaises(RedirectWarning):
            bill.with_user(self.overrider).action_post()
        self._wizard(bill, self.overrider).action_override()
        self.assertEqual(bill.state, "posted")
        exception = self.env["marketing.budget.exception"].search([("res_id", "=", bill.id)])
        self.assertEqual(exception.decided_by_id, self.overrider)
        for record in (bill, self.spring):
            self.assertIn("The fair is tomorrow", "".join(record.message_ids.mapped("body")))

    def test_looking_at_a_breach_changes_nothing(self):
        self._set_rule("block")
        bill = self._create_bill(1200.0, {self.spring: 100}, post=False)
        wizard = self._wizard(bill, self.overrider)
        self.assertIn("200.00", wizard.message)
        self.assertEqual(bill.state, "draft")
        self.assertFalse(bill.invoice_line_ids.analytic_line_ids)

    def test_what_fits_by_now_needs_no_exception(self):
        self._set_rule("approval")
        bill = self._create_bill(900.0, {self.spring: 100}, post=False)
        with self.assertRaises(UserError):
            self._wizard(bill, self.accountant).action_ask()

    def test_a_foreign_bill_is_compared_in_the_currency_of_the_budget(self):
        self._set_rule("block")
        self._post(1999.0, currency_id=self.gold.id)  # worth 999.50
        with self.assertRaises(UserError):
            self._post(2.0, currency_id=self.gold.id)

    def test_exceptions_are_read_by_whom_they_concern(self):
        self._set_rule("approval")
        bill = self._create_bill(1200.0, {self.spring: 100}, post=False)
        self._wizard(bill, self.accountant).action_ask()
        exceptions = self.env["marketing.budget.exception"]
        outsider = self._create_money_user("money_outsider", "base.group_user")
        self.assertTrue(exceptions.with_user(self.accountant).search([]))
        self.assertFalse(exceptions.with_user(outsider).search([]))
        for user in (self.accountant, self.manager):
            with self.assertRaises(AccessError):
                exceptions.with_user(user).search([]).write({"reason": "other"})

    def test_the_rule_of_a_campaign_is_part_of_its_plan(self):
        self.assertLessEqual(
            {"gate_policy", "gate_scope", "gate_tolerance"},
            self.env["utm.campaign"]._get_plan_fields(),
        )
        outsider = self._create_money_user("money_outsider", "base.group_user")
        with self.assertRaises(AccessError):
            self.spring.with_user(outsider).write({"gate_policy": "ignore"})

    def test_other_documents_do_not_know_the_gate(self):
        wizard = self.env["marketing.budget.exception.wizard"].with_user(self.accountant)
        with self.assertRaises(UserError):
            wizard.create(
                {"res_model": "res.partner", "res_id": self.partner_a.id, "reason": "x"}
            ).action_ask()

    def test_a_document_over_two_budgets_names_both(self):
        self._set_rule("block")
        with self.assertRaises(UserError) as refusal:
            self._post(3000.0, {self.spring: 50, self.autumn: 50})
        self.assertIn(self.spring.title, str(refusal.exception))
        self.assertIn(self.autumn.title, str(refusal.exception))

    def test_an_entry_without_campaign_costs_no_check(self):
        self._set_rule("block")
        entry = self._create_bill(
            10.0, {}, post=False, line_values={"analytic_distribution": False}
        )
        entry.write(
            {"invoice_line_ids": [Command.update(entry.invoice_line_ids.id, {"name": "x"})]}
        )
        entry.with_user(self.accountant).action_post()
        self.assertEqual(self.spring.sudo().gate_check_count, 0)
