"""Each addon installs alone with what its manifest names, quietly, and leaves nothing broken."""

from pathlib import Path

import pytest

ADDONS = sorted(
    path.parent.name
    for path in (Path(__file__).parents[2] / "addons").glob("*/__manifest__.py")
    if path.parent.name != "marketing_suite_demo"
)

UNINSTALL = """
env['ir.module.module'].search([('name', '=', {addon!r})]).button_immediate_uninstall()
print('{{}}')
"""

# Every view that is left must still hold together with those that inherit it; no action, menu
# or job may point at a model that is gone.
INSPECT = """
import json
broken = []
for view in env['ir.ui.view'].search([('type', '!=', 'qweb')]):
    try:
        view._check_xml()
    except Exception as error:
        broken.append(f"{{view.xml_id or view.name}}: {{error}}"[:400])
gone = {{
    'views': broken,
    'actions': [
        action.name for action in env['ir.actions.act_window'].search([])
        if action.res_model not in env
    ],
    'menus': [
        menu.complete_name for menu in env['ir.ui.menu'].with_context(active_test=False).search([])
        if menu.action and not menu.action.exists()
    ],
    'left': env['ir.model.data'].search([('module', '=', {addon!r})]).mapped('complete_name'),
    'state': env['ir.module.module'].search([('name', '=', {addon!r})]).state,
}}
print(json.dumps(gone))
"""


@pytest.mark.parametrize("addon", ADDONS)
def test_it_installs_alone_and_says_nothing(databases, addon):
    from suite_tools.odoo_run import log_problems

    _name, log = databases.alone(addon)
    assert set(log_problems(log)) <= databases.native_problems()


@pytest.mark.parametrize("addon", ADDONS)
def test_it_uninstalls_and_leaves_nothing_broken(databases, addon):
    name, _log = databases.alone(addon)
    database = databases.copy(name, f"gone_{addon}")
    try:
        databases.run(database, UNINSTALL.format(addon=addon))
        gone = databases.run(database, INSPECT.format(addon=addon))
        assert gone == {
            "views": [],
            "actions": [],
            "menus": [],
            "left": [],
            "state": "uninstalled",
        }
    finally:
        databases.drop(database)
