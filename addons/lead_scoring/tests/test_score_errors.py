from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .score_common import NOW, PublishedRulesCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestScoreErrors(PublishedRulesCommon):
    """What cannot score is refused in words when it is saved, and holds up no scoring."""

    def test_a_broken_domain_is_refused_when_saved(self):
        for domain in ("[('no_such_field', '=', 1)]", "[('name', '=', uid)]", "[", "42"):
            with self.assertRaises(ValidationError, msg=domain):
                self._create_set(("fit", {"kind": "state", "domain": domain}))
        with self.assertRaises(ValidationError):
            self._create_set(("engagement", self._event_rule(touch_domain="[('x', '=', 1)]")))

    @mute_logger("odoo.addons.lead_scoring.models.lead_score_model_scope")
    def test_a_field_deleted_later_leaves_its_rule_out_and_scores_the_rest(self):
        model = self._publish(
            ("fit", self._state_rule([("website", "!=", False)], 10)),
            ("fit", self._state_rule([("name", "!=", False)], 5)),
        )
        broken = model.rule_ids[0]
        self._break(broken)
        lead = self._create_lead(website="https://example.com")
        self._score(lead)
        self.assertScore(lead, 5)
        self.assertIn("x_gone", broken.error)
        self.assertEqual(model.broken_count, 1)

    def test_empty_sets_and_groups_are_refused_when_saved(self):
        with self.assertRaisesRegex(ValidationError, "Rule set “Rules” has no rules"):
            self._create_set()
        with self.assertRaisesRegex(ValidationError, "Group “fit” of rule set “Rules”"):
            self._create_set(("fit",))
        model = self._create_set(("fit", self._state_rule([])))
        with self.assertRaisesRegex(ValidationError, "Group “fit” of rule set “Rules”"):
            model.group_ids.write({"rule_ids": [Command.clear()]})
        with self.assertRaisesRegex(ValidationError, "Rule set “Rules” has no rules"):
            model.write({"group_ids": [Command.clear()]})

    def test_an_error_names_the_rule_and_the_field_and_says_what_to_do(self):
        with self.assertRaises(ValidationError) as refusal:
            self._create_set(
                ("fit", {**self._state_rule([("x_colour", "=", 1)]), "name": "Likes blue"})
            )
        message = str(refusal.exception)
        for part in ("Likes blue", "“fit”", "x_colour", "Choose another field"):
            self.assertIn(part, message)

    def test_errors_are_said_in_chinese_to_those_who_read_it(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.model"]._get("crm.lead").with_context(lang="zh_CN").name = "线索"
        chinese = self.Model.with_user(self.manager).with_context(lang="zh_CN")
        rule = {"name": "有工厂", **self._state_rule([("x_gone", "=", 1)])}
        for groups, message in (
            ([], "规则集“新规则”没有规则：请添加至少含一条规则的分组。"),
            ([{"name": "空组"}], "规则集“新规则”的分组“空组”没有规则：请添加规则或删除该分组。"),
            (
                [{"name": "公司", "rule_ids": [Command.create(rule)]}],
                "分组“公司”中的规则“有工厂”无法计算：“线索”上没有（或已不再有）字段“x_gone”。"
                "请选择其他字段或删除该条件。",
            ),
            (
                [{"name": "公司", "rule_ids": [Command.create({**rule, "domain": "["})]}],
                "分组“公司”中的规则“有工厂”无法计算：“[”不是由普通值构成的条件。"
                "请使用条件编辑器来创建。",
            ),
        ):
            with self.assertRaises(ValidationError) as refusal:
                chinese.create(
                    {"name": "新规则", "group_ids": [Command.create(vals) for vals in groups]}
                )
            self.assertEqual(str(refusal.exception), message)

    def test_a_draft_with_a_field_deleted_meanwhile_is_refused_when_saved(self):
        model = self._create_set(("fit", self._state_rule([("website", "!=", False)])))
        self._break(model.rule_ids)
        with self.assertRaisesRegex(ValidationError, "x_gone"):
            model.name = "New name"

    def test_a_new_version_leaves_broken_rules_out_and_says_so(self):
        model = self._publish(
            ("fit", self._state_rule([("website", "!=", False)])),
            ("fit", self._state_rule([("name", "!=", False)], name="Named")),
        )
        self._break(model.rule_ids[0])
        draft = self.Model.browse(model.action_new_version()["res_id"])
        self.assertEqual(draft.rule_ids.mapped("name"), ["Named"])
        self.assertIn("fit 0", draft.message_ids[0].body)

    def test_a_field_that_rules_look_at_cannot_be_deleted(self):
        field = self.env["ir.model.fields"].create(
            {
                "name": "x_score_colour",
                "field_description": "Colour",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "ttype": "char",
            }
        )
        model = self._create_set(("fit", self._state_rule([("x_score_colour", "=", "blue")])))
        with self.assertRaisesRegex(UserError, "“Colour” cannot be deleted: rule “fit 0”"):
            field.unlink()
        model.unlink()
        field.unlink()
        self.assertFalse(field.exists())

    def _break(self, rule):
        """As if the field of its condition had been deleted with an addon."""
        rule.flush_recordset()
        self.env.cr.execute(
            "UPDATE lead_score_rule SET domain = %s WHERE id = %s",
            ("[('x_gone', '=', 1)]", rule.id),
        )
        rule.invalidate_recordset()
