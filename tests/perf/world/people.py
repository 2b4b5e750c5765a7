"""Contacts: companies, and the people who work for them."""


def build_partners(world) -> None:
    """Companies first, then the people; a third of the people use a private address."""
    size, setting = world.size, world.setting
    first = world.block("res_partner")
    country = f"(ARRAY{setting.countries})[1 + pg_temp.pick(g, 1, {len(setting.countries)})]"
    shared = {
        "type": "'contact'",
        "country_id": country,
        "lang": "'en_US'",
        "active": "TRUE",
        "employee": "FALSE",
        "partner_share": "TRUE",
        "color": "0",
        "message_bounce": "0",
        "supplier_rank": "0",
        "customer_rank": "0",
        "autopost_bills": "'ask'",
        "create_date": f"{world.begin} + pg_temp.pick(g, 2, 700)",
    }
    world.insert(
        "res_partner",
        world.only_known(
            "res_partner",
            shared
            | {
                "id": "g",
                "name": "'Company ' || g",
                "complete_name": "'Company ' || g",
                "commercial_company_name": "'Company ' || g",
                "commercial_partner_id": f"{first} + g",
                "is_company": "TRUE",
                "email": "'info@company' || g || '.example.com'",
                "email_normalized": "'info@company' || g || '.example.com'",
                "is_published": "FALSE",
            },
        ),
        f"generate_series(1, {size.companies}) g",
    )
    employer = f"(1 + (g % {size.companies}))"
    address = (
        "CASE WHEN g % 3 = 0 THEN 'person' || g || '@mail.example.org' "
        f"ELSE 'person' || g || '@company' || {employer} || '.example.com' END"
    )
    world.insert(
        "res_partner",
        world.only_known(
            "res_partner",
            shared
            | {
                "id": "g",
                "name": "'Person ' || g",
                "complete_name": f"'Company ' || {employer} || ', Person ' || g",
                "commercial_company_name": f"'Company ' || {employer}",
                "parent_id": f"{first} + {employer}",
                "commercial_partner_id": f"{first} + {employer}",
                "is_company": "FALSE",
                "function": "(ARRAY['Buyer', 'Director', 'Engineer', 'Assistant'])"
                "[1 + pg_temp.pick(g, 3, 4)]",
                "email": address,
                "email_normalized": address,
                "is_published": "FALSE",
            },
        ),
        f"generate_series({size.companies + 1}, {size.partners}) g",
    )
