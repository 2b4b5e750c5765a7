from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

#: Up to so many leads are scored while the manager waits; more by the job.
PUBLISH_AT_ONCE = 2_000


class LeadScoreModel(models.Model):
    """The life of a rule set: draft, shadow, published, replaced by its next version."""

    _inherit = "lead.score.model"

    def action_publish(self):
        """Give leads their score by these rules from now on."""
        for model in self:
            model._check_publishable()
            replaced = self.search(
                [
                    ("state", "=", "active"),
                    ("company_id", "=", model.company_id.id),
                    ("team_id", "=", model.team_id.id),
                ]
            )
            replaced.write({"state": "archived"})
            replaced.flush_recordset()
            model.write(
                {
                    "state": "active",
                    "date_published": fields.Datetime.now(),
                    "published_by_id": self.env.user.id,
                }
            )
            model._evaluate_all("publish")
        return True

    def action_shadow(self):
        """Score silently beside the published rules."""
        for model in self:
            model._check_publishable()
            model.write({"state": "shadow"})
            model._evaluate_all("publish")
        return True

    def action_archive_set(self):
        """Stop scoring by these rules; leads nobody scores any more lose their score."""
        for model in self.filtered(lambda model: model.state != "archived"):
            was_live = model.state == "active"
            model.write({"state": "archived"})
            if was_live:
                model._hand_over_leads()
        return True

    def action_new_version(self):
        """Copy these rules into a draft that keeps their identity from version to version."""
        self.ensure_one()
        latest = max(self._get_family().mapped("version"))
        draft = self.copy(
            {"name": self.name, "previous_id": self.id, "version": latest + 1, "state": "draft"}
        )
        for lang, _name in self.env["res.lang"].get_installed():
            draft.with_context(lang=lang).name = self.with_context(lang=lang).name
        if broken := self.rule_ids - self.rule_ids._evaluable():
            draft.message_post(
                body=self.env._(
                    "Left out, because they cannot be evaluated any more: %(rules)s",
                    rules=", ".join(broken.mapped("name")),
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "views": [(False, "form")],
        }

    def action_evaluate(self):
        """Evaluate all leads again."""
        self.filtered(lambda model: model.state in ("active", "shadow"))._evaluate_all("facts")
        return True

    def action_backtest(self):
        """Try these rules on closed leads."""
        self.ensure_one()
        context = {"default_model_id": self.id}
        if self.date_learned_until:
            context["default_date_from"] = fields.Date.add(self.date_learned_until, days=1)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Back-test"),
            "res_model": "lead.score.backtest",
            "views": [(False, "form")],
            "context": context,
        }

    def action_view_leads(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("lead_scoring.crm_lead_score_action")
        action["domain"] = [("score_model_id", "=", self.id)]
        return action

    def action_view_results(self):
        """What these rules say, lead by lead, beside what the published ones say."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_scoring.lead_score_result_action"
        )
        action["domain"] = [("model_id", "=", self.id)]
        return action

    def copy_data(self, default=None):
        default = dict(default or {})
        vals_list = super().copy_data(default)
        for model, vals in zip(self, vals_list, strict=True):
            if "name" not in default:
                vals["name"] = self.env._("%(name)s (copy)", name=model.name)
            model._drop_broken_rules(vals)
        return vals_list

    def _drop_broken_rules(self, vals):
        """A copy takes only rules that can be saved: nobody could mend the others elsewhere."""
        broken = {rule.key for rule in self.rule_ids - self.rule_ids._evaluable()}
        if not broken or "group_ids" not in vals:
            return
        for __, __, group_vals in vals["group_ids"]:
            group_vals["rule_ids"] = [
                command for command in group_vals["rule_ids"] if command[2]["key"] not in broken
            ]
        vals["group_ids"] = [command for command in vals["group_ids"] if command[2]["rule_ids"]]

    def _get_family(self):
        """All versions of this set, older and younger."""
        family = self
        while older := family.previous_id - family:
            family |= older
        while younger := self.search([("previous_id", "in", family.ids)]) - family:
            family |= younger
        return family

    def _check_publishable(self):
        """Say clearly, before anything is scored, what makes this set unusable."""
        self.ensure_one()
        if self.state not in ("draft", "shadow"):
            raise UserError(
                self.env._(
                    "Rule set “%(name)s” was published before. Create a new version of it.",
                    name=self.name,
                )
            )
        self._check_has_rules()
        self.rule_ids._check_domains()

    def _evaluate_all(self, reason: str):
        """Score all leads: a few at once, many in the background."""
        self.ensure_one()
        # sudo: runs are written by the machinery only
        run = self.env["lead.score.run"].sudo()._start(self, reason)
        # sudo: a rule set scores leads its publisher may not read
        if (
            self.env["crm.lead"]
            .sudo()
            .search_count(self._get_eligible_domain(), limit=PUBLISH_AT_ONCE + 1)
            <= PUBLISH_AT_ONCE
        ):
            while run.state in ("todo", "running") and run._advance():
                pass

    def _hand_over_leads(self):
        """Leads of an archived set go to the next set that is meant for them, or to none."""
        self.ensure_one()
        # sudo: see _evaluate_all
        leads = (
            self.env["crm.lead"]
            .sudo()
            .search(self._get_open_domain() & Domain("score_model_id", "=", self.id))
        )
        # sudo: a rule set scores leads its publisher may not read
        self.sudo()._score_leads(leads, "publish")
