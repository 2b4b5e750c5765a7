from odoo import fields, models
from odoo.tools import SQL

TIMELINE_LENGTH = 80
READERS = "sales_team.group_sale_salesman,mass_mailing.group_mass_mailing_user"


class MarketingTouchpointMixin(models.AbstractModel):
    """A record with a timeline of touches: a lead, a contact, a campaign.

    The model says which touches are its own in :meth:`_get_touchpoint_query`; what the user may
    see of them is decided by the rights on touches.
    """

    _name = "marketing.touchpoint.mixin"
    _description = "Has a Timeline of Touchpoints"

    touchpoint_count = fields.Integer(
        string="Touches",
        compute="_compute_touchpoint_count",
        groups=READERS,
        help="Touches by people; those of machines are not counted.",
    )
    touchpoint_ids = fields.Many2many(
        "marketing.touchpoint",
        string="Timeline",
        compute="_compute_touchpoint_ids",
        groups=READERS,
        help="The latest touches, machines greyed out.",
    )

    def _compute_touchpoint_count(self):
        counts = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT owner_id, count(*) FROM (%s) AS own
                      JOIN marketing_touchpoint t ON t.id = own.touchpoint_id
                     WHERE NOT t.is_bot AND t.id IN %s
                  GROUP BY owner_id
                    """,
                    self._get_touchpoint_query(),
                    self._readable_touchpoints(),
                )
            )
            if self.ids
            else ()
        )
        for record in self:
            record.touchpoint_count = counts.get(record._origin.id, 0)

    def _compute_touchpoint_ids(self):
        latest = dict(self._latest_touchpoints()) if self.ids else {}
        for record in self:
            record.touchpoint_ids = latest.get(record._origin.id, [])

    def _latest_touchpoints(self):
        """Pairs of owner id and the ids of its latest touches, newest first."""
        return self.env.execute_query(
            SQL(
                """
                SELECT owner_id, array_agg(id ORDER BY date DESC, id DESC)
                  FROM (SELECT own.owner_id, t.id, t.date,
                               row_number() OVER (PARTITION BY own.owner_id
                                                      ORDER BY t.date DESC, t.id DESC) AS nr
                          FROM (%s) AS own
                          JOIN marketing_touchpoint t ON t.id = own.touchpoint_id
                         WHERE t.id IN %s) AS ranked
                 WHERE nr <= %s
              GROUP BY owner_id
                """,
                self._get_touchpoint_query(),
                self._readable_touchpoints(),
                TIMELINE_LENGTH,
            )
        )

    def action_view_touchpoints(self):
        """All touches of this record, not only the latest."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_touchpoint.marketing_touchpoint_action"
        )
        rows = self.env.execute_query(self._get_touchpoint_query())
        action["domain"] = [("id", "in", [touch_id for _owner, touch_id in rows])]
        action["context"] = {}
        return action

    def _readable_touchpoints(self):
        self.env["marketing.touchpoint"].flush_model()
        return self.env["marketing.touchpoint"]._search([]).subselect()

    def _get_touchpoint_query(self) -> SQL:
        """SELECT owner_id, touchpoint_id for the records in ``self``, each pair once."""
        raise NotImplementedError

    def _touchpoints_by_column(self, column):
        self.flush_model()
        return SQL(
            "SELECT %(column)s AS owner_id, id AS touchpoint_id FROM marketing_touchpoint"
            " WHERE %(column)s IN %(ids)s",
            column=SQL.identifier(column),
            ids=tuple(self.ids) or (0,),
        )

    def _touchpoints_of_people(self, partner_column, lead=None):
        """Touches of the person a record stands for: by contact, else by address.

        An address counts only while it does not belong to somebody else: two contacts may share
        one mailbox.
        """
        self.flush_model([partner_column, "email_normalized"] if partner_column != "id" else None)
        partner = SQL("o.%s", SQL.identifier(partner_column))
        matches = [
            SQL("t.partner_id = %s", partner),
            SQL(
                """t.email_normalized = o.email_normalized
                   AND (t.partner_id IS NULL OR %(partner)s IS NULL OR t.partner_id = %(partner)s)
                """,
                partner=partner,
            ),
        ]
        if lead:
            matches.append(lead)
        return SQL(" UNION ").join(
            SQL(
                """SELECT o.id AS owner_id, t.id AS touchpoint_id
                     FROM %s AS o JOIN marketing_touchpoint t ON %s WHERE o.id IN %s""",
                SQL.identifier(self._table),
                match,
                tuple(self.ids) or (0,),
            )
            for match in matches
        )
