from odoo.exceptions import AccessError
from odoo.service.model import call_kw

from .common import NOON, RoiCommon

MODELS = (
    "marketing.attribution.conversion",
    "marketing.attribution.credit",
    "marketing.attribution.revenue",
    "marketing.roi.report",
)


class TestRights(RoiCommon):
    """Who may see and change what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = cls.env["res.users"].create(
            {
                "name": "Salesman",
                "login": "roi_salesman",
                "company_id": cls.company.id,
                "company_ids": [(6, 0, cls.company.ids)],
                "group_ids": [(6, 0, [cls.env.ref("sales_team.group_sale_salesman").id])],
            }
        )
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.outsider = cls._create_user(
            "roi_outsider",
            "group_campaign_manager",
            company_id=cls.other_company.id,
            company_ids=[(6, 0, cls.other_company.ids)],
        )

    def setUp(self):
        super().setUp()
        self._create_touch(-1)
        self._create_bill(50.0, {self.campaign_a: 100})
        self._invoice(self._create_order(100.0))
        self.Run._run()

    def test_marketer_and_finance_read_the_figures(self):
        for user in (self.marketer, self.manager, self.finance):
            with self.subTest(user=user.login):
                for model in MODELS:
                    self.assertTrue(self.env[model].with_user(user).search([], limit=1))
                [(cost, revenue, roi)] = self.Report.with_user(user)._read_group(
                    [("campaign_id", "=", self.campaign_a.id)],
                    [],
                    ["cost_actual:sum", "revenue_invoiced:sum", "roi:avg"],
                )
                self.assertEqual((cost, revenue, roi), (50.0, 100.0, 1.0))

    def test_a_salesperson_does_not_see_the_figures(self):
        for model in (*MODELS, "marketing.attribution.model", "marketing.attribution.run"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.salesman).search([])

    def test_nobody_writes_computed_rows(self):
        for user in (self.marketer, self.manager, self.finance):
            for model in MODELS[:3]:
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([], limit=1).unlink()

    def test_companies_are_apart(self):
        for model in MODELS:
            with self.subTest(model=model):
                found = (
                    self.env[model]
                    .with_user(self.outsider)
                    .search(
                        [("campaign_id", "=", self.campaign_a.id)]
                        if "campaign_id" in self.env[model]._fields
                        else []
                    )
                )
                self.assertFalse(found)

    def test_margin_is_for_finance(self):
        domain = [("campaign_id", "=", self.campaign_a.id)]
        [(margin,)] = self.Report.with_user(self.finance)._read_group(
            domain, [], ["revenue_margin:sum"]
        )
        self.assertEqual(margin, 60.0)
        for spec in ("revenue_margin:sum", "romi:avg"):
            with self.subTest(spec=spec), self.assertRaises(AccessError):
                self.Report.with_user(self.marketer)._read_group(domain, [], [spec])

    def test_finance_recomputes_and_configures_nothing(self):
        with self.assertRaises(AccessError):
            self.Run.with_user(self.finance).action_recompute()
        with self.assertRaises(AccessError):
            self.linear.with_user(self.finance).window_days = 5
        with self.assertRaises(AccessError):
            self.env["marketing.attribution.lock"].with_user(self.finance).create(
                {"company_id": self.company.id, "date": NOON.date()}
            )

    def test_marketer_recomputes_and_does_not_configure(self):
        self.assertEqual(
            # as the button above the list calls it, with the ids of the selected rows: none
            call_kw(self.Run.with_user(self.marketer), "action_recompute", [[]], {})["tag"],
            "display_notification",
        )
        with self.assertRaises(AccessError):
            self.linear.with_user(self.marketer).window_days = 5
        with self.assertRaises(AccessError):
            self.last.with_user(self.marketer).action_make_default()
        with self.assertRaises(AccessError):
            self.env["marketing.attribution.lock"].with_user(self.marketer).create(
                {"company_id": self.company.id, "date": NOON.date()}
            )

    def test_manager_configures_and_freezes(self):
        self.linear.with_user(self.manager).window_days = 5
        lock = (
            self.env["marketing.attribution.lock"]
            .with_user(self.manager)
            .create({"company_id": self.company.id, "date": NOON.date()})
        )
        lock.action_unfreeze()
        self.assertFalse(lock.active)

    def test_cron_runs(self):
        self._create_order()
        with self.enter_registry_test_mode():
            self.env.ref("roi_dashboard.ir_cron_attribution").method_direct_trigger()
        self.assertEqual(self.Run.search([], limit=1).user_id, self.env.ref("base.user_root"))
