from datetime import datetime

from odoo.tests import tagged

from .common_assignment import AssignmentCommon

FRIDAY_EVENING = datetime(2026, 3, 20, 20)


@tagged("post_install", "-at_install")
class TestAssignmentSemantics(AssignmentCommon):
    """What the words mean: whose turn a pool keeps, and how soon "available" is."""

    def test_the_rules_that_use_a_pool_share_its_turns(self):
        """One pointer per pool: not per rule, where each rule would begin with the same person,
        and not per company, where another pool's leads would use up turns of this one."""
        self.rule.domain = "[('expected_revenue', '=', 1)]"
        self._create_rule(self.pool, "[('expected_revenue', '=', 2)]")
        other = self._create_pool("Elsewhere", self.people)
        self._create_rule(other, "[('expected_revenue', '=', 3)]")
        leads = self.env["crm.lead"]
        for turn in range(6):
            leads |= self._create_leads(1, expected_revenue=1 + turn % 2)
            elsewhere = self._create_leads(1, expected_revenue=3)
            self._assign(leads[-1] | elsewhere)
        owners = leads.mapped(lambda lead: lead.user_id.name)
        self.assertEqual(owners, ["Ann", "Bob", "Cai", "Ann", "Bob", "Cai"])
        self.assertEqual(len(leads.assignment_rule_id), 2)

    def test_whoever_works_soon_enough_is_available(self):
        """Friday evening; work begins on Monday at eight, sixty hours from now."""
        self._at(FRIDAY_EVENING)
        calendar = self._create_calendar((8, 12), (13, 17))
        self.pool.write({"use_working_hours": True, "resource_calendar_id": calendar.id})
        for hours, reason in (
            (0, "nobody_available"),
            (59, "nobody_available"),
            (60, "next_in_turn"),
        ):
            with self.subTest(hours=hours):
                self.pool.available_within = hours
                lead = self._create_leads(1)
                self._assign(lead)
                self.assertEqual(lead.assignment_reason, reason)
                self.assertEqual(bool(lead.user_id), reason == "next_in_turn")

    def test_a_line_of_the_clocks_leads_to_its_lead(self):
        lead = self._create_leads(1, user_id=self.ann.id)
        clock = self.env["lead.followup.clock"].create(
            {"lead_id": lead.id, "user_id": self.ann.id, "date_start": FRIDAY_EVENING}
        )
        action = clock.with_user(self.ann).action_open_lead()
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", lead.id))
