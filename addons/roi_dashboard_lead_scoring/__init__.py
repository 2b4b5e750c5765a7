from odoo.tools import SQL

from . import models, report
from .models.marketing_roi_stale_day import QUALIFIED_LEADS


def post_init_hook(env):
    """Leads were qualified before: read them until the next run adds them up."""
    env["marketing.roi.stale.day"]._mark("crm_lead", SQL("TRUE"))


def uninstall_hook(env):
    env["marketing.roi.stale.day"]._unwatch(QUALIFIED_LEADS)
