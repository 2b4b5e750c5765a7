"""Prepared databases: built once, copied for every test run, renewed when addons change."""

import hashlib
import json
import shutil
from pathlib import Path

from .console import say, step
from .layout import Workspace, addon_fingerprint
from .odoo_run import OdooRunner
from .postgres import copy_database, database_names, rename_database

# Everything of Odoo's own that the suite meets, so that every bridge is there to be tested.
NATIVE_MODULES = [
    "base_automation",
    "crm",
    "event_crm",
    "hr_expense",
    "mass_mailing_crm",
    "mass_mailing_event",
    "mass_mailing_sale",
    "mass_mailing_sms",
    "purchase",
    "sale_management",
    "sale_margin",
    "spreadsheet_dashboard",
    "survey_crm",
    "website_crm",
]
# Community addons that bridges join, when their package is installed.
COMMUNITY_MODULES = ["base_tier_validation"]

NATIVE = "suite_native"
TEMPLATE = "suite_template"
DEMO_ADDON = "marketing_suite_demo"


def ensure_template(runner: OdooRunner) -> str:
    """The name of a database with the whole suite installed, true to the addons on disk."""
    state = _State(runner.workspace)
    existing = database_names(runner.server)
    current = _fingerprints(runner.workspace)
    native = _native_fingerprint(runner)
    if NATIVE not in existing or state.get("native") != native:
        with step("Template with Odoo's own apps (about two minutes, once)"):
            _build(runner, NATIVE, None, install=[*NATIVE_MODULES, *COMMUNITY_MODULES])
        state.set("native", native)
        state.set("template", {})
    known = state.get("template") or {}
    changed = sorted(name for name in current if known.get(name) != current[name])
    gone = set(known) - set(current)
    if TEMPLATE in existing and known and not gone:
        if not changed:
            return TEMPLATE
        fresh = [name for name in changed if name not in known]
        stale = [name for name in changed if name in known]
        with step(f"Template: {', '.join(changed)} changed"):
            _build(runner, TEMPLATE, TEMPLATE, install=fresh, upgrade=stale)
    else:
        with step("Template with the suite"):
            _build(runner, TEMPLATE, NATIVE, install=sorted(current))
    state.set("template", current)
    return TEMPLATE


def _build(runner, name: str, source: str | None, install=(), upgrade=()) -> Path:
    """Build under another name, so that a failure leaves the last good one in place."""
    unfinished = f"{name}_unfinished"
    log = runner.workspace.logs / f"{name}.log"
    if source:
        copy_runner_database(runner, source, unfinished)
    else:
        from .postgres import drop_database

        drop_database(runner.server, unfinished)
    runner.update(unfinished, log, install=install, upgrade=upgrade)
    rename_database(runner.server, unfinished, name)
    move_filestore(runner, unfinished, name)
    return log


def copy_runner_database(runner: OdooRunner, source: str, target: str) -> None:
    """Copy a database together with its files."""
    copy_database(runner.server, source, target)
    store = runner.data_dir / "filestore"
    shutil.rmtree(store / target, ignore_errors=True)
    if (store / source).exists():
        shutil.copytree(store / source, store / target)


def move_filestore(runner: OdooRunner, source: str, target: str) -> None:
    store = runner.data_dir / "filestore"
    shutil.rmtree(store / target, ignore_errors=True)
    if (store / source).exists():
        (store / source).rename(store / target)


def _fingerprints(workspace: Workspace) -> dict[str, str]:
    """What the template should hold: every addon but the demo story, which has a database of
    its own."""
    return {
        name: addon_fingerprint(workspace.addons / name)
        for name in workspace.suite_addons()
        if name != DEMO_ADDON
    }


def _native_fingerprint(runner: OdooRunner) -> str:
    text = repr((runner.source.version, NATIVE_MODULES, COMMUNITY_MODULES))
    return hashlib.sha256(text.encode()).hexdigest()


class _State:
    """What the prepared databases were built from."""

    def __init__(self, workspace: Workspace):
        self.file = workspace.run / "templates.json"

    def _read(self) -> dict:
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def get(self, key: str):
        return self._read().get(key)

    def set(self, key: str, value) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(self._read() | {key: value}, indent=1))


def forget_templates(workspace: Workspace) -> None:
    (workspace.run / "templates.json").unlink(missing_ok=True)
    say("Templates will be rebuilt.")
