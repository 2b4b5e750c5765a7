from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_money import CampaignMoneyCommon


@tagged("post_install", "-at_install")
class TestBudgetTransfer(CampaignMoneyCommon):
    """Budget moves between campaigns and categories; the sum never changes."""

    def _transfer(self, amount, user=None, **values):
        return (
            self.env["marketing.budget.transfer"]
            .with_user(user or self.marketer)
            .create(
                {
                    "source_campaign_id": self.spring.id,
                    "source_category_id": self.ads.id,
                    "target_campaign_id": self.autumn.id,
                    "target_category_id": self.ads.id,
                    "amount": amount,
                    "reason": "The fair moved to autumn",
                    **values,
                }
            )
        )

    def _budgets(self):
        self.env.invalidate_all()
        return self.spring.sudo().budget_amount, self.autumn.sudo().budget_amount

    def test_a_new_transfer_proposes_the_category_with_the_money(self):
        action = self.spring.with_user(self.marketer).action_transfer_budget()
        transfer = self.env[action["res_model"]].with_user(self.marketer)
        form = Form(transfer.with_context(**action["context"]))
        self.assertEqual(form.source_category_id, self.ads)
        self.assertEqual(form.available_amount, 1000.0)
        form.target_campaign_id = self.autumn
        self.assertEqual(form.target_category_id, self.ads)

    def test_a_transfer_waits_for_a_manager_and_keeps_the_total(self):
        transfer = self._transfer(300.0)
        transfer.action_submit()
        self.assertEqual(transfer.state, "pending")
        self.assertEqual(self._budgets(), (1000.0, 500.0))
        with self.assertRaises(AccessError):
            transfer.action_approve()
        transfer.with_user(self.manager).action_approve()
        self.assertEqual(self._budgets(), (700.0, 800.0))
        self.assertEqual(transfer.decided_by_id, self.manager)
        self.assertEqual(
            [(r.amount_before, r.amount_after) for r in transfer.sudo().revision_ids.sorted("id")],
            [(1000.0, 700.0), (500.0, 800.0)],
        )

    def test_the_transfer_of_a_manager_applies_at_once(self):
        transfer = self._transfer(300.0, self.manager)
        transfer.action_submit()
        self.assertEqual(transfer.state, "applied")
        self.assertEqual(self._budgets(), (700.0, 800.0))

    def test_another_category_gets_a_line_of_its_own(self):
        transfer = self._transfer(300.0, self.manager, target_category_id=self.stand.id)
        transfer.action_submit()
        lines = self.autumn.sudo().budget_line_ids
        self.assertEqual(
            {line.category_id: line.amount for line in lines}, {self.ads: 500.0, self.stand: 300.0}
        )

    def test_within_one_campaign_only_the_categories_change(self):
        transfer = self._transfer(
            400.0,
            self.manager,
            target_campaign_id=self.spring.id,
            target_category_id=self.stand.id,
        )
        transfer.action_submit()
        lines = self.spring.sudo().budget_line_ids
        self.assertEqual(
            {line.category_id: line.amount for line in lines}, {self.ads: 600.0, self.stand: 400.0}
        )
        self.assertEqual(self._budgets(), (1000.0, 500.0))

    def test_money_that_is_spent_cannot_be_given_away(self):
        self._create_bill(800.0, {self.spring: 100})
        with self.assertRaises(UserError) as refusal:
            self._transfer(200.01).action_submit()
        self.assertIn("200.00", str(refusal.exception))
        self._transfer(200.0, self.manager).action_submit()
        self.assertCosts(self.spring, budget_remaining=0)

    def test_a_pending_transfer_is_checked_again_when_approved(self):
        transfer = self._transfer(300.0)
        transfer.action_submit()
        self._create_bill(900.0, {self.spring: 100})
        with self.assertRaises(UserError):
            transfer.with_user(self.manager).action_approve()

    def test_a_refused_transfer_moves_nothing(self):
        transfer = self._transfer(300.0)
        transfer.action_submit()
        with self.assertRaises(AccessError):
            transfer.action_refuse()
        transfer.with_user(self.manager).action_refuse()
        self.assertEqual(transfer.state, "refused")
        self.assertEqual(self._budgets(), (1000.0, 500.0))

    def test_a_submitted_transfer_does_not_change(self):
        transfer = self._transfer(300.0)
        transfer.action_submit()
        for forbidden in (lambda: transfer.write({"amount": 1.0}), transfer.unlink):
            with self.assertRaises(UserError):
                forbidden()
        with self.assertRaises(AccessError):
            self._transfer(1.0).write({"state": "applied"})

    def test_finance_reads_transfers_and_makes_none(self):
        transfer = self._transfer(300.0)
        self.assertEqual(transfer.with_user(self.finance).amount, 300.0)
        with self.assertRaises(AccessError):
            self._transfer(1.0, self.finance)

    def test_a_transfer_to_itself_says_so(self):
        with self.assertRaises(UserError):
            self._transfer(1.0, target_campaign_id=self.spring.id).action_submit()

    def test_a_true_up_releases_what_is_left(self):
        self._create_bill(600.0, {self.spring: 100})
        campaign = self.spring.with_user(self.marketer)
        action = campaign.action_true_up()
        revision = self.env[action["res_model"]].with_user(self.marketer).browse(action["res_id"])
        revision.action_submit()
        self.assertEqual(self._budgets()[0], 600.0)
        self.assertCosts(self.spring, budget_remaining=0)
        with self.assertRaises(UserError):
            campaign.action_true_up()
