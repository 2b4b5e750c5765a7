from odoo import fields, models


class MarketingTouchpointImportLine(models.TransientModel):
    """What would happen to one line of the file, and why."""

    _name = "marketing.touchpoint.import.line"
    _description = "Line of Imported Offline Touches"
    _order = "line"
    _rec_name = "email"

    import_id = fields.Many2one(
        "marketing.touchpoint.import", required=True, index=True, ondelete="cascade"
    )
    line = fields.Integer(readonly=True)
    outcome = fields.Selection(
        [("create", "New"), ("match", "Matched"), ("refuse", "Refused")], readonly=True
    )
    reason = fields.Char(readonly=True)
    email = fields.Char(readonly=True)
    date = fields.Datetime(readonly=True)
    what = fields.Char(readonly=True)
    person = fields.Char(readonly=True)
    company = fields.Char(readonly=True)
    phone = fields.Char(readonly=True)
    note = fields.Text(readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
