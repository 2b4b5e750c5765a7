from odoo import api, models
from odoo.tools import SQL


class WebsiteTrack(models.Model):
    _inherit = "website.track"

    _touch_visit_idx = models.Index("USING brin (visit_datetime)")


class WebsiteVisitor(models.Model):
    _inherit = "website.visitor"

    @api.model_create_multi
    def create(self, vals_list):
        visitors = super().create(vals_list)
        self.env["marketing.touchpoint"]._wake_ingestion()
        return visitors

    def write(self, vals):
        result = super().write(vals)
        if not {"partner_id", "lead_ids"}.isdisjoint(vals):
            self.env["marketing.touchpoint"]._wake_ingestion()
        return result

    def _merge_visitor(self, target):
        """A visitor who logs in becomes known: so does what was clicked and read before."""
        self.env.flush_all()
        # sudo: the visitor is merged while its owner logs in
        clicks = self.env["link.tracker.click"].sudo()
        clicks.search([("visitor_token", "in", self.mapped("access_token"))]).write(
            {"visitor_token": target.access_token}
        )
        # tracks carry no write date: the visitor they move to stands for them
        self.env.execute_query(
            SQL(
                "UPDATE website_visitor SET write_date = now() AT TIME ZONE 'UTC'"
                " WHERE id = %s RETURNING id",
                target.id,
            )
        )
        self.env["marketing.touchpoint"]._wake_ingestion()
        return super()._merge_visitor(target)
