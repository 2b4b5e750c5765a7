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
    ("nobody_matches", "Nobody has this territory, language or skill"),
    ("nobody_available", "Everybody is paused, away or off work"),
    ("nobody_with_capacity", "Everybody is at a limit"),
    ("nobody_left", "Everybody else had this lead before"),
    ("waiting_claim", "Waiting to be claimed"),
    ("already_owned", "Already has a salesperson"),
    ("closed", "Won, lost or archived"),
    ("native_team", "The team uses Odoo's own assignment"),
    ("locked", "Being handled elsewhere at this moment"),
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
    former_user_id = fields.Many2one(
        "res.users", "Taken From", readonly=True, index="btree_not_null", ondelete="set null"
    )
    eligible = fields.Json(
        readonly=True,
        help="In order: user, weight, credit before and after, open leads when they counted.",
    )
    preferred = fields.Json(readonly=True)
    excluded = fields.Json(readonly=True, help="User and reason code.")
    company_id = fields.Many2one("res.company", readonly=True, index="btree_not_null")
    explanation = fields.Html(compute="_compute_explanation", sanitize=False)

    _pool_order_idx = models.Index("(pool_id, id)")

    @api.depends("eligible", "excluded", "reason")
    @api.depends_context("lang")
    def _compute_explanation(self):
        ids = {row[0] for decision in self for row in decision.eligible or []}
        ids |= {int(user) for decision in self for user in decision.excluded or {}}
        # Names only: whoever may read the decision may know who took part in it.
        users = self.env["res.users"].sudo().browse(sorted(ids)).exists()
        names = {user.id: user.name for user in users}
        for decision in self:
            decision.explanation = decision._explain(names)

    def _explain(self, names: dict[int, str]) -> Markup:
        """Who could have received the lead, with their turn, and who could not and why."""
        labels = dict(self._fields["reason"]._description_selection(self.env))
        exclusions = self._get_exclusion_labels()
        gone = self.env._("Deleted user")
        rows = [
            Markup("<tr><td>%s%s</td><td>%s</td><td>%+.2f</td><td>%+.2f</td></tr>")
            % (
                names.get(user, gone),
                Markup(" <i class='fa fa-check text-success' title='%s'/>") % self.env._("Turn")
                if user == self.turn_user_id.id
                else "",
                weight,
                to_leads(before),
                to_leads(after),
            )
            for user, weight, before, after, *_load in self.eligible or []
        ]
        rows += [
            Markup("<tr class='text-muted'><td>%s</td><td colspan='3'>%s</td></tr>")
            % (names.get(int(user), gone), exclusions.get(reason, reason))
            for user, reason in (self.excluded or {}).items()
        ]
        head = Markup("<tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr>") % (
            self.env._("Salesperson"),
            self.env._("Weight"),
            self.env._("Due before"),
            self.env._("Due after"),
        )
        table = Markup("<table class='table table-sm'>%s%s</table>") % (head, Markup().join(rows))
        return Markup("<p><b>%s</b></p>%s") % (labels[self.reason], table if rows else "")

    @api.model
    def _get_exclusion_labels(self) -> dict[str, str]:
        """Readable reasons why a salesperson could not receive a lead."""
        return {
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
        rows = self.eligible or []
        return routing.Verdict(
            lead=self.lead_id.id,
            rule=self.rule_id.id,
            pool=self.pool_id.id,
            method=self.method,
            reason=self.reason,
            owner=self.user_id.id or None,
            seat=self.turn_user_id.id or None,
            eligible={user: weight for user, weight, *_rest in rows},
            before={user: before for user, _w, before, *_rest in rows},
            after={user: after for user, _w, _b, after, *_rest in rows},
            loads={user: load[0] for user, _w, _b, _a, *load in rows if load},
            preferred=tuple(self.preferred or ()),
        )

    def _replay(self) -> dict:
        """Decide again from the stored facts: the decisions that come out differently."""
        turns = self.filtered(lambda decision: decision.reason not in ("manual", "claimed"))
        replayed = {
            decision: routing.replayed_owner(decision._to_verdict())
            for decision in turns
            if decision.turn_user_id
        }
        return {d: user for d, user in replayed.items() if user != d.turn_user_id.id}

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
                       requested_by, reason, user_id, turn_user_id, former_user_id, eligible,
                       preferred, excluded, company_id)
                SELECT %(uid)s, %(now)s, %(uid)s, %(now)s, %(now)s, fact.run, fact.lead_id,
                       lead.name, lead.expected_revenue, fact.rule_id, fact.pool_id,
                       fact.method, fact.trigger, %(uid)s, fact.reason, fact.user_id,
                       fact.turn_user_id, fact.former_user_id, fact.eligible, fact.preferred,
                       fact.excluded,
                       COALESCE(lead.company_id, pool.company_id)
                  FROM jsonb_to_recordset(%(facts)s::jsonb) AS fact(
                       number int, run varchar, lead_id int, rule_id int, pool_id int,
                       method varchar, trigger varchar, reason varchar, user_id int,
                       turn_user_id int, former_user_id int, eligible jsonb, preferred jsonb,
                       excluded jsonb)
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
