from odoo import api, fields, models


class LeadAssignmentAbsence(models.Model):
    """Days somebody receives no leads, and who takes the turns meanwhile.

    Time off recorded on the person's working hours counts as well; this is for what is
    not recorded there, and for naming a substitute.
    """

    _name = "lead.assignment.absence"
    _description = "Absence from Lead Assignment"
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        "Salesperson",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    date_from = fields.Datetime("From", required=True)
    date_to = fields.Datetime("To", required=True)
    substitute_id = fields.Many2one(
        "res.users",
        "Substitute",
        ondelete="set null",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        help="Receives the leads of the absent person's turns. Empty: the turns pass on.",
    )

    _dates_in_order = models.Constraint(
        "CHECK(date_from < date_to)", "An absence ends after it begins."
    )
    _other_person = models.Constraint(
        "CHECK(user_id <> substitute_id)", "Nobody can be their own substitute."
    )

    @api.model
    def _read_away(self, user_ids, start, end) -> list[tuple]:
        """``(user, from, to, substitute)`` of the absences in a period, oldest record first."""
        return [
            (absence.user_id.id, absence.date_from, absence.date_to, absence.substitute_id.id)
            for absence in self.sudo().search(  # colleagues' absences decide whose turn it is
                [("user_id", "in", user_ids), ("date_from", "<=", end), ("date_to", ">", start)],
                order="id",
            )
        ]
