from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.tools import SQL

from .lead_score_model import GRADES

SCORES = frozenset({"score", "score_fit", "score_engagement", "score_grade"})

#: What a lead takes over from its contact, and rules look at directly or through what follows.
TAKEN_OVER = frozenset({"email_from", "phone"})


class CrmLead(models.Model):
    """Score, grade and qualification of a lead, written by the scoring engine only.

    None of these depends on Odoo's predictive probability, which stays what it is.
    """

    _inherit = "crm.lead"

    # Not indexed on purpose: PostgreSQL can then update a score in place (HOT) without touching
    # the many indexes of this table.
    score = fields.Integer(readonly=True, copy=False, aggregator="avg")
    score_fit = fields.Integer("Fit", readonly=True, copy=False, aggregator="avg")
    score_engagement = fields.Integer("Engagement", readonly=True, copy=False, aggregator="avg")
    score_grade = fields.Selection(
        [(grade, grade) for grade in GRADES],
        "Grade",
        readonly=True,
        copy=False,
        help="Letter: fit (A best). Number: engagement (1 best).",
    )
    is_mql = fields.Boolean(
        "Marketing Qualified",
        readonly=True,
        copy=False,
        help="The score or grade is high enough to hand the lead to sales.",
    )
    date_mql = fields.Datetime(
        "Marketing Qualified On",
        index="btree_not_null",
        readonly=True,
        copy=False,
        help="When the lead became marketing qualified for the first time.",
    )
    date_sql = fields.Datetime(
        "Sales Qualified On",
        index="btree_not_null",
        compute="_compute_date_sql",
        store=True,
        copy=False,
        help="When a salesperson took it as an opportunity for the first time.",
    )
    score_model_id = fields.Many2one(
        "lead.score.model",
        "Scored By",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    @api.depends("type", "user_id")
    def _compute_date_sql(self):
        for lead in self:
            if not lead.date_sql and lead.type == "opportunity" and lead.user_id:
                lead.date_sql = fields.Datetime.now()
            else:
                lead.date_sql = lead.date_sql

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Leads nobody has scored come last, whether the best or the worst come first."""
        if field_name in SCORES and not nulls:
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        self.env["lead.score.queue"]._mark_leads(leads)
        return leads

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys() <= self._get_fields_without_score():
            self.env["lead.score.queue"]._mark_leads(self)
        return result

    def _write_multi(self, vals_list):
        """What a lead takes over from its contact changes without anybody writing to the lead."""
        result = super()._write_multi(vals_list)
        changed = [
            lead.id
            for lead, vals in zip(self, vals_list, strict=True)
            if not TAKEN_OVER.isdisjoint(vals)
        ]
        self.env["lead.score.queue"]._mark_leads(self.browse(changed))
        return result

    @api.model
    def _get_fields_without_score(self) -> set[str]:
        """Hook: fields no rule is expected to look at, whose change makes no score due."""
        return {
            *self.env["lead.score.engine"]._lead_fields(),
            "message_follower_ids",
            "message_ids",
            "date_last_stage_update",
            "color",
            "duration_tracking",
        }

    def _merge_get_fields_specific(self):
        """The survivor was qualified when the first of them was."""
        fields_info = super()._merge_get_fields_specific()
        for name in ("date_mql", "date_sql"):
            fields_info[name] = lambda fname, leads: min(
                (date for date in leads.mapped(fname) if date), default=False
            )
        return fields_info

    def _merge_dependences(self, opportunities):
        """Scores are never added up: the survivor is scored from the union of the facts."""
        result = super()._merge_dependences(opportunities)
        self.env["lead.score.queue"]._mark_leads(self, reason="merge")
        return result

    # ------------------------------------------------------------------
    # Why
    # ------------------------------------------------------------------

    def get_score_explanation(self):
        """Why this lead has its score: lines whose points add up to it exactly."""
        self.ensure_one()
        self.check_access("read")
        return [line._prepare_explanation() for line in self._get_score_lines()]

    def get_score_summary(self):
        """Everything the “Why?” popover shows."""
        self.ensure_one()
        self.check_access("read")
        lines = self.get_score_explanation()
        since = self._get_week_start()
        # sudo: salespeople do not read rule sets, but may know the name of the one that scores
        model = self.sudo().score_model_id
        return {
            "score": self.score,
            "grade": self.score_grade or "",
            "model": model.display_name or "",
            "frozen": self.won_status != "pending",
            "lines": lines,
            "axes": self._group_score_lines(lines),
            "lifts": self._get_score_lifts(),
            "since": self.env._("Since Monday"),
            "changes": self._get_score_changes(since)[:6],
        }

    def action_view_score_history(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_scoring.lead_score_history_action"
        )
        action["domain"] = [("lead_id", "=", self.id)]
        action["context"] = {}
        return action

    def _get_score_report_data(self):
        """What the printed explanation shows: the summary, or None for a lead without score."""
        self.ensure_one()
        # sudo: salespeople do not read rule sets, only whether there is one
        return self.get_score_summary() if self.sudo().score_model_id else None

    def _get_score_lines(self):
        self.ensure_one()
        # sudo: who may read the lead may know why it has its score
        lines = self.env["lead.score.line"].sudo()
        model = self.sudo().score_model_id
        return lines.search(
            [("lead_id", "=", self.id), ("model_id", "=", model.id)]
        )._sorted_for_reading()

    def _group_score_lines(self, lines) -> list[dict]:
        labels = [
            ("fit", self.env._("Fit: who they are")),
            ("engagement", self.env._("Engagement: what they do")),
            (False, self.env._("Limit")),
        ]
        grouped = []
        for axis, label in labels:
            own = [line for line in lines if line["axis"] == axis]
            if own:
                points = sum(line["points"] for line in own)
                grouped.append(
                    {"axis": axis or "total", "label": label, "points": points, "lines": own}
                )
        return grouped

    def _get_week_start(self):
        """Monday morning of this week, in the user's time zone, as UTC."""
        today = fields.Date.context_today(self)
        monday = fields.Date.start_of(today, "week")
        user_tz = pytz.timezone(self.env.context.get("tz") or self.env.user.tz or "UTC")
        local = user_tz.localize(datetime.combine(monday, time.min))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def _get_score_changes(self, since) -> list[dict]:
        """What moved the score since a moment, per rule, biggest first."""
        self.ensure_one()
        # sudo: who may read the lead may know what changed its score
        history = self.env["lead.score.history"].sudo()
        rows = history.search([("lead_id", "=", self.id), ("date", ">=", since)], order="id")
        return rows._summarise()

    def _get_score_lifts(self) -> list[dict]:
        """The next better band of each axis and the rules that could bring it there."""
        self.ensure_one()
        # sudo: salespeople see what would lift their lead, not necessarily its rule set
        model = self.sudo().score_model_id
        if not model or self.won_status != "pending":
            return []
        used = self._get_score_lines().rule_id
        lifts = []
        for axis, points, bands in (
            ("fit", self.score_fit, [("A", model.fit_a_from), ("B", model.fit_b_from)]),
            (
                "engagement",
                self.score_engagement,
                [("1", model.engagement_1_from), ("2", model.engagement_2_from)],
            ),
        ):
            missing = [(band, limit - points) for band, limit in bands if limit > points]
            if not missing:
                continue
            band, gap = missing[-1]
            rules = model.rule_ids.filtered(
                lambda rule, axis=axis: (
                    rule.axis == axis
                    and rule.points > 0
                    and not rule.error
                    and (rule not in used or rule.count_mode == "every" and rule.kind == "event")
                )
            ).sorted("points", reverse=True)[:3]
            if rules:
                target = self.env._("%(gap)s more points for band %(band)s:", gap=gap, band=band)
                lifts.append(
                    {
                        "target": target,
                        "rules": [{"name": rule.name, "points": rule.points} for rule in rules],
                    }
                )
        return lifts
