"""Run in an Odoo shell on a generated world; prints what does not hold as JSON.

Stored values must be what Odoo's own computes make of the rows, and totals must agree wherever
two tables tell the same thing.
"""

import json

SAMPLE = 40

# Fields that Odoo stores and can compute again from other rows.
COMPUTED = {
    "res.partner": ["complete_name", "commercial_partner_id", "email_normalized"],
    "crm.lead": ["email_normalized", "email_domain_criterion", "won_status", "phone_state"],
    "sale.order": ["amount_untaxed", "amount_total", "invoice_status"],
    "sale.order.line": [
        "price_subtotal",
        "qty_invoiced",
        "qty_to_invoice",
        "untaxed_amount_invoiced",
        "untaxed_amount_to_invoice",
        "invoice_status",
    ],
    "account.move": [
        "amount_untaxed",
        "amount_total",
        "amount_residual",
        "amount_untaxed_signed",
        "amount_residual_signed",
        "payment_state",
        "commercial_partner_id",
    ],
    "account.move.line": ["price_subtotal", "amount_residual", "reconciled", "parent_state"],
    "account.payment": ["is_reconciled", "amount_company_currency_signed"],
    "purchase.order": ["amount_untaxed", "amount_total", "invoice_status", "invoice_count"],
    "purchase.order.line": ["price_subtotal", "qty_invoiced", "qty_to_invoice"],
}

# What must be true of all rows: a name and a query that counts the exceptions.
EXCEPTIONS = {
    "entries that do not balance": """
        SELECT COUNT(*) FROM (SELECT move_id FROM account_move_line GROUP BY 1
                              HAVING SUM(balance) <> 0) x""",
    "lines whose debit and credit are not their balance": """
        SELECT COUNT(*) FROM account_move_line WHERE debit - credit <> balance""",
    "posted entries without lines": """
        SELECT COUNT(*) FROM account_move m WHERE state = 'posted' AND NOT EXISTS (
            SELECT 1 FROM account_move_line l WHERE l.move_id = m.id)""",
    "lines that disagree with their entry": """
        SELECT COUNT(*) FROM account_move_line l JOIN account_move m ON m.id = l.move_id
         WHERE l.parent_state <> m.state OR l.date <> m.date OR l.journal_id <> m.journal_id""",
    "reconciled more than owed": """
        SELECT COUNT(*) FROM account_move_line l JOIN account_partial_reconcile p
            ON p.debit_move_id = l.id WHERE p.amount > l.debit""",
    "invoice lines that bill another amount than ordered": """
        SELECT COUNT(*) FROM sale_order_line_invoice_rel r
          JOIN sale_order_line s ON s.id = r.order_line_id
          JOIN account_move_line i ON i.id = r.invoice_line_id
         WHERE i.price_subtotal <> s.price_subtotal OR i.product_id <> s.product_id""",
    "won leads without an order": """
        SELECT COUNT(*) FROM crm_lead l WHERE l.won_status = 'won' AND NOT EXISTS (
            SELECT 1 FROM sale_order o WHERE o.opportunity_id = l.id AND o.state = 'sale')""",
    "leads whose salesperson does not follow them": """
        SELECT COUNT(*) FROM crm_lead l JOIN res_users u ON u.id = l.user_id
         WHERE NOT EXISTS (
            SELECT 1 FROM mail_followers f
              JOIN mail_followers_mail_message_subtype_rel s ON s.mail_followers_id = f.id
             WHERE f.res_model = 'crm.lead' AND f.res_id = l.id
               AND f.partner_id = u.partner_id)""",
    "opened mails that were never sent": """
        SELECT COUNT(*) FROM mailing_trace
         WHERE open_datetime IS NOT NULL AND (sent_datetime IS NULL
                                              OR open_datetime < sent_datetime)""",
    "links whose count is not the number of clicks": """
        SELECT COUNT(*) FROM link_tracker l WHERE count <> (
            SELECT COUNT(*) FROM link_tracker_click c WHERE c.link_id = l.id)""",
    "documents of tomorrow": """
        SELECT (SELECT COUNT(*) FROM sale_order WHERE date_order > NOW() AT TIME ZONE 'UTC')
             + (SELECT COUNT(*) FROM account_move WHERE date > CURRENT_DATE)
             + (SELECT COUNT(*) FROM crm_lead WHERE create_date > NOW() AT TIME ZONE 'UTC')""",
}


def dangling():
    """References to rows that are not there, by foreign key."""
    env.cr.execute(  # noqa: F821
        """SELECT c.conname, c.conrelid::regclass::text, a.attname,
                  c.confrelid::regclass::text, b.attname
             FROM pg_constraint c
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
            WHERE c.contype = 'f' AND ARRAY_LENGTH(c.conkey, 1) = 1"""
    )
    found = {}
    for name, table, column, target, key in env.cr.fetchall():  # noqa: F821
        count = one(
            f"SELECT COUNT(*) FROM {table} r WHERE {column} IS NOT NULL AND NOT EXISTS "
            f"(SELECT 1 FROM {target} t WHERE t.{key} = r.{column})"
        )
        if count:
            found[f"{table}.{column} ({name})"] = count
    return found


def disagreements(model, names):
    """Stored values that Odoo would compute differently, on a sample spread over the table."""
    records = env[model].with_context(active_test=False).search([], order="id")  # noqa: F821
    records = records[:: max(1, len(records) // SAMPLE)]
    stored = {record.id: record.read(names)[0] for record in records}
    for name in names:
        env.add_to_compute(records._fields[name], records)  # noqa: F821
    found = []
    for record in records:
        for name in names:
            before, after = stored[record.id][name], record.read([name])[0][name]
            if before != after and not (isinstance(before, float) and abs(before - after) < 0.005):
                found.append(f"{record}.{name}: {before!r}, Odoo computes {after!r}")
    env.cr.rollback()  # noqa: F821
    return found


def one(query):
    env.cr.execute(query)  # noqa: F821
    return env.cr.fetchone()[0]


def totals():
    """The same amount told by two tables."""
    plan = env.ref("marketing_campaign_ext.analytic_plan_campaigns")  # noqa: F821
    campaigns = env["utm.campaign"].search([])  # noqa: F821
    bills = one(
        "SELECT SUM(l.balance) FROM account_move_line l JOIN account_move m ON m.id = l.move_id "
        "WHERE m.move_type = 'in_invoice' AND m.state = 'posted' AND l.display_type = 'product'"
    )
    analytic = one(
        f"SELECT -SUM(amount) FROM account_analytic_line WHERE {plan._column_name()} IS NOT NULL"
    )
    return {
        "bills and their analytic lines": [float(bills), float(analytic)],
        "booked cost of the campaigns": [sum(campaigns.mapped("cost_booked")), float(bills)],
        "budget of the campaigns": [
            sum(campaigns.mapped("budget_amount")),
            float(one("SELECT SUM(amount) FROM marketing_budget_line")),
        ],
        "open invoices and open items": [
            float(one("SELECT SUM(amount_residual_signed) FROM account_move WHERE move_type "
                      "IN ('out_invoice', 'out_refund')")),
            float(one("SELECT SUM(amount_residual) FROM account_move_line l JOIN account_account "
                      "a ON a.id = l.account_id WHERE a.account_type = 'asset_receivable'")),
        ],
        "people, nineteen of twenty contacts": [
            float(one("SELECT COUNT(*) FROM res_partner WHERE name LIKE 'Person %'")),
            float(one("SELECT COUNT(*) FROM crm_lead") * 19 / 20),
        ],
    }  # fmt: skip


env = env(context={**env.context, "active_test": False})  # noqa: F821
print(
    json.dumps(
        {
            "disagreements": {
                model: found
                for model, names in COMPUTED.items()
                if (found := disagreements(model, names))
            },
            "exceptions": {name: n for name, query in EXCEPTIONS.items() if (n := one(query))},
            "totals": totals(),
            "dangling": dangling(),
        }
    )
)
