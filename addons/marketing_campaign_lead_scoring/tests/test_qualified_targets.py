from odoo.tests import tagged

from odoo.addons.marketing_campaign_ext.tests.common import CampaignCommon


@tagged("post_install", "-at_install")
class TestQualifiedTargets(CampaignCommon):
    """Four leads of a programme and its part; three qualified once, one of them for sales."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.programme = cls._create_campaign("Programme")
        cls.part = cls._create_campaign("Part", parent_id=cls.programme.id)
        leads = cls.env["crm.lead"].create(
            [
                {"name": f"Lead {number}", "campaign_id": campaign.id, "type": "lead"}
                for number, campaign in enumerate((cls.programme, cls.part, cls.part, cls.part))
            ]
        )
        leads[:3].write({"date_mql": "2026-03-05 10:00:00"})
        leads[0].write({"date_sql": "2026-03-06 10:00:00"})

    def _create_target(self, campaign, metric, value):
        return (
            self.env["marketing.campaign.target"]
            .with_user(self.marketer)
            .create({"campaign_id": campaign.id, "metric": metric, "target_value": value})
        )

    def test_qualified_leads_count_over_the_programme(self):
        self.assertEqual(self._create_target(self.programme, "mql", 6).actual_value, 3)
        self.assertEqual(self._create_target(self.part, "mql", 6).actual_value, 2)
        sql = self._create_target(self.programme, "sql", 2)
        self.assertEqual((sql.actual_value, sql.progress_percent), (1, 50))

    def test_cost_per_qualified_lead_is_a_ratio_of_sums(self):
        target = self._create_target(self.programme, "cost_per_mql", 100)
        self.assertFalse(target.is_known)
        self.env["marketing.cost.line"].create(
            {"campaign_id": self.part.id, "name": "Poster", "amount": 150, "date": "2026-03-02"}
        )
        self.env.invalidate_all()
        self.assertEqual(target.actual_value, 50)
        self.assertEqual(target.progress_percent, 200)

    def test_type_can_propose_qualified_leads(self):
        self.env["marketing.campaign.type.target"].create(
            {
                "type_id": self.env.ref("marketing_campaign_ext.campaign_type_content").id,
                "metric": "mql",
                "target_value": 10,
            }
        )
