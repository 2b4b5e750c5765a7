from odoo.tools import SQL

# What only describes a conversion is checked against no other table any more.
FOREIGN_KEYS = ("company_id", "country_id", "team_id", "user_id")


def migrate(cr, version):
    for name in FOREIGN_KEYS:
        cr.execute(
            SQL(
                "ALTER TABLE marketing_attribution_conversion DROP CONSTRAINT IF EXISTS %s",
                SQL.identifier(f"marketing_attribution_conversion_{name}_fkey"),
            )
        )
