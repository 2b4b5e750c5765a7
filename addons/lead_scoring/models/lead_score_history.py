from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: Rows forgotten at once; the vacuum comes back for more.
GC_BATCH = 100_000


class LeadScoreHistory(models.Model):
    """A change of a lead's score, grade or qualification, with the lines that made it."""

    _name = "lead.score.history"
    _description = "Lead Score History"
    _order = "date desc, id desc"
    _log_access = False
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade")
    model_id = fields.Many2one(
        "lead.score.model", "Rule Set", readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, readonly=True)
    reason = fields.Selection(
        [
            ("first", "First evaluation"),
            ("facts", "Changed facts"),
            ("time", "Passing time"),
            ("publish", "New rules"),
            ("merge", "Merged leads"),
            ("unscored", "No rules any more"),
        ],
        readonly=True,
    )
    score_before = fields.Integer(readonly=True, aggregator=None)
    score = fields.Integer(readonly=True, aggregator=None)
    grade_before = fields.Char(readonly=True)
    grade = fields.Char(readonly=True)
    is_mql = fields.Boolean("Marketing Qualified", readonly=True)
    changes = fields.Json(readonly=True)
    summary = fields.Char("What Changed", compute="_compute_summary")

    _lead_date = models.Index("(lead_id, date DESC)")

    @api.depends("changes")
    def _compute_summary(self):
        for row in self:
            row.summary = "; ".join(
                f"{change['points']:+d} {change['text']}" for change in row._summarise()
            )

    def _get_changes(self) -> list[dict]:
        """The changed lines. What an entry does not say is that of a rule's new line."""
        self.ensure_one()
        unsaid = {"kind": "rule", "before": 0, "after": 0}
        return [unsaid | change for change in self.changes or []]

    def _summarise(self) -> list[dict]:
        """The changes of these rows of one lead, added up per rule, biggest first."""
        totals = {}
        for row in self:
            for change in row._get_changes():
                # the text of the latest change of a line tells the whole story best
                key = (change["kind"], change["key"])
                points = totals.get(key, {"points": 0})["points"]
                totals[key] = {
                    "points": points + change["after"] - change["before"],
                    "text": row._get_change_text(change),
                }
        moved = [change for change in totals.values() if change["points"]]
        return sorted(moved, key=lambda change: -abs(change["points"]))

    def _get_change_text(self, change) -> str:
        """“Clicked a link: Email Link Clicked: Newsletter” or “Decay: Clicked a link”."""
        name = self._get_line_name(change)
        if change["kind"] != "rule":
            return self.env._("limit of %(name)s", name=name)
        if self.reason == "unscored":
            return self.env._("no longer: %(name)s", name=name)
        if change.get("count") is None and change.get("count_before") is None:
            if not change["after"]:
                return self.env._("no longer: %(name)s", name=name)
            return name
        touch_id = change.get("touch")
        if touch_id:
            # sudo: who may read the change may know the touch behind it
            touch = self.env["marketing.touchpoint"].sudo().browse(touch_id).exists()
            return f"{name} ({touch.display_name})" if touch else name
        if change.get("raw") == change.get("raw_before"):
            return self.env._("decay: %(name)s", name=name)
        return self.env._("expired: %(name)s", name=name)

    def _get_line_name(self, change) -> str:
        if change["kind"] in ("rule", "rule_limit"):
            # sudo: who may read the change may know the name of its rule
            record = self.env["lead.score.rule"].sudo().browse(change["rule"]).exists()
        elif change["kind"] == "group_limit":
            # sudo: see above
            record = self.env["lead.score.group"].sudo().browse(change["group"]).exists()
        else:
            return self.env._("the total")
        return record.name if record else self.env._("a deleted rule")

    @api.autovacuum
    def _gc_old_rows(self):
        """Forget rows older than the setting says, but never the latest one of a lead."""
        # sudo: how long history is kept is no secret
        months = int(
            self.env["ir.config_parameter"].sudo().get_param("lead_scoring.history_months") or 0
        )
        if months <= 0:
            return 0, 0
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM lead_score_history WHERE id = ANY(ARRAY(
                    SELECT old.id FROM lead_score_history old
                     WHERE old.date < %s
                       AND EXISTS (SELECT 1 FROM lead_score_history newer
                                    WHERE newer.lead_id = old.lead_id
                                      AND (newer.date, newer.id) > (old.date, old.id))
                     LIMIT %s))
                """,
                fields.Datetime.now() - relativedelta(months=months),
                GC_BATCH,
            )
        )
        forgotten = self.env.cr.rowcount
        self.invalidate_model()
        return forgotten, int(forgotten == GC_BATCH)
