"""The arrows between the rooms point one way."""

import ast
from pathlib import Path

import pytest

from .conftest import ADDONS, addon_folders, read_manifest

SUITE = {path.name for path in addon_folders()}

# Who may know whom, beyond Odoo's own addons. A bridge joins exactly what its name says.
ALLOWED = {
    "marketing_touchpoint": set(),
    "marketing_campaign_ext": set(),
    "lead_scoring": {"marketing_touchpoint"},
    "roi_dashboard": {"marketing_touchpoint", "marketing_campaign_ext"},
    "marketing_campaign_purchase": {"marketing_campaign_ext"},
    "marketing_campaign_expense": {"marketing_campaign_ext"},
    "marketing_campaign_tier_validation": {"marketing_campaign_ext"},
    "marketing_campaign_lead_scoring": {"marketing_campaign_ext", "lead_scoring"},
    "roi_dashboard_lead_scoring": {"roi_dashboard", "lead_scoring"},
    "roi_dashboard_spreadsheet": {"roi_dashboard"},
    "marketing_touchpoint_event": {"marketing_touchpoint"},
    "marketing_touchpoint_survey": {"marketing_touchpoint"},
    "marketing_touchpoint_sms": {"marketing_touchpoint"},
    "marketing_touchpoint_website": {"marketing_touchpoint"},
}
TOOL_FILES = sorted(ADDONS.glob("*/tools/**/*.py"))


def imported_modules(path: Path) -> set[str]:
    """Dotted names a file imports; relative imports start with a dot."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return names


def test_the_owners_addons_exist():
    assert {"marketing_campaign_ext", "lead_scoring", "roi_dashboard"} <= SUITE
    assert set(ALLOWED) <= SUITE


def test_an_addon_depends_only_on_rooms_it_may_know(addon, manifest):
    known = set(manifest["depends"]) & SUITE
    if addon.name == "marketing_suite_demo":
        return  # the story tells of every room
    assert addon.name in ALLOWED, f"name the rooms {addon.name} may know"
    assert known <= ALLOWED[addon.name]


def is_bridge(addon: Path) -> bool:
    prefixes = ("marketing_touchpoint_", "marketing_campaign_", "roi_dashboard_")
    return addon.name.startswith(prefixes) and addon.name != "marketing_campaign_ext"


def test_a_bridge_installs_itself(addon, manifest):
    if is_bridge(addon):
        assert manifest.get("auto_install"), f"{addon.name} joins two addons"


def test_no_room_imports_python_of_another_room(addon):
    for path in addon.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for name in imported_modules(path):
            parts = name.split(".")
            if parts[:2] == ["odoo", "addons"] and len(parts) > 2:
                # A bridge may build on the room it extends.
                known = {addon.name} | (
                    ALLOWED.get(addon.name, set()) if is_bridge(addon) else set()
                )
                assert parts[2] in known or parts[2] not in SUITE, f"{path}: {name}"


@pytest.mark.parametrize("path", TOOL_FILES, ids=lambda p: f"{p.parts[-3]}/{p.name}")
def test_tools_import_nothing_from_odoo(path):
    roots = {name.split(".")[0] for name in imported_modules(path)}
    assert "odoo" not in roots


@pytest.mark.parametrize("path", TOOL_FILES, ids=lambda p: f"{p.parts[-3]}/{p.name}")
def test_tools_know_no_models(path):
    """A relative import of a tool stays among the tools."""
    assert not any(name.startswith("..") for name in imported_modules(path))


def test_a_core_addon_needs_odoo_community_only(addon, manifest):
    agpl = addon.name == "marketing_campaign_tier_validation"
    assert manifest["license"] == ("AGPL-3" if agpl else "LGPL-3")
    enterprise = {"account_budget", "account_reports", "marketing_automation", "web_gantt"}
    assert not enterprise & set(manifest["depends"])


def test_what_an_addon_imports_is_declared(addon, manifest):
    declared = set(manifest.get("external_dependencies", {}).get("python", []))
    ours = {"numpy", "phonenumbers", "email_validator"}
    used = set()
    for path in addon.rglob("*.py"):
        if "tests" not in path.parts:
            used |= {name.split(".")[0] for name in imported_modules(path)} & ours
    assert used <= declared, f"{addon.name} uses {used}, declares {declared}"


def test_every_file_of_data_is_loaded(addon, manifest):
    listed = set(manifest.get("data", [])) | set(manifest.get("demo", []))
    for folder in ("data", "demo", "security", "views", "report", "wizards"):
        for path in (addon / folder).rglob("*"):
            if path.suffix in (".xml", ".csv"):
                assert str(path.relative_to(addon)) in listed, f"{path} is never loaded"


def test_manifests_agree(addon):
    manifest = read_manifest(addon)
    assert manifest["version"].startswith("19.0.")
    assert manifest.get("installable", True)
    assert (addon / "README.md").stat().st_size > 500
