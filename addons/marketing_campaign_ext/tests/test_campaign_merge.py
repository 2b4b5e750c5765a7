from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CampaignCommon
from .common_money import CampaignMoneyCommon


@tagged("post_install", "-at_install")
class TestCampaignMerge(CampaignCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kept = cls._create_campaign("Black Friday", budget=[(cls.ads, 100)])
        cls.variant = cls._create_campaign("black-friday", budget=[(cls.stand, 30)])
        cls.typo = cls.env["utm.mixin"]._find_or_create_record("utm.campaign", "blakfriday")

    def _merge(self, campaigns, target=None, user=None):
        wizard = (
            self.env["marketing.campaign.merge"]
            .with_user(user or self.manager)
            .with_context(active_model="utm.campaign", active_ids=campaigns.ids)
            .create({})
        )
        if target:
            wizard.target_id = target
        wizard.action_merge()
        return wizard.target_id

    def test_planned_campaign_is_kept_and_gets_everything(self):
        lead = self.env["crm.lead"].create({"name": "Lead", "campaign_id": self.typo.id})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Customer"}).id,
                "campaign_id": self.variant.id,
            }
        )
        mailing = self.env["mailing.mailing"].create(
            {"subject": "Deals", "campaign_id": self.variant.id}
        )
        link = self.env["link.tracker"].create(
            {"url": "https://example.com/a", "title": "A", "campaign_id": self.typo.id}
        )
        self.env["marketing.cost.line"].create(
            {
                "campaign_id": self.variant.id,
                "name": "Poster",
                "amount": 12,
                "date": "2026-03-02",
            }
        )
        target = self._merge(self.typo | self.variant | self.kept)
        self.assertEqual(target, self.kept)
        self.assertFalse((self.typo | self.variant).exists())
        for record in (lead, order, mailing, link):
            self.assertEqual(record.campaign_id, self.kept)
        self.assertEqual(self.kept.budget_amount, 130)
        self.assertEqual(self.kept.cost_accrued, 12)

    def test_old_links_lead_to_the_remaining_campaign(self):
        self._merge(self.typo | self.variant | self.kept)
        mixin = self.env["utm.mixin"].with_user(self.outsider)
        for name in ("blakfriday", "BLACK-FRIDAY", " Black Friday "):
            self.assertEqual(mixin._find_or_create_record("utm.campaign", name), self.kept, name)

    def test_alias_is_not_given_to_a_new_campaign(self):
        self._merge(self.typo | self.kept)
        again = self._create_campaign("blakfriday")
        self.assertNotEqual(again.name.lower(), "blakfriday")

    def test_alias_survives_a_second_merge(self):
        self._merge(self.typo | self.variant, target=self.variant)
        self._merge(self.variant | self.kept, target=self.kept)
        found = self.env["utm.mixin"]._find_or_create_record("utm.campaign", "blakfriday")
        self.assertEqual(found, self.kept)

    def test_targets_are_not_lost_nor_doubled(self):
        for campaign, metric, value in (
            (self.kept, "leads", 5),
            (self.variant, "leads", 9),
            (self.variant, "won", 2),
        ):
            self.env["marketing.campaign.target"].create(
                {"campaign_id": campaign.id, "metric": metric, "target_value": value}
            )
        self._merge(self.variant | self.kept, target=self.kept)
        targets = {target.metric: target.target_value for target in self.kept.target_ids}
        self.assertEqual(targets, {"leads": 5, "won": 2})

    def test_programme_of_a_merged_campaign_is_kept_without_a_cycle(self):
        self.kept.parent_id = self.variant
        child = self._create_campaign("Child", parent_id=self.variant.id)
        self._merge(self.variant | self.kept, target=self.kept)
        self.assertFalse(self.kept.parent_id)
        self.assertEqual(child.parent_id, self.kept)
        self.assertEqual(child.parent_path, f"{self.kept.id}/{child.id}/")

    def test_messages_and_followers_are_kept(self):
        self.variant.message_post(body="Ask for the discount")
        self.variant.message_subscribe(self.salesman.partner_id.ids)
        self._merge(self.variant | self.kept, target=self.kept)
        bodies = " ".join(self.kept.message_ids.mapped("body"))
        self.assertIn("Ask for the discount", bodies)
        self.assertIn("black-friday", bodies)
        self.assertIn(self.salesman.partner_id, self.kept.message_partner_ids)

    def test_only_managers_merge(self):
        with self.assertRaises(AccessError):
            self._merge(self.variant | self.kept, user=self.marketer)

    def test_money_does_not_change_companies(self):
        elsewhere = self.env["utm.campaign"].create(
            {"title": "Elsewhere", "company_id": self.other_company.id}
        )
        self.manager.company_ids |= self.other_company
        with self.assertRaises(UserError):
            self._merge(
                (elsewhere | self.kept).with_context(
                    allowed_company_ids=self.manager.company_ids.ids
                ),
                target=self.kept,
            )

    def test_one_campaign_is_not_merged(self):
        with self.assertRaises(UserError):
            self._merge(self.kept)

    def test_changed_identifier_still_leads_here(self):
        self.kept.name = "bf-2026"
        found = self.env["utm.mixin"]._find_or_create_record("utm.campaign", "black friday")
        self.assertEqual(found, self.kept)

    def test_identifier_of_a_hidden_company_gets_one_campaign_here(self):
        hidden = self.env["utm.campaign"].create(
            {"title": "worldwide", "company_id": self.other_company.id}
        )
        mixin = self.env["utm.mixin"].with_user(self.outsider)
        first = mixin._find_or_create_record("utm.campaign", "worldwide")
        self.assertNotEqual(first, hidden)
        self.assertEqual(mixin._find_or_create_record("utm.campaign", "Worldwide"), first)


@tagged("post_install", "-at_install")
class TestCampaignMergeLedger(CampaignMoneyCommon):
    def test_booked_costs_move_to_the_cent_and_the_ledger_stays(self):
        bill = self._create_bill(100.01, {self.spring: 33.33, self.autumn: 66.67})
        lines = bill.invoice_line_ids.analytic_line_ids
        before = sorted(lines.mapped("amount"))
        debit = bill.invoice_line_ids.debit
        wizard = (
            self.env["marketing.campaign.merge"]
            .with_user(self.manager)
            .create(
                {
                    "campaign_ids": [(6, 0, (self.spring | self.autumn).ids)],
                    "target_id": self.spring.id,
                }
            )
        )
        retired = self.autumn.analytic_account_id
        with self.assertRaises(UserError):
            self.autumn.sudo(False).with_user(self.manager).unlink()
        wizard.action_merge()
        self.assertCosts(self.spring, booked=100.01, budget_amount=1500)
        self.assertEqual(sorted(lines.mapped("amount")), before)
        self.assertEqual(bill.invoice_line_ids.debit, debit)
        self.assertEqual(
            bill.invoice_line_ids.analytic_distribution, {self._key(self.spring): 100.0}
        )
        self.assertFalse(retired.active)
        bill.button_draft()
        self.assertCosts(self.spring, booked=0)
        bill.action_post()
        self.assertCosts(self.spring, booked=100.01)
        refund = bill._reverse_moves([{"invoice_date": bill.date, "date": bill.date}])
        refund.action_post()
        self.assertCosts(self.spring, booked=0)
