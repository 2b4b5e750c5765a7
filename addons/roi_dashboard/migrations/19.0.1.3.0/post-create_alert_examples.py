from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Only the first company had the examples of alert rules."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["marketing.alert.rule"]._create_examples()
