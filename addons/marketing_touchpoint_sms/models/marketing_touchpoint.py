from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import SQL


class MarketingTouchpoint(models.Model):
    _inherit = "marketing.touchpoint"

    kind = fields.Selection(
        selection_add=[("sms_click", "SMS Link Clicked")], ondelete={"sms_click": "cascade"}
    )

    @api.model
    def _link_click_source(self):
        """Links in text messages are clicks of a person, too.

        Text messages go to a number: the person is the mailed contact or lead, or the address of
        the mailing contact.
        """
        spec = super()._link_click_source()
        return replace(
            spec,
            facts=spec.facts
            + (("sms_click", SQL("CASE WHEN tr.trace_type = 'sms' THEN s.create_date END")),),
            joins=SQL(
                """%s
                  LEFT JOIN mailing_contact mc
                    ON tr.model = 'mailing.contact' AND mc.id = tr.res_id
                """,
                spec.joins,
            ),
            email=SQL(
                """COALESCE(%s, p.email_normalized, l.email_normalized, mc.email_normalized)""",
                spec.email,
            ),
        )
