from odoo import models
from odoo.tools import SQL


class MarketingAttributionForget(models.AbstractModel):
    """Records that conversions, credits, revenue and totals name without a foreign key.

    When one is deleted its name is taken off them, as a foreign key would do: a share of revenue
    outlives the channel it came over.
    """

    _name = "marketing.attribution.forget"
    _description = "Named by Attribution Credits"

    _attribution_field = None

    def unlink(self):
        self._take_off_credits()
        return super().unlink()

    def _take_off_credits(self):
        for name in (
            "marketing.attribution.conversion",
            "marketing.attribution.credit",
            "marketing.attribution.revenue",
            "marketing.roi.total",
        ):
            derived = self.env[name]
            if self._attribution_field not in derived._fields:
                continue
            self.env.cr.execute(
                SQL(
                    "UPDATE %(table)s SET %(field)s = NULL WHERE %(field)s = ANY(%(ids)s)",
                    table=SQL.identifier(derived._table),
                    field=SQL.identifier(self._attribution_field),
                    ids=self._get_forgotten_ids(),
                )
            )
            derived.invalidate_model([self._attribution_field])

    def _get_forgotten_ids(self):
        """Which records go: these, and what the database deletes along with them."""
        return self.ids


class UtmSource(models.Model):
    _name = "utm.source"
    _inherit = ["utm.source", "marketing.attribution.forget"]
    _attribution_field = "source_id"


class UtmMedium(models.Model):
    _name = "utm.medium"
    _inherit = ["utm.medium", "marketing.attribution.forget"]
    _attribution_field = "medium_id"


class MailingMailing(models.Model):
    _name = "mailing.mailing"
    _inherit = ["mailing.mailing", "marketing.attribution.forget"]
    _attribution_field = "mailing_id"


class LinkTracker(models.Model):
    _name = "link.tracker"
    _inherit = ["link.tracker", "marketing.attribution.forget"]
    _attribution_field = "link_id"


class ResCountry(models.Model):
    _name = "res.country"
    _inherit = ["res.country", "marketing.attribution.forget"]
    _attribution_field = "country_id"


class ResUsers(models.Model):
    _name = "res.users"
    _inherit = ["res.users", "marketing.attribution.forget"]
    _attribution_field = "user_id"


class CrmTeam(models.Model):
    _name = "crm.team"
    _inherit = ["crm.team", "marketing.attribution.forget"]
    _attribution_field = "team_id"


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = ["product.product", "marketing.attribution.forget"]
    _attribution_field = "product_id"


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def unlink(self):
        self.with_context(active_test=False).product_variant_ids._take_off_credits()
        return super().unlink()


class ProductCategory(models.Model):
    _name = "product.category"
    _inherit = ["product.category", "marketing.attribution.forget"]
    _attribution_field = "product_categ_id"

    def _get_forgotten_ids(self):
        return self.search([("id", "child_of", self.ids)]).ids
