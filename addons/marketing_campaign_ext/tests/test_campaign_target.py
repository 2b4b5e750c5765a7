from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.utm_campaign_target import UtmCampaign
from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestCampaignTarget(CampaignCommon):
    """Eight leads on a programme and its part; half of the ten days have passed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        period = {"date_start": date(2026, 3, 1), "date_end": date(2026, 3, 10)}
        cls.programme = cls._create_campaign("Programme", **period)
        cls.part = cls._create_campaign("Part", parent_id=cls.programme.id, **period)
        cls._create_leads(cls.programme, 3)
        cls._create_leads(cls.part, 5, type="opportunity")

    @classmethod
    def _create_leads(cls, campaign, count, **values):
        return cls.env["crm.lead"].create(
            [
                {
                    "name": f"Lead {number}",
                    "campaign_id": campaign.id,
                    "company_id": cls.company.id,
                    "type": "lead",
                    **values,
                }
                for number in range(count)
            ]
        )

    def _create_target(self, metric, value, campaign=None):
        return (
            self.env["marketing.campaign.target"]
            .with_user(self.marketer)
            .create(
                {
                    "campaign_id": (campaign or self.programme).id,
                    "metric": metric,
                    "target_value": value,
                }
            )
        )

    @freeze_time("2026-03-05 10:00:00")
    def test_actual_progress_and_forecast_over_the_programme(self):
        target = self._create_target("leads", 20)
        self.assertEqual(target.actual_value, 8)
        self.assertEqual(target.progress_percent, 40)
        self.assertEqual(target.forecast_value, 16)
        own = self._create_target("leads", 10, self.part)
        self.assertEqual(own.actual_value, 5)

    def test_opportunities_and_won_are_counted_apart(self):
        self.env["crm.lead"].search([("campaign_id", "=", self.part.id)])[:2].action_set_won()
        self.assertEqual(self._create_target("opportunities", 5).actual_value, 5)
        self.assertEqual(self._create_target("won", 5).actual_value, 2)

    def test_cost_per_lead_is_unknown_without_cost(self):
        target = self._create_target("cost_per_lead", 50)
        self.assertFalse(target.is_known)
        self.assertEqual(target.actual_label, "—")
        self.assertEqual(target.progress_percent, 0)

    def test_ratios_are_ratios_of_sums(self):
        for campaign, amount in ((self.programme, 100), (self.part, 300)):
            self.env["marketing.cost.line"].create(
                {
                    "campaign_id": campaign.id,
                    "name": "Poster",
                    "amount": amount,
                    "date": date(2026, 3, 2),
                }
            )
        target = self._create_target("cost_per_lead", 100)
        self.assertEqual(target.actual_value, 400 / 8)
        self.assertEqual(target.progress_percent, 200)
        self.assertEqual(target.forecast_value, target.actual_value)
        roi = self._create_target("roi", 100)
        self.assertEqual(roi.actual_value, -100, "cost without revenue is a total loss")

    def test_leads_of_a_hidden_company_do_not_count(self):
        self._create_leads(self.programme, 4, company_id=self.other_company.id)
        self.assertEqual(self._create_target("leads", 20).actual_value, 8)

    def test_many_targets_take_the_same_queries_as_one(self):
        targets = self._create_target("leads", 5)
        for number in range(15):
            campaign = self._create_campaign(f"More {number}", parent_id=self.part.id)
            targets |= self._create_target("leads", 5, campaign)
        self.env.flush_all()
        counts = []
        for records in (targets[:1], targets[:1], targets):
            self.env.invalidate_all()
            records.mapped("campaign_id.parent_path")
            before = self.env.cr.sql_log_count
            records.mapped("actual_value")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_finance_reads_targets_and_others_do_not(self):
        target = self._create_target("leads", 20)
        self.assertEqual(target.with_user(self.finance).actual_value, 8)
        with self.assertRaises(AccessError):
            target.with_user(self.finance).write({"target_value": 1})
        with self.assertRaises(AccessError):
            target.with_user(self.salesman).read(["target_value"])


@tagged("post_install", "-at_install")
class TestTargetRevenue(CampaignCommon):
    def _invoice(self, orders, **post):
        invoice = orders._create_invoices()
        invoice.action_post()
        return invoice

    def _create_order(self, campaign, price):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "campaign_id": campaign.id,
                "order_line": [
                    (0, 0, {"product_id": self.product.id, "price_unit": price, "tax_ids": False})
                ],
            }
        )
        order.action_confirm()
        return order

    def _get_revenue(self, campaigns):
        # The measure of this addon: with attribution installed targets use what it credits.
        return UtmCampaign._total_revenue(campaigns, campaigns)

    def test_merged_invoice_is_split_by_line_and_refund_is_taken_off(self):
        journal = self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )
        if not journal:
            self.skipTest("The company has no chart of accounts.")
        self.partner = self.env["res.partner"].create({"name": "Customer of two campaigns"})
        self.product = self.env["product.product"].create(
            {"name": "Course", "type": "service", "invoice_policy": "order"}
        )
        first, second = self._create_campaign("First"), self._create_campaign("Second")
        orders = self._create_order(first, 100) | self._create_order(second, 250)
        invoice = self._invoice(orders)
        self.assertEqual(len(invoice), 1, "Odoo merges both orders in one invoice")
        values = self._get_revenue(first | second)
        self.assertEqual(values, {first.id: 100, second.id: 250})
        refund = invoice._reverse_moves(cancel=False)
        refund.action_post()
        values = self._get_revenue(first | second)
        self.assertEqual(values, {first.id: 0, second.id: 0})
