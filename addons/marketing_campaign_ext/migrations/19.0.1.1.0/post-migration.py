from odoo.tools import SQL


def migrate(cr, version):
    """Campaigns that were approved before revisions existed have an approved budget too.

    Their lines were locked since, so what they have is what was approved. Without it every
    revision of an old campaign would need an approval, however small.
    """
    cr.execute(
        SQL(
            """
            UPDATE utm_campaign
               SET budget_approved_amount = budget_amount
             WHERE state IN ('approved', 'running', 'done')
               AND COALESCE(budget_approved_amount, 0) = 0
            """
        )
    )
