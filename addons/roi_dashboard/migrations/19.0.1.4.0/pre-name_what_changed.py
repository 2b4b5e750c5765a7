from odoo.tools.sql import table_exists


def migrate(cr, version):
    """Days are marked for touches or for leads; the ones there are for touches."""
    if table_exists(cr, "marketing_roi_stale_day"):
        cr.execute("ALTER TABLE marketing_roi_stale_day ADD COLUMN IF NOT EXISTS fact varchar")
        cr.execute("UPDATE marketing_roi_stale_day SET fact = 'touch'")
