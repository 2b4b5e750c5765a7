from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class LeadAssignmentRule(models.Model):
    """Which leads go to which pool. The first rule that takes a lead decides.

    A rule takes an unassigned, open lead that meets its domain and is not older than it
    allows. What the rule wants the person and the lead to have in common (country, state,
    language, skills) narrows the pool, so one rule serves all countries.
    """

    _name = "lead.assignment.rule"
    _description = "Lead Assignment Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Only leads of this company, or of none. Empty: leads of all companies.",
    )
    domain = fields.Char("Leads", default="[]", required=True)
    max_age_days = fields.Integer(
        "Not Older Than (Days)", help="Leads created before are left alone. 0: any age"
    )
    pool_id = fields.Many2one(
        "lead.assignment.pool",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    when_nobody = fields.Selection(
        [("wait", "The lead waits"), ("next", "The next rules are tried")],
        "If Nobody Can Take It",
        required=True,
        default="wait",
        help="Wait: the lead is tried again with each run, until somebody is back, at work or "
        "below the limit. Next: it goes on to the next rule that takes it, at once.",
    )
    match_country = fields.Boolean("Same Country")
    match_state = fields.Boolean("Same State")
    match_language = fields.Boolean("Same Language")
    match_skill = fields.Boolean("Skills Cover Tags")
    # what else happens to the lead
    convert = fields.Boolean(
        "Convert to Opportunity",
        help="The lead becomes an opportunity the way Odoo does it: customer, stage, followers.",
    )
    partner_action = fields.Selection(
        [("match", "Link an existing one"), ("create", "Link or create")],
        "Customer",
        default="match",
        help="On conversion: only link a customer with the same e-mail, or create one if none.",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        "Activity to Schedule",
        domain="[('res_model', 'in', (False, 'crm.lead'))]",
    )
    activity_days = fields.Integer("Due After (Days)")
    activity_summary = fields.Char(translate=True)
    message = fields.Text(
        "Note on the Lead", translate=True, help="Posted as an internal note with each lead."
    )
    response_hours = fields.Float(
        "Answer Within (Hours)",
        help="Working hours of the salesperson to the first real action, for the leads of this "
        "rule, instead of what the follow-up policy says. 0: as the policy says.\n"
        "Reminders and passing on to somebody else are matters of the policy; without one the "
        "manager of the team is told when the time is over.",
    )
    response_since = fields.Datetime(
        readonly=True, copy=False, help="Leads received earlier are treated as if received then."
    )
    lead_count = fields.Integer("Waiting Leads Matched", compute="_compute_lead_count")

    _max_age_positive = models.Constraint(
        "CHECK(max_age_days >= 0)", "The age limit cannot be negative; 0 means any age."
    )

    _response_positive = models.Constraint(
        "CHECK(response_hours >= 0)", "The time to answer cannot be negative; 0 means none."
    )

    @api.depends("domain", "company_id", "max_age_days")
    def _compute_lead_count(self):
        Lead = self.env["crm.lead"]
        for rule in self:
            rule.lead_count = Lead.search_count(
                rule._get_lead_domain() & Lead._get_assignment_candidate_domain()
            )

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            try:
                rule._get_lead_domain().validate(self.env["crm.lead"])
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The condition of rule “%(rule)s” cannot be used: %(error)s",
                        rule=rule.name,
                        error=error,
                    )
                ) from error

    @api.constrains("company_id", "pool_id")
    def _check_pool_company(self):
        for rule in self:
            company = rule.pool_id.company_id
            if company and rule.company_id != company:
                raise ValidationError(
                    self.env._(
                        "Pool “%(pool)s” works for %(company)s only: choose that company on "
                        "rule “%(rule)s” or another pool.",
                        pool=rule.pool_id.name,
                        company=company.name,
                        rule=rule.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._start_deadline()
        self.env["lead.assignment.engine"]._wake()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if "response_hours" in vals:
            self._start_deadline()
        self.env["lead.assignment.engine"]._wake()
        return result

    def _start_deadline(self):
        """A time to answer counts from the day it is set, not for leads of long ago."""
        new = self.filtered(lambda rule: rule.response_hours and not rule.response_since)
        new.response_since = fields.Datetime.now()

    def action_test(self):
        """Which of the waiting leads this rule takes, and why the others fall through."""
        self.ensure_one()
        test = self.env["lead.assignment.simulation"].create({"rule_id": self.id})
        test._run()
        return test._get_action()

    def action_open_leads(self):
        """The unassigned leads this rule alone would take."""
        self.ensure_one()
        Lead = self.env["crm.lead"]
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_all_leads")
        action["domain"] = list(self._get_lead_domain() & Lead._get_assignment_candidate_domain())
        action["context"] = {"default_type": "lead"}
        return action

    def _get_condition(self) -> Domain:
        """What the manager has chosen in the editor."""
        self.ensure_one()
        return Domain(literal_eval(self.domain or "[]"))

    def _get_lead_domain(self) -> Domain:
        """Condition and company, without the age limit."""
        domain = self._get_condition()
        if self.company_id:
            domain &= Domain("company_id", "in", [self.company_id.id, False])
        return domain

    def _get_matching(self) -> frozenset[str]:
        """Dimensions in which the salesperson has to fit the lead."""
        self.ensure_one()
        dimensions = ("country", "state", "language", "skill")
        return frozenset(name for name in dimensions if self[f"match_{name}"])
