from odoo import api, fields, models
from odoo.tools.sql import escape_psql

from .utm_campaign import PLAN_READERS


class UtmCampaignAlias(models.Model):
    """An identifier that links in the world still carry and that now means another campaign.

    Made when campaigns are merged, when an identifier is changed, and when a link names a
    campaign of a company that the present user may not see. An alias of a company counts there
    only, one without a company counts everywhere.
    """

    _name = "utm.campaign.alias"
    _description = "Former Campaign Identifier"
    _order = "name, id"

    name = fields.Char(string="Identifier", required=True)
    campaign_id = fields.Many2one("utm.campaign", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", index=True)

    _name_unique = models.UniqueIndex(
        "(LOWER(name), COALESCE(company_id, 0))",
        "This identifier leads to a campaign already.",
    )

    @api.model
    def _get_taken(self, names):
        """Which of the names are aliases, in lower case."""
        wanted = {name.lower() for name in names if name}
        if not wanted:
            return set()
        aliases = self.search(
            fields.Domain.OR([("name", "=ilike", escape_psql(name))] for name in wanted)
        )
        return {alias.name.lower() for alias in aliases}


class UtmCampaign(models.Model):
    _inherit = "utm.campaign"

    alias_ids = fields.One2many(
        "utm.campaign.alias", "campaign_id", string="Former Identifiers", groups=PLAN_READERS
    )

    @api.model
    def _find_by_identifier(self, name):
        """The campaign that a link with this identifier means for the present companies.

        Its own identifier first, then what a former identifier leads to. An identifier that only
        a hidden company uses gets a campaign of its own here, once, and an alias to it.
        """
        domain = [("name", "=ilike", escape_psql(name))]
        campaign = self.with_context(active_test=False).search(domain, limit=1)
        if campaign:
            return campaign
        # sudo: visitors and salespeople follow aliases without rights on them
        alias = (
            self.env["utm.campaign.alias"]
            .sudo()
            .search(
                [*domain, ("company_id", "in", [self.env.company.id, False])],
                order="company_id",
                limit=1,
            )
        )
        if alias:
            return alias.campaign_id.with_env(self.env)
        # sudo: only to know that the identifier is taken where the user cannot see it
        if not self.sudo().with_context(active_test=False).search_count(domain, limit=1):
            return self.browse()
        campaign = self.create({"title": name, "is_auto_campaign": True})
        self.env["utm.campaign.alias"].sudo().create(
            {
                "name": name,
                "campaign_id": campaign.id,
                "company_id": self.env.company.id,
            }
        )
        return campaign

    def write(self, vals):
        former = {}
        if vals.get("name"):
            former = {campaign: campaign.name for campaign in self}
        result = super().write(vals)
        # sudo: whoever may rename the identifier keeps the links that carry the old one
        self.env["utm.campaign.alias"].sudo().create(
            [
                {"name": name, "campaign_id": campaign.id}
                for campaign, name in former.items()
                if name and name.lower() != campaign.name.lower()
            ]
        )
        return result
