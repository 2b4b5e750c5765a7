"""Salespeople and their manager at work with assignment, as they see it.

A lead nobody works on is in a public pool; two salespeople look at it, one takes it, the other
is told. The manager asks which leads a rule takes. A salesperson asks why a lead is theirs.
"""

import re
import time

import pytest
from playwright.sync_api import expect

STAMP = f"{time.time():.0f}"
LEAD = f"Old enquiry {STAMP}"
POOL = f"Nobody's leads {STAMP}"


@pytest.fixture(scope="module")
def memory():
    """What one chapter leaves for the next."""
    return {}


def _rows(person, text):
    return person.page.locator(".o_data_row, .o_kanban_record").filter(has_text=text)


def test_1_a_lead_is_claimed_with_one_click_and_the_second_to_click_is_told(open_browser, memory):
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
    memory["lead"] = manager.call(
        "crm.lead",
        "create",
        {"name": LEAD, "type": "lead", "user_id": False, "team_id": team["id"]},
    )
    manager.call("crm.lead", "action_assign_by_rules", [memory["lead"]])

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


def test_2_the_lead_says_why_it_is_theirs(open_browser, memory):
    jonas = open_browser("jonas")
    jonas.open_record("crm.crm_lead_all_leads", memory["lead"])
    jonas.open_tab("Assignment")
    expect(jonas.field("assignment_reason")).to_contain_text("Claimed from the queue")

    (decision,) = jonas.find(
        "lead.assignment.decision",
        [["reason", "in", ["next_in_turn", "territory_owner"]], ["lead_id.active", "=", True],
         ["lead_id.user_id", "=", jonas.user_id()]],
        ["lead_id"],
        limit=1,
    )  # fmt: skip
    jonas.open_record("crm.crm_lead_all_leads", decision["lead_id"][0])
    jonas.open_tab("Assignment")
    why = jonas.field("assignment_explanation")
    expect(why).to_contain_text("Jonas")
    expect(why.locator("tr")).not_to_have_count(0)
    expect(why.locator(".fa-check")).to_have_count(1)


def test_3_the_manager_tests_a_rule_and_sees_why_leads_fall_through(open_browser):
    manager = open_browser("sales.manager")
    manager.open_action("lead_scoring.lead_assignment_rule_action")
    manager.page.locator(".o_data_row").filter(has_text="territory").click()
    manager.page.wait_for_selector(".o_form_view")
    before = manager.find("lead.assignment.decision", [], ["id"], limit=1)
    manager.click_button("action_test")
    expect(manager.page.locator(".alert-info").first).to_contain_text("Nothing is assigned")
    result = manager.field("line_ids")
    expect(result.locator(".o_data_row")).not_to_have_count(0)
    expect(result).to_contain_text(
        re.compile("Does not meet the condition|An earlier rule takes it|Next in turn")
    )
    assert manager.find("lead.assignment.decision", [], ["id"], limit=1) == before


def test_4_the_manager_simulates_a_month_and_nothing_changes(open_browser):
    manager = open_browser("sales.manager")
    manager.open_action("lead_scoring.lead_assignment_simulation_action")
    before = manager.find("crm.lead", [["user_id", "!=", False]], ["user_id"], limit=200)
    manager.click_button("action_run")
    expect(manager.field("line_ids").locator(".o_data_row")).not_to_have_count(0)
    manager.click_button("action_open_lines")
    manager.page.wait_for_selector(".o_pivot")
    assert manager.find("crm.lead", [["user_id", "!=", False]], ["user_id"], limit=200) == before


def test_5_the_screens_speak_chinese(open_browser):
    wanglei = open_browser("wanglei")
    wanglei.open_action("lead_scoring.crm_lead_action_claim")
    expect(wanglei.page.locator(".o_control_panel, .o_breadcrumb").first).to_contain_text("公海")
