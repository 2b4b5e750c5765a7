import threading
from unittest.mock import patch

import odoo
from odoo import api
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import CommitmentCommon


@tagged("post_install", "-at_install")
class TestOrderGate(CommitmentCommon):
    """Orders commit money only while the budget has room, and bills take it over freely."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.campaign_gate_policy = "block"

    def test_an_order_over_budget_stays_a_quotation(self):
        self._create_order(6, 100.0, {self.spring: 100}, user=self.purchaser)
        late = self._create_order(5, 100.0, {self.spring: 100}, confirm=False, user=self.purchaser)
        with self.assertRaises(UserError) as refusal, self.cr.savepoint():
            late.button_confirm()
        for figure in ("1,000.00", "600.00", "500.00", "100.00"):
            self.assertIn(figure, str(refusal.exception))
        late.invalidate_recordset()
        self.assertEqual(late.state, "draft")
        self.assertCosts(self.spring, committed=600)

    def test_the_bill_of_an_order_adds_nothing(self):
        order = self._create_order(10, 100.0, {self.spring: 100})
        self.assertEqual(self._bill_order(order, 10).state, "posted")
        self.assertCosts(self.spring, committed=0, actual=1000)

    def test_a_bill_above_its_order_is_checked_for_the_difference(self):
        order = self._create_order(10, 100.0, {self.spring: 100})
        with self.assertRaises(UserError) as refusal:
            self._bill_order(order, 10, price=101.0)
        self.assertIn("10.00", str(refusal.exception))

    def test_a_confirmed_order_cannot_grow_past_the_budget(self):
        order = self._create_order(10, 100.0, {self.spring: 100})
        for change in ({"product_qty": 11}, {"price_unit": 101.0}):
            with self.assertRaises(UserError), self.cr.savepoint():
                order.order_line.write(change)
        order.order_line.write({"product_qty": 9})
        self.assertCosts(self.spring, committed=900)

    def test_a_confirmed_order_cannot_take_another_line_or_campaign_past_the_budget(self):
        order = self._create_order(6, 100.0, {self.spring: 100})
        line_vals = {
            "product_id": self.media.id,
            "product_qty": 6,
            "price_unit": 100.0,
            "tax_ids": [Command.clear()],
            "analytic_distribution": {self._key(self.autumn): 100},
        }
        with self.assertRaises(UserError) as refusal, self.cr.savepoint():
            order.order_line = [Command.create(line_vals)]
        self.assertIn(self.autumn.title, str(refusal.exception))
        with self.assertRaises(UserError), self.cr.savepoint():
            order.order_line.analytic_distribution = {self._key(self.autumn): 100}
        order.order_line = [Command.create({**line_vals, "product_qty": 5})]
        self.assertCosts(self.autumn, committed=500)

    def test_a_released_commitment_comes_back_only_if_it_fits(self):
        order = self._create_order(10, 100.0, {self.spring: 100})
        order.action_release_commitment()
        self._create_order(5, 100.0, {self.spring: 100})
        with self.assertRaises(UserError):
            order.action_restore_commitment()

    def test_an_approved_exception_lets_the_order_pass(self):
        self.company.campaign_gate_policy = "approval"
        order = self._create_order(
            12, 100.0, {self.spring: 100}, confirm=False, user=self.purchaser
        )
        with self.assertRaises(RedirectWarning), self.cr.savepoint():
            order.button_confirm()
        wizard = self.env["marketing.budget.exception.wizard"].with_user(self.purchaser)
        wizard.create(
            {"res_model": "purchase.order", "res_id": order.id, "reason": "Booth is booked"}
        ).action_ask()
        exception = self.env["marketing.budget.exception"].search([("res_id", "=", order.id)])
        exception.with_user(self.manager).action_approve()
        order.button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_an_order_waiting_for_approval_is_checked_when_approved(self):
        self.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 1})
        order = self._create_order(12, 100.0, {self.spring: 100}, user=self.purchaser)
        self.assertEqual(order.state, "to approve")
        with self.assertRaises(UserError):
            order.with_user(self.env.user).button_approve()


@tagged("post_install", "-at_install")
class TestConcurrentOrders(TransactionCase):
    """Two people confirm the last hundred of a budget at the same moment."""

    def setUp(self):
        super().setUp()
        # The test runner holds the registry; as in Odoo's test mode, other threads may use it.
        self.startPatcher(patch.object(Registry, "_lock", DummyRLock()))
        self.world = {}
        self._commit(self._build_world)
        self.addCleanup(self._commit, self._tear_world_down)

    def _commit(self, function):
        """Run ``function`` in a database transaction of its own, and keep what it did."""
        with odoo.sql_db.db_connect(self.cr.dbname).cursor() as cr:
            return function(api.Environment(cr, odoo.SUPERUSER_ID, {}))

    def _build_world(self, env):
        company = env["res.company"].search([], limit=1)
        self.world["policy"] = (company.id, company.campaign_gate_policy)
        company.campaign_gate_policy = "block"
        campaign = env["utm.campaign"].create(
            {
                "title": "Test Concurrent Fair",
                "company_id": company.id,
                "budget_line_ids": [(0, 0, {"amount": 100.0})],
            }
        )
        campaign._ensure_analytic_account()
        for state in ("submitted", "approved"):
            campaign.state = state
        # Nothing but the budget is shared: only the gate can make the two wait for each other.
        partners = env["res.partner"].create(
            [{"name": f"Test Concurrent Vendor {number}"} for number in range(2)]
        )
        products = env["product.product"].create(
            [
                {"name": f"Test Concurrent Service {number}", "type": "service"}
                for number in range(2)
            ]
        )
        orders = env["purchase.order"]
        for partner, product in zip(partners, products, strict=True):
            orders += orders.create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        (
                            0,
                            0,
                            {
                                "product_id": product.id,
                                "product_qty": 1,
                                "price_unit": 80.0,
                                "tax_ids": [(5, 0, 0)],
                                "analytic_distribution": {
                                    str(campaign.analytic_account_id.id): 100
                                },
                            },
                        )
                    ],
                }
            )
        self.world.update(
            campaign=campaign.id, partners=partners.ids, products=products.ids, orders=orders.ids
        )

    def _tear_world_down(self, env):
        orders = env["purchase.order"].browse(self.world["orders"])
        orders.filtered(lambda order: order.state == "purchase").button_unlock()
        orders.button_cancel()
        orders.unlink()
        campaign = env["utm.campaign"].browse(self.world["campaign"])
        account = campaign.analytic_account_id
        campaign.unlink()
        account.unlink()
        env["product.product"].browse(self.world["products"]).product_tmpl_id.unlink()
        env["res.partner"].browse(self.world["partners"]).unlink()
        company_id, policy = self.world["policy"]
        env["res.company"].browse(company_id).campaign_gate_policy = policy

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_example_7_two_confirmations_at_once_cannot_both_pass(self):
        first_id, second_id = self.world["orders"]
        outcome = {}
        second_has_started = threading.Event()

        def confirm_second():
            with odoo.sql_db.db_connect(self.cr.dbname).cursor() as cr:
                env = api.Environment(cr, odoo.SUPERUSER_ID, {})
                order = env["purchase.order"].browse(second_id)
                # The snapshot of this transaction is taken before the first one commits.
                order.fetch(["state"])
                second_has_started.set()
                outcome["tries"] = 0

                def confirm():
                    outcome["tries"] += 1
                    order.button_confirm()

                try:
                    retrying(confirm, env)
                    outcome["second"] = "passed"
                except UserError as refusal:
                    cr.rollback()
                    outcome["second"] = str(refusal)

        with odoo.sql_db.db_connect(self.cr.dbname).cursor() as cr:
            env = api.Environment(cr, odoo.SUPERUSER_ID, {})
            env["purchase.order"].browse(first_id).button_confirm()
            env.flush_all()
            thread = threading.Thread(target=confirm_second)
            thread.start()
            self.assertTrue(second_has_started.wait(30))
            thread.join(1.0)  # time to run into the lock of the first
            self.assertTrue(thread.is_alive(), "the second waits for the first")
        thread.join(60)
        self.assertIn("60.00", outcome["second"], "80 of 20 left: 60 too much")
        self.assertGreater(outcome["tries"], 1, "it was repeated with the first in sight")
        states = self._commit(
            lambda env: env["purchase.order"].browse(self.world["orders"]).mapped("state")
        )
        self.assertEqual(states, ["purchase", "draft"])
