from odoo.tools import SQL


def migrate(cr, version):
    """Lines have no foreign keys to their rules any more, nor leads an index on their rule set."""
    for column in ("model_id", "group_id", "rule_id"):
        cr.execute(
            SQL(
                "ALTER TABLE lead_score_line DROP CONSTRAINT IF EXISTS %s",
                SQL.identifier(f"lead_score_line_{column}_fkey"),
            )
        )
    for index in ("lead_score_line__rule_id_index", "crm_lead__score_model_id_index"):
        cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(index)))
