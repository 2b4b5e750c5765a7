"""Orders from won leads and from existing customers, their invoices, refunds and payments."""

from .leads import campaign_of

LINES = 3  # of an order


def build_orders(world) -> None:
    """Order k answers won lead 5k as long as there is one; the later ones have no lead."""
    size, setting = world.size, world.setting
    _plan_orders(world)
    _plan_lines(world)
    world.insert(
        "sale_order",
        {
            "id": "o.no",
            "name": "'S' || pg_temp.padded(o.no, 7)",
            "state": "o.state",
            "company_id": str(setting.company),
            "currency_id": str(setting.currency),
            "currency_rate": "1",
            "partner_id": "o.partner_id",
            "partner_invoice_id": "o.partner_id",
            "partner_shipping_id": "o.partner_id",
            "opportunity_id": "o.lead_id",
            "campaign_id": "o.campaign_id",
            "source_id": "o.source_id",
            "medium_id": "o.medium_id",
            "team_id": "o.team_id",
            "user_id": "o.user_id",
            "date_order": "o.date_order",
            "invoice_status": "CASE WHEN o.state = 'sale' THEN 'to invoice' ELSE 'no' END",
            "amount_untaxed": "l.amount",
            "amount_tax": "0",
            "amount_total": "l.amount",
            "margin": "l.amount",
            "margin_percent": "1",
            "locked": "FALSE",
            "require_signature": "TRUE",
            "require_payment": "FALSE",
            "prepayment_percent": "1",
            "create_date": "o.date_order - INTERVAL '1 hour'",
            "write_date": "o.date_order",
        },
        "world_order o JOIN (SELECT order_no, SUM(qty * price) AS amount FROM world_line "
        "GROUP BY 1) l ON l.order_no = o.no ORDER BY o.no",
    )
    sold = "o.state = 'sale'"
    world.insert(
        "sale_order_line",
        {
            "id": f"(l.order_no - 1) * {LINES} + l.line_no",
            "order_id": f"{world.block('sale_order')} + l.order_no",
            "sequence": "10",
            "company_id": str(setting.company),
            "currency_id": str(setting.currency),
            "order_partner_id": "o.partner_id",
            "salesman_id": "o.user_id",
            "product_id": "l.product_id",
            "product_uom_id": str(setting.uom),
            "state": "o.state",
            "name": "'Product'",
            "product_uom_qty": "l.qty",
            "price_unit": "l.price",
            "technical_price_unit": "l.price",
            "discount": "0",
            "price_subtotal": "l.qty * l.price",
            "price_total": "l.qty * l.price",
            "price_tax": "0",
            "price_reduce_taxexcl": "l.price",
            "price_reduce_taxinc": "l.price",
            "customer_lead": "0",
            "qty_delivered_method": "'manual'",
            "qty_delivered": "0",
            "qty_invoiced": "0",
            "qty_to_invoice": f"CASE WHEN {sold} THEN l.qty ELSE 0 END",
            "untaxed_amount_invoiced": "0",
            "untaxed_amount_to_invoice": f"CASE WHEN {sold} THEN l.qty * l.price ELSE 0 END",
            "invoice_status": f"CASE WHEN {sold} THEN 'to invoice' ELSE 'no' END",
            "purchase_price": "0",
            "margin": "l.qty * l.price",
            "margin_percent": "1",
            "is_downpayment": "FALSE",
            "is_expense": "FALSE",
            "is_optional": "FALSE",
            "is_service": "TRUE",
            "collapse_prices": "FALSE",
            "collapse_composition": "FALSE",
            "create_date": "o.date_order - INTERVAL '1 hour'",
            "write_date": "o.date_order",
        },
        "world_line l JOIN world_order o ON o.no = l.order_no ORDER BY l.order_no, l.line_no",
    )
    world.run(
        f"""
        UPDATE res_partner p SET customer_rank = b.orders
          FROM (SELECT partner_id, COUNT(*) AS orders FROM sale_order
                 WHERE id > {world.block("sale_order")} AND state = 'sale' GROUP BY 1) b
         WHERE b.partner_id = p.id AND p.id <= {world.block("res_partner") + size.partners}
        """
    )


def _plan_orders(world) -> None:
    size, setting = world.size, world.setting
    with_lead = (size.leads - size.unassigned) // 5
    salespeople = (
        f"(ARRAY{setting.salespeople})[1 + pg_temp.pick(g, 41, {len(setting.salespeople)})]"
    )
    person = f"{size.companies} + 1 + pg_temp.pick(g, 42, {size.partners - size.companies})"
    share = len(setting.salespeople) // len(setting.teams)
    world.run(
        f"""
        CREATE TEMP TABLE world_order ON COMMIT DROP AS
        SELECT g AS no, l.id AS lead_id,
               COALESCE(l.partner_id, {world.block("res_partner")} + {person}) AS partner_id,
               CASE WHEN l.id IS NOT NULL THEN l.campaign_id WHEN g % 2 = 0
                    THEN {world.block("utm_campaign")} + {campaign_of(world)} END AS campaign_id,
               l.source_id, l.medium_id,
               COALESCE(l.user_id, {salespeople}) AS user_id,
               COALESCE(l.team_id, (ARRAY{setting.teams})
                   [1 + pg_temp.pick(g, 41, {len(setting.salespeople)}) / {share}]) AS team_id,
               LEAST({world.end} - INTERVAL '1 day' - INTERVAL '1 second' * (g % 86400),
                     CASE WHEN l.id IS NOT NULL
                          THEN l.create_date + INTERVAL '1 day' * (10 + pg_temp.pick(g, 43, 40))
                          ELSE {world.begin} + INTERVAL '1 minute' * pg_temp.pick(g, 44, 1050000)
                     END) AS date_order,
               CASE WHEN l.id IS NOT NULL OR pg_temp.pick(g, 45, 100) < 85 THEN 'sale'
                    WHEN pg_temp.pick(g, 45, 100) < 95 THEN 'draft' ELSE 'cancel' END AS state
          FROM generate_series(1, {size.orders}) g
          LEFT JOIN crm_lead l
            ON g <= {with_lead} AND l.won_status = 'won'
           AND l.id = {world.block("crm_lead")} + 5 * g
        """
    )


def _plan_lines(world) -> None:
    products = world.setting.products
    key = f"(o.no::bigint * {LINES} + l)"
    world.run(
        f"""
        CREATE TEMP TABLE world_line ON COMMIT DROP AS
        SELECT o.no AS order_no, l AS line_no,
               (ARRAY{products})[1 + pg_temp.pick({key}, 46, {len(products)})] AS product_id,
               (1 + pg_temp.pick({key}, 47, 5))::numeric AS qty,
               (10 + pg_temp.pick({key}, 48, 49000) / 100.0)::numeric(12, 2) AS price
          FROM world_order o, generate_series(1, {LINES}) l
        """
    )


def build_invoices(world) -> None:
    """85 of 100 orders are invoiced whole, a week later; of those, 5 of 100 are credited whole."""
    world.run(
        f"""
        CREATE TEMP TABLE world_invoice ON COMMIT DROP AS
        SELECT ROW_NUMBER() OVER (ORDER BY d.kind, o.no) AS no, o.no AS order_no, d.kind,
               d.date, o.partner_id, o.campaign_id, o.source_id, o.medium_id, o.user_id, o.team_id,
               CASE d.kind WHEN 1 THEN 'INV/' ELSE 'RINV/' END
                   || EXTRACT(YEAR FROM d.date) || '/' AS prefix,
               ROW_NUMBER() OVER (PARTITION BY d.kind, EXTRACT(YEAR FROM d.date)
                                      ORDER BY d.date, o.no) AS number,
               SUM(l.qty * l.price) AS amount
          FROM world_order o
          JOIN world_line l ON l.order_no = o.no
    CROSS JOIN LATERAL (
               SELECT 1 AS kind, o.date_order::date + 7 AS date
                UNION ALL
               SELECT 2, o.date_order::date + 27 WHERE pg_temp.pick(o.no, 50, 100) < 5) d
         WHERE o.state = 'sale' AND pg_temp.pick(o.no, 51, 100) < 85 AND d.date < {world.end}
      GROUP BY o.no, d.kind, d.date, o.partner_id, o.campaign_id, o.source_id, o.medium_id,
               o.user_id, o.team_id
        """
    )
    _insert_invoice_moves(world)
    _insert_invoice_lines(world)
    _update_invoiced_orders(world)


def _insert_invoice_moves(world) -> None:
    setting = world.setting
    sign = "(3 - 2 * i.kind)"  # 1 for an invoice, -1 for a credit note
    move = world.block("account_move")
    world.insert(
        "account_move",
        _move_columns(setting)
        | {
            "id": "i.no",
            "journal_id": str(setting.sale_journal),
            "move_type": "CASE i.kind WHEN 1 THEN 'out_invoice' ELSE 'out_refund' END",
            "name": "i.prefix || pg_temp.padded(i.number, 5)",
            "sequence_prefix": "i.prefix",
            "sequence_number": "i.number",
            "payment_reference": "CASE i.kind WHEN 1 "
            "THEN i.prefix || pg_temp.padded(i.number, 5) END",
            "payment_state": "'not_paid'",
            "partner_id": "i.partner_id",
            "commercial_partner_id": "p.commercial_partner_id",
            "partner_shipping_id": "i.partner_id",
            "invoice_partner_display_name": "p.complete_name",
            "invoice_user_id": "i.user_id",
            "team_id": "i.team_id",
            "campaign_id": "i.campaign_id",
            "source_id": "i.source_id",
            "medium_id": "i.medium_id",
            "reversed_entry_id": f"CASE i.kind WHEN 2 THEN {move} + original.no END",
            "date": "i.date",
            "invoice_date": "i.date",
            "invoice_date_due": "i.date",
            "invoice_origin": "CASE i.kind WHEN 1 THEN 'S' || pg_temp.padded(i.order_no, 7) END",
            "amount_untaxed": "i.amount",
            "amount_total": "i.amount",
            "amount_residual": "i.amount",
            "amount_untaxed_signed": f"{sign} * i.amount",
            "amount_untaxed_in_currency_signed": f"{sign} * i.amount",
            "amount_total_signed": f"{sign} * i.amount",
            "amount_total_in_currency_signed": f"{sign} * i.amount",
            "amount_residual_signed": f"{sign} * i.amount",
            "create_date": "i.date",
        },
        """world_invoice i JOIN res_partner p ON p.id = i.partner_id
  LEFT JOIN world_invoice original
         ON i.kind = 2 AND original.order_no = i.order_no AND original.kind = 1
 ORDER BY i.no""",
    )


def _insert_invoice_lines(world) -> None:
    """Line 1 to 3 of an invoice are the order's, line 4 is what the customer owes."""
    setting = world.setting
    sign = "(3 - 2 * i.kind)"
    block = LINES + 1
    common = _line_columns(setting) | {
        "move_id": f"{world.block('account_move')} + i.no",
        "journal_id": str(setting.sale_journal),
        "partner_id": "i.partner_id",
        "move_name": "i.prefix || pg_temp.padded(i.number, 5)",
        "date": "i.date",
        "invoice_date": "i.date",
        "create_date": "i.date",
    }
    world.insert(
        "account_move_line",
        common
        | {
            "id": f"(i.no - 1) * {block} + l.line_no",
            "display_type": "'product'",
            "account_id": str(setting.income),
            "product_id": "l.product_id",
            "product_uom_id": str(setting.uom),
            "name": "'Product'",
            "sequence": "10",
            "quantity": "l.qty",
            "price_unit": "l.price",
            "price_subtotal": "l.qty * l.price",
            "price_total": "l.qty * l.price",
        }
        | _amount_columns(f"(-{sign} * l.qty * l.price)"),
        "world_invoice i JOIN world_line l ON l.order_no = i.order_no ORDER BY i.no, l.line_no",
    )
    world.insert(
        "account_move_line",
        common
        | {
            "id": f"i.no * {block}",
            "display_type": "'payment_term'",
            "account_id": str(setting.receivable),
            "name": "i.prefix || pg_temp.padded(i.number, 5)",
            "sequence": "12000",
            "quantity": "0",
            "price_unit": "0",
            "price_subtotal": "0",
            "price_total": "0",
            "date_maturity": "i.date",
        }
        | _amount_columns(f"({sign} * i.amount)")
        | {
            "amount_residual": f"{sign} * i.amount",
            "amount_residual_currency": f"{sign} * i.amount",
        },
        "world_invoice i ORDER BY i.no",
    )
    world.insert(
        "sale_order_line_invoice_rel",
        {
            "invoice_line_id": f"{world.block('account_move_line')} + (i.no - 1) * {block} + l",
            "order_line_id": f"{world.block('sale_order_line')} + (i.order_no - 1) * {LINES} + l",
        },
        f"world_invoice i, generate_series(1, {LINES}) l",
        logged=False,
    )


def _update_invoiced_orders(world) -> None:
    """Orders that are invoiced and not credited have nothing left to invoice."""
    world.run(
        f"""
        UPDATE sale_order_line l
           SET qty_invoiced = l.product_uom_qty, qty_to_invoice = 0,
               untaxed_amount_invoiced = l.price_subtotal, untaxed_amount_to_invoice = 0,
               invoice_status = 'invoiced'
          FROM (SELECT order_no FROM world_invoice GROUP BY 1 HAVING COUNT(*) = 1) i
         WHERE l.order_id = {world.block("sale_order")} + i.order_no
        """
    )
    world.run(
        f"""
        UPDATE sale_order o SET invoice_status = 'invoiced'
          FROM (SELECT order_no FROM world_invoice GROUP BY 1 HAVING COUNT(*) = 1) i
         WHERE o.id = {world.block("sale_order")} + i.order_no
        """
    )


def build_payments(world) -> None:
    """80 of 100 invoices are paid whole after 30 days: payment, its entry, the reconciliation."""
    world.run(
        f"""
        CREATE TEMP TABLE world_payment ON COMMIT DROP AS
        SELECT ROW_NUMBER() OVER (ORDER BY i.no) AS no, i.no AS invoice_no, i.partner_id,
               i.date + 30 AS date, i.amount, i.prefix || pg_temp.padded(i.number, 5) AS memo,
               'PBNK1/' || EXTRACT(YEAR FROM i.date + 30) || '/' AS prefix,
               ROW_NUMBER() OVER (PARTITION BY EXTRACT(YEAR FROM i.date + 30)
                                      ORDER BY i.date, i.no) AS number
          FROM world_invoice i
         WHERE i.kind = 1 AND pg_temp.pick(i.order_no, 52, 100) < 80 AND i.date + 30 < {world.end}
        """
    )
    world.run("SELECT COUNT(*) FROM world_invoice")
    invoices = world.env.cr.fetchone()[0]
    world.insert("account_full_reconcile", {"id": "p.no"}, "world_payment p ORDER BY p.no")
    _insert_payments(world, invoices)
    _insert_payment_entries(world, invoices)
    _reconcile_payments(world, invoices)


def _insert_payments(world, invoices: int) -> None:
    """Payments point at their entries and the entries at their payment: the link is closed last."""
    setting = world.setting
    world.insert(
        "account_payment",
        {
            "id": "p.no",
            "name": "p.prefix || pg_temp.padded(p.number, 5)",
            "journal_id": str(setting.bank_journal),
            "company_id": str(setting.company),
            "currency_id": str(setting.currency),
            "partner_id": "p.partner_id",
            "payment_method_line_id": str(setting.payment_method_line),
            "payment_method_id": str(setting.payment_method),
            "outstanding_account_id": str(setting.outstanding),
            "destination_account_id": str(setting.receivable),
            "state": "'paid'",
            "payment_type": "'inbound'",
            "partner_type": "'customer'",
            "memo": "p.memo",
            "date": "p.date",
            "amount": "p.amount",
            "amount_company_currency_signed": "p.amount",
            "is_reconciled": "TRUE",
            "is_matched": "FALSE",
            "create_date": "p.date",
        },
        "world_payment p ORDER BY p.no",
    )
    world.insert(
        "account_move",
        _move_columns(setting)
        | {
            "id": f"{invoices} + p.no",
            "journal_id": str(setting.bank_journal),
            "move_type": "'entry'",
            "origin_payment_id": f"{world.block('account_payment')} + p.no",
            "name": "p.prefix || pg_temp.padded(p.number, 5)",
            "ref": "p.memo",
            "sequence_prefix": "p.prefix",
            "sequence_number": "p.number",
            "payment_state": "'not_paid'",
            "partner_id": "p.partner_id",
            "commercial_partner_id": "r.commercial_partner_id",
            "invoice_partner_display_name": "r.complete_name",
            "date": "p.date",
            "amount_untaxed": "0",
            "amount_total": "p.amount",
            "amount_residual": "0",
            "amount_total_signed": "p.amount",
            "amount_total_in_currency_signed": "p.amount",
            "amount_untaxed_signed": "0",
            "amount_untaxed_in_currency_signed": "0",
            "amount_residual_signed": "0",
            "always_tax_exigible": "TRUE",
            "create_date": "p.date",
        },
        "world_payment p JOIN res_partner r ON r.id = p.partner_id ORDER BY p.no",
    )
    world.run(
        f"""
        UPDATE account_payment p SET move_id = m.id
          FROM account_move m
         WHERE m.origin_payment_id = p.id AND m.id > {world.block("account_move")}
        """
    )
    world.insert(
        "account_move__account_payment",
        {
            "invoice_id": f"{world.block('account_move')} + p.invoice_no",
            "payment_id": f"{world.block('account_payment')} + p.no",
        },
        "world_payment p",
        logged=False,
    )


def _insert_payment_entries(world, invoices: int) -> None:
    setting = world.setting
    first = invoices * (LINES + 1)
    common = _line_columns(setting) | {
        "move_id": f"{world.block('account_move')} + {invoices} + p.no",
        "payment_id": f"{world.block('account_payment')} + p.no",
        "journal_id": str(setting.bank_journal),
        "partner_id": "p.partner_id",
        "move_name": "p.prefix || pg_temp.padded(p.number, 5)",
        "ref": "p.memo",
        "name": "'Manual Payment: ' || p.memo",
        "display_type": "'product'",
        "sequence": "100",
        "quantity": "1",
        "price_unit": "0",
        "date": "p.date",
        "date_maturity": "p.date",
        "create_date": "p.date",
    }
    world.insert(
        "account_move_line",
        common
        | {
            "id": f"{first} + 2 * p.no - 1",
            "account_id": str(setting.outstanding),
            "price_subtotal": "p.amount",
            "price_total": "p.amount",
        }
        | _amount_columns("p.amount")
        | {"amount_residual": "p.amount", "amount_residual_currency": "p.amount"},
        "world_payment p ORDER BY p.no",
    )
    world.insert(
        "account_move_line",
        common
        | {
            "id": f"{first} + 2 * p.no",
            "account_id": str(setting.receivable),
            "price_subtotal": "-p.amount",
            "price_total": "-p.amount",
        }
        | _amount_columns("-p.amount")
        | {
            "reconciled": "TRUE",
            "full_reconcile_id": f"{world.block('account_full_reconcile')} + p.no",
            "matching_number": f"({world.block('account_full_reconcile')} + p.no)::varchar",
        },
        "world_payment p ORDER BY p.no",
    )


def _reconcile_payments(world, invoices: int) -> None:
    line, block = world.block("account_move_line"), LINES + 1
    world.insert(
        "account_partial_reconcile",
        {
            "id": "p.no",
            "debit_move_id": f"{line} + p.invoice_no * {block}",
            "credit_move_id": f"{line} + {invoices * block} + 2 * p.no",
            "full_reconcile_id": f"{world.block('account_full_reconcile')} + p.no",
            "debit_currency_id": str(world.setting.currency),
            "credit_currency_id": str(world.setting.currency),
            "company_id": str(world.setting.company),
            "max_date": "p.date",
            "amount": "p.amount",
            "debit_amount_currency": "p.amount",
            "credit_amount_currency": "p.amount",
            "create_date": "p.date",
        },
        "world_payment p ORDER BY p.no",
    )
    full = f"{world.block('account_full_reconcile')} + p.no"
    world.run(
        f"""
        UPDATE account_move_line l
           SET amount_residual = 0, amount_residual_currency = 0, reconciled = TRUE,
               full_reconcile_id = {full}, matching_number = ({full})::varchar
          FROM world_payment p WHERE l.id = {line} + p.invoice_no * {block}
        """
    )
    world.run(
        f"""
        UPDATE account_move m
           SET payment_state = 'paid', amount_residual = 0, amount_residual_signed = 0
          FROM world_payment p WHERE m.id = {world.block("account_move")} + p.invoice_no
        """
    )


def _move_columns(setting) -> dict[str, str]:
    """What every posted journal entry of the world has in common."""
    return {
        "company_id": str(setting.company),
        "currency_id": str(setting.currency),
        "state": "'posted'",
        "auto_post": "'no'",
        "invoice_currency_rate": "1",
        "amount_tax": "0",
        "amount_tax_signed": "0",
        "always_tax_exigible": "FALSE",
        "checked": "TRUE",
        "posted_before": "TRUE",
        "made_sequence_gap": "FALSE",
        "is_manually_modified": "TRUE",
        "is_move_sent": "FALSE",
    }


def _line_columns(setting) -> dict[str, str]:
    return {
        "company_id": str(setting.company),
        "company_currency_id": str(setting.currency),
        "currency_id": str(setting.currency),
        "parent_state": "'posted'",
        "discount": "0",
        "is_storno": "FALSE",
        "no_followup": "FALSE",
        "deductible_amount": "100",
    }


def _amount_columns(balance: str) -> dict[str, str]:
    return {
        "balance": balance,
        "amount_currency": balance,
        "debit": f"GREATEST({balance}, 0)",
        "credit": f"GREATEST(-({balance}), 0)",
        "amount_residual": "0",
        "amount_residual_currency": "0",
        "reconciled": "FALSE",
    }
