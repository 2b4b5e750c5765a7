from werkzeug.exceptions import NotFound

from odoo import fields, http
from odoo.http import request
from odoo.tools import consteq


class TouchpointController(http.Controller):
    @http.route(
        "/mail/trap/<int:mail_id>/<string:token>", type="http", auth="public", sitemap=False
    )
    def follow_hidden_link(self, mail_id, token, **_post):
        """The hidden link of an email: nobody sees it, so whoever comes here is a machine."""
        # sudo: machines do not log in; the token says that the link is ours
        if not consteq(token, request.env["mail.mail"].sudo()._generate_trap_token(mail_id)):
            raise NotFound()
        request.env["mailing.trace"].sudo().search([("mail_mail_id_int", "=", mail_id)]).write(
            {"trap_datetime": fields.Datetime.now()}
        )
        return request.make_response(
            "", headers=[("Content-Type", "text/plain"), ("X-Robots-Tag", "noindex")]
        )
