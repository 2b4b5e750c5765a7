from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MarketingAttributionLock(models.Model):
    """A frozen period of one company: up to this day, credits and revenue stay as they are.

    Touches that arrive late do not change a frozen conversion. Documents that change what was
    frozen (a late credit note, an invoice taken back) are booked as a difference on the first
    open day, on the shares of the frozen conversion. Archiving a lock opens the period again.
    """

    _name = "marketing.attribution.lock"
    _description = "Frozen Attribution Period"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _rec_name = "date"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, tracking=True
    )
    date = fields.Date(string="Frozen Until", required=True, tracking=True)
    user_id = fields.Many2one(
        "res.users", string="Frozen by", readonly=True, default=lambda self: self.env.user
    )
    reason = fields.Char(tracking=True)
    active = fields.Boolean(string="In Force", default=True, tracking=True)

    @api.constrains("date")
    def _check_date(self):
        if any(lock.date > fields.Date.context_today(lock) for lock in self):
            raise ValidationError(self.env._("A period can be frozen once it is over."))

    @api.model_create_multi
    def create(self, vals_list):
        """Bring everything up to date before it is frozen."""
        self.check_access("create")
        self.env["marketing.attribution.run"]._run()
        return super().create(vals_list)

    def action_unfreeze(self):
        self.write({"active": False})
