from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_money import MODULE, CampaignMoneyCommon


@tagged("post_install", "-at_install")
class TestCostFigures(CampaignMoneyCommon):
    """Figures over accrued costs, programmes, currencies and companies; and who reads them."""

    def _accrue(self, amount, campaign=None, **values):
        return (
            self.env["marketing.cost.line"]
            .with_user(self.marketer)
            .create(
                {
                    "name": "Agreed by phone",
                    "campaign_id": (campaign or self.spring).id,
                    "category_id": self.ads.id,
                    "date": date(2026, 3, 12),
                    "amount": amount,
                    **values,
                }
            )
        )

    def test_an_accrued_cost_counts_until_its_bill_is_posted(self):
        line = self._accrue(150.0)
        self.assertCosts(self.spring, accrued=150, booked=0, actual=150, budget_remaining=850)
        bill = self._create_bill(150.0, {self.spring: 100}, post=False)
        line.sudo().move_line_id = bill.invoice_line_ids
        self.assertEqual(line.state, "accrued", "a draft bill settles nothing")
        bill.action_post()
        self.assertEqual(line.state, "settled")
        self.assertCosts(self.spring, accrued=0, booked=150, actual=150)
        bill.button_draft()
        self.assertEqual(line.state, "accrued")
        self.assertCosts(self.spring, accrued=150, booked=0, actual=150)

    def test_a_settled_cost_cannot_change(self):
        line = self._accrue(150.0)
        line.sudo().move_line_id = self._create_bill(150.0, {self.spring: 100}).invoice_line_ids
        for change in ({"amount": 1.0}, {"campaign_id": self.autumn.id}):
            with self.assertRaises(UserError):
                line.write(change)
        with self.assertRaises(UserError):
            line.unlink()

    def test_accrued_money_converts_at_its_own_date(self):
        self._accrue(100.0, currency_id=self.gold.id)
        self._accrue(100.0, currency_id=self.gold.id, date=date(2026, 4, 2))
        self.assertCosts(self.spring, accrued=75)

    def test_forecast_is_the_plan_until_more_is_spent(self):
        self._accrue(400.0)
        self.assertCosts(self.spring, forecast=1000, budget_used_rate=0.4)
        self._accrue(700.0)
        self.assertCosts(self.spring, forecast=1100, budget_remaining=-100, budget_used_rate=1.1)

    def test_a_closed_campaign_expects_nothing_more(self):
        self._accrue(400.0)
        self.spring.sudo().state = "done"
        self.assertCosts(self.spring, forecast=400)

    def test_a_programme_sums_its_campaigns_at_each_date(self):
        gold_company = self._create_company(name="Gold", currency_id=self.gold.id)
        programme = self._create_money_campaign("Test Programme", 0)
        (self.spring + self.autumn).sudo().parent_id = programme
        self._accrue(300.0)
        self._accrue(50.0, self.autumn)
        self._accrue(10.0, programme)
        self.assertCosts(programme, actual=10, actual_total=360)
        abroad = self._create_money_campaign("Test Abroad", 0, gold_company, parent_id=programme.id)
        self.env["marketing.cost.line"].create(
            [
                {"name": "x", "campaign_id": abroad.id, "date": day, "amount": 100.0}
                for day in (date(2026, 3, 1), date(2026, 4, 1))
            ]
        )
        self.assertCosts(programme, actual_total=360)  # not her company: not in the total either
        both = self._create_money_user("money_both", f"{MODULE}.group_campaign_user")
        both.company_ids = self.company + gold_company
        chosen = {"allowed_company_ids": (self.company + gold_company).ids}
        self.assertAlmostEqual(
            self._figures(programme, both, **chosen).cost_actual_total, 360 + 50 + 25
        )
        self.assertAlmostEqual(self._figures(abroad, both, **chosen).cost_actual, 200)
        alone = {"allowed_company_ids": self.company.ids}
        self.assertAlmostEqual(self._figures(programme, both, **alone).cost_actual_total, 360)

    def test_a_shared_campaign_shows_each_company_its_own_part(self):
        gold_company = self._create_company(name="Gold", currency_id=self.gold.id)
        shared = self._create_money_campaign("Test Shared", 0)
        shared.sudo().company_id = False
        stranger = self._create_money_user(
            "money_stranger", f"{MODULE}.group_campaign_user", gold_company
        )
        self.env["marketing.cost.line"].create(
            [
                {"name": "ours", "campaign_id": shared.id, "amount": 10, "date": date(2026, 3, 2)},
                {
                    "name": "theirs",
                    "campaign_id": shared.id,
                    "amount": 7,
                    "date": date(2026, 3, 2),
                    "company_id": gold_company.id,
                    "currency_id": self.gold.id,
                },
            ]
        )
        self.assertCosts(shared, actual=10)
        self.assertCosts(shared, stranger, actual=7)
        rows = self.env["marketing.cost.report"].with_user(stranger).search([])
        self.assertEqual(rows.company_id, gold_company)
        self.assertEqual(rows.mapped("amount"), [7.0])

    def test_eighty_campaigns_cost_as_many_queries_as_two(self):
        campaigns = self.env["utm.campaign"].create(
            [{"title": f"Test Many {number}"} for number in range(80)]
        )
        self.env["marketing.cost.line"].create(
            [{"name": "x", "campaign_id": campaign.id, "amount": 5.0} for campaign in campaigns]
        )
        self.env.flush_all()

        def read(records):
            self.env.invalidate_all()
            records = records.with_user(self.marketer)
            before = self.env.cr.sql_log_count
            self.assertEqual(set(records.mapped("cost_actual_total")), {5.0})
            return self.env.cr.sql_log_count - before

        read(campaigns[:2])  # fills the caches of rights
        few = min(read(campaigns[:2]) for _turn in range(3))
        self.assertEqual(min(read(campaigns) for _turn in range(3)), few)
        self.assertLess(few, 8)

    def test_budget_and_cost_by_type_objective_and_programme(self):
        kind = self.env["marketing.campaign.type"].create({"name": "Test Kind"})
        self.spring.sudo().write({"type_id": kind.id, "objective": "event"})
        self.autumn.parent_id = self.spring
        self._accrue(30.0)
        report = self.env["marketing.cost.report"].with_user(self.marketer)
        both = [("campaign_id", "in", (self.spring + self.autumn).ids)]
        measures = ["amount_planned:sum", "amount_actual:sum"]
        self.assertIn((kind, 1000, 30), report._read_group(both, ["type_id"], measures))
        self.assertIn(("event", 1000, 30), report._read_group(both, ["objective"], measures))
        self.assertEqual(
            report._read_group(both, ["programme_id"], measures), [(self.spring, 1500, 30)]
        )
        groups = report._read_group(both, ["category_id", "campaign_id"], measures)
        self.assertIn((self.ads, self.autumn, 500), [group[:3] for group in groups])

    def test_what_a_statement_leaves_out_is_not_left_out_later(self):
        self._accrue(30.0)
        report = self.env["marketing.cost.report"].with_user(self.marketer)
        found = report.search_fetch([("state", "=", "planned")], ["amount"])
        self.assertIn(self.ads, found.category_id)
        ((rows,),) = report._read_group([("state", "=", "planned")], [], ["id:recordset"])
        self.env.invalidate_all()
        self.assertIn(self.ads, rows.category_id)

    def test_figures_can_be_searched(self):
        self._accrue(1100.0)
        self._accrue(100.0, self.autumn)
        both = [("id", "in", (self.spring + self.autumn).ids)]
        campaigns = self.env["utm.campaign"].with_user(self.marketer)
        self.assertEqual(campaigns.search([*both, ("budget_remaining", "<", 0)]), self.spring)
        self.assertEqual(campaigns.search([*both, ("cost_actual", "=", 100)]), self.autumn)
        self.assertEqual(campaigns.search([*both, ("cost_actual", "!=", 100)]), self.spring)
        self.assertFalse(campaigns.search([*both, ("cost_actual", "=", 0)]))

    def test_a_line_is_a_cost_of_the_company_of_its_campaign(self):
        gold_company = self._create_company(name="Gold", currency_id=self.gold.id)
        with self.assertRaises(UserError):
            self.env["marketing.cost.line"].create(
                {
                    "name": "x",
                    "campaign_id": self.spring.id,
                    "amount": 1.0,
                    "company_id": gold_company.id,
                }
            )

    def test_who_may_touch_accrued_costs(self):
        line = self._accrue(10.0)
        outsider = self._create_money_user("money_outsider", "sales_team.group_sale_salesman")
        for user in (self.finance, self.accountant):
            with self.assertRaises(AccessError):
                line.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.env["marketing.cost.line"].with_user(user).create(
                    {"name": "x", "campaign_id": self.spring.id, "amount": 1.0}
                )
        with self.assertRaises(AccessError):
            line.with_user(self.finance).write({"amount": 1.0})
        with self.assertRaises(AccessError):
            self.spring.with_user(outsider).read(["cost_actual"])
        with self.assertRaises(AccessError):
            self.env["marketing.cost.report"].with_user(outsider).search([])

    def test_a_category_in_use_is_archived_not_deleted(self):
        unused, above = self.env["marketing.cost.category"].create(
            [{"name": "Unused"}, {"name": "Above"}]
        )
        below = unused.create({"name": "Below", "parent_id": above.id})
        self._accrue(10.0, category_id=below.id)
        for category in (self.ads, above, below):
            with self.assertRaisesRegex(UserError, "archive it instead"):
                category.with_user(self.manager).unlink()
        unused.with_user(self.manager).unlink()
        self.ads.with_user(self.manager).active = False
        self.assertCosts(self.spring, accrued=10, budget_remaining=990)

    def test_categories_are_found_by_product_then_family_then_account(self):
        expense = self.company_data["default_account_expense"]
        family = self.env["product.category"].create({"name": "Media"})
        below = self.env["product.category"].create({"name": "Radio", "parent_id": family.id})
        spot = self.env["product.product"].create({"name": "Spot", "categ_id": below.id})
        bill = self._create_bill(100.0, {self.spring: 100}, line_values={"product_id": spot.id})
        expense = bill.invoice_line_ids.account_id
        row = self._rows(self.spring, "booked")
        self.assertFalse(row.category_id)

        def found():
            self.env.invalidate_all()
            return self._rows(self.spring, "booked").category_id

        by_account, by_family, by_below = self.env["marketing.cost.category"].create(
            [{"name": "By account"}, {"name": "By family"}, {"name": "By nearer family"}]
        )
        by_account._map("account_ids", expense)
        self.assertEqual(found(), by_account)
        by_family._map("product_category_ids", family)
        self.assertEqual(found(), by_family)
        by_below._map("product_category_ids", below)
        self.assertEqual(found(), by_below)
        self.ads._map("product_ids", spot)
        self.assertEqual(found(), self.ads)
        self.stand._map("product_ids", spot)
        self.assertEqual(found(), self.stand, "mapping again moves the product")
        with self.assertRaises(UserError):
            self.ads.product_ids = [Command.link(spot.id)]
