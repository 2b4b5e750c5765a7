from . import controllers, models, report, wizards


def post_init_hook(env):
    """Touches were logged before this addon came: read them until the first run adds them up."""
    env["marketing.touchpoint"]._mark_stale_days(env["marketing.touchpoint"].search([]).ids)
