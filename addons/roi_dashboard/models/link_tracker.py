from urllib.parse import urlsplit

from odoo import api, models

# Set by the report on the links it groups by; everywhere else a link is called as Odoo calls it.
BY_CONTENT = "marketing_link_by_content"


class LinkTracker(models.Model):
    """As content of a campaign a link is known by what it says and where it leads."""

    _inherit = "link.tracker"

    @api.depends("label", "title", "url")
    @api.depends_context(BY_CONTENT)
    def _compute_display_name(self):
        if not self.env.context.get(BY_CONTENT):
            return super()._compute_display_name()
        for link in self:
            address = urlsplit(link.url or "")
            target = f"{address.netloc}{address.path}".rstrip("/")
            words = link.label or link.title
            link.display_name = f"{words} ({target})" if words and words != link.url else target
