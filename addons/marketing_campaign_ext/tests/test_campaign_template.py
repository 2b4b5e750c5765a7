from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestCampaignTemplate(CampaignCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls._create_campaign(
            "Launch kit",
            budget=[(cls.ads, 1000)],
            is_template=True,
            date_start=date(2026, 1, 5),
            date_end=date(2026, 2, 27),
        )
        cls.part = cls._create_campaign(
            "Event of the kit",
            is_template=True,
            parent_id=cls.template.id,
            date_start=date(2026, 2, 2),
            date_end=date(2026, 2, 3),
            budget=[(cls.stand, 700)],
        )
        cls.env["marketing.campaign.target"].create(
            {"campaign_id": cls.part.id, "metric": "leads", "target_value": 12}
        )
        cls.env["marketing.campaign.action"].create(
            {"campaign_id": cls.part.id, "kind": "review", "trigger": "end", "delay_days": 3}
        )

    def _create_from(self, template, user=None, **values):
        form = Form(
            self.env["marketing.campaign.from.template"]
            .with_user(user or self.marketer)
            .with_context(default_template_id=template.id)
        )
        for fname, value in values.items():
            setattr(form, fname, value)
        action = form.save().action_create()
        return self.env["utm.campaign"].with_user(self.marketer).browse(action["res_id"])

    def test_programme_is_copied_and_moved_in_time(self):
        campaign = self._create_from(
            self.template, title="Launch of X", date_start=date(2027, 3, 1)
        )
        shift = date(2027, 3, 1) - date(2026, 1, 5)
        self.assertEqual(campaign.title, "Launch of X")
        self.assertFalse(campaign.is_template)
        self.assertEqual(campaign.date_end, date(2026, 2, 27) + shift)
        line = campaign.budget_line_ids
        self.assertEqual((line.amount, line.date_from), (1000, date(2027, 3, 1)))
        part = campaign.child_ids
        self.assertEqual(part.title, "Event of the kit")
        self.assertFalse(part.is_template)
        self.assertEqual(part.date_start, date(2026, 2, 2) + shift)
        self.assertEqual(part.target_ids.target_value, 12)
        self.assertEqual(part.action_ids.date_due, part.date_end + timedelta(days=3))
        self.assertEqual(campaign.budget_amount_total, 1700)

    def test_amounts_of_another_company_are_converted(self):
        """At today's rate, whole programmes too; a shared template has no currency."""
        foreign = self.env["res.currency"].create(
            {"name": "XTC", "symbol": "X", "rounding": 0.01, "active": True}
        )
        for company, rate in ((self.company, 4.0), (self.other_company, 4.0)):
            self.env["res.currency.rate"].create(
                {
                    "currency_id": foreign.id,
                    "company_id": company.id,
                    "name": date(2026, 1, 1),
                    "rate": rate,
                }
            )
        self.other_company.currency_id = foreign
        self.marketer.company_ids |= self.other_company
        self.env["marketing.campaign.target"].create(
            [
                {"campaign_id": self.template.id, "metric": "revenue", "target_value": 5000},
                {"campaign_id": self.template.id, "metric": "leads", "target_value": 50},
            ]
        )
        own = self.company.currency_id
        rate = own._get_conversion_rate(own, foreign, self.other_company, date.today())
        self.assertNotEqual(rate, 1.0)
        for template_company, factor in ((self.company, rate), (False, 1.0)):
            (self.template | self.part).company_id = template_company
            copy = self.template.with_user(self.marketer)._copy_programme(
                {"is_template": False, "company_id": self.other_company.id}, date(2027, 3, 1)
            )
            with self.subTest(company=template_company and template_company.name):
                self.assertAlmostEqual(copy.budget_line_ids.amount, 1000 * factor, places=2)
                self.assertAlmostEqual(
                    copy.child_ids.budget_line_ids.amount, 700 * factor, places=2
                )
                values = {target.metric: target.target_value for target in copy.target_ids}
                self.assertAlmostEqual(values["revenue"], 5000 * factor, places=2)
                self.assertEqual(values["leads"], 50)
        same = self.template.with_user(self.marketer)._copy_programme(
            {"is_template": False, "company_id": self.company.id}, date(2027, 3, 1)
        )
        self.assertEqual(same.budget_line_ids.amount, 1000)

    def test_identifiers_of_the_copy_are_its_own(self):
        campaign = self._create_from(self.template, title="Launch of Y")
        self.assertEqual(campaign.name, "Launch of Y")
        self.assertNotEqual(campaign.child_ids.name, self.part.name)

    def test_campaign_becomes_a_template_and_leaves_its_past_behind(self):
        campaign = self._approve(self._create_campaign("Went well", budget=[(self.ads, 90)]))
        self.env["marketing.cost.line"].create(
            {
                "campaign_id": campaign.id,
                "name": "Poster",
                "amount": 50,
                "date": date(2026, 3, 2),
            }
        )
        self.env["crm.lead"].create({"name": "Lead", "campaign_id": campaign.id})
        action = campaign.action_save_as_template()
        template = self.env["utm.campaign"].browse(action["res_id"])
        self.assertTrue(template.is_template)
        self.assertEqual(template.state, "draft")
        self.assertEqual(template.budget_amount, 90)
        self.assertFalse(template.cost_line_ids)
        self.assertFalse(template.analytic_account_id)
        self.assertEqual(template.cost_actual, 0)
        self.assertEqual(self.env["crm.lead"].search_count([("campaign_id", "=", template.id)]), 0)

    def test_duplicate_carries_no_costs(self):
        campaign = self._create_campaign("Original", budget=[(self.ads, 90)])
        self.env["marketing.cost.line"].create(
            {
                "campaign_id": campaign.id,
                "name": "Poster",
                "amount": 50,
                "date": date(2026, 3, 2),
            }
        )
        copy = campaign.copy()
        self.assertEqual(copy.title, "Original (copy)")
        self.assertEqual(copy.budget_amount, 90)
        self.assertEqual(copy.cost_actual, 0)

    def test_draft_mailings_go_along_for_who_may_write_mailings(self):
        mailer = self._create_user(
            "plan_mailer",
            "marketing_campaign_ext.group_campaign_user,mass_mailing.group_mass_mailing_user",
        )
        self.env["mailing.mailing"].create(
            {"subject": "Save the date", "campaign_id": self.template.id}
        )
        campaign = self._create_from(self.template, user=mailer, title="With mail")
        mailing = self.env["mailing.mailing"].search([("campaign_id", "=", campaign.id)])
        self.assertEqual((mailing.subject, mailing.state), ("Save the date", "draft"))
        without = self._create_from(self.template, title="Without mail")
        self.assertFalse(self.env["mailing.mailing"].search([("campaign_id", "=", without.id)]))

    def test_template_is_never_submitted_nor_mixed_with_campaigns(self):
        with self.assertRaises(UserError):
            self.template.action_submit()
        with self.assertRaises(ValidationError):
            self._create_campaign("Mixed", parent_id=self.template.id)

    def test_shipped_templates_serve_every_company(self):
        launch = self.env.ref("marketing_campaign_ext.campaign_template_launch")
        self.assertFalse(launch.company_id)
        campaign = self._create_from(launch, title="From the box", date_start=date(2027, 1, 4))
        programme = campaign._get_programme()
        self.assertEqual(len(programme), 4)
        self.assertEqual(programme.company_id, self.company)
        self.assertEqual(
            campaign.budget_amount_total, sum(programme.budget_line_ids.mapped("amount"))
        )
        self.assertGreater(campaign.budget_amount_total, 0)

    def test_templates_are_no_plan_in_reports(self):
        rows = self.env["marketing.cost.report"].search(
            [("campaign_id", "in", (self.template | self.part).ids)]
        )
        self.assertFalse(rows)

    def test_only_marketers_make_campaigns_from_templates(self):
        with self.assertRaises(AccessError):
            self.env["marketing.campaign.from.template"].with_user(self.outsider).create(
                {"template_id": self.template.id}
            )

    def test_type_proposes_lines_targets_and_plan(self):
        campaign_type = self.env.ref("marketing_campaign_ext.campaign_type_webinar")
        with Form(self.env["utm.campaign"].with_user(self.marketer)) as form:
            form.title = "Proposed"
            form.type_id = campaign_type
        campaign = form.record
        self.assertEqual(campaign.budget_line_ids.category_id, campaign_type.category_ids)
        self.assertEqual(
            campaign.target_ids.mapped("metric"), campaign_type.target_ids.mapped("metric")
        )
        self.assertEqual(campaign.action_ids.activity_plan_id, campaign_type.activity_plan_id)

    def test_costs_of_a_template_are_refused(self):
        """In a template they would be in no figure: neither typed nor assigned from the ledger."""
        with self.assertRaisesRegex(UserError, "Launch kit is a template"):
            self.env["marketing.cost.line"].with_user(self.marketer).create(
                {"name": "Flyers", "campaign_id": self.template.id, "amount": 10.0}
            )
        with self.assertRaisesRegex(UserError, "Event of the kit is a template"):
            self.part._ensure_analytic_account()
        self.assertFalse(self.part.sudo().analytic_account_id)

    def test_templates_are_not_offered_where_costs_are_assigned(self):
        for model, fname in (
            ("marketing.tie.out.assign", "campaign_id"),
            ("marketing.cost.spread", "campaign_ids"),
            ("marketing.cost.line", "campaign_id"),
            ("marketing.cost.import.line", "campaign_id"),
            ("marketing.cost.alias", "campaign_id"),
            ("marketing.campaign.merge", "campaign_ids"),
        ):
            with self.subTest(model=model):
                domain = self.env[model].fields_get([fname], ["domain"])[fname]["domain"]
                self.assertIn("('is_template', '=', False)", str(domain))
