"""The few records a world hangs on, made through the ORM: accounts, people, products."""

from dataclasses import dataclass

from odoo import Command

from .size import Size

COUNTRIES = ["base.de", "base.fr", "base.us", "base.cn", "base.uk", "base.nl", "base.be", "base.es"]
PRODUCTS = 12
SALESPEOPLE = 20
TEAMS = 2
VENDORS = 40


@dataclass(frozen=True)
class Setting:
    """Ids of the configuration of a world."""

    company: int
    currency: int
    sale_journal: int
    purchase_journal: int
    bank_journal: int
    income: int
    expense: int
    receivable: int
    payable: int
    outstanding: int
    payment_method_line: int
    payment_method: int
    countries: list[int]
    uom: int
    products: list[int]
    services: list[int]
    salespeople: list[int]
    teams: list[int]
    vendors: list[int]
    stage_new: int
    stages_open: list[int]
    stage_won: int
    mailing_medium: int
    partner_model: int
    lead_model: int
    plan: int
    plan_column: str
    language: int


def prepare_setting(env, size: Size) -> Setting:
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    journals = {
        kind: env["account.journal"].search(
            [("type", "=", kind), ("company_id", "=", company.id)], limit=1
        )
        for kind in ("sale", "purchase", "bank")
    }
    plan = _prepare_plan(env)
    salespeople = _create_salespeople(env)
    teams = _create_teams(env, salespeople, size)
    stages = env["crm.stage"].search([], order="sequence")
    method_line = journals["bank"].inbound_payment_method_line_ids[0]
    return Setting(
        company=company.id,
        currency=company.currency_id.id,
        sale_journal=journals["sale"].id,
        purchase_journal=journals["purchase"].id,
        bank_journal=journals["bank"].id,
        income=journals["sale"].default_account_id.id,
        expense=journals["purchase"].default_account_id.id,
        receivable=_account(env, "asset_receivable").id,
        payable=_account(env, "liability_payable").id,
        outstanding=env["account.payment"]._get_outstanding_account("inbound").id,
        payment_method_line=method_line.id,
        payment_method=method_line.payment_method_id.id,
        countries=[env.ref(xmlid).id for xmlid in COUNTRIES],
        uom=env.ref("uom.product_uom_unit").id,
        products=_create_products(env, "Product", size).ids,
        services=_create_products(env, "Marketing Service", size).ids,
        salespeople=salespeople.ids,
        teams=teams.ids,
        vendors=_create_vendors(env).ids,
        stage_new=stages[0].id,
        stages_open=stages.filtered(lambda stage: not stage.is_won).ids,
        stage_won=stages.filtered("is_won")[0].id,
        mailing_medium=env.ref("utm.utm_medium_email").id,
        partner_model=env["ir.model"]._get_id("res.partner"),
        lead_model=env["ir.model"]._get_id("crm.lead"),
        plan=plan.id,
        plan_column=plan._column_name(),
        language=env["res.lang"]._lang_get("en_US").id,
    )


def _account(env, account_type):
    """The account contacts use by default."""
    field = {
        "asset_receivable": "property_account_receivable_id",
        "liability_payable": "property_account_payable_id",
    }[account_type]
    return env["res.partner"]._fields[field].get_company_dependent_fallback(env["res.partner"])


def _prepare_plan(env):
    """The plan of the suite; without it, one of the same shape."""
    plan = env.ref("marketing_campaign_ext.analytic_plan_campaigns", raise_if_not_found=False)
    return plan or env["account.analytic.plan"].create({"name": "Campaigns"})


def _create_salespeople(env):
    group = env.ref("sales_team.group_sale_salesman_all_leads")
    return (
        env["res.users"]
        .with_context(no_reset_password=True, mail_create_nosubscribe=True)
        .create(
            [
                {
                    "name": f"Salesperson {number}",
                    "login": f"salesperson{number}",
                    "email": f"salesperson{number}@ourselves.example.com",
                    "group_ids": [Command.link(group.id)],
                    "notification_type": "inbox",
                }
                for number in range(1, SALESPEOPLE + 1)
            ]
        )
    )


def _create_teams(env, salespeople, size: Size):
    """Teams that take every lead, whose members have room for all of them."""
    env["crm.team"].search([]).write({"assignment_optout": True})
    share = SALESPEOPLE // TEAMS
    return env["crm.team"].create(
        [
            {
                "name": f"Team {number + 1}",
                "use_leads": True,
                "assignment_domain": "[]",
                "crm_team_member_ids": [
                    Command.create({"user_id": user.id, "assignment_max": size.leads * 30})
                    for user in salespeople[number * share : (number + 1) * share]
                ],
            }
            for number in range(TEAMS)
        ]
    )


def _create_products(env, name, size: Size):
    return env["product.product"].create(
        [
            {
                "name": f"{name} {number}",
                "type": "service",
                "list_price": 25.0 * number,
                "invoice_policy": "order",
                "purchase_method": "purchase",
                "taxes_id": [Command.clear()],
                "supplier_taxes_id": [Command.clear()],
            }
            for number in range(1, PRODUCTS + 1)
        ]
    )


def _create_vendors(env):
    return env["res.partner"].create(
        [
            {
                "name": f"Vendor {number}",
                "is_company": True,
                "supplier_rank": 1,
                "email": f"accounts@vendor{number}.example.com",
            }
            for number in range(1, VENDORS + 1)
        ]
    )
