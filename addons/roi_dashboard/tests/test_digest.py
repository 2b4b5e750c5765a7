from datetime import timedelta

from .common import NOON, RoiCommon


class TestMarketingDigest(RoiCommon):
    """The digest has the figures of the report, for those who may read it."""

    def setUp(self):
        super().setUp()
        self._create_bill(50.0, {self.campaign_a: 100}, days=-2)
        self._create_touch(-3)
        self._invoice(self._create_order(100.0, days=-2), days=-2)
        self._invoice(
            self._create_order(7.0, partner=self.env["res.partner"].create({"name": "Nobody"})),
            days=-2,
        )
        self.Run._run()
        self.digest = self.env["digest.digest"].create(
            {
                "name": "Digest",
                "company_id": self.company.id,
                "kpi_marketing_cost": True,
                "kpi_marketing_revenue": True,
                "kpi_marketing_conversions": True,
                "kpi_marketing_new_customers": True,
            }
        )

    def _values(self, user):
        digest = (
            self.digest.with_context(
                start_datetime=NOON - timedelta(days=7), end_datetime=NOON + timedelta(days=1)
            )
            .with_user(user)
            .with_company(self.company)
        )
        return (
            digest.kpi_marketing_cost_value,
            digest.kpi_marketing_revenue_value,
            digest.kpi_marketing_conversions_value,
            digest.kpi_marketing_new_customers_value,
        )

    def test_figures_are_those_of_campaigns(self):
        self.assertEqual(self._values(self.marketer), (50.0, 100.0, 1.0, 1.0))

    def test_a_salesperson_does_not_get_them(self):
        salesman = self.env["res.users"].create(
            {
                "name": "Salesman",
                "login": "digest_salesman",
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
                "group_ids": [(6, 0, self.env.ref("sales_team.group_sale_salesman").ids)],
            }
        )
        for user, expected in ((salesman, set()), (self.marketer, {"kpi_marketing_cost"})):
            names = {kpi["kpi_name"] for kpi in self.digest._compute_kpis(self.company, user)}
            with self.subTest(user=user.login):
                self.assertEqual(names & {"kpi_marketing_cost"}, expected)

    def test_another_company_has_its_own(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.digest.company_id = other
        # sudo: the administrator gives access to the second company
        self.marketer.sudo().company_ids += other
        self.assertEqual(self._values(self.marketer), (0.0, 0.0, 0.0, 0.0))
