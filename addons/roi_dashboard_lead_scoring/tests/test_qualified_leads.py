from datetime import date, datetime

from odoo.tests import TransactionCase, tagged

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged("post_install", "-at_install")
class TestQualifiedLeads(TransactionCase):
    """A campaign with a cost of 90 and three leads: two became MQL, one of them SQL."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = cls.env["utm.campaign"].create(
            {
                "title": "Qualified",
                "company_id": cls.env.company.id,
                "type_id": cls.env["marketing.campaign.type"].create({"name": "Seminar"}).id,
            }
        )
        leads = cls.env["crm.lead"].create(
            [
                {
                    "name": f"Lead {number}",
                    "type": "lead",
                    "campaign_id": cls.campaign.id,
                    "company_id": cls.env.company.id,
                    "user_id": False,
                }
                for number in range(3)
            ]
        )
        leads[:2].write({"date_mql": datetime(2026, 3, 5, 9)})
        leads[:1].write({"date_sql": datetime(2026, 4, 7, 9)})
        cls.env["marketing.cost.line"].create(
            {
                "campaign_id": cls.campaign.id,
                "company_id": cls.env.company.id,
                "date": date(2026, 3, 1),
                "name": "Advertising",
                "amount": 90.0,
            }
        )
        cls.finance = mail_new_test_user(
            cls.env,
            login="roi_mql_finance",
            groups="base.group_user,marketing_campaign_ext.group_campaign_finance",
        )
        cls.Report = cls.env["marketing.roi.report"].with_user(cls.finance)

    def _read(self, aggregates, domain=()):
        return self.Report._read_group(
            [("campaign_id", "=", self.campaign.id), *domain], [], aggregates
        )[0]

    def test_stages_are_counted_by_the_day_they_were_reached(self):
        self.assertEqual(
            self._read(["lead_count:sum", "mql_count:sum", "sql_count:sum"]), (3, 2, 1)
        )
        march = [("date", ">=", "2026-03-01"), ("date", "<=", "2026-03-31")]
        self.assertEqual(self._read(["mql_count:sum", "sql_count:sum"], march), (2, 0))

    def test_stages_are_added_up_and_found_again_when_they_change(self):
        """Sums say what the leads say: before they are made, after, and once a lead has changed."""
        run = self.env["marketing.attribution.run"]
        leads = self.env["crm.lead"].search([("campaign_id", "=", self.campaign.id)], order="id")
        marked = self.env["marketing.roi.stale.day"]
        measures = ["mql_count:sum", "sql_count:sum"]
        by_rows = ["res_id:max"]  # no sum knows it: the leads are read
        run._run()
        self.assertFalse(marked.search([("fact", "=", "lead")]))
        self.assertEqual(self._read(measures), (2, 1))
        self.assertEqual(self._read([*measures, *by_rows])[:2], (2, 1))
        steps = (
            lambda: leads[2].write({"date_mql": datetime(2026, 3, 9, 9)}),
            lambda: leads[1].write({"date_mql": datetime(2026, 5, 2, 9)}),
            lambda: leads[0].write({"campaign_id": False}),
            leads[1].unlink,
        )
        expected = ((3, 1), (3, 1), (2, 0), (1, 0))
        for step, counts in zip(steps, expected, strict=True):
            step()
            for _turn in ("marked", "added up"):
                with self.subTest(counts=counts):
                    self.assertEqual(self._read(measures), counts)
                    self.assertEqual(self._read([*measures, *by_rows])[:2], counts)
                run._run()
        march = [("date", ">=", "2026-03-01"), ("date", "<=", "2026-03-31")]
        self.assertEqual(self._read(measures, march), (1, 0))

    def test_fit_is_added_up_and_only_another_fit_marks_days(self):
        run = self.env["marketing.attribution.run"]
        lead = self.env["crm.lead"].search([("campaign_id", "=", self.campaign.id)], limit=1)
        marked = self.env["marketing.roi.stale.day"]

        def fits():
            groups = self.Report._read_group(
                [("campaign_id", "=", self.campaign.id)], ["lead_fit"], ["lead_count:sum"]
            )
            return {fit: count for fit, count in groups if count}

        for grade, is_marked in (("B2", True), ("B1", False), ("A1", True)):
            run._run()
            lead.score_grade = grade
            self.env.flush_all()
            with self.subTest(grade=grade):
                self.assertEqual(bool(marked.search([("fact", "=", "lead")])), is_marked)
                self.assertEqual(fits(), {False: 2, grade[0]: 1})
        run._run()
        self.assertEqual(fits(), {False: 2, "A": 1})

    def test_what_one_costs(self):
        self.assertEqual(self._read(["cost_per_mql:avg", "cost_per_sql:avg"]), (45.0, 90.0))

    def test_nobody_qualified_no_cost_per_lead(self):
        self.env["crm.lead"].search([("campaign_id", "=", self.campaign.id)]).write(
            {"date_mql": False}
        )
        self.assertIsNone(self._read(["cost_per_mql:avg"])[0] or None)

    def test_what_is_usual(self):
        rows = (
            self.env["marketing.roi.benchmark"]
            .with_user(self.finance)
            .search(
                [
                    ("dimension", "=", "type"),
                    ("type_id", "=", self.campaign.type_id.id),
                    ("metric", "in", ("cost_per_mql", "cost_per_sql")),
                ]
            )
        )
        self.assertEqual(
            {row.metric: (row.median, row.campaign_count) for row in rows},
            {"cost_per_mql": (45.0, 1), "cost_per_sql": (90.0, 1)},
        )
