from lxml import etree
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestCampaignBudget(CampaignCommon):
    def test_budget_is_the_sum_of_its_lines(self):
        campaign = self._create_campaign(budget=[(self.ads, 1000.10), (self.stand, 250.05)])
        self.assertAlmostEqual(campaign.budget_amount, 1250.15)
        campaign.budget_line_ids[0].amount = 2000
        self.assertAlmostEqual(campaign.budget_amount, 2250.05)
        campaign.budget_line_ids[0].unlink()
        self.assertAlmostEqual(campaign.budget_amount, 250.05)

    def test_line_takes_the_period_of_the_campaign(self):
        campaign = self._create_campaign(budget=[(self.ads, 10)])
        line = campaign.budget_line_ids
        self.assertEqual((line.date_from, line.date_to), (campaign.date_start, campaign.date_end))

    def test_line_cannot_be_negative_or_end_before_it_starts(self):
        line = self._create_campaign(budget=[(self.ads, 10)]).budget_line_ids
        with mute_logger("odoo.sql_db"):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                line.write({"amount": -1})
                line.flush_recordset()
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                line.write({"date_from": "2026-05-01", "date_to": "2026-04-01"})
                line.flush_recordset()

    def test_submitted_budget_is_locked(self):
        campaign = self._create_campaign(budget=[(self.ads, 1000)])
        campaign.action_submit()
        line = campaign.budget_line_ids
        for user in (self.marketer, self.manager):
            with self.assertRaises(UserError):
                line.with_user(user).write({"amount": 9999})
            with self.assertRaises(UserError):
                line.with_user(user).unlink()
            with self.assertRaises(UserError):
                campaign.with_user(user).write(
                    {"budget_line_ids": [(0, 0, {"category_id": self.ads.id, "amount": 1})]}
                )
        campaign.action_reset_to_draft()
        line.amount = 1200
        self.assertEqual(campaign.budget_amount, 1200)

    def test_approval_keeps_the_first_budget_as_baseline(self):
        campaign = self._approve(self._create_campaign(budget=[(self.ads, 1000)]))
        self.assertEqual(campaign.budget_baseline_amount, 1000)
        campaign.sudo().budget_line_ids.amount = 1500
        self.assertEqual(campaign.budget_baseline_amount, 1000)
        self.assertEqual(campaign.budget_amount, 1500)

    def test_shared_campaign_holds_no_budget_itself(self):
        with self.assertRaises(ValidationError):
            self._create_campaign(budget=[(self.ads, 10)], company_id=False)

    def test_copy_keeps_the_plan_and_starts_again(self):
        campaign = self._approve(self._create_campaign(budget=[(self.ads, 1000)]))
        copy = campaign.copy()
        self.assertEqual(copy.state, "draft")
        self.assertEqual(copy.budget_amount, 1000)
        self.assertFalse(copy.budget_baseline_amount)
        self.assertFalse(copy.analytic_account_id)
        self.assertNotEqual(copy.name, campaign.name)

    def test_line_is_spread_over_months_by_days_to_the_cent(self):
        campaign = self._create_campaign(budget=[(self.ads, 1000)])
        line = campaign.budget_line_ids
        line.write({"date_from": "2026-03-17", "date_to": "2026-05-31"})
        line.action_spread_over_months()
        lines = campaign.budget_line_ids.sorted("date_from")
        self.assertEqual(
            [(str(part.date_from), str(part.date_to)) for part in lines],
            [
                ("2026-03-17", "2026-03-31"),
                ("2026-04-01", "2026-04-30"),
                ("2026-05-01", "2026-05-31"),
            ],
        )
        # 15, 30 and 31 of 76 days
        self.assertEqual(lines.mapped("amount"), [197.37, 394.74, 407.89])
        self.assertEqual(campaign.budget_amount, 1000)
        self.assertEqual(lines.category_id, self.ads)

    def test_locked_line_is_not_spread(self):
        campaign = self._create_campaign(budget=[(self.ads, 1000)])
        campaign.action_submit()
        with self.assertRaises(UserError):
            campaign.budget_line_ids.action_spread_over_months()

    def test_budgets_of_several_currencies_add_up_in_groups(self):
        """A pivot over 1 000 of ours and 300 francs, half as much worth, says 1 150."""
        francs = self.env["res.currency"].create(
            {"name": "TFR", "symbol": "f", "rate_ids": [(0, 0, {"rate": 2.0})]}
        )
        abroad = self.env["res.company"].create({"name": "Francs", "currency_id": francs.id})
        self.env["res.currency.rate"].search(
            [("currency_id", "=", self.company.currency_id.id)]
        ).unlink()
        self.marketer.company_ids |= abroad
        campaigns = self._create_campaign(budget=[(self.ads, 1000)])
        campaigns += self._create_campaign(
            "Abroad", budget=[(self.ads, 300)], user=self.env.user, company_id=abroad.id
        )
        reader = self.env["utm.campaign"].with_user(self.marketer)
        reader = reader.with_context(allowed_company_ids=(self.company + abroad).ids)
        [group] = reader.formatted_read_group(
            [("id", "in", campaigns.ids)],
            [],
            ["budget_amount:sum_currency", "currency_id:array_agg_distinct"],
        )
        self.assertAlmostEqual(group["budget_amount:sum_currency"], 1150)
        self.assertEqual(
            set(group["currency_id:array_agg_distinct"]),
            set((self.company.currency_id + francs).ids),
        )
        [ours, theirs] = reader.formatted_read_group(
            [("id", "in", campaigns.ids)],
            ["currency_id"],
            ["budget_amount:sum"],
            order="budget_amount:sum desc",
        )
        self.assertEqual((ours["budget_amount:sum"], theirs["budget_amount:sum"]), (1000, 300))
        for group, campaign in ((ours, campaigns[0]), (theirs, campaigns[1])):
            found = reader.search([("id", "in", campaigns.ids), *group["__extra_domain"]])
            self.assertEqual(found, campaign)

    def test_measures_of_pivots_and_graphs_can_be_added_up(self):
        """A measure without an aggregate is an error in the browser as soon as the view opens."""
        views = self.env["ir.model.data"].search(
            [("module", "=", "marketing_campaign_ext"), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].browse(views.mapped("res_id"))
        views = views.filtered(lambda view: view.type in ("pivot", "graph"))
        self.assertTrue(views)
        for view in views:
            model = self.env[view.model].with_user(self.finance)
            arch = etree.fromstring(model.get_view(view.id, view.type)["arch"])
            for measure in arch.xpath("//field[@type='measure']/@name"):
                with self.subTest(view=view.name, measure=measure):
                    description = model.fields_get([measure], ["aggregator"])[measure]
                    self.assertTrue(description.get("aggregator"))
