from odoo import models

# Counters that the campaign form reads for everybody, while Odoo counts them with the rights of
# the reader: whoever may not read mailings could not open a campaign.
MAILING_COUNTERS = {
    "mailing_mail_count",
    "mailing_sms_count",
    "ab_testing_mailings_count",
    "ab_testing_mailings_sms_count",
}


class UtmCampaign(models.Model):
    """Campaigns open for people who have no rights on mailings, such as finance."""

    _inherit = "utm.campaign"

    def _compute_field_value(self, field):
        if field.name in MAILING_COUNTERS:
            # sudo: a number of mailings, and only whether tabs are shown depends on it
            return super(UtmCampaign, self.sudo())._compute_field_value(field)
        return super()._compute_field_value(field)
