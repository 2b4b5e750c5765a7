"""What the suite adds to Odoo's own work: the same operation with it and without it."""

from odoo import Command, fields

from ..harness.line import Case, Line, on_native

ADMIN = 2
ALLOWED = 1.10


def _count(context, wanted: int) -> int:
    """So many, or a tenth of the world where that is smaller."""
    return min(wanted, max(10, context["leads"] // 10))


def create_leads(env, context):
    """As a form or an import brings them: with address, country and campaign."""
    env = env(user=ADMIN)
    campaigns = env["utm.campaign"].search([], limit=50).ids
    countries = env["res.country"].search([("code", "in", ["DE", "FR", "CN"])]).ids
    values = [
        {
            "name": f"Request {number}",
            "type": "lead",
            "contact_name": f"Caller {number}",
            "email_from": f"caller{number}@newcomers.example.org",
            "phone": f"+49 30 {900000 + number}",
            "country_id": countries[number % len(countries)],
            "campaign_id": campaigns[number % len(campaigns)],
            "user_id": False,
        }
        for number in range(_count(context, 1000))
    ]
    yield
    return len(env["crm.lead"].create(values))


def open_mails(env, context):
    """Recipients open their mail, one request after the other."""
    traces = env["mailing.trace"].search(
        [("trace_status", "=", "sent")], limit=_count(context, 10_000), order="id"
    )
    ids = traces.ids
    env.invalidate_all()
    yield
    for trace_id in ids:
        env["mailing.trace"].browse(trace_id).set_opened()
        env.flush_all()
    return len(ids)


def send_mailing(env, context):
    """A mailing to contacts, up to the mails and traces that wait for the mail server."""
    recipients = env["res.partner"].search(
        [("email", "like", "person")], limit=_count(context, 10_000), order="id"
    )
    mailing = env["mailing.mailing"].create(
        {
            "subject": "News",
            "mailing_model_id": env["ir.model"]._get_id("res.partner"),
            "campaign_id": env["utm.campaign"].search([], limit=1).id,
            "body_html": "<p>News for you</p>",
            "email_from": "news@ourselves.example.com",
        }
    )
    composer = env["mail.compose.message"].with_context(active_ids=recipients.ids)
    wizard = composer.create(
        {
            "body": mailing.body_html,
            "subject": mailing.subject,
            "model": "res.partner",
            "email_from": mailing.email_from,
            "composition_mode": "mass_mail",
            "mass_mailing_id": mailing.id,
            "force_send": False,
            "template_id": False,
        }
    )
    env.flush_all()
    yield
    wizard._action_send_mail_mass_mail(recipients.ids)
    return len(recipients)


def confirm_orders(env, context):
    """Quotations of leads with a campaign, confirmed together from the list."""
    env = env(user=ADMIN)
    partners = env["res.partner"].search([("email", "like", "person")], limit=10)
    leads = env["crm.lead"].search(
        [("type", "=", "opportunity"), ("won_status", "=", "pending")],
        limit=_count(context, 100),
    )
    product = env["product.product"].search([("name", "like", "Product ")], limit=1)
    orders = env["sale.order"].create(
        [
            {
                "partner_id": partners[number % len(partners)].id,
                "opportunity_id": lead.id,
                "campaign_id": lead.campaign_id.id,
                "order_line": [Command.create({"product_id": product.id, "price_unit": 50})],
            }
            for number, lead in enumerate(leads)
        ]
    )
    env.flush_all()
    yield
    orders.action_confirm()
    return len(orders)


def post_bills(env, context):
    """Vendor bills on the campaigns' analytic accounts, posted together from the list."""
    env = env(user=ADMIN)
    env.user.group_ids += env.ref("account.group_account_invoice")
    vendors = env["res.partner"].search([("name", "like", "Vendor ")], limit=10)
    accounts = env["account.analytic.account"].search([("name", "like", "Campaign ")], limit=20)
    product = env["product.product"].search([("name", "like", "Marketing Service")], limit=1)
    bills = env["account.move"].create(
        [
            {
                "move_type": "in_invoice",
                "partner_id": vendors[number % len(vendors)].id,
                "invoice_date": fields.Date.today(),
                "ref": f"Bench {number}",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "price_unit": 80,
                            "analytic_distribution": {accounts[number % len(accounts)].id: 100},
                        }
                    )
                ],
            }
            for number in range(_count(context, 100))
        ]
    )
    env.flush_all()
    yield
    bills.action_post()
    return len(bills)


LINES = [
    Line(title, unit, Case(job), {"Odoo alone": on_native(job)}, {"Odoo alone": ALLOWED})
    for title, unit, job in (
        ("Create leads", "leads", create_leads),
        ("Send a mailing", "mails", send_mailing),
        ("Recipients open their mail", "opens", open_mails),
        ("Confirm orders", "orders", confirm_orders),
        ("Post vendor bills", "bills", post_bills),
    )
]
