from odoo.tools import SQL

# What only describes a row of revenue is checked against no other table any more.
FOREIGN_KEYS = ("company_id", "conversion_id", "product_categ_id", "product_id")


def migrate(cr, version):
    """Daily sums are kept of the models that people look at; the next run drops the others."""
    cr.execute(
        """
        UPDATE marketing_attribution_model model
           SET has_totals = EXISTS (SELECT 1 FROM marketing_roi_total total
                                     WHERE total.model_id = model.id),
               keep_totals = model.method = 'linear'
        """
    )
    for name in FOREIGN_KEYS:
        cr.execute(
            SQL(
                "ALTER TABLE marketing_attribution_revenue DROP CONSTRAINT IF EXISTS %s",
                SQL.identifier(f"marketing_attribution_revenue_{name}_fkey"),
            )
        )
    cr.execute("DROP INDEX IF EXISTS marketing_attribution_revenue__company_id_index")
