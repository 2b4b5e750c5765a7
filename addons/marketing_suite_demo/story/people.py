"""Chapter one: two companies, the people who work there, and everybody they know."""

from odoo import Command

from ..tools import cast, catalogue
from .narrator import plain_groups


def tell(story):
    _stay_private(story)
    _found_companies(story)
    _quote_rates(story)
    _hire_users(story)
    _form_teams(story)
    _name_tags_and_reasons(story)
    _meet_firms(story)
    _meet_vendors(story)


def _stay_private(story):
    """Invented companies are not looked up anywhere."""
    parameters = story.env["ir.config_parameter"].sudo()
    parameters.set_param("crm.iap.lead.enrich.setting", "manual")


def _found_companies(story):
    # The context keeps Odoo from installing the chart of accounts of each country: the generic
    # one is there already and does for a story.
    companies = story.env["res.company"].with_context(chart_template_load=True)
    main = story.env.ref("base.main_company")
    german = (
        main.with_env(companies.env)
        if _is_unused(story, main)
        else companies.create({"name": "Brimwell"})
    )
    german.write(_company_vals(story, "de"))
    chinese = companies.create(_company_vals(story, "cn"))
    story.keep("company", ("de", "cn"), (german | chinese).with_env(story.env))
    admin = story.env.ref("base.user_admin")
    admin.write(
        {
            "company_ids": [Command.link(german.id), Command.link(chinese.id)],
            "company_id": german.id,
        }
    )
    for key, tax_rate in (("de", 19.0), ("cn", 13.0)):
        _open_books(story, key, tax_rate)


def _is_unused(story, company) -> bool:
    """A company nobody named or worked in: the story may move in."""
    if company.name not in ("My Company", "YourCompany"):
        return False
    in_company = [("company_id", "=", company.id)]
    return not any(
        story.env[model].search_count(in_company, limit=1)
        for model in ("account.move", "sale.order", "purchase.order")
    )


def _company_vals(story, key) -> dict:
    name, _name_zh, country, city, zip_code, street, currency, domain = cast.COMPANIES[key]
    vals = {
        "name": name,
        "country_id": story.env.ref(f"base.{country.lower()}").id,
        "city": city,
        "zip": zip_code,
        "street": street,
        "email": f"hello@{domain}",
        "website": f"https://www.{domain}",
        "currency_id": _currency(story, currency).id,
        "customer_cost_limit": cast.CUSTOMER_COST[key],
        "pipeline_coverage": cast.PIPELINE_COVERAGE,
    }
    if "iap_enrich_auto_done" in story.env["res.company"]._fields:
        vals["iap_enrich_auto_done"] = True
    return vals


def _currency(story, name):
    currency = (
        story.env["res.currency"]
        .with_context(active_test=False)
        .search([("name", "=", name)], limit=1)
    )
    currency.active = True
    return currency


def _open_books(story, key, tax_rate):
    company = story.get("company", key)
    if not company.chart_template:
        story.env["account.chart.template"]._load("generic_coa", company, install_demo=False)
        # the chart of accounts brings its own currency
        company.currency_id = _currency(story, cast.COMPANIES[key][6])
    for tax in company.account_sale_tax_id | company.account_purchase_tax_id:
        tax.write({"amount": tax_rate, "name": f"{tax_rate:g}% VAT", "invoice_label": "VAT"})
    accounts = story.in_company(key, "account.account").create(
        [
            {"code": code, "name": name, "account_type": "expense", "company_ids": company.ids}
            for code, name, _name_zh in catalogue.ACCOUNTS.values()
        ]
    )
    story.translate(accounts, "name", [account[2] for account in catalogue.ACCOUNTS.values()])
    story.keep(f"account_{key}", catalogue.ACCOUNTS, accounts)
    # finance expects whatever stands here to be found on a campaign
    company.campaign_account_ids = accounts
    _let_bank_post(story, company)


def _let_bank_post(story, company):
    """Payments get journal entries of their own, so that what is paid is reconciled."""
    bank = story.env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
    )
    lines = bank.inbound_payment_method_line_ids | bank.outbound_payment_method_line_ids
    for line in lines.filtered(lambda line: not line.payment_account_id):
        line.payment_account_id = bank.default_account_id
    story.keep("bank", (_key_of(story, company),), bank)


def _key_of(story, company) -> str:
    return next(key for key, record in story.all("company").items() if record == company)


def _quote_rates(story):
    """A rate a month for every currency, seen from euro and from yuan."""
    vals_list = []
    for number, first in enumerate(story.timeline.month_starts()):
        quotes = {
            name: level + drift * number + swing * ((number * 7) % 5 - 2) / 2
            for name, (level, drift, swing) in catalogue.EURO_RATES.items()
        }
        quotes["EUR"] = 1.0
        for key, company_currency in (("de", "EUR"), ("cn", "CNY")):
            company = story.get("company", key)
            for name, quote in quotes.items():
                if name != company_currency:
                    vals_list.append(
                        {
                            "name": first,
                            "currency_id": _currency(story, name).id,
                            "company_id": company.id,
                            "rate": quote / quotes[company_currency],
                        }
                    )
    story.env["res.currency.rate"].create(vals_list)


def _hire_users(story):
    vals_list = []
    for login, (name, job, home, others, lang, groups) in cast.USERS.items():
        companies = [story.get("company", key).id for key in (home, *others)]
        domain = cast.COMPANIES[home][7]
        vals_list.append(
            {
                "name": name,
                "login": login,
                "password": login,
                "email": f"{login}@{domain}",
                "lang": lang if lang == "en_US" or story.chinese else "en_US",
                "tz": "Asia/Shanghai" if home == "cn" else "Europe/Berlin",
                "company_id": companies[0],
                "company_ids": [Command.set(companies)],
                "group_ids": plain_groups(story.env, ("base.group_user", *groups)),
                "notification_type": "inbox",
            }
        )
        vals_list[-1]["function"] = job
    users = story.env["res.users"].create(vals_list)
    story.keep("user", cast.USERS, users)


def _form_teams(story):
    for key, (name, name_zh, company, leader, members) in cast.TEAMS.items():
        team = story.env["crm.team"].create(
            {
                "name": name,
                "company_id": story.get("company", company).id,
                "user_id": story.get("user", leader).id,
                "use_leads": True,
                "use_opportunities": True,
                "member_ids": [Command.link(story.get("user", login).id) for login in members],
            }
        )
        story.translate(team, "name", [name_zh])
        story.keep("team", (key,), team)
    story.env.ref("base.group_user").write(
        {"implied_ids": plain_groups(story.env, ("crm.group_use_lead",))}
    )


def _name_tags_and_reasons(story):
    tags = story.env["crm.tag"].create(
        [{"name": name, "color": color} for name, _name_zh, color in cast.TAGS.values()]
    )
    story.translate(tags, "name", [tag[1] for tag in cast.TAGS.values()])
    story.keep("tag", cast.TAGS, tags)
    reasons = story.env["crm.lost.reason"].create(
        [{"name": name} for name, _name_zh in cast.LOST_REASONS.values()]
    )
    story.translate(reasons, "name", [reason[1] for reason in cast.LOST_REASONS.values()])
    story.keep("reason", cast.LOST_REASONS, reasons)


def _meet_firms(story):
    """Partners exist for existing customers and for everybody who became an opportunity."""
    people = {
        person.key: person
        for person in [lead.person for lead in story.plot.leads if lead.is_opportunity]
        + [order.person for order in story.plot.orders]
    }
    firms = {person.firm.key: person.firm for person in people.values()}
    companies = story.env["res.partner"].create([_firm_vals(story, f) for f in firms.values()])
    story.keep("firm", firms, companies)
    contacts = story.env["res.partner"].create([_contact_vals(story, p) for p in people.values()])
    story.keep("person", people, contacts)


def _firm_vals(story, firm) -> dict:
    return {
        "name": firm.name,
        "is_company": True,
        "city": firm.city,
        "country_id": story.env.ref(_country_xmlid(firm.country)).id,
        "website": f"https://www.{firm.domain}",
        "email": f"info@{firm.domain}",
        "lang": _lang_of(story, firm),
    }


def _contact_vals(story, person) -> dict:
    return {
        "name": person.name,
        "parent_id": story.get("firm", person.firm.key).id,
        "email": person.email,
        "phone": person.phone,
        "function": job_of(person),
        "lang": _lang_of(story, person.firm),
    }


def job_of(person) -> str:
    return person.job[1] if person.firm.lang == "zh" else person.job[0]


def _lang_of(story, firm) -> str:
    return "zh_CN" if story.chinese and firm.lang == "zh" else "en_US"


def _country_xmlid(code) -> str:
    return f"base.{'uk' if code == 'GB' else code.lower()}"


def _meet_vendors(story):
    vendors = story.env["res.partner"].create(
        [
            {
                "name": name,
                "is_company": True,
                "country_id": story.env.ref(_country_xmlid(country)).id,
                "supplier_rank": 1,
            }
            for name, country, _company, _currency in catalogue.VENDORS.values()
        ]
    )
    story.keep("vendor", catalogue.VENDORS, vendors)
