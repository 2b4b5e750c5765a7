from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .score_common import NOW, PublishedRulesCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestScoreLeads(PublishedRulesCommon):
    """What a published set makes of leads that change, close, merge and share addresses."""

    def test_won_and_lost_leads_keep_the_score_they_had(self):
        self._publish()
        won, lost = (
            self._create_lead(website="https://x.example"),
            self._create_lead(website="https://y.example"),
        )
        self._score()
        won.action_set_won()
        lost.action_set_lost()
        for lead in (won, lost):
            self._touch(lead=lead)
        self._score()
        self._publish(("fit", self._state_rule([("website", "!=", False)], 1)))
        self.assertScore(won, 30)
        self.assertScore(lost, 30)

    def test_merged_leads_are_scored_from_the_union_of_their_facts(self):
        self._publish(("engagement", self.click))
        first = self._create_lead("First", email_from="a@example.com")
        second = self._create_lead("Second", email_from="a@example.com")
        self._touch(lead=first, email_normalized="a@example.com")
        self._touch(lead=second, email_normalized="a@example.com")
        self._score()
        self.assertEqual((first.score, second.score), (40, 40), "the same person, both times")
        survivor = (first | second).merge_opportunity()
        self._process_queue()
        self.assertScore(survivor, 40)
        self.assertEqual(
            self.env["lead.score.line"].search([("lead_id", "in", (first | second).ids)]).lead_id,
            survivor,
        )

    def test_a_changed_lead_is_marked_and_scored_by_the_job(self):
        self._publish()
        lead = self._create_lead()
        self._process_queue()
        self.assertEqual((lead.score, lead.score_grade), (0, "C3"))
        lead.website = "https://example.com"
        self.assertTrue(self.env["lead.score.queue"].search([("lead_id", "=", lead.id)]))
        self._process_queue()
        self.assertScore(lead, 30)
        self.assertFalse(self.env["lead.score.queue"].search([]))

    def test_leads_without_a_score_come_last_in_either_order(self):
        unscored = self._create_lead("Nobody looked at it")
        self._publish()
        low, high = self._create_lead(), self._create_lead(website="https://example.com")
        self.env["lead.score.queue"].search([("lead_id", "=", unscored.id)]).unlink()
        self._process_queue()
        leads = unscored | low | high
        for order, expected in (
            ("score desc, create_date", high + low + unscored),
            ("score", low + high + unscored),
            ("score_grade desc", low + high + unscored),
            ("score desc nulls first", unscored + high + low),
        ):
            with self.subTest(order=order):
                found = self.env["crm.lead"].search([("id", "in", leads.ids)], order=order)
                self.assertEqual(found, expected)

    def test_a_new_touch_marks_the_leads_of_its_person(self):
        self._publish()
        partner = self.env["res.partner"].create({"name": "P"})
        by_partner = self._create_lead(partner_id=partner.id)
        by_address = self._create_lead(email_from="x@example.com")
        self._process_queue()
        self._touch(partner_id=partner.id)
        touch = self._touch(email_normalized="x@example.com")
        self._process_queue()
        self.assertScore(by_partner, 20)
        self.assertScore(by_address, 20)
        touch.is_bot = True
        self._process_queue()
        self.assertScore(by_address, 0)

    def test_nothing_is_marked_while_no_rules_are_live(self):
        self.env["lead.score.queue"].search([]).sudo().unlink()
        self._create_lead()
        self.assertFalse(self.env["lead.score.queue"].search([]))

    def test_only_what_changed_is_written(self):
        self._publish()
        leads = self.env["crm.lead"].concat(*(self._create_lead() for _each in range(3)))
        self._score()
        self.env.cr.execute("SELECT id, xmin::text FROM crm_lead WHERE id = ANY(%s)", (leads.ids,))
        before = dict(self.env.cr.fetchall())
        lines = self.env["lead.score.history"].search_count([])
        leads[0].website = "https://example.com"
        self.env.flush_all()
        self.env.cr.execute("SELECT max(id) FROM lead_score_line")
        self._score()
        self.env.cr.execute(
            "SELECT id, xmin::text FROM crm_lead WHERE id = ANY(%s)", (leads[1:].ids,)
        )
        self.assertEqual(
            dict(self.env.cr.fetchall()), {lead.id: before[lead.id] for lead in leads[1:]}
        )
        self.assertEqual(self.env["lead.score.history"].search_count([]), lines + 1)

    def test_many_leads_cost_as_many_queries_as_one(self):
        self._publish()
        one = self._create_lead()
        self._score(one)
        many = self.env["crm.lead"].create([{"name": str(n)} for n in range(60)])
        for lead in many[:30]:
            self._touch(lead=lead)
        self.env.flush_all()
        self._score(one)  # warm
        counts = []
        for leads in (one, many):
            before = self.env.cr.sql_log_count
            self._score(leads)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_a_contact_is_watched_only_when_a_rule_looks_at_it(self):
        contact = self.env["res.partner"].create({"name": "Contact"})
        self._publish()
        lead = self._create_lead(partner_id=contact.id)
        self._process_queue()
        contact.comment = "No rule cares"
        self.assertFalse(self.env["lead.score.queue"].search([]))
        rule = self._state_rule([("partner_id.barcode", "!=", False)], 8)
        self._publish(("fit", rule))
        contact.barcode = "4711"
        self._process_queue()
        self.assertScore(lead, 8)

    def test_an_address_that_changes_through_the_contact_makes_the_score_due(self):
        """Several leads of one contact: writing the address of one changes those of all."""
        contact = self.env["res.partner"].create({"name": "P", "email": "p@old.example.com"})
        one, other = (self._create_lead(partner_id=contact.id) for _lead in range(2))
        self._create_set(
            ("fit", self._state_rule([("email_from", "ilike", "@new.example.com")]))
        ).action_publish()
        self._process_queue()
        self.assertScore(other, 0)
        one.email_from = "p@new.example.com"
        self.assertEqual(other.email_from, "p@new.example.com")
        self._process_queue()
        for lead in one + other:
            self.assertScore(lead, 10)

    def test_a_lead_that_leaves_a_shared_address_keeps_the_score_of_its_history(self):
        one, other = (self._create_lead(email_from="both@example.com") for _lead in range(2))
        self._touch(lead=other, days=3, email_normalized="both@example.com")
        self._create_set(("engagement", self._event_rule())).action_publish()
        self.assertScore(one, 10)
        one.email_from = "alone@example.com"
        self._process_queue()
        self.assertScore(one, 10)
        with freeze_time(NOW + timedelta(days=1)):
            for days in (5, -0.5):  # one click of the time before arrives late, one is of today
                self._touch(lead=other, days=days, email_normalized="both@example.com")
            self._process_queue()
            self.assertScore(one, 20)
            self.assertScore(other, 30)
