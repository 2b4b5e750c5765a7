from odoo import http
from odoo.http import request

# Tokens have this length; anything else is not even looked for.
TOKEN_LENGTH = 43
HEADERS = {
    "Cache-Control": "no-store, private",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


class MarketingShareController(http.Controller):
    """The page behind a shared link: plain HTML, no script, nothing to follow."""

    @http.route(
        "/marketing/shared/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
        save_session=False,
    )
    def shared(self, token):
        share = None
        if len(token) == TOKEN_LENGTH:
            share = request.env["marketing.share"]._find(token)
        if not share:
            return self._render("roi_dashboard.marketing_share_gone", {}, status=404)
        # sudo: the visitor has no rights, the opening is to be seen by the maker
        request.env["marketing.share.access"].sudo()._log(
            share,
            request.httprequest.remote_addr,
            request.httprequest.user_agent.string,
        )
        return self._render(
            "roi_dashboard.marketing_share_page", share._get_page(), lang=share.lang
        )

    def _render(self, template, values, lang=None, status=200):
        views = request.env["ir.ui.view"].with_context(lang=lang or request.env.lang)
        # sudo: templates are not for visitors to read; the values are all they get
        content = views.sudo()._render_template(template, values)
        return request.make_response(
            f"<!DOCTYPE html>\n{content}",
            headers=[("Content-Type", "text/html; charset=utf-8"), *HEADERS.items()],
            status=status,
        )
