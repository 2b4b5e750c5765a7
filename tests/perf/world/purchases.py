"""What the campaigns cost: purchase orders, bills and their analytic lines."""

from .campaigns import LENGTH, campaign_start
from .sales import _amount_columns, _line_columns, _move_columns


def build_purchases(world) -> None:
    _plan_purchases(world)
    _plan_bills(world)
    _insert_orders(world)
    _insert_bills(world)
    _insert_analytic_lines(world)


def _distribution(world, campaign: str, split: str) -> str:
    """SQL: all to the campaign's account, or 60 : 40 with the next campaign's."""
    account = world.block("account_analytic_account")
    following = f"(1 + {campaign} % {world.size.campaigns})"
    return (
        f"CASE WHEN {split} THEN jsonb_build_object(({account} + {campaign})::text, 60.0, "
        f"({account} + {following})::text, 40.0) "
        f"ELSE jsonb_build_object(({account} + {campaign})::text, 100.0) END"
    )


def _plan_purchases(world) -> None:
    """85 of 100 are confirmed, 10 drafts, 5 cancelled; every fourth is shared by two campaigns."""
    size, setting = world.size, world.setting
    campaign = f"(1 + (g - 1) % {size.campaigns})"
    world.run(
        f"""
        CREATE TEMP TABLE world_purchase ON COMMIT DROP AS
        SELECT g AS no,
               (ARRAY{setting.vendors})[1 + pg_temp.pick(g, 60, {len(setting.vendors)})]
                   AS partner_id,
               (ARRAY{setting.services})[1 + pg_temp.pick(g, 61, {len(setting.services)})]
                   AS product_id,
               (50 + pg_temp.pick(g, 62, 95000) / 100.0)::numeric(12, 2) AS amount,
               {campaign_start(world, campaign)} + pg_temp.pick(g, 63, {LENGTH}) AS date,
               CASE WHEN pg_temp.pick(g, 64, 100) < 85 THEN 'purchase'
                    WHEN pg_temp.pick(g, 64, 100) < 95 THEN 'draft' ELSE 'cancel' END AS state,
               pg_temp.pick(g, 65, 2) = 0 AND pg_temp.pick(g, 64, 100) < 85
                   AND {campaign_start(world, campaign)} + {LENGTH + 20} < {world.end} AS billed,
               {_distribution(world, campaign, "g % 4 = 0")} AS distribution
          FROM generate_series(1, {size.purchases}) g
        """
    )


def _plan_bills(world) -> None:
    """A bill for each purchase that is billed, and bills nobody ordered: 5 of 100 are drafts."""
    size, setting = world.size, world.setting
    campaign = f"(1 + (g - 1) % {size.campaigns})"
    world.run(
        f"""
        CREATE TEMP TABLE world_bill ON COMMIT DROP AS
        SELECT b.*, ROW_NUMBER() OVER (ORDER BY b.purchase_no NULLS LAST, b.date, b.tie) AS no,
               'BILL/' || TO_CHAR(b.date, 'YYYY/MM') || '/' AS prefix,
               ROW_NUMBER() OVER (PARTITION BY b.state, TO_CHAR(b.date, 'YYYY/MM')
                                      ORDER BY b.purchase_no NULLS LAST, b.date, b.tie) AS number
          FROM (
            SELECT no AS purchase_no, 0 AS tie, partner_id, product_id, amount, date + 14 AS date,
                   'posted' AS state, distribution
              FROM world_purchase WHERE billed
             UNION ALL
            SELECT NULL, g,
                   (ARRAY{setting.vendors})[1 + pg_temp.pick(g, 66, {len(setting.vendors)})],
                   (ARRAY{setting.services})[1 + pg_temp.pick(g, 67, {len(setting.services)})],
                   (20 + pg_temp.pick(g, 68, 60000) / 100.0)::numeric(12, 2),
                   LEAST({campaign_start(world, campaign)} + pg_temp.pick(g, 69, {LENGTH}),
                         {world.end} - 1),
                   CASE WHEN pg_temp.pick(g, 70, 100) < 95 THEN 'posted' ELSE 'draft' END,
                   {_distribution(world, campaign, "g % 4 = 1")}
              FROM generate_series(1, {size.direct_bills}) g
          ) b
        """
    )


def _insert_orders(world) -> None:
    setting = world.setting
    confirmed = "p.state = 'purchase'"
    world.insert(
        "purchase_order",
        {
            "id": "p.no",
            "name": "'P' || pg_temp.padded(p.no, 7)",
            "partner_id": "p.partner_id",
            "company_id": str(setting.company),
            "currency_id": str(setting.currency),
            "currency_rate": "1",
            "user_id": "2",
            "state": "p.state",
            "priority": "'0'",
            "invoice_status": f"CASE WHEN NOT {confirmed} THEN 'no' WHEN p.billed THEN 'invoiced' "
            "ELSE 'to invoice' END",
            "invoice_count": "CASE WHEN p.billed THEN 1 ELSE 0 END",
            "amount_untaxed": "p.amount",
            "amount_tax": "0",
            "amount_total": "p.amount",
            "amount_total_cc": "p.amount",
            "date_order": "p.date",
            "date_approve": f"CASE WHEN {confirmed} THEN p.date END",
            "date_planned": "p.date + 7",
            "date_calendar_start": f"CASE WHEN {confirmed} THEN p.date ELSE p.date END",
            "locked": "FALSE",
            "create_date": "p.date",
        },
        "world_purchase p ORDER BY p.no",
    )
    world.insert(
        "purchase_order_line",
        {
            "id": "p.no",
            "order_id": f"{world.block('purchase_order')} + p.no",
            "name": "'Marketing service'",
            "sequence": "10",
            "product_id": "p.product_id",
            "product_uom_id": str(setting.uom),
            "company_id": str(setting.company),
            "partner_id": "p.partner_id",
            "product_qty": "1",
            "product_uom_qty": "1",
            "price_unit": "p.amount",
            "technical_price_unit": "p.amount",
            "price_subtotal": "p.amount",
            "price_total": "p.amount",
            "price_tax": "0",
            "discount": "0",
            "qty_invoiced": "CASE WHEN p.billed THEN 1 ELSE 0 END",
            "qty_to_invoice": f"CASE WHEN {confirmed} AND NOT p.billed THEN 1 ELSE 0 END",
            "qty_received_method": "'manual'",
            "qty_received": "0",
            "qty_received_manual": "0",
            "date_planned": "p.date + 7",
            "analytic_distribution": "p.distribution",
            "create_date": "p.date",
        },
        "world_purchase p ORDER BY p.no",
    )


def _insert_bills(world) -> None:
    setting = world.setting
    move = f"{world.block('account_move')} + {_moves_before(world)} + b.no"
    name = "CASE b.state WHEN 'posted' THEN b.prefix || pg_temp.padded(b.number, 4) END"
    world.insert(
        "account_move",
        _move_columns(setting)
        | {
            "id": f"{_moves_before(world)} + b.no",
            "journal_id": str(setting.purchase_journal),
            "move_type": "'in_invoice'",
            "state": "b.state",
            "name": name,
            "sequence_prefix": "CASE b.state WHEN 'posted' THEN b.prefix END",
            "sequence_number": "CASE b.state WHEN 'posted' THEN b.number ELSE 0 END",
            "payment_state": "'not_paid'",
            "posted_before": "b.state = 'posted'",
            "partner_id": "b.partner_id",
            "commercial_partner_id": "b.partner_id",
            "partner_shipping_id": "b.partner_id",
            "invoice_partner_display_name": "v.complete_name",
            "invoice_origin": "CASE WHEN b.purchase_no IS NOT NULL "
            "THEN 'P' || pg_temp.padded(b.purchase_no, 7) END",
            "ref": "'V' || b.no",
            "date": "b.date",
            "invoice_date": "b.date",
            "invoice_date_due": "b.date + 30",
            "amount_untaxed": "b.amount",
            "amount_total": "b.amount",
            "amount_residual": "b.amount",
            "amount_untaxed_signed": "-b.amount",
            "amount_untaxed_in_currency_signed": "-b.amount",
            "amount_total_signed": "-b.amount",
            "amount_total_in_currency_signed": "-b.amount",
            "amount_residual_signed": "-b.amount",
            "create_date": "b.date",
        },
        "world_bill b JOIN res_partner v ON v.id = b.partner_id ORDER BY b.no",
    )
    common = _line_columns(setting) | {
        "move_id": move,
        "journal_id": str(setting.purchase_journal),
        "parent_state": "b.state",
        "partner_id": "b.partner_id",
        "move_name": name,
        "ref": "'V' || b.no",
        "date": "b.date",
        "invoice_date": "b.date",
        "create_date": "b.date",
    }
    lines = _lines_before(world)
    world.insert(
        "account_move_line",
        common
        | {
            "id": f"{lines} + 2 * b.no - 1",
            "display_type": "'product'",
            "account_id": str(setting.expense),
            "product_id": "b.product_id",
            "product_uom_id": str(setting.uom),
            "name": "'Marketing service'",
            "sequence": "10",
            "quantity": "1",
            "price_unit": "b.amount",
            "price_subtotal": "b.amount",
            "price_total": "b.amount",
            "analytic_distribution": "b.distribution",
            "purchase_line_id": f"{world.block('purchase_order_line')} + b.purchase_no",
            "is_downpayment": "FALSE",
        }
        | _amount_columns("b.amount"),
        "world_bill b ORDER BY b.no",
    )
    world.insert(
        "account_move_line",
        common
        | {
            "id": f"{lines} + 2 * b.no",
            "display_type": "'payment_term'",
            "account_id": str(setting.payable),
            "sequence": "12000",
            "quantity": "0",
            "price_unit": "0",
            "price_subtotal": "0",
            "price_total": "0",
            "date_maturity": "b.date + 30",
        }
        | _amount_columns("-b.amount")
        | {"amount_residual": "-b.amount", "amount_residual_currency": "-b.amount"},
        "world_bill b ORDER BY b.no",
    )
    world.insert(
        "account_move_purchase_order_rel",
        {
            "purchase_order_id": f"{world.block('purchase_order')} + b.purchase_no",
            "account_move_id": move,
        },
        "world_bill b WHERE b.purchase_no IS NOT NULL",
        logged=False,
    )


def _insert_analytic_lines(world) -> None:
    """Posting a bill writes one analytic line per share of a line's distribution."""
    setting = world.setting
    world.insert(
        "account_analytic_line",
        {
            "name": "l.name",
            "date": "l.date",
            "amount": "ROUND(-l.balance * share.value::numeric / 100, 2)",
            setting.plan_column: "share.key::int",
            "company_id": str(setting.company),
            "currency_id": str(setting.currency),
            "partner_id": "l.partner_id",
            "unit_amount": "l.quantity",
            "product_id": "l.product_id",
            "product_uom_id": "l.product_uom_id",
            "general_account_id": "l.account_id",
            "journal_id": "l.journal_id",
            "move_line_id": "l.id",
            "ref": "l.ref",
            "category": "'vendor_bill'",
            "user_id": "2",
            "create_date": "l.date",
        },
        f"""account_move_line l
 CROSS JOIN LATERAL jsonb_each_text(l.analytic_distribution) share
 WHERE l.id > {world.block("account_move_line") + _lines_before(world)}
   AND l.parent_state = 'posted' AND l.analytic_distribution IS NOT NULL
 ORDER BY l.id, share.key""",
    )


def _moves_before(world) -> int:
    """How many journal entries the sales have made of this world's block."""
    if "moves before bills" not in world.first:
        world.run(f"SELECT MAX(id) - {world.block('account_move')} FROM account_move")
        world.first["moves before bills"] = world.env.cr.fetchone()[0]
    return world.first["moves before bills"]


def _lines_before(world) -> int:
    if "lines before bills" not in world.first:
        world.run(f"SELECT MAX(id) - {world.block('account_move_line')} FROM account_move_line")
        world.first["lines before bills"] = world.env.cr.fetchone()[0]
    return world.first["lines before bills"]
