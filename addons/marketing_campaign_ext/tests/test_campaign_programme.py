from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestCampaignProgramme(CampaignCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.programme = cls._create_campaign("Programme", budget=[(cls.ads, 100)])
        cls.branch = cls._create_campaign(
            "Branch", budget=[(cls.ads, 20)], parent_id=cls.programme.id
        )
        cls.leaf = cls._create_campaign("Leaf", budget=[(cls.stand, 3)], parent_id=cls.branch.id)

    def test_own_and_programme_budget_stand_side_by_side(self):
        self.assertEqual(self.programme.budget_amount, 100)
        self.assertEqual(self.programme.budget_amount_total, 123)
        self.assertEqual(self.branch.budget_amount_total, 23)
        self.assertEqual(self.leaf.budget_amount_total, 3)

    def test_total_follows_a_campaign_that_moves(self):
        self.leaf.parent_id = self.programme
        self.assertEqual(self.branch.budget_amount_total, 20)
        self.assertEqual(self.programme.budget_amount_total, 123)

    def test_total_counts_what_the_reader_may_see(self):
        self.env["utm.campaign"].create(
            {
                "title": "Their part",
                "company_id": self.other_company.id,
                "parent_id": self.programme.id,
                "budget_line_ids": [(0, 0, {"category_id": self.ads.id, "amount": 5000})],
            }
        )
        self.programme.invalidate_recordset()
        self.assertEqual(self.programme.budget_amount_total, 123)
        both = self.programme.sudo().with_context(
            allowed_company_ids=(self.company | self.other_company).ids
        )
        self.assertGreater(both.budget_amount_total, 123)

    def test_total_converts_each_line_at_its_own_date(self):
        currency = self.env["res.currency"].create({"name": "XPL", "symbol": "X"})
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": currency.id,
                    "company_id": self.company.id,
                    "name": name,
                    "rate": rate,
                }
                for name, rate in ((date(2026, 1, 1), 2.0), (date(2026, 4, 1), 4.0))
            ]
        )
        self.other_company.currency_id = currency
        self.env["utm.campaign"].create(
            {
                "title": "Abroad",
                "company_id": self.other_company.id,
                "parent_id": self.leaf.id,
                "budget_line_ids": [
                    (0, 0, {"amount": 80, "date_from": day, "date_to": day})
                    for day in (date(2026, 3, 1), date(2026, 4, 2))
                ],
            }
        )
        # 80 / 2 in March and 80 / 4 in April, on top of the 3 of the leaf itself
        self.assertAlmostEqual(self.leaf.sudo().budget_amount_total, 3 + 40 + 20)

    def test_no_cycle(self):
        for below in (self.branch, self.leaf, self.programme):
            with self.assertRaisesRegex(UserError, "part of itself"):
                self.programme.parent_id = below

    def test_totals_take_the_same_queries_for_one_and_for_many(self):
        campaigns = self.programme | self.branch | self.leaf
        for number in range(20):
            campaigns |= self._create_campaign(
                f"More {number}", budget=[(self.ads, 1)], parent_id=self.branch.id
            )
        campaigns.flush_recordset()
        counts = []
        for records in (self.programme, self.programme, campaigns):
            self.env.invalidate_all()
            records.mapped("parent_path")
            before = self.env.cr.sql_log_count
            records.mapped("budget_amount_total")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1], "the first run only warms caches up")
        self.assertLess(counts[2], 12)
        self.assertEqual(self.programme.budget_amount_total, 143)
