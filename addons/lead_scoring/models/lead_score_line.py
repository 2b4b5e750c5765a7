from odoo import fields, models


class SettledMany2one(fields.Many2one):
    """A many2one without a foreign key, for rows that come by the million.

    Checking three foreign keys took longer than writing the line. They could never fail: lines
    are written by one statement from the rules themselves, what they point to belongs to a rule
    set that is no longer a draft and therefore cannot be changed, and deleting a rule set deletes
    its lines.
    """

    def update_db_foreign_key(self, model, column):
        """There is none."""


class LeadScoreLine(models.Model):
    """Why a lead has its score: one line per rule that gives points and per limit that bites.

    Written by the engine only. The points of a lead's lines for one rule set add up to the
    lead's score in that rule set.
    """

    _name = "lead.score.line"
    _description = "Lead Score Line"
    _order = "lead_id, axis desc, group_id, id"
    _log_access = False

    lead_id = fields.Many2one("crm.lead", required=True, ondelete="cascade")
    model_id = SettledMany2one("lead.score.model", "Rule Set", required=True, ondelete="cascade")
    group_id = SettledMany2one("lead.score.group", "Group", ondelete="cascade")
    rule_id = SettledMany2one("lead.score.rule", "Rule", ondelete="cascade")
    kind = fields.Selection(
        [
            ("rule", "Rule"),
            ("rule_limit", "Limit of a rule"),
            ("group_limit", "Limit of a group"),
            ("total_limit", "Limit of the rule set"),
        ],
        required=True,
    )
    axis = fields.Selection([("fit", "Fit"), ("engagement", "Engagement")])
    raw = fields.Integer("Points Before Decay")
    decayed = fields.Float("Points After Decay")
    points = fields.Integer()
    event_count = fields.Integer("Events")
    date_last = fields.Datetime("Latest Event")
    evidence = fields.Json(help="The ids of the counted touches, latest first.")

    _unique_line = models.UniqueIndex(
        "(lead_id, model_id, kind, COALESCE(rule_id, 0), COALESCE(group_id, 0))"
    )

    def _sorted_for_reading(self):
        """Fit before engagement, groups and rules in their order, limits after what they limit."""
        order = {"rule": 0, "rule_limit": 1, "group_limit": 2, "total_limit": 3}

        def key(line):
            rule, group = line.rule_id, line.group_id
            return (
                {"fit": 0, "engagement": 1}.get(line.axis, 2),
                (group.sequence, group.id),
                line.kind == "group_limit",
                (rule.sequence, rule.id),
                order[line.kind],
            )

        return self.sorted(key)

    def _prepare_explanation(self) -> dict:
        self.ensure_one()
        return {
            "kind": self.kind,
            "rule": self._get_label(),
            "group": self.group_id.name or False,
            "axis": self.axis or False,
            "raw": self.raw if self.kind == "rule" else False,
            "decayed": self.decayed if self.kind == "rule" else False,
            "points": self.points,
            "count": self.event_count or 0,
            "evidence": self._get_evidence(),
        }

    def _get_label(self) -> str:
        if self.kind == "rule":
            return self.rule_id.name
        labels = {
            "rule_limit": self.env._("Limit of “%(name)s”", name=self.rule_id.name or ""),
            "group_limit": self.env._("Limit of group “%(name)s”", name=self.group_id.name or ""),
            "total_limit": self.env._("Limit of the total"),
        }
        return labels[self.kind]

    def _get_evidence(self) -> list[dict]:
        touches = self.env["marketing.touchpoint"].browse(self.evidence or []).exists()
        return [
            {
                "id": touch.id,
                "name": touch.display_name,
                "date": fields.Datetime.to_string(touch.date),
                "campaign": touch.campaign_id.display_name or False,
            }
            for touch in touches
        ]
