import json

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import routing
from ..tools.round_robin import to_leads

GIVEN_REASONS = [
    ("next_in_turn", "Next in turn"),
    ("least_loaded", "Fewest open leads"),
    ("territory_owner", "Owner of the territory"),
    ("account_owner", "Owner of the account"),
    ("substitute", "Substitute for the one in turn"),
    ("manual", "Given by hand"),
    ("claimed", "Claimed from the queue"),
]
LEFT_REASONS = [
    ("no_rule", "No rule takes this lead"),
    ("too_old", "Too old for the rule"),
    ("empty_pool", "The pool has no members"),
    ("nobody_matches", "Nobody has its territory, language, skills or company"),
    ("nobody_available", "Everybody is paused, away or off work"),
    ("nobody_with_capacity", "Everybody is at a limit"),
    ("nobody_left", "Everybody else had this lead before"),
    ("waiting_claim", "Waiting to be claimed"),
    ("already_owned", "Already has a salesperson"),
    ("closed", "Won, lost or archived"),
    ("native_team", "The team uses Odoo's own assignment"),
    ("locked", "Being handled elsewhere at this moment"),
    ("failed", "An error stopped it"),
]


class LeadAssignmentDecision(models.Model):
    """Ledger of assignment: one row per lead and decision, never changed afterwards.

    It holds everything the decision rests on, so that it can be explained to the people
    concerned and replayed: ``_replay()`` must give the same salesperson.
    """

    _name = "lead.assignment.decision"
    _description = "Lead Assignment Decision"
    _order = "id desc"
    _rec_name = "lead_name"

    date = fields.Datetime(required=True, readonly=True)
    run = fields.Char(readonly=True, help="Decisions of one run carry the same mark.")
    lead_id = fields.Many2one("crm.lead", readonly=True, index=True, ondelete="set null")
    lead_name = fields.Char("Name of Lead", readonly=True)
    expected_revenue = fields.Float(readonly=True)
    rule_id = fields.Many2one(
        "lead.assignment.rule", readonly=True, index="btree_not_null", ondelete="set null"
    )
    pool_id = fields.Many2one(
        "lead.assignment.pool", readonly=True, index="btree_not_null", ondelete="set null"
    )
    method = fields.Char(readonly=True)
    trigger = fields.Selection(
        [
            ("cron", "Scheduled run"),
            ("button", "Button"),
            ("native", "Odoo's lead assignment"),
            ("manual", "By hand"),
            ("claim", "Claimed"),
            ("reroute", "No response in time"),
            ("recycle", "Protection ended"),
            ("revive", "Lost lead revived"),
        ],
        readonly=True,
        required=True,
    )
    requested_by = fields.Many2one("res.users", readonly=True, ondelete="set null")
    reason = fields.Selection(GIVEN_REASONS + LEFT_REASONS, readonly=True, required=True)
    user_id = fields.Many2one(
        "res.users", "Given To", readonly=True, index="btree_not_null", ondelete="set null"
    )
    turn_user_id = fields.Many2one(
        "res.users", "In the Turn Of", readonly=True, ondelete="set null"
    )
    turn_team_id = fields.Many2one(
        "crm.team", "In the Turn Of Team", readonly=True, ondelete="set null"
    )
    former_user_id = fields.Many2one(
        "res.users", "Taken From", readonly=True, index="btree_not_null", ondelete="set null"
    )
    eligible = fields.Json(
        readonly=True,
        help="In order: user (minus the team, for a team), weight, credit before and after, "
        "open leads when they counted.",
    )
    rotation = fields.Json(
        readonly=True,
        help="In the same order: leads given since these people came together, before this one.",
    )
    preferred = fields.Json(readonly=True)
    excluded = fields.Json(readonly=True, help="User and reason code.")
    team_choice = fields.Json(readonly=True, help="The same facts about the turn in the team.")
    error = fields.Char(readonly=True, help="What stopped it; the server's log has the details.")
    company_id = fields.Many2one("res.company", readonly=True, index="btree_not_null")
    explanation = fields.Html(compute="_compute_explanation", sanitize=False)

    _pool_order_idx = models.Index("(pool_id, id)")

    @api.depends("eligible", "excluded", "reason", "team_choice", "error")
    @api.depends_context("lang")
    def _compute_explanation(self):
        seats = {row[0] for choice in self._get_choices() for row in choice["eligible"] or []}
        seats |= {int(seat) for choice in self._get_choices() for seat in choice["excluded"] or {}}
        # sudo, for names only: whoever may read the decision may know who took part in it
        users = self.env["res.users"].sudo().browse(s for s in seats if s > 0).exists()
        teams = self.env["crm.team"].sudo().browse(-s for s in seats if s < 0).exists()
        names = {user.id: user.name for user in users} | {-team.id: team.name for team in teams}
        for decision in self:
            decision.explanation = decision._explain(names)

    def _get_choices(self) -> list[dict]:
        """The facts of each turn: of the pool, and of the team it went to, if any."""
        choices = [{"eligible": row.eligible, "excluded": row.excluded} for row in self]
        return choices + [row.team_choice for row in self if row.team_choice]

    def _explain(self, names: dict[int, str]) -> Markup:
        """Who could have received the lead, with their turn, and who could not and why."""
        labels = dict(self._fields["reason"]._description_selection(self.env))
        html = Markup("<p><b>%s</b></p>") % labels[self.reason]
        if self.error:
            html += Markup("<p class='text-danger'>%s</p>") % self.error
        team = self.turn_team_id
        turn = -team.id if team else self.turn_user_id.id
        html += self._explain_choice(self.eligible, self.excluded, turn, names)
        if self.team_choice:
            html += Markup("<p>%s</p>") % self.env._("In team %(team)s:", team=team.name)
            html += self._explain_choice(
                self.team_choice["eligible"],
                self.team_choice["excluded"],
                self.turn_user_id.id,
                names,
            )
        return html

    def _explain_choice(self, eligible, excluded, turn, names) -> Markup:
        """A row per person or team: weight and turns, or why not."""
        exclusions = self._get_exclusion_labels()
        gone = self.env._("Deleted user")
        mark = Markup(" <i class='fa fa-check text-success' title='%s'></i>") % self.env._("Turn")
        rows = [
            Markup("<tr><td>%s%s</td><td>%s</td><td>%+.2f</td><td>%+.2f</td></tr>")
            % (
                names.get(seat, gone),
                mark if seat == turn else "",
                weight,
                to_leads(before),
                to_leads(after),
            )
            for seat, weight, before, after, *_load in eligible or []
        ]
        rows += [
            Markup("<tr class='text-muted'><td>%s</td><td colspan='3'>%s</td></tr>")
            % (names.get(int(seat), gone), exclusions.get(reason, reason))
            for seat, reason in (excluded or {}).items()
        ]
        if not rows:
            return Markup()
        head = Markup("<tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr>") % (
            self.env._("Salesperson"),
            self.env._("Weight"),
            self.env._("Due before"),
            self.env._("Due after"),
        )
        return Markup("<table class='table table-sm'>%s%s</table>") % (head, Markup().join(rows))

    @api.model
    def _get_exclusion_labels(self) -> dict[str, str]:
        """Readable reasons why a salesperson could not receive a lead."""
        return {
            "empty_team": self.env._("Team without salespeople"),
            "inactive": self.env._("User or seat archived"),
            "opted_out": self.env._("Paused"),
            "absent": self.env._("Away"),
            "off_hours": self.env._("Outside working hours"),
            "company": self.env._("Not in the lead's company"),
            "country": self.env._("Other country"),
            "state": self.env._("Other state"),
            "language": self.env._("Other language"),
            "skill": self.env._("Skills do not cover the tags"),
            "former_owner": self.env._("Had this lead before"),
            "capacity_day": self.env._("Daily limit reached"),
            "capacity_week": self.env._("Weekly limit reached"),
            "capacity_month": self.env._("Monthly limit reached"),
            "backlog": self.env._("Too many open leads"),
        }

    def _to_verdict(self) -> routing.Verdict:
        """The stored facts, as the pure decision knows them."""
        self.ensure_one()
        choice = {name: self[name] for name in ("eligible", "rotation", "preferred", "excluded")}
        user, team = self.turn_user_id.id or None, self.turn_team_id.id
        inner = self.team_choice and _verdict(
            {"lead": self.lead_id.id, "rule": None, "pool": None, "reason": self.reason},
            {**self.team_choice, "seat": user},
        )
        return _verdict(
            {
                "lead": self.lead_id.id,
                "rule": self.rule_id.id,
                "pool": self.pool_id.id,
                "reason": self.reason,
                "owner": self.user_id.id or None,
                "inner": inner or None,
            },
            {**choice, "method": self.method, "seat": -team if team else user},
        )

    def action_replay(self):
        """Decide these again, and say whether the same people come out."""
        decided = self._get_replayable()
        changed = decided._replay()
        if changed:
            message = self.env._(
                "%(changed)s of %(count)s decisions come out differently, so what they rest on "
                "was changed: %(leads)s",
                changed=len(changed),
                count=len(decided),
                leads=", ".join(decision.display_name for decision in list(changed)[:10]),
            )
        elif decided:
            message = self.env._(
                "%(count)s decisions of the rules, decided again: the same salespeople.",
                count=len(decided),
            )
        else:
            message = self.env._("None of these was decided by turns.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if changed else "success" if decided else "info",
                "message": message,
                "sticky": bool(changed),
            },
        }

    def _get_replayable(self):
        """Decisions of the rules that gave the lead to somebody.

        Decisions of people (by hand, claimed) are theirs, and are not decided again; nor are
        those of earlier versions, which did not note the leads given since (``rotation``).
        """
        return self.filtered(
            lambda decision: (
                decision.reason not in ("manual", "claimed")
                and decision.turn_user_id
                and decision.rotation
            )
        )

    def _replay(self) -> dict:
        """Decide again from the stored facts: the decisions that come out differently."""
        replayed = {}
        for decision in self._get_replayable():
            verdict = decision._to_verdict()
            if (turn := routing.replayed_turn(verdict)) != verdict.seat:
                replayed[decision] = turn
        return replayed

    @api.model
    def _record(self, rows: list[dict]) -> None:
        """Append rows with one statement, however many. Json values are lists or dicts."""
        if not rows:
            return
        self.env.execute_query(
            SQL(
                """
                INSERT INTO lead_assignment_decision (
                       create_uid, create_date, write_uid, write_date, date, run, lead_id,
                       lead_name, expected_revenue, rule_id, pool_id, method, trigger,
                       requested_by, reason, user_id, turn_user_id, turn_team_id,
                       former_user_id, eligible, rotation, preferred, excluded, team_choice,
                       error, company_id)
                SELECT %(uid)s, %(now)s, %(uid)s, %(now)s, %(now)s, fact.run, fact.lead_id,
                       lead.name, lead.expected_revenue, fact.rule_id, fact.pool_id,
                       fact.method, fact.trigger, %(uid)s, fact.reason, fact.user_id,
                       fact.turn_user_id, fact.turn_team_id, fact.former_user_id, fact.eligible,
                       fact.rotation, fact.preferred, fact.excluded, fact.team_choice,
                       fact.error, COALESCE(lead.company_id, pool.company_id)
                  FROM jsonb_to_recordset(%(facts)s::jsonb) AS fact(
                       number int, run varchar, lead_id int, rule_id int, pool_id int,
                       method varchar, trigger varchar, reason varchar, user_id int,
                       turn_user_id int, turn_team_id int, former_user_id int, eligible jsonb,
                       rotation jsonb, preferred jsonb, excluded jsonb, team_choice jsonb,
                       error varchar)
                  JOIN crm_lead lead ON lead.id = fact.lead_id
             LEFT JOIN lead_assignment_pool pool ON pool.id = fact.pool_id
              ORDER BY fact.number
             RETURNING id
                """,
                uid=self.env.uid,
                now=self.env.cr.now(),
                facts=json.dumps([{"number": n, **row} for n, row in enumerate(rows)]),
            )
        )


def _verdict(base: dict, choice: dict) -> routing.Verdict:
    """A verdict from the stored facts of one turn."""
    rows = choice["eligible"] or []
    return routing.Verdict(
        **base,
        method=choice["method"],
        seat=choice["seat"],
        eligible={seat: weight for seat, weight, *_rest in rows},
        before={seat: before for seat, _w, before, *_rest in rows},
        after={seat: after for seat, _w, _b, after, *_rest in rows},
        given={row[0]: count for row, count in zip(rows, choice["rotation"] or (), strict=False)},
        loads={seat: load[0] for seat, _w, _b, _a, *load in rows if load},
        preferred=tuple(choice["preferred"] or ()),
    )
