from odoo import api, models


class LeadScoreBacktest(models.Model):
    """The result of a back-test in the words of its reader."""

    _inherit = "lead.score.backtest"

    def _describe(self) -> dict:
        """The stored figures with names and sentences in the reader's language."""
        self.ensure_one()
        result = self.result
        evidence = self.env["lead.score.evidence"]
        rule_ids = [row["rule"] for row in [*result["refused"], *result.get("rules", [])]]
        names = {
            rule.id: rule.name for rule in self.env["lead.score.rule"].browse(rule_ids).exists()
        }
        gone = self.env._("a deleted rule")
        report = {
            **result,
            "notes": self._get_notes(),
            "refused": [
                {
                    "rule": names.get(row["rule"], gone),
                    "reason": evidence._describe_refusal(*row["why"]),
                }
                for row in result["refused"]
            ],
        }
        if "contenders" in result:
            labels = self._get_contender_labels()
            report["contenders"] = [
                {**row, "name": labels[row["code"]]} for row in result["contenders"]
            ]
            report["rules"] = [
                {**row, "rule": names.get(row["rule"], gone)} for row in result["rules"]
            ]
        return report

    @api.model
    def _get_contender_labels(self) -> dict[str, str]:
        return {
            "these": self.env._("These rules"),
            "published": self.env._("Published rules"),
            "predictive": self.env._("Odoo's predictive method"),
            "chance": self.env._("Chance"),
        }

    def _get_notes(self) -> list[str]:
        result = self.result
        notes = [
            self.env._(
                "%(judged)s closed leads are judged; %(early)s were closed before the moment of "
                "scoring and %(open)s are still open.",
                judged=result["judged"],
                early=result["early"],
                open=result["open"],
            ),
            *self._get_verdict(),
        ]
        if result["untracked"]:
            labels = map(self.env["lead.score.evidence"]._get_label, result["untracked"])
            notes.append(
                self.env._(
                    "Not tracked, so taken as they are today: %(fields)s.",
                    fields=", ".join(labels),
                )
            )
        if result["rewound"]:
            notes.append(
                self.env._(
                    "%(count)s later changes of tracked fields were taken back.",
                    count=result["rewound"],
                )
            )
        return notes

    def _get_verdict(self) -> list[str]:
        """What the table says, for people who do not read tables."""
        contenders = {row["code"]: row for row in self.result.get("contenders", [])}
        if not contenders:
            return []
        own = contenders["these"]
        said = [
            self.env._("These rules rank won leads before lost ones better than chance.")
            if own["low"] > 0.5
            else self.env._(
                "These rules are not shown to be better than chance: the interval reaches 0.5."
            )
        ]
        if "predictive" not in contenders:
            said.append(
                self.env._(
                    "Odoo's predictive method is not shown: too few leads were closed before this "
                    "period to learn from."
                )
            )
        return said
