from odoo import models, tools

TRAP = "marketing_touchpoint-trap"


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _prepare_outgoing_body(self):
        """Add the hidden link that only machines follow, when that is switched on."""
        body = super()._prepare_outgoing_body()
        if body and self.mailing_id and self.mailing_trace_ids and self._has_trap_link():
            body = tools.mail.append_content_to_html(
                body,
                f'<a href="{self._get_trap_url()}" rel="nofollow" tabindex="-1" '
                'aria-hidden="true" style="display:none"></a>',
                plaintext=False,
            )
        return body

    def _has_trap_link(self):
        # sudo: whoever sends mails may not read parameters
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param("marketing_touchpoint.trap_links") == "True"

    def _get_trap_url(self):
        token = self._generate_trap_token(self.id)
        return tools.urls.urljoin(self.get_base_url(), f"mail/trap/{self.id}/{token}")

    def _generate_trap_token(self, mail_id):
        # sudo: the secret belongs to the database
        return tools.hmac(self.env(su=True), TRAP, mail_id)
