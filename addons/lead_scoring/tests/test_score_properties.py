import os
import random
from datetime import timedelta

from freezegun import freeze_time
from psycopg2.extras import execute_values

from odoo.tests import tagged

from . import score_reference
from .score_common import NOW, LeadScoreCommon

#: Leads of the generated world; set LEAD_SCORE_WORLD to try a larger one.
WORLD_SIZE = int(os.environ.get("LEAD_SCORE_WORLD", "2000"))
TOUCHES_PER_LEAD = 4
MERGES = 10
KINDS = ("mail_open", "mail_click", "mail_reply", "link_click", "meeting", "call")


@tagged("post_install", "-at_install")
class TestScoreProperties(LeadScoreCommon):
    """A generated world lives through edits, touches, merges, time and new rules.

    After each step the engine and the plain Python reference agree on every line of every lead,
    and the points of each lead's lines add up to its score.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(20260318)
        cls.countries = cls.env["res.country"].search([], limit=6).ids
        cls.partners = (
            cls.env["res.partner"]
            .create([{"name": f"Partner {n}"} for n in range(max(50, WORLD_SIZE // 40))])
            .ids
        )
        cls.env.flush_all()
        cls.lead_ids = cls._generate_leads(WORLD_SIZE)
        cls._generate_touches(WORLD_SIZE * TOUCHES_PER_LEAD)
        # in one transaction nobody else keeps the planner's knowledge of these tables fresh
        cls.env.cr.execute("ANALYZE crm_lead, marketing_touchpoint, res_partner")

    # ------------------------------------------------------------------ the world

    @classmethod
    def _generate_leads(cls, size):
        pick = cls.random.choice
        behind = cls.partners[: len(cls.partners) * 2 // 5]
        rows = [
            (
                f"Lead {number}",
                "lead",
                True,
                "pending",
                NOW - timedelta(days=cls.random.random() * 300),
                pick([None, *cls.countries]),
                pick([None, "https://example.com"]),
                pick([None, "Director", "Sales Manager", "Engineer"]),
                pick([None, 0, 500, 5000, 50000]),
                pick([None, f"person{number % (size // 2 or 1)}@example.com"]),
                pick(behind) if cls.random.random() < 0.9 else None,
                pick([None, cls.env.company.id]),
            )
            for number in range(size)
        ]
        return [
            row[0]
            for row in execute_values(
                cls.env.cr._obj,
                """INSERT INTO crm_lead (name, type, active, won_status, create_date, country_id,
                       website, function, expected_revenue, email_normalized, partner_id,
                       company_id) VALUES %s RETURNING id""",
                rows,
                page_size=5000,
                fetch=True,
            )
        ]

    @classmethod
    def _generate_touches(cls, size):
        pick = cls.random.choice
        someone, contacts = [None, None, *cls.lead_ids], [None, *cls.partners]
        rows = [
            (
                pick(KINDS),
                # in steps of a quarter of an hour, so that equal moments happen
                NOW - timedelta(minutes=15 * cls.random.randrange(-200, 17000)),
                pick(someone) if cls.random.random() < 0.7 else None,
                pick(contacts) if cls.random.random() < 0.2 else None,
                f"person{cls.random.randrange(WORLD_SIZE)}@example.com",
                cls.random.random() < 0.1,
                pick([None, None, cls.env.company.id]),
                False,
            )
            for _number in range(size)
        ]
        execute_values(
            cls.env.cr._obj,
            """INSERT INTO marketing_touchpoint (kind, date, lead_id, partner_id,
                   email_normalized, is_bot, company_id, source_deleted) VALUES %s""",
            rows,
            page_size=5000,
        )

    def _rule_set(self, variant):
        """A rule set as the reference sees it: each state rule is a domain and a function."""
        first, second = self.countries[0], self.countries[1]
        fit = [
            {
                "name": "has website",
                "points": 12 + variant,
                "domain": [("website", "!=", False)],
                "matches": lambda lead: bool(lead["website"]),
            },
            {
                "name": "other country",
                "points": -9,
                "domain": [("country_id", "not in", [first, second])],
                "matches": lambda lead: lead["country_id"] not in (None, first, second),
            },
            {
                "name": "other country or unknown",
                "points": -2,
                "match_unknown": True,
                "domain": [("country_id", "!=", first)],
                "matches": lambda lead: lead["country_id"] != first,
            },
            {
                "name": "small deal",
                "points": -4,
                "domain": [("expected_revenue", "<", 1000)],
                "matches": lambda lead: (
                    bool(lead["expected_revenue"]) and lead["expected_revenue"] < 1000
                ),
            },
            {
                "name": "decides",
                "points": 20,
                "domain": [
                    "|",
                    ("function", "ilike", "director"),
                    "&",
                    ("function", "ilike", "manager"),
                    ("expected_revenue", ">=", 5000),
                ],
                "matches": lambda lead: (
                    "director" in (lead["function"] or "").lower()
                    or (
                        "manager" in (lead["function"] or "").lower()
                        and (lead["expected_revenue"] or 0) >= 5000
                    )
                ),
            },
        ]
        events = [
            {"name": "open", "touch_kind": "mail_open", "points": 1, "window_days": 60},
            {
                "name": "click",
                "touch_kind": "mail_click",
                "points": 10,
                "count_mode": "week",
                "count_max": 2,
                "decay_kind": "linear",
                "decay_days": 30.0,
                "decay_rate": 0.5,
                "limit": (0, 25),
            },
            {
                "name": "reply",
                "touch_kind": "mail_reply",
                "points": 15,
                "count_mode": "once",
                "decay_kind": "half_life",
                "decay_days": 20.0 + variant,
            },
            {
                "name": "link",
                "touch_kind": "link_click",
                "points": -3,
                "count_mode": "month",
                "count_max": 2,
                "daily_max": 1,
                "decay_kind": "half_life",
                "decay_days": 45.0,
            },
            {
                "name": "meeting",
                "touch_kind": "meeting",
                "points": 25,
                "daily_max": 1,
                "decay_kind": "step",
                "decay_days": 90.0,
            },
            {
                "name": "call",
                "touch_kind": "call",
                "points": 7,
                "count_mode": "day",
                "count_max": 1,
                "date_from": NOW - timedelta(days=100),
            },
        ]
        return {
            "tz": "Asia/Shanghai" if variant else "UTC",
            "limit": (-5, 90),
            "groups": [
                {"name": "who", "axis": "fit", "rules": fit, "limit": (-10, 25)},
                {"name": "what", "axis": "engagement", "rules": events[:3], "limit": (0, 30)},
                {"name": "more", "axis": "engagement", "rules": events[3:]},
            ],
        }

    def _publish(self, rule_set):
        groups = []
        for group in rule_set["groups"]:
            values = {"name": group["name"], **self._limit(group)}
            rules = [
                {
                    **{k: v for k, v in rule.items() if k not in ("matches", "domain", "limit")},
                    **self._limit(rule),
                    "kind": "state" if "matches" in rule else "event",
                    "domain": repr(rule.get("domain", [])),
                }
                for rule in group["rules"]
            ]
            groups.append((group["axis"], {"group": values}, *rules))
        model = self._create_set(*groups, tz=rule_set["tz"], **self._limit(rule_set))
        model.action_publish()
        return model

    @staticmethod
    def _limit(spec):
        if "limit" not in spec:
            return {}
        low, high = spec["limit"]
        return {"is_limited": True, "points_min": low, "points_max": high}

    # ------------------------------------------------------------------ the comparison

    def _facts(self):
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT id, website, country_id, expected_revenue::float8 AS expected_revenue,
                      function, email_normalized AS email, partner_id, company_id
                 FROM crm_lead WHERE active AND won_status = 'pending'"""
        )
        leads = {row["id"]: row for row in self.env.cr.dictfetchall()}
        self.env.cr.execute(
            """SELECT id, kind, date, lead_id, partner_id, email_normalized AS email,
                      COALESCE(is_bot, FALSE) AS is_bot, company_id FROM marketing_touchpoint"""
        )
        by_lead, by_partner, by_email = {}, {}, {}
        for touch in self.env.cr.dictfetchall():
            by_lead.setdefault(touch["lead_id"], []).append(touch)
            by_partner.setdefault(touch["partner_id"], []).append(touch)
            by_email.setdefault(touch["email"], []).append(touch)
        former = {}
        for lead_id, address, until in self._former_addresses():
            former.setdefault(lead_id, {})[address] = until
        for lead in leads.values():  # candidates only: the reference decides which belong
            found = by_lead.get(lead["id"], [])
            found = found + (by_partner.get(lead["partner_id"], []) if lead["partner_id"] else [])
            found = found + (by_email.get(lead["email"], []) if lead["email"] else [])
            lead["former"] = former.get(lead["id"], {})
            for address in lead["former"]:
                found = found + by_email.get(address, [])
            lead["touches"] = list({touch["id"]: touch for touch in found}.values())
        return leads

    def _former_addresses(self):
        self.env.cr.execute(
            "SELECT lead_id, email_normalized, date_until FROM marketing_touchpoint_address"
        )
        return self.env.cr.fetchall()

    def _stored(self):
        self.env.cr.execute(
            """SELECT line.lead_id, line.kind, COALESCE(rule.name ->> 'en_US',
                      grp.name ->> 'en_US', '') AS name, line.points
                 FROM lead_score_line line
                 JOIN crm_lead lead ON lead.id = line.lead_id
                                   AND lead.score_model_id = line.model_id
            LEFT JOIN lead_score_rule rule ON rule.id = line.rule_id
            LEFT JOIN lead_score_group grp ON grp.id = line.group_id"""
        )
        lines = {}
        for lead_id, kind, name, points in self.env.cr.fetchall():
            lines.setdefault(lead_id, {})[kind, name] = points
        self.env.cr.execute(
            "SELECT id, score, score_fit, score_engagement FROM crm_lead"
            " WHERE active AND won_status = 'pending'"
        )
        totals = {
            lead_id: {"score": score, "fit": fit, "engagement": engagement}
            for lead_id, score, fit, engagement in self.env.cr.fetchall()
        }
        return lines, totals

    def assertAgreesWithReference(self, rule_set, now):
        leads = self._facts()
        lines, totals = self._stored()
        self.assertEqual(leads.keys(), totals.keys())
        for lead_id, lead in leads.items():
            expected_lines, expected_totals = score_reference.score(
                rule_set, lead, lead["touches"], now
            )
            self.assertEqual(totals[lead_id], expected_totals, lead)
            self.assertEqual(lines.get(lead_id, {}), expected_lines, lead)
            self.assertEqual(sum(lines.get(lead_id, {}).values()), totals[lead_id]["score"])

    # ------------------------------------------------------------------ the life

    def _edit(self):
        """People edit a twentieth of the leads in sets and some one by one; touches change."""
        leads = self.env["crm.lead"].browse(self.random.sample(self.lead_ids, 40)).exists()
        for lead in leads:
            lead.write(
                self.random.choice(
                    [
                        {"website": False},
                        {"function": "Director"},
                        {"country_id": self.random.choice(self.countries)},
                        {"expected_revenue": 7000},
                        {"email_from": f"person{self.random.randrange(WORLD_SIZE)}@example.com"},
                    ]
                )
            )
        some = self.random.sample(self.lead_ids, WORLD_SIZE // 20)
        self.env["crm.lead"].browse(some).exists().write({"country_id": self.countries[0]})
        self._touch("mail_reply", lead=leads[0])
        self.env["marketing.touchpoint"].search([], limit=20).sudo().write({"is_bot": True})

    def _merge(self):
        for _pair in range(MERGES):
            pair = self.env["crm.lead"].browse(self.random.sample(self.lead_ids, 2)).exists()
            if len(pair) == 2 and len(pair.company_id) < 2:
                pair.merge_opportunity()

    def _work(self):
        while self.env["lead.score.queue"]._process_batch(500):
            pass

    def test_the_engine_agrees_with_the_reference_through_a_life(self):
        first, second = self._rule_set(0), self._rule_set(3)
        with freeze_time(NOW):
            model = self._publish(first)
            self.assertEqual(model.state, "active")
            self.env["lead.score.model"]._score_leads()
            self.assertAgreesWithReference(first, NOW)
            self._edit()
            self._merge()
            self._work()
            self.assertAgreesWithReference(first, NOW)
        later = NOW + timedelta(days=17, hours=5)
        with freeze_time(later):
            run = self.env["lead.score.run"]._start(model, "time")
            while run.state in ("todo", "running"):
                self.assertTrue(run._advance(batch_size=700))
            self.assertAgreesWithReference(first, later)
            self._publish(second)
            self.env["lead.score.model"]._score_leads(reason="publish")
            self.assertAgreesWithReference(second, later)
            self._edit()
            self._work()
            self.assertAgreesWithReference(second, later)
