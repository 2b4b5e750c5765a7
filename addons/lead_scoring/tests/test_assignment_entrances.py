from collections import Counter
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common_assignment import AssignmentCommon


@tagged("post_install", "-at_install")
class TestAssignmentNative(AssignmentCommon):
    """Odoo's buttons, scheduled action and the hooks that wake ours."""

    def test_the_button_of_the_team_uses_the_rules(self):
        leads = self._create_leads(3)
        self.team.with_user(self.mona).action_assign_leads()
        self.assertEqual(leads.user_id, self.people)
        self.assertEqual(self._decision(leads[0]).trigger, "native")

    def test_twelve_clicks_after_twelve_leads_are_fair(self):
        """Odoo's own assignment gives 12/0/0 here."""
        given = Counter()
        for _click in range(12):
            lead = self._create_leads(1)
            self.team.with_user(self.mona).action_assign_leads()
            given[lead.user_id] += 1
        self.assertEqual(given, {user: 4 for user in self.people})

    def test_the_scheduled_action_of_odoo_uses_the_rules(self):
        """Leads without a team go through the rules before Odoo spreads the rest."""
        leads = self._create_leads(3, team_id=False)
        self.env["crm.team"].with_user(self.mona)._cron_assign_leads()
        self.assertEqual(leads.user_id, self.people)

    def test_a_team_with_odoos_assignment_still_works_as_before(self):
        native = self.env["crm.team"].create(
            {"name": "Native", "member_ids": [(6, 0, self.zoe.ids)], "use_leads": True}
        )
        native.crm_team_member_ids.assignment_max = 30
        lead = self._create_leads(1, team_id=native.id)
        native.with_user(self.mona).action_assign_leads()
        self.assertEqual(lead.user_id, self.zoe)
        self.assertEqual(lead.type, "opportunity")
        self.assertFalse(lead.assignment_reason)

    def test_the_job_assigns_waiting_leads(self):
        leads = self._create_leads(5)
        with self.enter_registry_test_mode():
            self.env.ref("lead_scoring.ir_cron_lead_assignment").method_direct_trigger()
        leads.invalidate_recordset()
        self.assertEqual(leads.user_id, self.people)

    def test_a_new_lead_wakes_the_job_only_where_rules_are_used(self):
        cron = self.env.ref("lead_scoring.ir_cron_lead_assignment")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self._create_leads(1)
        woken = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers
        self.assertTrue(woken)
        self.team.assignment_engine = "native"
        woken = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self._create_leads(1)
        self.assertEqual(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]), woken)


@tagged("post_install", "-at_install")
class TestAssignmentEntrances(AssignmentCommon, HttpCase):
    """Leads from the website and from mail reach the rules, and the leader elsewhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("crm.lead.auto.assignment", False)
        cls.native = cls.env["crm.team"].create({"name": "Native", "use_leads": True})
        (cls.team | cls.native).user_id = cls.zoe

    def _mail(self, team):
        return self.env["crm.lead"].message_new(
            {"subject": f"To {team.name}", "from": "joe@example.com", "body": "Hello"},
            {"team_id": team.id},
        )

    def test_mail_to_a_team_with_rules_waits_for_them(self):
        self.assertFalse(self._mail(self.team).user_id)
        self.assertEqual(self._mail(self.native).user_id, self.zoe)

    def test_the_buttons_of_odoo_show_on_teams_with_rules_only(self):
        self.assertTrue(self.team.assignment_enabled)
        self.assertFalse(self.native.assignment_enabled)

    def _import(self, team, *names):
        result = (
            self.env["crm.lead"]
            .with_user(self.mona)
            .with_context(import_file=True)
            .load(
                ["name", "type", "team_id/.id", "country_id/id"],
                [[name, "lead", str(team.id), "base.de"] for name in names],
            )
        )
        return self.env["crm.lead"].browse(result["ids"])

    def test_imported_leads_wait_for_the_rules(self):
        """Odoo would give them to whoever imports them, and still does for other teams."""
        self.assertEqual(self._import(self.native, "One").user_id, self.mona)
        leads = self._import(self.team, "One", "Two", "Three")
        self.assertFalse(leads.user_id)
        with self.enter_registry_test_mode():
            self.env.ref("lead_scoring.ir_cron_lead_assignment").method_direct_trigger()
        leads.invalidate_recordset()
        self.assertEqual(leads.user_id, self.people)

    def test_leads_of_an_event_wait_for_the_rules(self):
        if "event.lead.rule" not in self.env:
            self.skipTest("event_crm is not installed")
        self.env["event.lead.rule"].search([]).active = False
        self.env["event.lead.rule"].create(
            {"name": "Everybody", "lead_type": "lead", "lead_sales_team_id": self.team.id}
        )
        event = self.env["event.event"].create(
            {
                "name": "Fair",
                "date_begin": "2026-01-01 08:00:00",
                "date_end": "2030-01-01 08:00:00",
            }
        )
        registration = self.env["event.registration"].create(
            {"event_id": event.id, "name": "Joe", "email": "joe@fair.example.com"}
        )
        registration.action_confirm()
        lead = registration.lead_ids
        self.assertEqual((len(lead), lead.user_id), (1, self.env["res.users"]))
        self._assign(lead)
        self.assertEqual(lead.user_id, self.ann)

    def _send_form(self, team):
        self.env["website"].get_current_website().crm_default_team_id = team
        name = f"Form for {team.name}"
        answer = self.url_open(
            "/website/form/crm.lead",
            data={"contact_name": "Joe", "email_from": "joe@example.com", "name": name},
        )
        self.assertEqual(answer.status_code, 200)
        return self.env["crm.lead"].search([("name", "=", name)])

    def test_website_leads_wait_for_the_rules_or_go_to_the_leader(self):
        if "website_form_input_filter" not in dir(self.env["crm.lead"]):
            self.skipTest("website_crm is not installed")
        lead = self._send_form(self.team)
        self.assertEqual(len(lead), 1)
        self.assertFalse(lead.user_id)
        self._assign(lead)
        self.assertEqual(lead.user_id, self.ann)
        self.assertEqual(self._send_form(self.native).user_id, self.zoe)


@tagged("post_install", "-at_install")
class TestAssignmentRights(AssignmentCommon):
    def test_salespeople_read_their_own_decisions_only(self):
        leads = self._create_leads(3)
        self._assign(leads)
        Decision = self.env["lead.assignment.decision"]
        domain = [("lead_id", "in", leads.ids)]
        self.assertEqual(Decision.with_user(self.ann).search(domain).user_id, self.ann)
        self.assertEqual(len(Decision.with_user(self.mona).search(domain)), 3)

    def test_nobody_rewrites_the_ledger(self):
        lead = self._create_leads(1)
        self._assign(lead)
        with self.assertRaises(AccessError):
            self._decision(lead).with_user(self.mona).reason = "manual"

    def test_salespeople_cannot_configure(self):
        for record in (self.pool, self.pool.member_ids[0], self.rule):
            with self.assertRaises(AccessError):
                record.with_user(self.ann).write({"sequence": 99})
            record.with_user(self.mona).write({"sequence": 99})

    def test_people_record_their_own_absence_only(self):
        now = self.env.cr.now()
        dates = {"date_from": now, "date_to": now + timedelta(days=1)}
        Absence = self.env["lead.assignment.absence"].with_user(self.ann)
        Absence.create({"user_id": self.ann.id, **dates})
        with self.assertRaises(AccessError):
            Absence.create({"user_id": self.bob.id, **dates})

    def test_companies_do_not_see_each_others_pools(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.pool.member_ids.unlink()
        self.rule.active = False
        pool = self._create_pool("Foreign", self.env["res.users"], company_id=other.id)
        rule = self._create_rule(pool, company_id=other.id)
        for record in (pool, rule):
            with self.assertRaises(AccessError):
                record.with_user(self.mona).read(["name"])
