from unittest.mock import patch

from odoo.tests import tagged

from .common_assignment import AssignmentCommon


@tagged("post_install", "-at_install")
class TestAssignmentWriter(AssignmentCommon):
    """Writing in sets leaves exactly what Odoo's ``write`` leaves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": False})
        cls.other_team = cls.env["crm.team"].create(
            {"name": "Other Team", "member_ids": [(6, 0, cls.zoe.ids)], "use_leads": True}
        )
        cls.team.message_subscribe(
            cls.mona.partner_id.ids, cls.env.ref("crm.mt_salesteam_lead").ids
        )

    def _traces(self, leads):
        """Everything a change of salesperson leaves, per lead.

        Without the probability: Odoo's estimate differs with the batch it is computed in.
        """
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.flush_all()
        self.env.invalidate_all()
        names = [
            "user_id", "team_id", "company_id", "stage_id", "day_open", "date_open", "date_sql",
            "type", "assignment_reason", "assignment_rule_id", "write_uid",
        ]  # fmt: skip
        result = []
        for lead in leads:
            (values,) = lead.read(names, load="")
            values.pop("id")
            values["date_sql"] = bool(values["date_sql"])  # to the second, by the clock
            followers = {
                f.partner_id: f.subtype_ids.sorted("id") for f in lead.message_follower_ids
            }
            messages = [
                (
                    message.message_type,
                    message.subtype_id,
                    message.author_id,
                    message.is_internal,
                    message.body,
                    [
                        (t.field_id.name, t.old_value_integer, t.new_value_integer,
                         t.old_value_char, t.new_value_char)
                        for t in message.sudo().tracking_value_ids.sorted("id")
                    ],
                )
                for message in lead.message_ids.sorted("id")
            ]  # fmt: skip
            result.append((values, followers, messages))
        return result

    def _worlds(self):
        return self.env["crm.lead"].union(
            self._create_leads(2),
            self._create_leads(1, team_id=False),
            self._create_leads(1, type="opportunity"),
            self._create_leads(1, team_id=False, company_id=self.env.company.id),
        )

    def _end_of_creation(self):
        """From here on changes are tracked: a new lead is not, before its transaction ends."""
        self.env.flush_all()
        self.env.cr.precommit.run()

    def test_sets_and_write_leave_the_same(self):
        Writer = self.registry["lead.assignment.writer"]
        by_set, by_write = self._worlds(), self._worlds()
        engine = self.env["lead.assignment.engine"]
        self.pool.member_ids[1:].unlink()  # the same person for all
        self._end_of_creation()
        with patch.object(Writer, "_write_one_by_one", autospec=True) as slow:
            engine._assign(by_set, "cron")
        self.assertFalse(any(call.args[1] for call in slow.call_args_list))
        with patch.object(Writer, "_can_write_in_sets", lambda self: False):
            engine._assign(by_write, "cron")
        self.assertEqual(self._traces(by_set), self._traces(by_write))

    def test_a_team_change_leaves_the_same(self):
        Writer = self.registry["lead.assignment.writer"]
        by_set = self._create_leads(2, team_id=False)
        by_write = self._create_leads(2, team_id=False)
        self.pool.member_ids[1:].unlink()
        self.pool.team_id = self.team
        self._end_of_creation()
        engine = self.env["lead.assignment.engine"]
        engine._assign(by_set, "cron")
        with patch.object(Writer, "_can_write_in_sets", lambda self: False):
            engine._assign(by_write, "cron")
        self.assertEqual(self._traces(by_set), self._traces(by_write))
        self.assertIn(self.mona.partner_id, by_set[0].message_partner_ids)

    def test_a_stage_of_another_team_is_left_to_odoo(self):
        stage = self.env["crm.stage"].create(
            {"name": "Other", "team_ids": [(6, 0, self.other_team.ids)], "sequence": 0}
        )
        lead = self._create_leads(1, team_id=False)
        lead.stage_id = stage
        self.pool.team_id = self.team
        self.env["lead.assignment.engine"]._assign(lead, "cron")
        self.assertEqual(lead.user_id, self.ann)
        self.assertNotEqual(lead.stage_id, stage)

    def test_an_automation_rule_on_leads_still_runs(self):
        if "base.automation" not in self.env:
            self.skipTest("base_automation is not installed")
        rule = self.env["base.automation"].create(
            {
                "name": "Mark assigned",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "trigger": "on_user_set",
                "trigger_field_ids": [(4, self.env.ref("crm.field_crm_lead__user_id").id)],
                "action_server_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Mark",
                            "model_id": self.env["ir.model"]._get_id("crm.lead"),
                            "state": "code",
                            "code": "record.write({'referred': 'automated'})",
                        },
                    )
                ],
            }
        )
        self.addCleanup(rule.unlink)  # takes its patch off the registry, too
        self.assertFalse(self.env["lead.assignment.writer"]._can_write_in_sets())
        lead = self._create_leads(1)
        self.env["lead.assignment.engine"]._assign(lead, "cron")
        self.assertEqual(lead.referred, "automated")

    def test_queries_of_a_whole_run_do_not_grow_with_the_leads(self):
        engine = self.env["lead.assignment.engine"]

        def run(count):
            leads = self._create_leads(count)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            engine._apply(*self._decided(leads))
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        run(3)
        self.assertEqual(run(9), run(300))

    def test_nor_where_the_leads_change_team_and_their_probability(self):
        """Odoo would read and write the probabilities in batches."""
        self.pool.team_id = self.team
        self._teach()

        def run(count):
            leads = self._create_leads(count, team_id=self.other_team.id)
            leads.assignment_reason = False
            self.team.assignment_engine = self.other_team.assignment_engine = "rules"
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            engine._apply(*self._decided(leads))
            self.env.flush_all()
            self.assertEqual(set(leads.mapped("team_id")), {self.team})
            return self.env.cr.sql_log_count - before

        engine = self.env["lead.assignment.engine"]
        run(3)
        self.assertEqual(run(9), run(300))

    def test_probabilities_are_what_odoo_computes(self):
        """As ``write`` would leave them: estimated, by hand, with revenues, in another currency."""
        self._teach()
        self.pool.team_id = self.team
        self.pool.member_ids[1:].unlink()
        yen = (
            self.env["res.currency"].with_context(active_test=False).search([("name", "=", "JPY")])
        )
        japan = self.env["res.company"].create({"name": "Japan", "currency_id": yen.id})
        self.ann.company_ids |= japan
        Writer = self.registry["lead.assignment.writer"]
        engine = self.env["lead.assignment.engine"]
        by_set, by_write = self._estimated_world(japan), self._estimated_world(japan)
        engine._assign(by_set, "cron")
        with patch.object(Writer, "_can_write_in_sets", lambda self: False):
            engine._assign(by_write, "cron")
        self.env.flush_all()
        self.env.invalidate_all()
        names = [
            "team_id", "probability", "automated_probability", "is_automated_probability",
            "won_status", "prorated_revenue", "recurring_revenue_prorated",
            "recurring_revenue_monthly_prorated",
        ]  # fmt: skip
        found, expected = (
            [{name: lead[name] for name in names} for lead in leads] for leads in (by_set, by_write)
        )
        self.assertEqual(found, expected)
        self.assertNotEqual(by_set[0].probability, by_set[1].probability)
        self.assertEqual(by_set[1].probability, 33.0, "set by hand")
        self.assertTrue(by_set[0].prorated_revenue)

    def _estimated_world(self, japan):
        """One estimated, one by hand, one with revenues in yen."""
        leads = self._create_leads(3, team_id=self.other_team.id, expected_revenue=1234.56)
        self.other_team.assignment_engine = "rules"
        plan = self.env["crm.recurring.plan"].create({"name": "Quarter", "number_of_months": 3})
        leads.write({"recurring_revenue": 100.01, "recurring_plan": plan.id})
        leads[1].probability = 33.0
        self._date(leads[2], company_id=japan.id)
        self.env.flush_all()
        self.env.invalidate_all()
        return leads

    def _teach(self):
        """What Odoo's estimate has learned: this team wins more often than the other."""
        Frequency = self.env["crm.lead.scoring.frequency"]
        Frequency.search([]).unlink()
        stage = self.env["crm.stage"].search([], order="sequence", limit=1)
        Frequency.create(
            [
                {
                    "variable": "stage_id",
                    "value": str(stage.id),
                    "team_id": team.id,
                    "won_count": won,
                    "lost_count": 50.1,
                }
                for team, won in ((self.team, 80.1), (self.other_team, 20.1))
            ]
        )

    def _decided(self, leads):
        engine = self.env["lead.assignment.engine"]
        facts = engine._lock_leads(leads)
        verdicts = engine._decide(facts, {})
        engine._record(facts, verdicts, "cron")
        return facts, verdicts
