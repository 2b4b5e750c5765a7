from datetime import datetime
from math import log1p

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import RoiCommon

SPENDS = (500.0, 1500.0, 3000.0, 800.0, 2500.0, 4000.0, 1200.0, 3500.0, 2000.0, 600.0)


class TestBudgetSimulation(RoiCommon):
    """Ten months of two channels: search is saturated early, email grows with every euro.

    A third channel, events, was paid for twice only. Leads follow known curves, so the answers
    are known too. The campaigns of search and email run and have budget left.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mediums = cls.env["utm.medium"].create(
            [{"name": f"Simulated {name}"} for name in ("search", "email", "event")]
        )
        cls.search_medium, cls.email_medium, cls.event_medium = cls.mediums
        cls.campaign_c = cls.env["utm.campaign"].create(
            {"title": "Campaign C", "company_id": cls.company.id}
        )
        cls.category = cls.env["marketing.cost.category"].create({"name": "Simulated spend"})
        world = cls.env["marketing.budget.simulation"]
        cls._spend_and_win(cls.campaign_a, cls.search_medium, SPENDS, lambda x: 12 * log1p(x / 200))
        cls._spend_and_win(cls.campaign_b, cls.email_medium, SPENDS, lambda x: x / 100)
        cls._spend_and_win(cls.campaign_c, cls.event_medium, (900.0, 0.0, 1800.0), lambda x: 5)
        cls._approve(cls.campaign_a, 40_000.0)
        cls._approve(cls.campaign_b, 50_000.0)
        cls.env["marketing.attribution.run"]._run()
        cls.Simulation = world

    @classmethod
    def _spend_and_win(cls, campaign, medium, spends, leads_of):
        leads, moments = [], []
        for number, spend in enumerate(spends, start=1):
            if spend:
                cls._book(campaign, spend, f"2026-{number:02d}-10")
            count = round(leads_of(spend))
            leads += [
                {
                    "name": f"{medium.name} {number}-{index}",
                    "company_id": cls.company.id,
                    "campaign_id": campaign.id,
                    "medium_id": medium.id,
                    "team_id": False,
                    "user_id": False,
                }
                for index in range(count)
            ]
            moments += [datetime(2026, number, 15, 12)] * count
        records = cls.env["crm.lead"].with_context(tracking_disable=True).create(leads)
        cls.env.flush_all()
        for record, moment in zip(records, moments, strict=True):
            cls.env.cr.execute(
                "UPDATE crm_lead SET create_date = %s WHERE id = %s", [moment, record.id]
            )
        records.invalidate_recordset()
        # sudo: people type in offline touches only
        cls.env["marketing.touchpoint"].sudo().create(
            {
                "date": datetime(2026, 1, 5),
                "kind": "offline",
                "campaign_id": campaign.id,
                "medium_id": medium.id,
                "company_id": cls.company.id,
                "partner_id": cls.customer.id,
            }
        )

    @classmethod
    def _book(cls, campaign, amount, date):
        cls.env["marketing.cost.line"].create(
            {
                "campaign_id": campaign.id,
                "category_id": cls.category.id,
                "date": date,
                "amount": amount,
                "currency_id": cls.company.currency_id.id,
                "name": "Spend of the month",
            }
        )

    @classmethod
    def _approve(cls, campaign, budget):
        campaign.write(
            {
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
                "budget_line_ids": [
                    Command.create(
                        {
                            "category_id": cls.category.id,
                            "date_from": "2026-01-01",
                            "date_to": "2026-12-31",
                            "amount": budget,
                        }
                    )
                ],
            }
        )
        campaign.sudo().action_submit()
        campaign.sudo().action_approve()

    def _simulate(self, user=None, **values):
        simulation = self.Simulation.with_user(user or self.marketer).create(
            {
                "company_id": self.company.id,
                "date_from": "2026-01-01",
                "date_to": "2026-10-31",
                **values,
            }
        )
        simulation.action_learn()
        return simulation

    def _lines(self, simulation):
        return {line.medium_id: line for line in simulation.line_ids}

    # ------------------------------------------------------------------ what was learned

    def test_known_curves_are_found_in_the_books(self):
        lines = self._lines(self._simulate())
        search, email = lines[self.search_medium], lines[self.email_medium]
        self.assertAlmostEqual(search.present_amount, 3 * sum(SPENDS) / 10, places=2)
        for spend in (1000.0, 3000.0):
            self.assertAlmostEqual(
                search._expect("leads", 3 * spend), 3 * 12 * log1p(spend / 200), delta=3
            )
            self.assertAlmostEqual(email._expect("leads", 3 * spend), 3 * spend / 100, delta=3)
        self.assertIn("10 months", search.evidence)
        self.assertGreater(search._get_curve("leads").fit, 0.95)

    def test_too_little_data_is_refused_with_a_reason(self):
        simulation = self._simulate()
        event = self._lines(simulation)[self.event_medium]
        self.assertIn("only 2 months", event.evidence)
        self.assertEqual((event.leads_text, event.revenue_text, event.roi_text), ("—", "—", "—"))
        self.assertIn(event.name, simulation.unknown_text)
        simulation.action_optimise()
        self.assertEqual(event.new_amount, event.present_amount)

    def test_without_any_curve_nothing_is_distributed(self):
        simulation = self._simulate(date_from="2026-08-01")
        with self.assertRaises(UserError) as refusal:
            simulation.action_optimise()
        self.assertIn("Evidence", str(refusal.exception))

    def test_revenue_follows_the_leads_when_its_own_months_say_nothing(self):
        order = self._create_order(9000.0, days=20, campaign_id=self.campaign_a.id)
        self._invoice(order, days=21)
        self.Run._run()
        search = self._lines(self._simulate(objective="revenue"))[self.search_medium]
        mature = [row for row in search.learned["rows"] if row[4]]
        self.assertLess(len(mature), 10, "deals of the last months had no time to close")
        leads = sum(row[2] for row in mature)
        self.assertAlmostEqual(
            search._expect("revenue", 6000.0),
            search._expect("leads", 6000.0) * 9000.0 / leads,
            places=4,
        )
        self.assertIn("per lead", search.evidence)

    def test_channels_by_campaign_type(self):
        types = self.env["marketing.campaign.type"].create(
            [{"name": "Simulated type 1"}, {"name": "Simulated type 2"}]
        )
        (self.campaign_a | self.campaign_b).sudo().type_id = types[0]
        self.campaign_c.sudo().type_id = types[1]
        lines = self._simulate(channel_by="type").line_ids
        self.assertEqual(lines.type_id, types)
        self.assertEqual(lines[0].campaign_ids, self.campaign_a | self.campaign_b)

    def test_the_rows_behind_a_channel_are_its_months(self):
        line = self._lines(self._simulate())[self.search_medium]
        action = line.action_open_rows()
        [(cost, leads)] = self.Report.with_user(self.marketer)._read_group(
            action["domain"], [], ["cost_actual:sum", "lead_count:sum"]
        )
        rows = line.learned["rows"]
        self.assertEqual(cost, sum(row[1] for row in rows))
        self.assertEqual(leads, sum(row[2] for row in rows))

    # ------------------------------------------------------------------ moving money

    def test_the_best_distribution_keeps_the_total_and_brings_more(self):
        simulation = self._simulate()
        before = sum(
            simulation.line_ids._with_curve("leads").mapped(
                lambda line: line._expect("leads", line.present_amount)
            )
        )
        simulation.action_optimise()
        self.assertEqual(simulation.rest_amount, 0.0)
        lines = self._lines(simulation)
        self.assertGreater(lines[self.email_medium].change_amount, 0)
        self.assertLess(lines[self.search_medium].change_amount, 0)
        self.assertEqual(
            round(100 * sum(simulation.line_ids.mapped("new_amount"))),
            round(100 * simulation.total_amount),
        )
        after = sum(
            simulation.line_ids._with_curve("leads").mapped(
                lambda line: line._expect("leads", line.new_amount)
            )
        )
        self.assertGreater(after, before + 5)
        simulation.action_reset()
        self.assertFalse(any(simulation.line_ids.mapped("change_amount")))

    def test_no_channel_changes_more_than_allowed(self):
        simulation = self._simulate(max_change=0.1)
        simulation.action_optimise()
        for line in simulation.line_ids:
            self.assertLessEqual(abs(line.change_amount), 0.1 * line.present_amount + 0.01)

    def test_a_total_that_nobody_can_spend_is_refused_with_the_limits(self):
        simulation = self._simulate()
        simulation.total_amount = 10 * simulation.present_amount
        with self.assertRaises(UserError) as refusal:
            simulation.action_optimise()
        self.assertIn("between", str(refusal.exception))

    def test_the_outcome_follows_the_typed_amount(self):
        simulation = self._simulate()
        with Form(simulation) as form:
            before = form.leads_new_text
            with form.line_ids.edit(0) as line:
                line.new_amount = line.new_amount + 1000.0
            self.assertNotEqual(form.leads_new_text, before)
            self.assertEqual(form.rest_amount, -1000.0)

    def test_a_suggestion_says_what_why_and_on_what_evidence(self):
        simulation = self._simulate()
        suggestion = simulation.suggestion_ids[0]
        lines = self._lines(simulation)
        self.assertEqual(suggestion.source_line_id, lines[self.search_medium])
        self.assertEqual(suggestion.target_line_id, lines[self.email_medium])
        self.assertGreaterEqual(suggestion.probability, 0.8)
        for word in (self.search_medium.name, self.email_medium.name, "because"):
            self.assertIn(word, suggestion.text)
        self.assertEqual(suggestion.evidence.count("10 months"), 2)
        suggestion.action_take()
        self.assertEqual(suggestion.source_line_id.change_amount, -suggestion.amount)
        self.assertEqual(suggestion.target_line_id.change_amount, suggestion.amount)
        self.assertEqual(
            set(suggestion.action_open_rows()["domain"][0][2]),
            set((self.campaign_a | self.campaign_b).ids),
        )

    # ------------------------------------------------------------------ saving

    def test_moved_money_becomes_draft_transfers(self):
        simulation = self._simulate()
        simulation.action_optimise()
        moved = self._lines(simulation)[self.email_medium].change_amount
        action = simulation.action_save()["params"]["next"]
        transfer = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(transfer._name, "marketing.budget.transfer")
        self.assertEqual((transfer.state, transfer.amount), ("draft", moved))
        self.assertEqual(transfer.source_campaign_id, self.campaign_a)
        self.assertEqual(transfer.target_campaign_id, self.campaign_b)
        self.assertEqual(transfer.user_id, self.marketer)
        self.assertIn("10 months", transfer.reason)
        self.assertEqual(self.campaign_b.sudo().budget_amount, 50_000.0, "nothing moved yet")
        transfer.with_user(self.manager).action_submit()
        self.assertEqual(self.campaign_b.sudo().budget_amount, 50_000.0 + moved)
        self.assertEqual(self.campaign_a.sudo().budget_amount, 40_000.0 - moved)

    def test_money_on_top_becomes_a_draft_revision(self):
        simulation = self._simulate()
        simulation.total_amount += 700.0
        self._lines(simulation)[self.email_medium].new_amount += 700.0
        action = simulation.action_save()["params"]["next"]
        revision = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(revision._name, "marketing.budget.revision")
        self.assertEqual((revision.state, revision.amount_change), ("draft", 700.0))
        self.assertEqual(revision.campaign_id, self.campaign_b)

    def test_money_taken_away_becomes_a_draft_revision(self):
        simulation = self._simulate()
        self._lines(simulation)[self.search_medium].new_amount -= 700.0
        action = simulation.action_save()["params"]["next"]
        revision = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(revision.campaign_id, self.campaign_a)
        self.assertEqual(revision.amount_change, -700.0)

    def test_what_no_campaign_can_give_is_said(self):
        simulation = self._simulate()
        lines = self._lines(simulation)
        lines[self.event_medium].new_amount -= 100.0
        lines[self.email_medium].new_amount += 100.0
        with self.assertRaises(UserError) as refusal:
            simulation.action_save()
        self.assertIn(self.event_medium.name, str(refusal.exception))

    def test_nothing_moved_is_nothing_to_save(self):
        with self.assertRaises(UserError):
            self._simulate().action_save()

    # ------------------------------------------------------------------ rights

    def test_finance_simulates_and_saves_nothing(self):
        simulation = self._simulate(self.finance)
        simulation.action_optimise()
        self.assertEqual(simulation.rest_amount, 0.0)
        with self.assertRaises(AccessError):
            simulation.action_save()

    def test_a_salesperson_has_no_simulator(self):
        salesperson = self.env["res.users"].create(
            {
                "name": "Salesperson",
                "login": "simulated_salesperson",
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "group_ids": [Command.set([self.env.ref("sales_team.group_sale_salesman").id])],
            }
        )
        with self.assertRaises(AccessError):
            self.Simulation.with_user(salesperson).action_open_simulator()

    def test_a_simulation_is_its_authors_own(self):
        simulation = self._simulate()
        for record in (simulation, simulation.line_ids, simulation.suggestion_ids):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_user(self.manager).read(["display_name"])

    def test_another_company_learns_from_its_own_months_only(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        outsider = self._create_user(
            "simulated_outsider",
            "group_campaign_manager",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        simulation = self.Simulation.with_user(outsider).create(
            {"date_from": "2026-01-01", "date_to": "2026-10-31"}
        )
        simulation.action_learn()
        self.assertFalse(simulation.line_ids)
        self.assertIn("nothing to learn from", simulation.unknown_text)
