from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged("post_install", "-at_install")
class TestQuality(TransactionCase):
    """What grades a source delivers, and how many of its leads are won."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaign = cls.env["utm.campaign"].create(
            {"title": "Quality", "company_id": cls.env.company.id}
        )
        cls.sources = cls.env["utm.source"].create(
            [{"name": f"Quality Source {number:02}"} for number in range(30)]
        )
        cls.reader = mail_new_test_user(
            cls.env,
            login="quality_reader",
            groups="base.group_user,marketing_campaign_ext.group_campaign_user",
        )
        cls.leads = cls._create_leads(cls.sources[0], "A1", "A3", "B2", False)
        cls.leads[0].action_set_won()
        cls.leads[1].action_set_lost()

    @classmethod
    def _create_leads(cls, source, *grades):
        leads = cls.env["crm.lead"].create(
            [
                {
                    "name": f"Lead {grade}",
                    "type": "opportunity",
                    "campaign_id": cls.campaign.id,
                    "source_id": source.id,
                    "company_id": cls.env.company.id,
                }
                for grade in grades
            ]
        )
        for lead, grade in zip(leads, grades, strict=True):
            lead.score_grade = grade
        cls.env.flush_all()
        return leads

    def _ask(self, method="get_quality", **kwargs):
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        dashboard = self.env["marketing.dashboard"].with_user(self.reader)
        return getattr(dashboard, method)([["campaign_id", "=", self.campaign.id]], {}, **kwargs)

    def test_a_source_says_its_grades_and_how_many_were_won(self):
        [row] = self._ask()["rows"]
        self.assertEqual(row["name"], "Quality Source 00")
        self.assertEqual((row["leads"], row["closed"], row["win_rate"]), (4, 2, 0.5))
        mix = {part["fit"]: part["count"] for part in row["mix"]}
        self.assertEqual(mix, {"A": 2, "B": 1, "": 1})

    def test_leads_without_a_source_have_a_row_of_their_own(self):
        self._create_leads(self.env["utm.source"], "C3", "C3", "C3", "C3", "C3")
        first, second = self._ask()["rows"]
        self.assertEqual((first["id"], first["name"], first["leads"]), (False, "No source", 5))
        self.assertEqual(second["id"], self.sources[0].id)

    def test_the_leads_of_a_fit_can_be_opened(self):
        answer = self._ask("get_quality_leads", source_id=self.sources[0].id, fit="A")
        opened = self.env[answer["model"]].search(answer["domain"])
        if answer["model"] == "crm.lead":
            self.assertEqual(opened, self.leads[:2])
        else:
            self.assertEqual(set(opened.mapped("res_id")), set(self.leads[:2].ids))
        with self.assertRaises(UserError):
            self._ask("get_quality_leads", source_id=self.sources[0].id, fit="D")

    def test_many_sources_take_no_more_queries_than_one(self):
        self._ask()
        before = self.env.cr.sql_log_count
        self._ask()
        one = self.env.cr.sql_log_count - before
        for source in self.sources[1:]:
            self._create_leads(source, "B1")
        before = self.env.cr.sql_log_count
        answer = self._ask()
        self.assertEqual(len(answer["rows"]), 30)
        self.assertLessEqual(self.env.cr.sql_log_count - before, one)
