"""The demo company stands: its figures tie, and every case a screen should show exists."""

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from ..story import tell
from ..story.narrator import NAMESPACE
from ..tools import cast, programme


@tagged("post_install", "-at_install")
class TestStory(TransactionCase):
    """Reads the story the installation told; each test looks at one promise of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.german = cls._told("company_de")
        cls.chinese = cls._told("company_cn")
        cls.campaigns = {
            campaign.key: cls._told(f"campaign_{campaign.key}") for campaign in programme.CAMPAIGNS
        }

    @classmethod
    def _told(cls, name):
        return cls.env.ref(f"{NAMESPACE}.{name}")

    def _as(self, login, model):
        user = self._told(f"user_{login.replace('.', '_')}")
        return (
            self.env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
        )

    def _count_everything(self):
        models = (
            "utm.campaign",
            "crm.lead",
            "sale.order",
            "account.move",
            "mailing.trace",
            "marketing.touchpoint",
            "res.partner",
        )
        return {model: self.env[model].search_count([]) for model in models}

    # ------------------------------------------------------------------ telling
    def test_telling_it_again_changes_nothing(self):
        before = self._count_everything()
        tell(self.env)
        self.assertEqual(self._count_everything(), before)

    def test_the_database_holds_what_the_plot_says(self):
        plot = tell(self.env).plot
        told = self.env["ir.model.data"].search([("module", "=", NAMESPACE)])
        by_model = dict(
            self.env["ir.model.data"]._read_group([("id", "in", told.ids)], ["model"], ["__count"])
        )
        self.assertEqual(by_model["crm.lead"], len(plot.leads))
        self.assertEqual(by_model["sale.order"], len(plot.orders))
        self.assertEqual(by_model["event.registration"], len(plot.registrations))
        self.assertEqual(
            self.env["mailing.trace"].search_count(
                [("campaign_id", "in", [campaign.id for campaign in self.campaigns.values()])]
            ),
            len(plot.traces),
        )

    def test_nobody_gets_mail_from_an_invented_company(self):
        self.assertFalse(
            self.env["mail.mail"].search_count([("state", "=", "outgoing")]),
            "the story must leave nothing to send",
        )

    def test_every_campaign_is_in_the_state_its_story_says(self):
        for campaign in programme.CAMPAIGNS:
            state = {"refused": "draft"}.get(campaign.state, campaign.state)
            self.assertEqual(self.campaigns[campaign.key].state, state, campaign.key)

    # ------------------------------------------------------------------ money ties
    def _ledger_balance(self, company):
        """Marketing expense of a company, straight from posted journal items."""
        accounts = [
            self._told(f"account_{company}_{key}").id
            for key in ("ads", "events", "content", "agency", "partner", "travel")
        ]
        ((balance,),) = self.env["account.move.line"]._read_group(
            [("account_id", "in", accounts), ("parent_state", "=", "posted")], [], ["balance:sum"]
        )
        return balance

    def test_booked_costs_tie_to_the_ledger(self):
        """What stands on the marketing accounts is on campaigns, but for two bills."""
        for key, company, unassigned in (
            ("de", self.german, 1340.0 + 960.0),
            ("cn", self.chinese, 0.0),
        ):
            campaigns = self.env["utm.campaign"].search([("company_id", "=", company.id)])
            self.assertAlmostEqual(
                sum(campaigns.mapped("cost_booked")) + unassigned,
                self._ledger_balance(key),
                places=2,
                msg=company.name,
            )

    def test_finance_finds_the_two_bills_without_a_campaign(self):
        rows = self._as("finance", "marketing.tie.out").search([("status", "=", "unassigned")])
        names = sorted(rows.partner_id.mapped("name"))
        self.assertEqual(names, ["Farbton & Falz Druckerei", "Suchfunke Media GmbH"])

    def test_a_shared_bill_splits_sixty_forty(self):
        """4,350 of print: 60 % the fair, 40 % the webinars."""
        bill = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self._told("vendor_farbton").id),
                ("balance", "=", 4350.0),
                ("parent_state", "=", "posted"),
            ]
        )
        amounts = {line[self._plan_column()].id: -line.amount for line in bill.analytic_line_ids}
        self.assertEqual(
            amounts,
            {
                self.campaigns["fair_spring"].analytic_account_id.id: 2610.0,
                self.campaigns["launch_webinar"].analytic_account_id.id: 1740.0,
            },
        )

    def _plan_column(self):
        return self.env.ref("marketing_campaign_ext.analytic_plan_campaigns")._column_name()

    def test_credits_are_the_net_invoiced_revenue(self):
        """All campaigns and the row without one together: what was invoiced, less refunds."""
        for company in (self.german, self.chinese):
            report = self.env["marketing.roi.report"].with_context(allowed_company_ids=company.ids)
            ((credited,),) = report._read_group(
                [("company_id", "=", company.id)], [], ["revenue_invoiced:sum"]
            )
            ((balance,),) = self.env["account.move.line"]._read_group(
                [
                    ("company_id", "=", company.id),
                    ("parent_state", "=", "posted"),
                    ("move_id.move_type", "in", ("out_invoice", "out_refund")),
                    ("display_type", "=", "product"),
                ],
                [],
                ["balance:sum"],
            )
            self.assertAlmostEqual(credited, -balance, places=2, msg=company.name)
            self.assertGreater(credited, 100_000)

    def test_each_company_keeps_its_books_in_its_own_currency(self):
        self.assertEqual(self.german.currency_id.name, "EUR")
        self.assertEqual(self.chinese.currency_id.name, "CNY")

    # ------------------------------------------------------------------ cases worth showing
    def test_one_campaign_is_over_its_budget(self):
        campaign = self.campaigns[programme.OVERRUN]
        self.assertGreater(campaign.cost_actual, campaign.budget_amount)
        self.assertGreater(campaign.budget_used_rate, 1.1)
        self.assertLess(campaign.budget_remaining, 0)

    def test_one_campaign_cost_money_and_brought_nothing(self):
        rows = self.env["marketing.roi.report"]._read_group(
            [("campaign_id", "=", self.campaigns[programme.NO_REVENUE].id)],
            [],
            ["cost_actual:sum", "revenue_invoiced:sum", "lead_count:sum"],
        )
        self.assertEqual(rows[0][0], 13_800.0)
        self.assertFalse(rows[0][1])
        self.assertFalse(rows[0][2])

    def test_one_campaign_is_too_young_to_judge(self):
        self.assertTrue(self.campaigns[programme.TOO_YOUNG].is_too_young)
        self.assertFalse(self.campaigns[programme.OVERRUN].is_too_young)

    def test_every_state_of_a_cost_exists(self):
        """Committed by orders, billed in part, in draft, booked, accrued; in three currencies."""
        self.assertGreater(self.campaigns["fair_next"].cost_committed, 0)
        self.assertGreater(self.campaigns["fair_next"].cost_booked, 0)
        self.assertEqual(self.campaigns["video"].cost_draft, 1180.0)
        self.assertEqual(self.campaigns["installer"].cost_accrued, 1450.0)
        bills = self.env["account.move"].search(
            [("move_type", "=", "in_invoice"), ("company_id", "=", self.german.id)]
        )
        self.assertEqual(set(bills.currency_id.mapped("name")), {"EUR", "USD", "CHF"})

    def test_refunds_come_whole_and_in_part(self):
        refunds = self.env["account.move"].search(
            [("move_type", "=", "out_refund"), ("state", "=", "posted")]
        )
        shares = [
            refund.amount_untaxed / refund.reversed_entry_id.amount_untaxed for refund in refunds
        ]
        self.assertEqual(len(refunds), 12)
        self.assertTrue(any(share == 1.0 for share in shares))
        self.assertTrue(any(share < 1.0 for share in shares))

    def test_orders_of_two_campaigns_share_an_invoice(self):
        grouped = (
            self.env["account.move"]
            .search([("move_type", "=", "out_invoice"), ("company_id", "=", self.german.id)])
            .filtered(lambda move: len(move.line_ids.sale_line_ids.order_id.campaign_id) > 1)
        )
        self.assertTrue(grouped)

    def test_leads_are_scored_and_the_newest_given_out(self):
        leads = self.env["crm.lead"].search([("create_date", ">", "today -17d")])
        self.assertTrue(leads.filtered("score"))
        self.assertTrue(leads.filtered("assignment_decision_ids"))
        self.assertGreater(len(set(leads.mapped("score_grade"))), 1)

    def test_closed_leads_keep_the_score_of_their_last_day(self):
        leads = self.env["crm.lead"].with_context(active_test=False)
        scored = dict(
            leads._read_group([("score_grade", "!=", False)], ["won_status"], ["__count"])
        )
        self.assertGreater(scored["won"], 100)
        self.assertGreater(scored["lost"], 300)
        months = leads._read_group([("date_mql", "!=", False)], ["date_mql:month"], ["__count"])
        self.assertGreaterEqual(len(months), 13)

    def test_touches_of_many_kinds_were_found(self):
        kinds = self.env["marketing.touchpoint"]._read_group([], ["kind"], ["__count"])
        found = {kind for kind, count in kinds if count > 20}
        self.assertLessEqual(
            {
                "mail_open",
                "mail_click",
                "lead_created",
                "order",
                "meeting",
                "call",
                "event_registration",
                "event_attendance",
                "page_view",
            },
            found,
        )

    def test_machines_of_some_firms_follow_every_link(self):
        machines = self.env["marketing.touchpoint"].search(
            [("is_bot", "=", True), ("kind", "=", "mail_click")]
        )
        self.assertGreater(len(machines), 20)
        self.assertEqual(set(machines.mapped("bot_reason")), {"burst"})

    def test_china_scores_by_rules_of_its_own(self):
        rules = self._told("rules_cn")
        self.assertEqual((rules.state, rules.company_id), ("active", self.chinese))
        leads = self.env["crm.lead"].search(
            [("company_id", "=", self.chinese.id), ("score_model_id", "!=", False)]
        )
        self.assertEqual(leads.score_model_id, rules)

    def test_new_leads_are_answered_in_time_late_or_not_at_all(self):
        clocks = self.env["lead.followup.clock"].search([])
        answered = clocks.filtered(lambda clock: clock.state == "answered")
        self.assertTrue(answered.filtered("is_breached"))
        self.assertTrue(answered.filtered(lambda clock: not clock.is_breached))
        self.assertTrue(clocks - answered, "somebody waits")
        self.assertFalse(
            self.env["lead.followup.notice"].search([("is_sent", "=", False)]),
            "nothing is left to send",
        )

    def test_china_has_a_public_pool_with_leads_to_claim(self):
        pool = self._told("pool_public")
        waiting = self.env["crm.lead"].search(
            [("assignment_pool_id", "=", pool.id), ("user_id", "=", False)]
        )
        self.assertGreaterEqual(len(waiting), 5)
        self.assertEqual(waiting.company_id, self.chinese)
        triggers = self.env["lead.assignment.decision"].search([("pool_id", "=", pool.id)])
        self.assertEqual(set(triggers.mapped("trigger")), {"recycle", "claim"})
        clocks = self.env["lead.followup.clock"].search([("company_id", "=", self.chinese.id)])
        self.assertEqual(
            set(clocks.user_id.mapped("login")), {"wanglei", "liuyang"}, "both have answered"
        )

    def test_somebody_was_away_and_the_fairness_report_says_so(self):
        rows = self.env["lead.assignment.report"].search([("reason", "=", "absent")])
        self.assertEqual(rows.user_id.login, "liuyang")
        self.assertFalse(sum(rows.mapped("due")), "who is away is due nothing")

    def test_budgets_change_in_the_open(self):
        revision = self._told("revision_search")
        self.assertEqual((revision.state, revision.amount_change), ("applied", 2500.0))
        self.assertNotEqual(revision.user_id, revision.decided_by_id)
        transfer = self._told("transfer_content_search")
        self.assertEqual((transfer.state, transfer.amount), ("pending", 1200.0))

    def test_sales_takes_on_no_more_leads_than_were_converted(self):
        leads = self.env["crm.lead"].with_context(active_test=False)
        taken = leads.search([("date_sql", "!=", False)])
        self.assertGreater(len(taken), 100)
        for lead in taken:
            self.assertGreaterEqual(lead.date_sql, lead.date_conversion or lead.date_sql)
        months = dict(
            leads._read_group([("date_sql", "!=", False)], ["date_sql:month"], ["__count"])
        )
        self.assertGreaterEqual(len(months), 13)

    def test_some_visits_are_overdue(self):
        meeting = self.env.ref("mail.mail_activity_data_meeting")
        overdue = self.env["mail.activity"].search(
            [
                ("activity_type_id", "=", meeting.id),
                ("res_model", "=", "crm.lead"),
                ("date_deadline", "<", "today"),
            ]
        )
        self.assertTrue(overdue)

    def test_customers_pay_in_the_currency_of_their_country(self):
        partners = self.env["res.partner"].with_company(self.german)
        for country, currency in ((False, "EUR"), ("base.us", "USD"), ("base.ch", "CHF")):
            customer = partners.create(
                {"name": "New", "country_id": country and self.env.ref(country).id}
            )
            self.assertEqual(customer.property_product_pricelist.currency_id.name, currency)

    # ------------------------------------------------------------------ roles
    def test_companies_do_not_see_each_other(self):
        for login, own, other in (
            ("marketer", self.german, self.chinese),
            ("marketer.cn", self.chinese, self.german),
        ):
            campaigns = self._as(login, "utm.campaign").search([])
            self.assertIn(own, campaigns.company_id.sudo())
            self.assertNotIn(other, campaigns.company_id.sudo())

    def test_a_salesperson_sees_no_budget(self):
        campaign = self.campaigns["search"].with_user(self._told("user_jonas"))
        with self.assertRaises(AccessError):
            campaign.read(["budget_amount"])

    def test_finance_reads_costs_and_changes_no_plan(self):
        campaign = self.campaigns["search"].with_user(self._told("user_finance"))
        self.assertGreater(campaign.cost_booked, 0)
        with self.assertRaises(AccessError):
            campaign.write({"date_end": "2030-01-01"})

    def test_everybody_of_the_cast_can_log_in(self):
        for login in cast.USERS:
            credential = {"login": login, "password": login, "type": "password"}
            answer = self.env["res.users"].authenticate(credential, {"interactive": False})
            self.assertEqual(answer["uid"], self._told(f"user_{login.replace('.', '_')}").id)
