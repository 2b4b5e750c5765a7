"""Chapter four: purchase orders, vendor bills, refunds, payments, expenses and accruals."""

from collections import defaultdict

from odoo import Command

from ..tools import catalogue, purse

UNITS = 20  # an order line is bought in twenty parts, so that it can be billed in parts


def tell(story):
    bills = _receive_bills(story)
    bills += _order_and_bill(story)
    _post(story, [(bill, move) for bill, move in bills if bill.posted])
    _refund(story, [(bill, move) for bill, move in bills if bill.refunded])
    _pay(story, [(bill, move) for bill, move in bills if bill.posted and bill.paid])
    _accrue(story)
    _claim_expenses(story)


def distribution(story, line) -> dict:
    """The analytic distribution finance types: campaign accounts and their percentages."""
    return {
        str(story.get("campaign", key).analytic_account_id.id): percentage
        for key, percentage in line.shares
    }


def _taxes(story, vendor, company):
    """Domestic vendors charge VAT, foreign ones do not."""
    home = story.get("company", company)
    is_domestic = story.get("vendor", vendor).country_id == home.country_id
    return Command.set(home.account_purchase_tax_id.ids if is_domestic else [])


def _currency(story, vendor):
    return story.env.ref(f"base.{catalogue.VENDORS[vendor][3]}")


# ---------------------------------------------------------------------- bills
def _receive_bills(story) -> list:
    """Vendor bills as they come in, oldest first; posted later in one go."""
    pairs = []
    for company in ("de", "cn"):
        bills = sorted(
            (bill for bill in purse.BILLS if bill.company == company), key=lambda bill: bill.day
        )
        moves = story.in_company(company, "account.move").create(
            [_bill_vals(story, number, bill) for number, bill in enumerate(bills, start=1)]
        )
        pairs += zip(bills, moves, strict=True)
    return pairs


def _bill_vals(story, number, bill) -> dict:
    day = story.timeline.day(bill.day)
    return {
        "move_type": "in_invoice",
        "partner_id": story.get("vendor", bill.vendor).id,
        "currency_id": _currency(story, bill.vendor).id,
        "invoice_date": day,
        "date": day,
        "ref": f"{bill.vendor[:3].upper()}-{day:%y%m}-{number:03d}",
        "invoice_line_ids": [
            Command.create(
                {
                    "product_id": story.get("service", line.service).id,
                    "quantity": 1,
                    "price_unit": line.amount,
                    "tax_ids": [_taxes(story, bill.vendor, bill.company)],
                    "analytic_distribution": distribution(story, line),
                }
            )
            for line in bill.lines
        ],
    }


# ---------------------------------------------------------------------- purchase orders
def _order_and_bill(story) -> list:
    pairs = []
    for company in ("de", "cn"):
        plans = [order for order in purse.PURCHASE_ORDERS if order.company == company]
        orders = story.in_company(company, "purchase.order").create(
            [_order_vals(story, plan) for plan in plans]
        )
        story.keep("purchase", [f"{company}_{n}" for n in range(1, len(plans) + 1)], orders)
        for plan, order in zip(plans, orders, strict=True):
            if plan.confirmed:
                order.button_confirm()
                order.date_approve = story.timeline.moment(plan.day + 0.5)
                pairs += [_bill_part(story, plan, order, part) for part in plan.billings]
    return pairs


def _order_vals(story, plan) -> dict:
    return {
        "partner_id": story.get("vendor", plan.vendor).id,
        "currency_id": _currency(story, plan.vendor).id,
        "date_order": story.timeline.moment(plan.day + 0.4),
        "date_planned": story.timeline.moment(plan.day + 30.4),
        "order_line": [
            Command.create(
                {
                    "product_id": story.get("service", line.service).id,
                    "product_qty": UNITS,
                    "price_unit": line.amount / UNITS,
                    "tax_ids": [_taxes(story, plan.vendor, plan.company)],
                    "analytic_distribution": distribution(story, line),
                }
            )
            for line in plan.lines
        ],
    }


def _bill_part(story, plan, order, part):
    """Bill a part of an order the way a buyer does: create the bill, correct its quantities."""
    number, share = part
    before, day = order.invoice_ids, story.timeline.day(number)
    order.with_context(default_invoice_date=day).action_create_invoice()
    move = order.invoice_ids - before
    move.ref = f"{order.name}-{day:%y%m%d}"
    for line in move.invoice_line_ids:
        line.quantity = line.purchase_line_id.product_qty * share
    bill = purse.Bill(plan.vendor, number, plan.lines, plan.company, paid=number < -25)
    return bill, move


# ---------------------------------------------------------------------- ledger
def _post(story, pairs):
    for company in ("de", "cn"):
        moves = [move for bill, move in pairs if bill.company == company]
        story.in_company(company, "account.move").concat(*moves).action_post()


def _refund(story, pairs):
    """A vendor gives a part back: reverse the bill, keep the part, post."""
    for bill, move in pairs:
        refund = reverse(story, bill.company, move, story.timeline.day(bill.day + 14), "Discount")
        refund.invoice_line_ids.price_unit = bill.refunded
        refund.action_post()


def reverse(story, company, move, day, reason):
    """A draft credit note or vendor refund, made by Odoo's own wizard."""
    wizard = (
        story.in_company(company, "account.move.reversal")
        .with_context(active_model="account.move", active_ids=move.ids)
        .create({"date": day, "reason": reason, "journal_id": move.journal_id.id})
    )
    wizard.refund_moves()
    return wizard.new_move_ids


def _pay(story, pairs):
    """A payment run every two months, one payment to each vendor."""
    runs = defaultdict(list)
    for bill, move in pairs:
        runs[bill.company, min((bill.day + 74) // 60 * 60, -1)].append(move)
    for (company, number), moves in sorted(runs.items(), key=lambda run: run[0]):
        pay(story, company, moves, story.timeline.day(number), together=True)


def pay(story, company, moves, day, together=False):
    """Register the payments of posted moves with Odoo's own wizard."""
    records = story.in_company(company, "account.move").concat(*moves)
    story.in_company(company, "account.payment.register").with_context(
        active_model="account.move", active_ids=records.ids
    ).create(
        {
            "payment_date": day,
            "journal_id": story.get("bank", company).id,
            "group_payment": together,
        }
    ).action_create_payments()
    story.rest()


# ---------------------------------------------------------------------- without a bill
def _accrue(story):
    lines = story.env["marketing.cost.line"].create(
        [
            {
                "name": accrual.note,
                "campaign_id": story.get("campaign", accrual.campaign).id,
                "category_id": _category_of(story, accrual.service).id,
                "date": story.timeline.day(accrual.day),
                "amount": accrual.amount,
                "partner_id": story.get("vendor", accrual.vendor).id,
            }
            for accrual in purse.ACCRUALS
        ]
    )
    story.keep("accrual", [str(number) for number in range(1, len(lines) + 1)], lines)


def _category_of(story, service):
    product = story.get("service", service)
    return story.env["marketing.cost.category"].search([("product_ids", "=", product.id)], limit=1)


def _claim_expenses(story):
    """Travel to the fairs: claimed by the team, approved and posted by finance."""
    employees = {
        login: story.env["hr.employee"].create(
            {
                "name": story.get("user", login).name,
                "user_id": story.get("user", login).id,
                "company_id": story.get("company", "de").id,
                "work_contact_id": story.get("user", login).partner_id.id,
            }
        )
        for login in dict.fromkeys(expense.employee for expense in purse.EXPENSES)
    }
    expenses = story.in_company("de", "hr.expense").create(
        [
            {
                "name": expense.name,
                "employee_id": employees[expense.employee].id,
                "product_id": story.get("service", "travel").id,
                "date": story.timeline.day(expense.day),
                "total_amount_currency": expense.amount,
                "tax_ids": [Command.clear()],
                "analytic_distribution": {
                    str(story.get("campaign", expense.campaign).analytic_account_id.id): 100.0
                },
            }
            for expense in purse.EXPENSES
        ]
    )
    expenses.action_submit()
    expenses.action_approve()
    for expense in expenses:
        wizard = (
            story.in_company("de", "hr.expense.post.wizard")
            .with_context(
                active_ids=expense.ids, active_model="hr.expense", company_paid_move_ids=[]
            )
            .create({"accounting_date": expense.date})
        )
        wizard.action_post_entry()
