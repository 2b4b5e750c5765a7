"""Salespeople and their manager at work with assignment, as they see it.

A lead nobody works on is in a public pool; two salespeople look at it, one takes it, the other
is told.
"""

import time

from playwright.sync_api import expect

STAMP = f"{time.time():.0f}"
LEAD = f"Old enquiry {STAMP}"
POOL = f"Nobody's leads {STAMP}"


def _rows(person, text):
    return person.page.locator(".o_data_row, .o_kanban_record").filter(has_text=text)


def test_a_lead_is_claimed_with_one_click_and_the_second_to_click_is_told(open_browser):
    manager = open_browser("sales.manager")
    users = manager.find("res.users", [["login", "in", ["jonas", "amelie"]]], ["name"])
    (team,) = manager.find("crm.team", [["member_ids.login", "=", "jonas"]], ["id"], limit=1)
    pool = manager.call(
        "lead.assignment.pool",
        "create",
        {
            "name": POOL,
            "method": "claim",
            "member_ids": [[0, 0, {"user_id": user["id"]}] for user in users],
        },
    )
    manager.call(
        "lead.assignment.rule",
        "create",
        {
            "name": f"Old enquiries {STAMP}",
            "sequence": 0,
            "domain": f"[('name', '=', '{LEAD}')]",
            "pool_id": pool,
        },
    )
    lead = manager.call(
        "crm.lead",
        "create",
        {"name": LEAD, "type": "lead", "user_id": False, "team_id": team["id"]},
    )
    manager.call("crm.lead", "action_assign_by_rules", [lead])

    jonas, amelie = open_browser("jonas"), open_browser("amelie")
    for person in (jonas, amelie):
        person.open_app("CRM")
        person.open_menu("Sales", "Public Pool")
        expect(_rows(person, LEAD)).to_have_count(1)
    _rows(jonas, LEAD).get_by_role("button", name="Claim").click()
    expect(jonas.page.locator(".o_notification")).to_contain_text(f"{LEAD} is now yours")
    expect(_rows(jonas, LEAD)).to_have_count(0)

    _rows(amelie, LEAD).get_by_role("button", name="Claim").click()
    expect(amelie.page.locator(".modal, .o_notification").first).to_contain_text(
        f"{LEAD} is already taken by Jonas"
    )
    # that dialog is what this is about; any other error still fails the walk
    amelie.errors = [error for error in amelie.errors if "is already taken by" not in error]
