from odoo import fields, models


class MarketingReportProgress(models.Model):
    """How far a report is while it is being made, and whether it is still wanted.

    The job that makes a report holds the row of the report until it is ready, so that no other
    process makes it too and a killed one leaves it waiting. What must be seen meanwhile stands
    here and is written in transactions of its own.
    """

    _name = "marketing.report.progress"
    _description = "Progress of a Marketing Report"
    _log_access = False

    export_id = fields.Many2one(
        "marketing.report.export", required=True, ondelete="cascade", index=True
    )
    attempts = fields.Integer(default=0, help="How often a process began to make it.")
    done = fields.Integer(default=0)
    total = fields.Integer(default=0)
    is_cancelled = fields.Boolean(default=False)

    _export_unique = models.UniqueIndex("(export_id)")
