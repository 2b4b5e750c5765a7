from odoo import fields, models


class DerivedMany2one(fields.Many2one):
    """A many2one of a derived table, without a foreign key in the database.

    Millions of credits are written by one statement; checking every row against five other
    tables takes ten times as long as writing it (measured: 13 s against 152 s for 4.8 million
    rows). The run that writes credits also removes those whose conversion is gone.
    """

    def update_db_foreign_key(self, model, column):
        return


class MarketingAttributionCredit(models.Model):
    """One conversion, one touch, one model: the share of the touch.

    The shares of a conversion under a model sum to 1. Without an eligible touch there is one row
    without touch and campaign: what no campaign can claim. The row with ``is_residual`` has the
    largest share and takes what the rounding of the others leaves.
    """

    _name = "marketing.attribution.credit"
    _description = "Attribution Credit"
    _order = "conversion_id desc, model_id, touch_date, id"
    _log_access = False

    conversion_id = DerivedMany2one(
        "marketing.attribution.conversion", required=True, readonly=True, index=False
    )
    model_id = DerivedMany2one(
        "marketing.attribution.model", string="Model", required=True, readonly=True
    )
    model_version = fields.Integer(readonly=True, aggregator=None)
    run_id = DerivedMany2one("marketing.attribution.run", string="Run", readonly=True)
    touchpoint_id = DerivedMany2one("marketing.touchpoint", string="Touch", readonly=True)
    campaign_id = DerivedMany2one("utm.campaign", readonly=True)
    source_id = DerivedMany2one("utm.source", readonly=True)
    medium_id = DerivedMany2one("utm.medium", readonly=True)
    mailing_id = DerivedMany2one("mailing.mailing", readonly=True)
    link_id = DerivedMany2one("link.tracker", string="Content", readonly=True)
    company_id = DerivedMany2one("res.company", required=True, readonly=True)
    touch_date = fields.Datetime(readonly=True)
    weight = fields.Float(readonly=True, digits=(16, 6))
    is_residual = fields.Boolean(readonly=True)

    _conversion_index = models.Index("(conversion_id, model_id)")
    _campaign_index = models.Index("(campaign_id, model_id) WHERE campaign_id IS NOT NULL")
