from odoo.tools import SQL

from . import controllers, models, report, wizards
from .models.marketing_roi_stale_day import LEADS, TOUCHES


def post_init_hook(env):
    """Touches and leads were there before: read them until the first run adds them up."""
    for table in ("marketing_touchpoint", "crm_lead"):
        env["marketing.roi.stale.day"]._mark(table, SQL("TRUE"))


def uninstall_hook(env):
    env["marketing.roi.stale.day"]._unwatch(TOUCHES, LEADS)
