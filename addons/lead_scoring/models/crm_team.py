from odoo import api, fields, models, tools


class CrmTeam(models.Model):
    """A team chooses Odoo's own lead assignment or the assignment rules."""

    _inherit = "crm.team"

    assignment_engine = fields.Selection(
        [("native", "Odoo (monthly capacity)"), ("rules", "Assignment rules")],
        "Assigned By",
        required=True,
        default="native",
        tracking=True,
        help="Odoo: leads are spread by the members' average monthly capacity.\n"
        "Assignment rules: rules, pools and limits decide, turn by turn. The buttons and the "
        "scheduled action of Odoo then use the rules for this team, and so do leads without "
        "a team.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        self.env.registry.clear_cache()
        return teams

    def write(self, vals):
        result = super().write(vals)
        if "assignment_engine" in vals or "active" in vals:
            self.env.registry.clear_cache()
            self.env["lead.assignment.engine"]._wake()
        return result

    def _compute_assignment_enabled(self):
        """Rules show Odoo's "Assign Leads" on their teams; the others follow Odoo's setting."""
        result = super()._compute_assignment_enabled()
        setting = "crm.lead.auto.assignment"
        # sudo: Odoo's own setting, which salespeople may not read
        by_odoo = bool(self.env["ir.config_parameter"].sudo().get_param(setting))
        for team in self:
            team.assignment_enabled = by_odoo or team.assignment_engine == "rules"
            team.assignment_auto_enabled = team.assignment_auto_enabled and by_odoo
        return result

    @api.model
    @tools.ormcache()
    def _is_rules_engine_used(self) -> bool:
        """Does any team use the rules? Asked each time a lead is created."""
        # sudo: asked for whoever creates a lead; the answer is the same for everybody
        return bool(self.sudo().search_count([("assignment_engine", "=", "rules")], limit=1))

    # ------------------------------------------------------------
    # Odoo's buttons and scheduled action
    # ------------------------------------------------------------

    def _action_assign_leads(self, force_quota=False, creation_delta_days=7):
        """Teams with rules go first: what their rules take is not spread by capacity."""
        by_rules = self.filtered(lambda team: team.assignment_engine == "rules")
        allowed = self.env.user.has_group("sales_team.group_sale_manager") or self.env.is_system()
        by_member = by_rules._assign_leads_by_rules() if by_rules and allowed else {}
        teams_data, members_data = super(CrmTeam, self - by_rules)._action_assign_leads(
            force_quota=force_quota, creation_delta_days=creation_delta_days
        )
        return teams_data, {**members_data, **by_member}

    def _action_assign_leads_logs(self, teams_data, members_data):
        """Odoo would explain an empty result with capacity, which rules do not use."""
        if not members_data and all(team.assignment_engine == "rules" for team in self):
            return [self.env._("The assignment rules gave no lead: see Assignment Decisions.")]
        return super()._action_assign_leads_logs(teams_data, members_data)

    def _assign_leads_by_rules(self) -> dict:
        """Run the rules on the leads of these teams and on those without a team."""
        leads = (
            self.env["crm.lead"]
            .sudo()  # a lead of these teams is for the rules, whoever pressed the button
            .search(
                self.env["crm.lead"]._get_assignment_waiting_domain()
                & fields.Domain("team_id", "in", [*self.ids, False])
            )
        )
        verdicts = self.env["lead.assignment.engine"]._assign_for_button(leads, "native")
        return self._report_by_member(verdicts)

    def _report_by_member(self, verdicts) -> dict:
        """``{membership: {"assigned", "quota"}}`` as Odoo's notifications expect it."""
        members = {member.user_id.id: member for member in self.crm_team_member_ids}
        given = {}
        for verdict in verdicts:
            if verdict.owner in members:
                given.setdefault(members[verdict.owner], []).append(verdict.lead)
        return {
            member: {"assigned": self.env["crm.lead"].browse(leads), "quota": len(leads)}
            for member, leads in given.items()
        }
