from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import TransactionCase

from odoo.addons.mail.tests.common import mail_new_test_user

NOW = datetime(2026, 3, 18, 12, 0, 0)  # a Wednesday


class LeadScoreCommon(TransactionCase):
    """A small world: a sales manager, two salespeople, no published rules but the test's own.

    Leads are created with ``_create_lead``, touches with ``_touch`` (days before now), rule sets
    with ``_create_set`` from a compact description of groups and rules.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env["base"].with_context(**cls._quiet_context()).env
        cls.manager = mail_new_test_user(
            cls.env, login="score_manager", groups="sales_team.group_sale_manager"
        )
        cls.anna, cls.bert = (
            mail_new_test_user(cls.env, login=login, groups="sales_team.group_sale_salesman")
            for login in ("score_anna", "score_bert")
        )
        cls.Model = cls.env["lead.score.model"]
        cls.Model.search([("state", "in", ("active", "shadow"))]).write({"state": "archived"})
        cls.env["crm.lead"].search([]).active = False
        cls.engine = cls.env["lead.score.engine"]

    @classmethod
    def _quiet_context(cls):
        return {
            "tracking_disable": True,
            "mail_create_nolog": True,
            "mail_create_nosubscribe": True,
            "mail_notrack": True,
        }

    @classmethod
    def _create_lead(cls, name="Lead", **values):
        return cls.env["crm.lead"].create(
            {"name": name, "type": "lead", "user_id": False, "team_id": False, **values}
        )

    @classmethod
    def _touch(cls, kind="mail_click", lead=None, days=0.0, date=None, **values):
        date = date or NOW - timedelta(days=days)
        return (
            cls.env["marketing.touchpoint"]
            .sudo()
            .create({"kind": kind, "date": date, "lead_id": lead and lead.id, **values})
        )

    @classmethod
    def _create_set(cls, *groups, **values):
        """Each group: (axis, rule values..., optionally a dict of group values under "group")."""
        commands = []
        for axis, *rules in groups:
            group_vals = {"name": axis, "axis": axis}
            if rules and "group" in rules[0]:
                group_vals.update(rules.pop(0)["group"])
            group_vals["rule_ids"] = [
                Command.create({"name": f"{axis} {number}", **rule})
                for number, rule in enumerate(rules)
            ]
            commands.append(Command.create(group_vals))
        return cls.Model.create({"name": "Rules", "tz": "UTC", "group_ids": commands, **values})

    @classmethod
    def _state_rule(cls, domain, points=10, **values):
        return {"kind": "state", "domain": repr(domain), "points": points, **values}

    @classmethod
    def _event_rule(cls, touch_kind="mail_click", points=10, **values):
        return {"kind": "event", "touch_kind": touch_kind, "points": points, **values}

    def _score(self, leads=None, reason="facts"):
        return self.env["lead.score.model"]._score_leads(leads, reason)

    def assertScore(self, lead, score, reasons=None):
        """The lead has this score, its explanation adds up to it, for these reasons."""
        explanation = lead.get_score_explanation()
        self.assertEqual(lead.score, score, explanation)
        self.assertEqual(sum(line["points"] for line in explanation), score)
        if reasons is not None:
            self.assertEqual({line["rule"]: line["points"] for line in explanation}, reasons)


class PublishedRulesCommon(LeadScoreCommon):
    """With ``_publish``: by default a website is worth 30 points and each click in a mail 20."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls._state_rule([("website", "!=", False)], 30)
        cls.click = cls._event_rule("mail_click", 20)

    def _publish(self, *groups, **values):
        groups = groups or (("fit", self.website), ("engagement", self.click))
        model = self._create_set(*groups, **values)
        model.action_publish()
        return model

    def _process_queue(self):
        with self.enter_registry_test_mode():
            self.env.ref("lead_scoring.ir_cron_score_queue").method_direct_trigger()
        self.env.invalidate_all()
