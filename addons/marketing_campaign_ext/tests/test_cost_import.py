import base64
import os
from datetime import date
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_money import MODULE, CampaignMoneyCommon

GOOGLE = (
    "Campaign report\n"
    '"Mar 1, 2026 - Mar 2, 2026"\n'
    "Day,Campaign,Currency code,Impr.,Cost\n"
    '2026-03-01,Test Spring,USD,"1,103","1,200.50"\n'
    "2026-03-02,Test Spring,USD,7,99.50\n"
    "2026-03-02,Brand,USD,7,10.00\n"
    'Total: Account, --, --,"1,117","1,310.00"\n'
)


@tagged("post_install", "-at_install")
class TestCostImport(CampaignMoneyCommon):
    """Ad spend becomes accrued cost once, however often its file is imported."""

    def _import(self, text, user=None, match=None, **values):
        wizard = (
            self.env["marketing.cost.import"]
            .with_user(user or self.marketer)
            .create({"file": base64.b64encode(text.encode()), "filename": "x.csv", **values})
        )
        wizard.action_read()
        for line in wizard.line_ids:
            if line.name in (match or {}):
                line.campaign_id = match[line.name]
        return wizard

    def _lines(self):
        return self.env["marketing.cost.line"].search([("external_ref", "!=", False)])

    def test_a_file_becomes_accrued_costs_by_day(self):
        wizard = self._import(GOOGLE, match={"Brand": self.autumn})
        self.assertEqual(wizard.platform, "Google Ads")
        wizard.action_import()
        self.assertEqual(len(self._lines()), 3)
        self.assertCosts(self.spring, accrued=1300)
        self.assertCosts(self.autumn, accrued=10)

    def test_the_same_file_again_changes_nothing(self):
        self._import(GOOGLE, match={"Brand": self.autumn}).action_import()
        before = self._lines().read(["amount", "campaign_id", "date", "write_date"])
        result = self._import(GOOGLE).action_import()
        self.assertIn("0 new, 0 corrected, 3 unchanged", result["params"]["message"])
        self.assertEqual(
            self._lines().read(["amount", "campaign_id", "date", "write_date"]), before
        )

    def test_what_was_matched_once_is_matched_again(self):
        self._import(GOOGLE, match={"Brand": self.autumn}).action_import()
        wizard = self._import(GOOGLE)
        brand = wizard.line_ids.filtered(lambda line: line.name == "Brand")
        self.assertEqual(brand.campaign_id, self.autumn)
        self.assertFalse(wizard.unmatched_count)

    def test_a_template_is_not_matched_by_its_name(self):
        self.env["utm.campaign"].create({"title": "Brand", "is_template": True})
        brand = self._import(GOOGLE).line_ids.filtered(lambda line: line.name == "Brand")
        self.assertFalse(brand.campaign_id)

    def test_the_currency_is_shown_when_the_file_names_one(self):
        self.assertTrue(self._import(GOOGLE).has_currency)
        silent = GOOGLE.replace("Currency code", "Remark").replace("USD", "-")
        self.assertFalse(self._import(silent).has_currency)

    def test_a_corrected_figure_replaces_the_old_one(self):
        self._import(GOOGLE, match={"Brand": self.autumn}).action_import()
        self._import(GOOGLE.replace("99.50", "80.00")).action_import()
        self.assertCosts(self.spring, accrued=1280.5)

    def test_what_a_bill_has_settled_stays(self):
        self._import(GOOGLE, match={"Brand": self.autumn}).action_import()
        line = self._lines().filtered(lambda line: line.amount == 99.5)
        line.sudo().move_line_id = self._create_bill(99.5, {self.spring: 100}).invoice_line_ids
        result = self._import(GOOGLE.replace("99.50", "80.00")).action_import()
        self.assertEqual(line.amount, 99.5)
        self.assertIn("1 left as their bill", result["params"]["message"])

    def test_unmatched_names_must_be_chosen_or_skipped(self):
        wizard = self._import(GOOGLE)
        self.assertEqual(wizard.unmatched_count, 1)
        with self.assertRaises(UserError):
            wizard.action_import()
        wizard.line_ids.filtered(lambda line: not line.campaign_id).is_skipped = True
        wizard.action_import()
        self.assertEqual(len(self._lines()), 2)

    def test_wrong_layouts_are_refused_with_a_reason(self):
        for text, reason in (
            ("Campaign report\nAll time\nCampaign,Currency code,Cost\nx,USD,1\n", "segment Day"),
            ("Name,Value\nx,1\n", "no column with a cost"),
            (
                "Reporting starts,Reporting ends,Campaign name,Amount spent (USD)\n"
                "2026-03-01,2026-03-31,x,12\n",
                "several days",
            ),
            ("Day,Campaign,Cost\n2026-03-01,x,twelve\n", "twelve"),
        ):
            with self.assertRaises(UserError) as refusal:
                self._import(text)
            self.assertIn(reason, str(refusal.exception))

    def test_the_currency_of_the_file_counts_at_each_day(self):
        text = "Day,Campaign,Currency code,Cost\n" + "".join(
            f"{day},Test Spring,CHF,100\n" for day in ("2026-03-10", "2026-04-10")
        )
        self._import(text).action_import()
        self.assertCosts(self.spring, accrued=75)

    def test_an_unknown_currency_is_refused(self):
        with self.assertRaises(UserError):
            self._import(
                "Day,Campaign,Currency code,Cost\n2026-03-10,Test Spring,XXX,1\n"
            ).action_import()

    def test_only_marketers_import(self):
        for user in (self.finance, self.accountant):
            with self.assertRaises(AccessError):
                self._import(GOOGLE, user=user)

    def test_names_learned_by_another_company_are_not_used(self):
        other = self._create_company(name="Elsewhere")
        stranger = self._create_money_user(
            "money_elsewhere", f"{MODULE}.group_campaign_user", other
        )
        self._import(GOOGLE, match={"Brand": self.autumn}).action_import()
        wizard = self._import(GOOGLE, user=stranger)
        self.assertEqual(wizard.unmatched_count, 2)
        self.assertFalse(self.env["marketing.cost.alias"].with_user(stranger).search([]))

    def test_a_published_chinese_layout_is_imported(self):
        root = Path(__file__).parents[3]
        data = Path(os.environ.get("SUITE_DATA") or root.parent / "shared" / "data")
        if not (data / "ad_export_formats" / "formats.json").exists():
            self.skipTest(f"the published layouts are not in {data}")
        text = (
            "数据生成时间：2017-10-10 14:02,,,\n1. 时间范围：20171009,,,\n"
            '日期,账户,推广计划,消费\n2017-10-09,甲,品牌,"1,200.50"\n'
        )
        wizard = (
            self.env["marketing.cost.import"]
            .with_user(self.marketer)
            .create({"file": base64.b64encode(text.encode("gbk"))})
        )
        wizard.action_read()
        self.assertEqual(wizard.platform, "Baidu")
        wizard.line_ids.campaign_id = self.spring
        wizard.action_import()
        self.assertEqual(self._lines().date, date(2017, 10, 9))
        self.assertCosts(self.spring, accrued=1200.5)


@tagged("post_install", "-at_install")
class TestCostSettle(CampaignMoneyCommon):
    """A bill takes over what was accrued, and gives it back when it goes."""

    def _accrue(self, *amounts):
        return (
            self.env["marketing.cost.line"]
            .with_user(self.marketer)
            .create(
                [
                    {
                        "name": "Ads",
                        "campaign_id": campaign.id,
                        "amount": amount,
                        "date": "2026-03-09",
                    }
                    for campaign, amount in amounts
                ]
            )
        )

    def _settle(self, lines, bill, **values):
        wizard = self.env["marketing.cost.settle"].with_user(self.accountant)
        wizard = wizard.with_context(active_model=lines._name, active_ids=lines.ids).create(
            {"move_line_id": bill.invoice_line_ids.id, **values}
        )
        wizard.action_settle()
        return wizard

    def test_the_bill_is_distributed_like_what_was_accrued(self):
        lines = self._accrue((self.spring, 200.0), (self.spring, 100.0), (self.autumn, 100.0))
        bill = self._create_bill(440.0, {}, line_values={"analytic_distribution": False})
        wizard = self._settle(lines, bill)
        self.assertEqual((wizard.amount, wizard.difference), (400.0, 40.0))
        self.assertEqual(set(lines.mapped("state")), {"settled"})
        self.assertCosts(self.spring, accrued=0, booked=330, actual=330)
        self.assertCosts(self.autumn, accrued=0, booked=110, actual=110)

    def test_a_draft_bill_settles_when_it_is_posted_and_gives_back_when_reset(self):
        lines = self._accrue((self.spring, 300.0))
        bill = self._create_bill(
            300.0, {}, post=False, line_values={"analytic_distribution": False}
        )
        self._settle(lines, bill)
        self.assertCosts(self.spring, accrued=300, booked=0, draft=300, actual=300)
        bill.action_post()
        self.assertCosts(self.spring, accrued=0, booked=300, draft=0, actual=300)
        bill.button_draft()
        self.assertCosts(self.spring, accrued=300, booked=0, draft=300, actual=300)

    def test_shares_of_other_plans_stay(self):
        plan = self.env["account.analytic.plan"].create({"name": "Regions"})
        north = self.env["account.analytic.account"].create({"name": "North", "plan_id": plan.id})
        lines = self._accrue((self.spring, 100.0))
        bill = self._create_bill(
            100.0, {}, line_values={"analytic_distribution": {str(north.id): 100}}
        )
        self._settle(lines, bill)
        self.assertCosts(self.spring, booked=100)
        self.assertEqual(north.balance, -100.0)

    def test_a_cost_does_not_vanish_in_a_bill_of_another_campaign(self):
        lines = self._accrue((self.spring, 100.0))
        bill = self._create_bill(100.0, {self.autumn: 100})
        with self.assertRaises(UserError) as refusal:
            self._settle(lines, bill, is_distributed=False)
        self.assertIn(self.spring.title, str(refusal.exception))

    def test_only_accounting_settles(self):
        lines = self._accrue((self.spring, 100.0))
        bill = self._create_bill(100.0, {self.spring: 100})
        with self.assertRaises(AccessError):
            self.env["marketing.cost.settle"].with_user(self.marketer).create(
                {"cost_line_ids": lines.ids, "move_line_id": bill.invoice_line_ids.id}
            )

    def test_a_settlement_can_be_released(self):
        lines = self._accrue((self.spring, 100.0))
        self._settle(lines, self._create_bill(100.0, {self.spring: 100}))
        lines.with_user(self.accountant).action_unsettle()
        self.assertEqual(lines.state, "accrued")
