"""Chapter nine: quotations, orders, invoices, payments and credit notes."""

from collections import defaultdict

from odoo import Command

from ..tools import catalogue
from .leads import _source_of
from .spending import pay, reverse

PRICE_LEVEL_CNY = 7.7


def tell(story):
    _quote(story)
    _confirm(story)
    _win(story)
    story.rest()
    _invoice(story)
    _refund(story)
    _collect(story)


def _quote(story):
    for company in ("de", "cn"):
        told = [order for order in story.plot.orders if order.person.firm.market == company]
        orders = story.in_company(company, "sale.order").create(
            [_order_vals(story, company, order) for order in told]
        )
        story.keep("order", [order.key for order in told], orders)
    sent = [order for order in story.plot.orders if order.state == "sent"]
    _records(story, sent).action_quotation_sent()
    _records(story, [o for o in story.plot.orders if o.state == "cancel"])._action_cancel()


def _records(story, told):
    return story.env["sale.order"].concat(*(story.get("order", order.key) for order in told))


def _order_vals(story, company, told) -> dict:
    lead = told.lead and story.get("lead", told.lead.key)
    source = _source_of(story, told.lead or _Sourced(told))
    owner = told.lead.owner if told.lead else ("wanglei" if company == "cn" else "jonas")
    return {
        "partner_id": story.get("person", told.person.key).id,
        "company_id": story.get("company", company).id,
        "pricelist_id": story.get("pricelist", told.currency).id,
        "payment_term_id": story.env.ref("account.account_payment_term_30days").id,
        "user_id": story.get("user", owner).id,
        "team_id": story.get("team", "china" if company == "cn" else "europe").id,
        "date_order": story.timeline.moment(told.day),
        "opportunity_id": lead and lead.id,
        "campaign_id": told.campaign and story.get("campaign", told.campaign).id,
        "source_id": source.id,
        "medium_id": story.get("medium", told.medium).id,
        "order_line": [
            Command.create(
                {
                    "product_id": story.get("product", key).id,
                    "product_uom_qty": quantity,
                    "price_unit": _price(story, told, key),
                    "tax_ids": [_taxes(story, company, told)],
                    "analytic_distribution": False,
                }
            )
            for key, quantity in told.lines
        ],
    }


class _Sourced:
    """An order without a lead, seen as something that has a source."""

    def __init__(self, told):
        self.mailing, self.source = "", told.source


def _price(story, told, product) -> float:
    """The list price in the currency of the order, rounded like a price list."""
    price = catalogue.PRODUCTS[product][2]
    if told.currency == "CNY":
        return round(price * PRICE_LEVEL_CNY, -1)
    level = catalogue.EURO_RATES.get(told.currency, (1.0,))[0]
    return round(price * level)


def _taxes(story, company, told):
    """Domestic customers pay VAT; abroad it is an export."""
    home = story.get("company", company)
    is_domestic = home.country_id.code == told.person.firm.country
    return Command.set(home.account_sale_tax_id.ids if is_domestic else [])


def _confirm(story):
    told = [order for order in story.plot.orders if order.state == "sale"]
    for company in ("de", "cn"):
        in_company = [order for order in told if order.person.firm.market == company]
        orders = story.in_company(company, "sale.order").concat(*_records(story, in_company))
        orders.action_confirm()
    for order in told:
        story.get("order", order.key).date_order = story.timeline.moment(order.day)
    story.backdate(
        {
            story.get("order", order.key): story.timeline.moment(
                order.day - (3 if order.state == "sale" else 0)
            )
            for order in story.plot.orders
        }
    )


def _win(story):
    won = [told for told in story.plot.leads if told.outcome == "won"]
    story.env["crm.lead"].concat(*(story.get("lead", told.key) for told in won)).action_set_won()
    _date_leads(story)


def _date_leads(story):
    """When each lead came, got an owner, was converted and was closed."""
    moment = story.timeline.moment
    columns = {
        "create_date": lambda told: told.day,
        "date_open": lambda told: (
            None if told.assign_by_rules else told.day + told.hours_to_owner / 24
        ),
        "date_conversion": lambda told: told.qualified,
        # Sales took it on: an opportunity with somebody who works on it.
        "date_sql": lambda told: (
            max(told.qualified, told.day + told.hours_to_owner / 24)
            if told.is_opportunity and not told.assign_by_rules
            else None
        ),
        "date_closed": lambda told: told.closed,
        "date_last_stage_update": lambda told: told.closed or told.qualified or told.day,
    }
    for column, day_of in columns.items():
        days = {story.get("lead", told.key): day_of(told) for told in story.plot.leads}
        story.backdate(
            {lead: moment(min(day, -0.01)) for lead, day in days.items() if day is not None},
            column,
        )


# ---------------------------------------------------------------------- invoices
def _invoice(story):
    """Billing runs: each invoices what was ordered since the last one."""
    told = [order for order in story.plot.orders if order.invoiced is not None]
    _deliver(story, told)
    runs = defaultdict(list)
    for order in told:
        runs[order.person.firm.market, bool(order.group), order.invoiced].append(order)
    for (company, is_group, number), orders in sorted(runs.items(), key=lambda run: run[0]):
        records = story.in_company(company, "sale.order").concat(*_records(story, orders))
        records.with_context(default_invoice_date=story.timeline.day(number))._create_invoices(
            grouped=not is_group
        )
        story.rest()
    for company in ("de", "cn"):
        mine = [order for order in told if order.person.firm.market == company]
        moves = _records(story, mine).invoice_ids
        story.in_company(company, "account.move").concat(*moves).action_post()
    story.rest()


def _deliver(story, told):
    """Installation is invoiced by the day worked; every ninth job is not finished yet."""
    for number, order in enumerate(told):
        for line in story.get("order", order.key).order_line:
            if line.product_id.invoice_policy == "delivery":
                done = line.product_uom_qty - (1 if number % 9 == 0 else 0)
                line.qty_delivered = max(done, 0)


def _invoices_of(story, told):
    return story.get("order", told.key).invoice_ids.filtered(
        lambda move: move.move_type == "out_invoice"
    )


def _refund(story):
    """Credit notes: some orders came back whole, some in part."""
    for number, told in enumerate(order for order in story.plot.orders if order.refund):
        kind, day = told.refund
        company = told.person.firm.market
        invoice = _invoices_of(story, told)
        reason = ("Returned", "Damaged on arrival", "Price agreed later")[number % 3]
        refund = reverse(story, company, invoice, story.timeline.day(day), reason)
        if kind == "partial":
            _keep_part(refund)
        refund.action_post()
        if kind == "full":
            _balance(invoice, refund)


def _keep_part(refund):
    """Credit a part of the first line only."""
    first, others = refund.invoice_line_ids[0], refund.invoice_line_ids[1:]
    refund.write(
        {
            "invoice_line_ids": [
                Command.update(first.id, {"quantity": max(1, first.quantity // 3)}),
                *(Command.delete(line.id) for line in others),
            ]
        }
    )


def _balance(invoice, refund):
    lines = (invoice | refund).line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled
    )
    lines.reconcile()


def _collect(story):
    """Payments, one run a month."""
    runs = defaultdict(lambda: story.env["account.move"])
    for told in story.plot.orders:
        if told.paid is not None:
            runs[told.person.firm.market, told.paid] |= _invoices_of(story, told)
    for (company, number), moves in sorted(runs.items(), key=lambda run: run[0]):
        pay(story, company, moves, story.timeline.day(number))
