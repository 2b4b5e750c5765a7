from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Figures are read from totals now: add up what has been credited so far."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["marketing.attribution.run"]._rebuild_totals()
