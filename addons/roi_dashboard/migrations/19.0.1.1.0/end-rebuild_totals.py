from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Figures are read from totals now: add up what has been credited so far.

    Credits also know the link that was clicked, which is the content of the touch.
    """
    cr.execute(
        """UPDATE marketing_attribution_credit credit SET link_id = touch.link_id
             FROM marketing_touchpoint touch
            WHERE touch.id = credit.touchpoint_id AND touch.link_id IS NOT NULL"""
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["marketing.attribution.run"]._rebuild_totals()
