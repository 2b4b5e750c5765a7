import logging
import math
import os
import time

from odoo.tests import TransactionCase, tagged

from .reference import Reference
from .world import World

_logger = logging.getLogger(__name__)

# How many conversions and touches the large world has; 50000 and 400000 is the measured size.
CONVERSIONS = int(os.environ.get("ROI_WORLD_CONVERSIONS", "400"))
TOUCHES = int(os.environ.get("ROI_WORLD_TOUCHES", "3200"))


@tagged("post_install", "-at_install")
class TestGeneratedWorlds(TransactionCase):
    """The engine on generated worlds: against a slow reference, and against the ledger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Model = cls.env["marketing.attribution.model"].with_context(active_test=False)
        models = cls.Model.search([])
        models.write({"active": True, "min_conversions": 1, "min_paths": 1})
        cls.Run = cls.env["marketing.attribution.run"]

    # ------------------------------------------------------------------ the slow reference

    def test_the_engine_agrees_with_the_reference_on_small_worlds(self):
        """Five worlds, every model, and every contact scope with another window."""
        models = self.Model.search([])
        scopes = [
            {"contact_scope": "hybrid", "window_days": 90, "dedup_hours": 1.0, "with_opens": True},
            {
                "contact_scope": "contact",
                "window_days": 30,
                "dedup_hours": 24.0,
                "with_opens": False,
            },
            {"contact_scope": "account", "window_days": 0, "dedup_hours": 0.0, "with_opens": True},
        ]
        for seed in range(5):
            models.write(scopes[seed % 3] | {"channel": ("campaign", "medium")[seed % 2]})
            world = World(self.env, seed, conversions=20, touches=240)
            self.Run._run(full=True)
            reference = Reference(self.env)
            for model in models:
                found = self._found_weights(model)
                for order in world.orders:
                    with self.subTest(seed=seed, model=model.method, order=order[0]):
                        self._assert_same(found[order[0]], reference.weights(order[0], model))

    def _found_weights(self, model):
        self.env.cr.execute(
            """SELECT conversion.order_id, credit.touchpoint_id, credit.weight
                 FROM marketing_attribution_credit credit
                 JOIN marketing_attribution_conversion conversion
                   ON conversion.id = credit.conversion_id
                WHERE credit.model_id = %s""",
            [model.id],
        )
        found = {}
        for order, touch, weight in self.env.cr.fetchall():
            found.setdefault(order, {})[touch] = weight
        return found

    def _assert_same(self, found, expected):
        self.assertEqual(set(found), set(expected))
        for touch, weight in expected.items():
            self.assertAlmostEqual(found[touch], weight, places=9)

    # ------------------------------------------------------------------ the ledger

    def test_credits_sum_to_the_ledger_to_the_cent_under_every_model(self):
        """Three companies, three currencies, grouped invoices, credit notes, merged leads."""
        world = World(self.env, 77, conversions=CONVERSIONS, touches=TOUCHES)
        self._merge_leads(world.leads[:12])
        self.env.flush_all()
        self.env.cr.execute("ANALYZE")
        started = time.monotonic()
        self.Run._run(full=True)
        spent = time.monotonic() - started
        if CONVERSIONS > 1000:
            self._report(spent)
        self._assert_ledger(world)
        self._merge_leads(world.leads[12:24])
        self.assertFalse(self.Run._run().is_full)
        self._assert_ledger(world)

    def _merge_leads(self, leads):
        """Merge leads of one company two by two, by Odoo's own merging; orders follow."""
        by_company = {}
        for lead, row in leads:
            by_company.setdefault(row[6], []).append(lead)
        for ids in by_company.values():
            for first, second in zip(ids[::2], ids[1::2], strict=False):
                self.env["crm.lead"].browse([first, second]).merge_opportunity()

    def _assert_ledger(self, world):
        """Under every model the credits bring the ledger's revenue, company by company."""
        self._assert_weights()
        for company in world.companies:
            # added up exactly: millions of floats one by one lose more than is looked for
            ledger = -math.fsum(balance for owner, balance in world.items if owner == company.id)
            report = self.env["marketing.roi.report"].with_company(company)
            for model in self.Model.search([]):
                with self.subTest(company=company.name, model=model.method):
                    [(revenue,)] = report._read_group(
                        [("company_id", "=", company.id), ("model_id", "=", model.id)],
                        [],
                        ["revenue_invoiced:sum"],
                    )
                    self.assertAlmostEqual(revenue, ledger, places=6)

    def _assert_weights(self):
        """One residual share and a sum of one for every conversion and model."""
        self.env.cr.execute(
            """SELECT COUNT(*) FROM (
                   SELECT conversion_id, model_id FROM marketing_attribution_credit
                    GROUP BY conversion_id, model_id
                   HAVING ABS(SUM(weight) - 1) > 1e-9
                       OR COUNT(*) FILTER (WHERE is_residual) != 1) AS wrong"""
        )
        self.assertEqual(self.env.cr.fetchone()[0], 0)
        self.env.cr.execute(
            """SELECT COUNT(*), COUNT(DISTINCT (conversion_id, model_id)),
                      COUNT(DISTINCT model_id) FROM marketing_attribution_credit"""
        )
        _rows, pairs, models = self.env.cr.fetchone()
        conversions = self.env["marketing.attribution.conversion"].search_count([])
        self.assertEqual(models, len(self.Model.search([])))
        self.assertEqual(pairs, conversions * models)

    def _report(self, spent):
        """Figures of a measured run, to be read in the log."""
        rows = self.env["marketing.attribution.credit"].search_count([])
        _logger.info(
            "%s conversions, %s touches, %s credits: full run %.1f s",
            CONVERSIONS,
            TOUCHES,
            rows,
            spent,
        )
        started = time.monotonic()
        self.env["marketing.roi.report"]._read_group(
            [], ["campaign_id"], ["cost_actual:sum", "revenue_invoiced:sum", "roi:avg"]
        )
        _logger.info("report by campaign: %.2f s", time.monotonic() - started)
        started = time.monotonic()
        self.Run._run()
        _logger.info("incremental run: %.1f s", time.monotonic() - started)
