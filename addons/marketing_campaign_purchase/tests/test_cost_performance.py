from odoo.tests import tagged
from odoo.tools import SQL

from .common import CommitmentCommon

CAMPAIGNS, MONTHS, ORDER_LINES = 500, 24, 2000


@tagged("post_install", "-at_install")
class TestCostPerformance(CommitmentCommon):
    """500 campaigns over 24 months and an order of 2 000 lines: a screen over
    all of it asks no more queries than one over two campaigns. Seconds are the bench's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaigns = cls.env["utm.campaign"].create(
            [
                {"title": f"Test Load {number}", "company_id": cls.company.id}
                for number in range(CAMPAIGNS)
            ]
        )
        cls.campaigns._ensure_analytic_account()
        cls.env.flush_all()
        plan = cls.env.ref("marketing_campaign_ext.analytic_plan_campaigns")
        cls.env.cr.execute(
            SQL(
                """
                INSERT INTO account_analytic_line
                       (name, date, amount, company_id, currency_id, category, %(column)s)
                SELECT 'load', DATE '2025-01-15' + month * INTERVAL '1 month', -10 - month,
                       %(company)s, %(currency)s, 'vendor_bill', node.analytic_account_id
                  FROM utm_campaign node, GENERATE_SERIES(0, %(months)s - 1) AS month
                 WHERE node.id = ANY(%(campaigns)s);
                INSERT INTO marketing_budget_line
                       (campaign_id, category_id, date_from, date_to, amount, company_id)
                SELECT node.id, %(category)s, DATE '2025-01-01' + month * INTERVAL '1 month',
                       DATE '2025-01-28' + month * INTERVAL '1 month', 50, %(company)s
                  FROM utm_campaign node, GENERATE_SERIES(0, %(months)s - 1) AS month
                 WHERE node.id = ANY(%(campaigns)s);
                """,
                column=SQL.identifier(plan._column_name()),
                company=cls.company.id,
                currency=cls.currency.id,
                months=MONTHS,
                category=cls.ads.id,
                campaigns=cls.campaigns.ids,
            )
        )
        order = cls._create_order(1, 10.0, {cls.spring: 100})
        line = order.order_line
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                """
                INSERT INTO purchase_order_line
                       (order_id, product_id, product_uom_id, name, product_qty, price_unit,
                        price_subtotal, company_id, partner_id, date_planned,
                        analytic_distribution, qty_invoiced, product_uom_qty)
                SELECT order_id, product_id, product_uom_id, name, product_qty, price_unit,
                       price_subtotal, company_id, partner_id, date_planned,
                       JSONB_BUILD_OBJECT(%(first)s::text, 60, %(second)s::text, 40), 0, 1
                  FROM purchase_order_line, GENERATE_SERIES(2, %(count)s)
                 WHERE id = %(line)s
                """,
                first=cls.spring.analytic_account_id.id,
                second=cls.autumn.analytic_account_id.id,
                count=ORDER_LINES,
                line=line.id,
            )
        )
        cls.env.cr.execute("ANALYZE account_analytic_line, marketing_budget_line, utm_campaign")
        cls.env.cr.execute("ANALYZE purchase_order_line")
        cls.env.invalidate_all()

    def _queries(self, function):
        """Queries of a warm call with an empty cache; the least of three, other caches expire."""
        counts = []
        for _turn in range(4):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            function()
            counts.append(self.env.cr.sql_log_count - before)
        return min(counts[1:])

    def assertSameQueries(self, many, few):
        self.assertEqual(self._queries(many), self._queries(few))

    def test_a_list_of_eighty_campaigns(self):
        campaigns = self.campaigns[:80].with_user(self.marketer)
        fnames = ["title", "cost_committed", "cost_actual", "budget_remaining", "cost_actual_total"]
        self.assertEqual(
            campaigns[0].cost_actual, sum(10 + month for month in range(MONTHS)), "real figures"
        )
        self.assertSameQueries(lambda: campaigns.read(fnames), lambda: campaigns[:2].read(fnames))

    def test_the_campaigns_of_the_large_order(self):
        both = (self.spring + self.autumn).with_user(self.marketer)
        self.assertAlmostEqual(both[0].cost_committed, 10 + 6 * (ORDER_LINES - 1))
        self.assertAlmostEqual(both[1].cost_committed, 4 * (ORDER_LINES - 1))
        small = self.campaigns[:2].with_user(self.marketer)
        self.assertSameQueries(
            lambda: both.read(["cost_committed"]), lambda: small.read(["cost_committed"])
        )

    def test_the_pivot_over_everything(self):
        report = self.env["marketing.cost.report"].with_user(self.marketer)
        measures = [
            f"amount_{name}:sum" for name in ("planned", "committed", "actual", "remaining")
        ]

        def pivot(domain):
            return report._read_group(domain, ["campaign_id", "date:month"], measures)

        self.assertGreaterEqual(len(pivot([])), CAMPAIGNS * MONTHS)
        two = [("campaign_id", "in", self.campaigns[:2].ids)]
        self.assertSameQueries(lambda: pivot([]), lambda: pivot(two))

    def test_the_first_page_of_the_cost_list(self):
        report = self.env["marketing.cost.report"].with_user(self.marketer)

        def page(limit):
            return report.search_read([], ["name", "campaign_id", "amount"], limit=limit)

        self.assertEqual(len(page(80)), 80)
        self.assertSameQueries(lambda: page(80), lambda: page(2))

    def test_the_search_for_campaigns_over_budget(self):
        campaigns = self.env["utm.campaign"].with_user(self.marketer)
        over = [("budget_remaining", "<", 0)]
        two = [*over, ("id", "in", self.campaigns[:2].ids)]
        self.assertSameQueries(lambda: campaigns.search(over), lambda: campaigns.search(two))
