from odoo import fields, models


class LeadAssignmentTeamTurn(models.Model):
    """The turn pointer of a salesperson inside a team that is a member of a pool.

    Written by the engine together with the seat of the team, under the lock of the pool.
    """

    _name = "lead.assignment.team.turn"
    _description = "Turn Inside a Team"
    _order = "member_id, id"
    _rec_name = "user_id"

    member_id = fields.Many2one(
        "lead.assignment.pool.member", "Seat of the Team", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="member_id.company_id")
    user_id = fields.Many2one("res.users", "Salesperson", required=True, ondelete="cascade")
    credit = fields.Float(
        digits=0,
        aggregator=None,
        help="Leads of the team due so far minus leads given. Positive: the turn is near.",
    )

    _user_once = models.UniqueIndex(
        "(member_id, user_id)", "A salesperson has one turn in a team's seat."
    )
