import logging
from datetime import timedelta

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import score_evaluation as evaluation

_logger = logging.getLogger(__name__)

#: Fewer wins or losses than this prove nothing.
MIN_CASES = 50
#: More leads than this are evaluated by the job.
AT_ONCE = 20_000
BAND_COUNT = 5


class LeadScoreBacktest(models.Model):
    """Try a rule set on closed leads before it decides about open ones.

    Takes leads created in a period that were won or lost since, scores each with the facts as
    they were some days after its creation, and compares with how it ended.

    * Facts: touches up to that moment; tracked fields of the lead rewound to it. Fields that are
      not tracked are taken as they are now, and the report says which.
    * Rules that look at the outcome (stage, probability, closing date, owner, orders...) or at
      today's date are left out, each with its reason.
    * Leads that were already closed at that moment, or are still open, are not judged.
    * A period in which a suggestion learned its points is refused: nobody marks their own homework.
    * With too few wins or losses there is no verdict: "not enough evidence".
    """

    _name = "lead.score.backtest"
    _description = "Lead Score Back-test"
    _order = "id desc"
    _rec_name = "model_id"

    model_id = fields.Many2one(
        "lead.score.model", "Rule Set", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="model_id.company_id", store=True, index=True)
    date_from = fields.Date(
        "Leads Created From",
        required=True,
        default=lambda self: fields.Date.subtract(fields.Date.today(), years=1),
    )
    date_to = fields.Date("To", required=True, default=fields.Date.today)
    days = fields.Integer(
        "Scored After (days)",
        required=True,
        default=1,
        help="Each lead is scored with what was known so many days after its creation.",
    )
    outcome = fields.Selection(
        [("won", "Won deals"), ("revenue", "Won revenue")],
        required=True,
        default="won",
        help="What lift and gains count: every won lead alike, or its expected revenue.",
    )
    capacity = fields.Integer(
        "Leads per Week",
        default=40,
        help="How many leads the team can work on per week: the precision of the best so many "
        "leads of each week is shown.",
    )
    state = fields.Selection(
        [
            ("draft", "Not run"),
            ("todo", "Waiting"),
            ("done", "Done"),
            ("insufficient", "Not enough evidence"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    date_run = fields.Datetime("Run On", readonly=True, copy=False)
    lead_count = fields.Integer("Leads Judged", readonly=True, copy=False)
    won_count = fields.Integer("Won", readonly=True, copy=False)
    auc = fields.Float("AUC", digits=(6, 3), readonly=True, copy=False, aggregator=None)
    auc_low = fields.Float("AUC From", digits=(6, 3), readonly=True, copy=False, aggregator=None)
    auc_high = fields.Float("AUC To", digits=(6, 3), readonly=True, copy=False, aggregator=None)
    result = fields.Json(readonly=True, copy=False)
    # the result in the words of its reader's language
    report = fields.Json(compute="_compute_report")

    _period = models.Constraint(
        "CHECK(date_from <= date_to)", "The period must begin before it ends."
    )
    _positive = models.Constraint(
        "CHECK(days >= 0 AND capacity >= 1)",
        "Days cannot be negative, and the team must be able to work on at least one lead.",
    )

    @api.depends("result")
    @api.depends_context("lang")
    def _compute_report(self):
        for test in self:
            test.report = test._describe() if test.result else False

    @api.constrains("model_id", "date_from")
    def _check_not_trained_on(self):
        for test in self:
            learned = test.model_id.date_learned_until
            if learned and test.date_from <= learned:
                raise ValidationError(
                    self.env._(
                        "The points of “%(model)s” were learned from leads created until %(date)s. "
                        "Test them on later leads.",
                        model=test.model_id.name,
                        date=learned,
                    )
                )

    def action_run(self):
        """Run at once, or by the job when there is a lot to do."""
        self.check_access("write")
        for test in self:
            if not test.model_id.rule_ids:
                raise UserError(self.env._("The rule set has no rules to test."))
            # sudo: judging a rule set takes all leads it is meant for
            if test.env["crm.lead"].sudo().search_count(test._get_domain()) > AT_ONCE:
                test.state = "todo"
                # sudo: whoever tests rules may wake the job without rights on jobs
                self.env.ref("lead_scoring.ir_cron_backtest").sudo()._trigger()
            else:
                # sudo: see above
                test.sudo()._run()
        return True

    @api.model
    def _cron_process(self):
        cron = self.env["ir.cron"]
        domain = [("state", "=", "todo")]
        cron._commit_progress(remaining=self.search_count(domain))
        while test := self.search(domain, order="id", limit=1).try_lock_for_update():
            test._run()
            if not cron._commit_progress(1):
                break

    # ------------------------------------------------------------------
    # Which leads, which rules
    # ------------------------------------------------------------------

    def _get_domain(self) -> Domain:
        """Closed leads of the period that this rule set is meant for."""
        self.ensure_one()
        return (
            Domain("active", "in", [True, False])
            & Domain("won_status", "in", ("won", "lost"))
            & self._get_period_domain()
        )

    def _get_period_domain(self) -> Domain:
        return (
            Domain("create_date", ">=", fields.Datetime.to_datetime(self.date_from))
            & Domain("create_date", "<", fields.Datetime.to_datetime(self.date_to) + timedelta(1))
            & self.model_id._get_scope_domain()
        )

    @api.model
    def _scope_query(self, model, domain, days) -> SQL:
        """Closed leads and the moment of their judgement; not those closed before it."""
        moment = SQL("lead.create_date + %s * interval '1 day'", days)
        return SQL(
            """
            SELECT lead.id, %(moment)s FROM crm_lead lead
             WHERE lead.id IN %(leads)s
               AND (lead.date_closed IS NULL OR lead.date_closed > %(moment)s)
            """,
            moment=moment,
            leads=self.env["lead.score.engine"]._lead_query(model, domain).subselect(),
        )

    # ------------------------------------------------------------------
    # The run
    # ------------------------------------------------------------------

    def _run(self):
        self.ensure_one()
        self.env.flush_all()
        history = self.env["lead.score.evidence"]
        rules, refused = history._split_rules(self.model_id)
        table = history._collect(
            self.model_id, rules, self._scope_query(self.model_id, self._get_domain(), self.days)
        )
        judged = len(table["won"])
        vals = {
            "date_run": fields.Datetime.now(),
            "lead_count": judged,
            "won_count": int(table["won"].sum()),
            "auc": False,
            "auc_low": False,
            "auc_high": False,
        }
        result = {
            "refused": [{"rule": rule.id, "why": why} for rule, why in refused],
            **self._get_circumstances(table, rules),
        }
        if min(vals["won_count"], judged - vals["won_count"]) < MIN_CASES:
            self.write({**vals, "state": "insufficient", "result": result})
            return
        value = table["revenue"] if self.outcome == "revenue" else table["won"].astype(float)
        rule_set = self._get_rule_set(table, rules)
        scores = rule_set.total()
        low, middle, high = evaluation.auc_interval(scores, table["won"])
        result.update(
            contenders=self._get_contenders(table, scores, value),
            deciles=evaluation.deciles(scores, value),
            bands=self._get_bands(scores, table),
            rules=self._get_rule_rows(rules, rule_set, table["won"]),
            outcome=self.outcome,
            capacity=self.capacity,
            base_rate=float(table["won"].mean()),
        )
        self.write(
            {
                **vals,
                "state": "done",
                "auc": middle,
                "auc_low": low,
                "auc_high": high,
                "result": result,
            }
        )

    def _get_rule_set(self, table, rules) -> evaluation.RuleSetPoints:
        model = self.model_id
        return evaluation.RuleSetPoints(
            points=table["points"],
            group_of=np.array([rule.group_id.id for rule in rules], dtype=int),
            group_limits={
                group.id: (group.points_min, group.points_max)
                for group in model.group_ids
                if group.is_limited
            },
            total_limit=(model.points_min, model.points_max) if model.is_limited else None,
        )

    def _get_circumstances(self, table, rules) -> dict:
        """What a reader must know to judge the judgement."""
        # sudo: see action_run
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        return {
            "judged": len(table["won"]),
            "early": leads.search_count(self._get_domain()) - len(table["won"]),
            "open": leads.search_count(
                self._get_period_domain() & Domain("won_status", "=", "pending")
            ),
            "untracked": self.env["lead.score.evidence"]._get_untracked_fields(rules),
            "rewound": table["rewound"],
        }
