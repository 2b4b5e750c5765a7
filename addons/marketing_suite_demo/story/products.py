"""Chapter two: what Brimwell sells and what its marketing buys."""

from odoo import Command

from ..tools import catalogue

# currency: (company, country that pays in it; empty: everybody else)
PRICE_LISTS = {
    "EUR": ("de", ""),
    "CHF": ("de", "ch"),
    "GBP": ("de", "uk"),
    "USD": ("de", "us"),
    "CNY": ("cn", ""),
}

# service group -> cost category of the campaigns addon; None: the story's own
CATEGORIES = {
    "ads": "cost_category_media",
    "search": "cost_category_search",
    "social": "cost_category_social",
    "events": "cost_category_event",
    "content": "cost_category_content",
    "agency": "cost_category_agency",
    "partner": None,
    "travel": "cost_category_travel",
}
CATEGORY_OF_SERVICE = {"search": "search", "social": "social", "video": "social"}


def tell(story):
    _list_products(story)
    _list_services(story)
    _map_categories(story)
    _set_price_lists(story)


def _both_companies(story, model):
    companies = story.get("company", "de") | story.get("company", "cn")
    return story.env[model].with_context(allowed_company_ids=companies.ids)


def _list_products(story):
    family = story.env["product.category"].create({"name": "Tidewatch"})
    products = _both_companies(story, "product.product").create(
        [
            {
                "name": name,
                "default_code": f"TW-{key.upper()}",
                "type": kind,
                "list_price": price,
                "categ_id": family.id,
                "invoice_policy": "delivery" if key == "install" else "order",
                "purchase_ok": False,
            }
            for key, (name, _name_zh, price, _cost, kind) in catalogue.PRODUCTS.items()
        ]
    )
    for product, values in zip(products, catalogue.PRODUCTS.values(), strict=True):
        product.with_company(story.get("company", "de")).standard_price = values[3]
        product.with_company(story.get("company", "cn")).standard_price = values[3] * 7.7
    story.translate(
        products.product_tmpl_id, "name", [values[1] for values in catalogue.PRODUCTS.values()]
    )
    story.keep("product", catalogue.PRODUCTS, products)


def _list_services(story):
    """What marketing buys, each on its own expense account in both companies."""
    family = story.env["product.category"].create({"name": "Marketing services"})
    services = _both_companies(story, "product.product").create(
        [
            {
                "name": name,
                "type": "service",
                "categ_id": family.id,
                "sale_ok": False,
                "purchase_method": "purchase",
                "can_be_expensed": key == "travel",
                "taxes_id": [Command.clear()],
            }
            for key, (name, _name_zh, _group) in catalogue.SERVICES.items()
        ]
    )
    for service, (_name, _name_zh, group) in zip(
        services, catalogue.SERVICES.values(), strict=True
    ):
        for company in ("de", "cn"):
            service.with_company(
                story.get("company", company)
            ).property_account_expense_id = story.get(f"account_{company}", group)
    story.translate(
        services.product_tmpl_id, "name", [values[1] for values in catalogue.SERVICES.values()]
    )
    story.keep("service", catalogue.SERVICES, services)


def _map_categories(story):
    """Cost categories find their costs by the product bought."""
    own = story.env["marketing.cost.category"].create(
        {"name": "Partners and Referrals", "sequence": 45}
    )
    story.translate(own, "name", ["合作伙伴与推荐"])
    categories = {
        group: story.env.ref(f"marketing_campaign_ext.{xmlid}") if xmlid else own
        for group, xmlid in CATEGORIES.items()
    }
    story.keep("category", categories, list(categories.values()))
    for key, (_name, _name_zh, group) in catalogue.SERVICES.items():
        category = categories[CATEGORY_OF_SERVICE.get(key, group)]
        category._map("product_ids", story.get("service", key))


def _set_price_lists(story):
    """The company's own currency, but for customers of countries that pay in theirs."""
    companies = story.get("company", "de") | story.get("company", "cn")
    # those that Odoo made before the companies had their currencies
    story.env["product.pricelist"].search([("company_id", "in", companies.ids)]).active = False
    pricelists = story.env["product.pricelist"].create(
        [
            {
                "name": f"Brimwell {currency}",
                "currency_id": story.env.ref(f"base.{currency}").id,
                "company_id": story.get("company", company).id,
                "country_group_ids": _country_group(story, country),
            }
            for currency, (company, country) in PRICE_LISTS.items()
        ]
    )
    story.keep("pricelist", PRICE_LISTS, pricelists)


def _country_group(story, code):
    if not code:
        return False
    country = story.env.ref(f"base.{code}")
    group = story.env["res.country.group"].create(
        {"name": country.name, "country_ids": [Command.link(country.id)]}
    )
    return [Command.link(group.id)]
