from odoo import SUPERUSER_ID, api
from odoo.tools import SQL


def migrate(cr, version):
    """Leads are added up now, and a day that a touch had left was not: read all of them one by one
    until the next run has added them up. What was shared is added up by campaign and month, too.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute("DELETE FROM marketing_roi_total WHERE is_month")
    env["marketing.attribution.run"]._add_months(SQL("TRUE"))
    for table in ("marketing_touchpoint", "crm_lead"):
        env["marketing.roi.stale.day"]._mark(table, SQL("TRUE"))
