from datetime import timedelta

from odoo import api, fields, models

KEEP_DAYS = 365


class MarketingShareAccess(models.Model):
    """When a shared page was opened, and from where, as coarsely as is useful.

    The last part of the address is left out: enough to see that a link got around, not enough to
    know who looked.
    """

    _name = "marketing.share.access"
    _description = "Opening of a Shared Marketing Page"
    _order = "id desc"
    _log_access = False

    share_id = fields.Many2one("marketing.share", required=True, index=True, ondelete="cascade")
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    network = fields.Char(readonly=True)
    browser = fields.Char(readonly=True)

    @api.model
    def _log(self, share, address, browser):
        self.create(
            {
                "share_id": share.id,
                "network": self._get_network(address or ""),
                "browser": (browser or "")[:120],
            }
        )

    @api.model
    def _get_network(self, address):
        """An IPv4 address without its last, an IPv6 address without all but its first parts."""
        if ":" in address:
            return ":".join(address.split(":")[:3]) + "::"
        return ".".join(address.split(".")[:3]) + ".0" if address.count(".") == 3 else ""

    @api.autovacuum
    def _gc_accesses(self):
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.search([("date", "<", limit)]).unlink()
