import csv
import logging
import os
import random
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from freezegun import freeze_time
from psycopg2.extras import execute_values

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..tools import score_evaluation as evaluation
from .score_common import NOW, LeadScoreCommon

_logger = logging.getLogger(__name__)

DATA = Path(os.environ.get("SUITE_DATA") or Path(__file__).parents[4] / "shared" / "data")


class BacktestCommon(LeadScoreCommon):
    """History is what the test imports: leads that are already there are put into the future."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE crm_lead SET create_date = '2099-01-01'")
        cls.env.invalidate_all()

    @classmethod
    def _import_leads(cls, rows):
        """Closed leads as an import leaves them: (created, is_won, values of columns)."""
        columns = sorted({name for __, __, values in rows for name in values})
        stage = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        records = [
            (
                f"Imported {number}",
                "lead",
                is_won,
                "won" if is_won else "lost",
                100.0 if is_won else 0.0,
                stage.id if is_won else None,
                created,
                created + timedelta(days=30),
                *(values.get(name) for name in columns),
            )
            for number, (created, is_won, values) in enumerate(rows)
        ]
        names = ["name", "type", "active", "won_status", "probability", "stage_id"]
        names += ["create_date", "date_closed", *columns]
        cls.env.flush_all()
        found = execute_values(
            cls.env.cr._obj,
            f"INSERT INTO crm_lead ({', '.join(names)}) VALUES %s RETURNING id",
            records,
            page_size=2000,
            fetch=True,
        )
        return [row[0] for row in found]

    @classmethod
    def _tag_leads(cls, lead_ids, labels):
        """Give each lead its tags, created by name, as an import does."""
        names = sorted({label for own in labels for label in own})
        tags = dict(
            zip(
                names,
                cls.env["crm.tag"].create([{"name": f"~{name}"} for name in names]).ids,
                strict=True,
            )
        )
        cls.env.flush_all()
        execute_values(
            cls.env.cr._obj,
            "INSERT INTO crm_tag_rel (lead_id, tag_id) VALUES %s",
            [
                (lead_id, tags[label])
                for lead_id, own in zip(lead_ids, labels, strict=True)
                for label in own
            ],
            page_size=5000,
        )
        cls.env.invalidate_all()
        return tags

    def _backtest(self, model, **values):
        test = self.env["lead.score.backtest"].create(
            {"model_id": model.id, "date_from": "2025-01-01", "date_to": "2025-12-31", **values}
        )
        test.action_run()
        return test


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestScoreBacktest(BacktestCommon):
    """A year of closed leads in which a website means a good chance to win."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        generator = random.Random(11)
        rows = []
        for number in range(600):
            has_website = number % 3 == 0
            is_won = generator.random() < (0.6 if has_website else 0.15)
            values = {
                "website": "https://example.com" if has_website else None,
                "city": "North" if has_website else "South",
                "function": generator.choice(["Director", None]),
                "expected_revenue": 1000.0 * (1 + number % 7),
            }
            rows.append((datetime(2025, 1, 2) + timedelta(hours=12 * number), is_won, values))
        cls.rows = rows
        cls.lead_ids = cls._import_leads(rows)
        cls.leads = cls.env["crm.lead"].browse(cls.lead_ids)
        cls.website = cls._state_rule([("website", "!=", False)], 30)

    def _won(self):
        return np.array([is_won for __, is_won, __ in self.rows])

    def test_the_verdict_is_what_the_formula_says_about_the_scores(self):
        test = self._backtest(self._create_set(("fit", self.website)))
        scores = np.array([30 if values["website"] else 0 for __, __, values in self.rows])
        self.assertEqual((test.state, test.lead_count), ("done", 600))
        self.assertEqual(test.won_count, int(self._won().sum()))
        self.assertAlmostEqual(test.auc, evaluation.auc(scores, self._won()), 3)
        self.assertLess(test.auc_low, test.auc)
        self.assertGreater(test.auc_low, 0.6)
        ours, chance = test.report["contenders"][0], test.report["contenders"][-1]
        self.assertGreater(ours["lift"], 1.5)
        self.assertEqual((chance["auc"], chance["lift"]), (0.5, 1.0))
        self.assertAlmostEqual(test.report["deciles"][-1]["gain"], 1.0)

    def test_only_what_was_known_at_the_time_counts(self):
        won = [lead_id for lead_id, won in zip(self.lead_ids, self._won(), strict=True) if won]
        for lead in self.env["crm.lead"].browse(won[:120]):
            # after the deal was won everybody reads the mails
            self._touch(lead=lead, date=lead.create_date + timedelta(days=20))
        model = self._create_set(("engagement", self._event_rule()))
        self.assertAlmostEqual(self._backtest(model, days=5).auc, 0.5)
        self.assertGreater(self._backtest(model, days=25).auc, 0.7)

    def test_leads_closed_before_the_moment_of_scoring_are_not_judged(self):
        model = self._create_set(("fit", self.website))
        test = self._backtest(model, days=31)
        self.assertEqual((test.state, test.lead_count), ("insufficient", 0))
        self.assertIn("600 were closed before", test.report["notes"][0])

    def test_tracked_fields_are_rewound_and_nothing_of_it_stays(self):
        rich = self._state_rule([("expected_revenue", ">=", 1000000)], 50)
        model = self._create_set(("fit", rich))
        won = self.leads.filtered(lambda lead: lead.won_status == "won")[:100]
        field = self.env["ir.model.fields"]._get("crm.lead", "expected_revenue")
        for lead in won:  # the revenue was entered when the deal was nearly done
            self.env["mail.message"].create(
                {
                    "model": "crm.lead",
                    "res_id": lead.id,
                    "date": lead.create_date + timedelta(days=25),
                    "message_type": "notification",
                    "tracking_value_ids": [
                        (
                            0,
                            0,
                            {
                                "field_id": field.id,
                                "old_value_float": 10.0,
                                "new_value_float": 2000000.0,
                            },
                        )
                    ],
                }
            )
        won.write({"expected_revenue": 2000000.0})
        test = self._backtest(model)
        self.assertAlmostEqual(test.auc, 0.5)
        self.assertIn("100 later changes", test.report["notes"][-1])
        self.assertGreater(self._backtest(model, days=27).auc, 0.7)
        self.env.invalidate_all()
        self.assertEqual(set(won.mapped("expected_revenue")), {2000000.0})
        self.assertFalse(any(self.leads.mapped("score")), "a back-test changes no lead")

    def test_fields_that_know_the_outcome_are_refused_with_the_reason(self):
        stage = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        leaks = [
            [("stage_id", "=", stage.id)],
            [("probability", ">", 50)],
            [("date_closed", "!=", False)],
            [("won_status", "=", "won")],
            [("user_id", "!=", False)],
            [("create_date", ">", "today -30d")],
        ]
        model = self._create_set(
            ("fit", self.website, *(self._state_rule(domain) for domain in leaks)),
            ("engagement", self._event_rule("order", 50)),
        )
        test = self._backtest(model)
        refused = {row["rule"]: row["reason"] for row in test.report["refused"]}
        self.assertEqual(len(refused), 7)
        self.assertIn("Stage", refused["fit 1"])
        self.assertIn("today", refused["fit 6"])
        self.assertIn("outcome itself", refused["engagement 0"])
        self.env["res.lang"]._activate_lang("zh_CN")
        in_chinese = test.with_context(lang="zh_CN").report["refused"]
        self.assertEqual(len(in_chinese), 7)
        scores = np.array([30 if values["website"] else 0 for __, __, values in self.rows])
        self.assertAlmostEqual(test.auc, evaluation.auc(scores, self._won()), 3)

    def test_too_little_history_gives_no_number(self):
        test = self._backtest(self._create_set(("fit", self.website)), date_to="2025-02-01")
        self.assertEqual((test.state, test.auc), ("insufficient", 0))
        self.assertNotIn("contenders", test.report)

    def test_each_rule_shows_what_it_adds_and_dead_ones_are_named(self):
        model = self._create_set(
            (
                "fit",
                self.website,
                self._state_rule([("function", "=", "Director")], 1),
                self._state_rule([("city", "=", "Atlantis")], 99),
            )
        )
        rows = {row["rule"]: row for row in self._backtest(model).report["rules"]}
        self.assertGreater(rows["fit 0"]["contribution"], 0.1)
        self.assertLess(abs(rows["fit 1"]["contribution"]), 0.05)
        self.assertEqual([name for name, row in rows.items() if row["is_dead"]], ["fit 2"])
        self.assertEqual(rows["fit 0"]["hits"], 200)

    def test_revenue_as_outcome_counts_revenue(self):
        model = self._create_set(("fit", self._state_rule([("expected_revenue", ">", 5000)])))
        by_deals = self._backtest(model).report["contenders"][0]
        by_revenue = self._backtest(model, outcome="revenue").report["contenders"][0]
        self.assertGreater(by_revenue["lift"], by_deals["lift"])

    def test_the_published_rules_and_odoos_method_stand_beside(self):
        self.env["ir.config_parameter"].set_param("crm.pls_fields", "city")
        self._create_set(("fit", self._state_rule([("function", "!=", False)]))).action_publish()
        model = self._create_set(("fit", self.website))
        test = self._backtest(model, date_from="2025-06-01")
        names = {row["name"]: row["auc"] for row in test.report["contenders"]}
        self.assertEqual(
            list(names), ["These rules", "Published rules", "Odoo's predictive method", "Chance"]
        )
        self.assertAlmostEqual(names["Odoo's predictive method"], names["These rules"], 6)
        self.assertLess(names["Published rules"], names["These rules"])

    def test_a_suggestion_weighs_the_rules_and_brings_its_test_on_later_leads(self):
        model = self._create_set(
            (
                "fit",
                {**self.website, "points": 1},
                self._state_rule([("function", "=", "Director")], 77),
            )
        )
        # as the sales manager whose tool it is
        wizards = self.env["lead.score.suggestion"].with_user(self.manager)
        wizard = wizards.create(
            {"model_id": model.id, "date_from": "2025-01-01", "date_to": "2025-07-31"}
        )
        draft = self.Model.browse(wizard.action_suggest()["res_id"])
        self.assertEqual((draft.state, draft.version), ("draft", 2))
        points = {rule.name: rule.points for rule in draft.rule_ids}
        # odds 0.6 / 0.4 against 0.15 / 0.85: about eight and a half times, three doublings
        self.assertTrue(40 <= points["fit 0"] <= 80, points)
        self.assertTrue(abs(points.get("fit 1", 0)) <= 15, points)
        self.assertEqual(draft.backtest_ids.state, "done")
        self.assertEqual(draft.backtest_ids.date_from, date(2025, 8, 1))
        self.assertGreater(draft.backtest_ids.auc_low, 0.6)
        with self.assertRaisesRegex(ValidationError, "learned"):
            self._backtest(draft, date_from="2025-07-01")
        self.assertEqual(model.rule_ids[1].points, 77, "the original is untouched")

    def test_the_manager_chooses_fields_to_learn_from(self):
        model = self._create_set(("fit", self.website))
        fields_ = self.env["ir.model.fields"].with_user(self.manager)
        function = fields_.search([("model", "=", "crm.lead"), ("name", "=", "function")])
        with Form(
            self.env["lead.score.suggestion"]
            .with_user(self.manager)
            .with_context(default_model_id=model.id)
        ) as form:
            form.date_from, form.date_to = "2025-01-01", "2025-07-31"
            form.field_ids.add(function)
            form.min_count = 10
        draft = self.Model.browse(form.record.action_suggest()["res_id"])
        self.assertEqual(draft.state, "draft")

    def test_a_suggestion_needs_evidence_and_refuses_leaking_fields(self):
        model = self._create_set(("fit", self.website))
        wizard = self.env["lead.score.suggestion"].create(
            {"model_id": model.id, "date_from": "2025-01-01", "date_to": "2025-01-15"}
        )
        with self.assertRaisesRegex(UserError, "Not enough evidence"):
            wizard.action_suggest()
        wizard.field_ids = self.env["ir.model.fields"]._get("crm.lead", "stage_id")
        with self.assertRaisesRegex(UserError, "knows how a lead ended"):
            wizard.action_suggest()

    def test_a_rule_few_leads_can_judge_gets_no_points_and_the_draft_says_why(self):
        lucky = self.env["crm.lead"].search(
            [
                ("won_status", "=", "won"),
                ("website", "!=", False),
                ("create_date", "<", "2025-07-01"),
            ],
            limit=5,
        )
        lucky.city = "Lucky"
        model = self._create_set(
            (
                "fit",
                self.website,
                self._state_rule([("city", "=", "Lucky")], name="Lucky city"),
                self._state_rule([("probability", ">", 50)], name="Nearly won"),
            )
        )
        period = {"model_id": model.id, "date_from": "2025-01-01", "date_to": "2025-07-31"}
        wizard = self.env["lead.score.suggestion"].with_user(self.manager).create(period)
        draft = self.Model.browse(wizard.action_suggest()["res_id"])
        self.assertEqual(draft.rule_ids.mapped("name"), ["fit 0"])
        said = draft.message_ids[0].body
        self.assertRegex(said, "Points learned from .* won and .* lost leads")
        self.assertRegex(said, "Lucky city: It holds for 5 leads and not for [0-9]+; to judge it")
        self.assertIn("Nearly won: “Probability” knows how the lead ended", said)
        for method in ("scorecard", "evidence"):
            wizard = wizard.create({**period, "min_count": 5, "method": method})
            draft = self.Model.browse(wizard.action_suggest()["res_id"])
            points = dict(draft.rule_ids.mapped(lambda rule: (rule.name, rule.points)))
            self.assertTrue(0 < points["Lucky city"] < points["fit 0"], points)

    def test_a_suggestion_without_any_points_is_refused_with_the_reasons(self):
        model = self._create_set(("fit", self._state_rule([("city", "=", "Nowhere")])))
        wizard = self.env["lead.score.suggestion"].create(
            {"model_id": model.id, "date_from": "2025-01-01", "date_to": "2025-07-31"}
        )
        with self.assertRaisesRegex(UserError, "fit 0: It holds for 0 leads and not for"):
            wizard.action_suggest()

    def test_only_managers_run_back_tests(self):
        model = self._create_set(("fit", self.website))
        test = self._backtest(model)
        with self.assertRaises(AccessError):
            test.with_user(self.anna).read(["auc"])
        with self.assertRaises(AccessError):
            self.env["lead.score.suggestion"].with_user(self.anna).create({"model_id": model.id})
        as_manager = test.with_user(self.manager)
        as_manager.action_run()
        self.assertEqual(as_manager.state, "done")

    def test_many_leads_are_left_to_the_job(self):
        model = self._create_set(("fit", self.website))
        test = self.env["lead.score.backtest"].create(
            {"model_id": model.id, "date_from": "2025-01-01", "date_to": "2025-12-31"}
        )
        test.state = "todo"
        with self.enter_registry_test_mode():
            self.env.ref("lead_scoring.ir_cron_backtest").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(test.state, "done")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestScoreRealHistory(BacktestCommon):
    """Public data, imported as leads and scored through the engine.

    Four of five rows are the past (2024), every fifth one the later test (2025).
    """

    def _read(self, folder, name, delimiter):
        path = DATA / folder / name
        if not path.exists():
            self.skipTest(f"{path} is not there: set SUITE_DATA to the folder of public data")
        with path.open(newline="") as file:
            return list(csv.DictReader(file, delimiter=delimiter))

    def _suggest_and_test(self, labels, won):
        """AUC with its interval of points learned from tags on four fifths of the rows."""
        rows = []
        for index, is_won in enumerate(won):
            year = 2025 if index % 5 == 4 else 2024
            created = datetime(year, 1, 2) + timedelta(minutes=10 * index)
            rows.append((created, is_won, {}))
        self._tag_leads(self._import_leads(rows), labels)
        model = self._create_set(("fit", self._state_rule([("city", "=", "Nowhere")])))
        wizard = self.env["lead.score.suggestion"].create(
            {
                "model_id": model.id,
                "date_from": "2024-01-01",
                "date_to": "2024-12-31",
                "field_ids": [
                    fields.Command.link(self.env["ir.model.fields"]._get("crm.lead", "tag_ids").id)
                ],
                "min_count": 20,
            }
        )
        draft = self.Model.browse(wizard.action_suggest()["res_id"])
        test = draft.backtest_ids
        _logger.info(
            "%s rules learned; AUC %.4f (%.3f to %.3f) on later leads",
            len(draft.rule_ids),
            test.auc,
            test.auc_low,
            test.auc_high,
        )
        self.assertEqual(test.lead_count, len(range(4, len(won), 5)))
        self.assertEqual(test.won_count, sum(won[4::5]))
        return test

    @staticmethod
    def _bins(rows, names, count):
        """Tags of numeric columns: quantile bins with cut points of the learning rows."""
        cuts = {}
        for name in names:
            values = [float(row[name]) for i, row in enumerate(rows) if i % 5 != 4 and row[name]]
            cuts[name] = np.unique(np.quantile(values, np.linspace(0, 1, count + 1)[1:-1]))
        return [
            {
                f"{name} {np.searchsorted(cuts[name], float(row[name]), 'right')}"
                for name in names
                if row[name]
            }
            for row in rows
        ]

    def test_bank_calls_are_told_apart_without_the_duration(self):
        rows = self._read("bank_marketing", "bank-additional_first32950.csv", ";")
        numeric = ["age", "campaign", "pdays", "previous", "emp.var.rate", "cons.price.idx"]
        numeric += ["cons.conf.idx", "euribor3m", "nr.employed"]
        categories = ["job", "marital", "education", "default", "housing", "loan", "contact"]
        categories += ["month", "day_of_week", "poutcome"]
        labels = [
            bins | {f"{name} {row[name]}" for name in categories}
            for row, bins in zip(rows, self._bins(rows, numeric, 5), strict=True)
        ]
        test = self._suggest_and_test(labels, [row["y"] == "yes" for row in rows])
        self.assertGreaterEqual(test.auc, 0.63)
        self.assertLess(test.auc, 0.72, "more would mean that the duration leaked")

    def test_responses_to_a_campaign_are_told_apart(self):
        rows = self._read("ifood_campaign", "ml_project1_data.csv", ",")
        rows.sort(key=lambda row: int(row["ID"]))
        for row in rows:
            joined = datetime.strptime(row["Dt_Customer"], "%Y-%m-%d")
            row["days"] = str((datetime(2014, 7, 1) - joined).days)
        numeric = [
            name
            for name in rows[0]
            if name.startswith(("Mnt", "Num"))
            or name in ("Income", "Recency", "Year_Birth", "days")
        ]
        categories = [name for name in rows[0] if name.startswith("AcceptedCmp")]
        categories += ["Education", "Marital_Status", "Kidhome", "Teenhome", "Complain"]
        labels = [
            bins | {f"{name} {row[name]}" for name in categories}
            for row, bins in zip(rows, self._bins(rows, numeric, 5), strict=True)
        ]
        test = self._suggest_and_test(labels, [row["Response"] == "1" for row in rows])
        self.assertGreaterEqual(test.auc, 0.85)
