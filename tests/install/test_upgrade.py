"""A database that the first version of the campaigns made is upgraded and keeps what is in it."""

import io
import json
import subprocess
import tarfile

import pytest
from suite_tools.databases import NATIVE, copy_runner_database, ensure_template
from suite_tools.odoo_run import OdooRunner, log_problems
from suite_tools.postgres import database_names

from .conftest import PROJECT

ADDON = "marketing_campaign_ext"
BORN_WITH = f"addons/{ADDON}/models/marketing_budget_line.py"

# As its users made it: a running programme with an approved budget over two categories, a
# submitted campaign, and a draft that is a template.
FILL = """
import json
from odoo.fields import Command
company = env['res.company'].search([], limit=1)
ads, stand = env['marketing.cost.category'].search([], limit=2)
campaigns = env['utm.campaign']
def create(title, lines, **values):
    return campaigns.create({
        'title': title, 'company_id': company.id, 'date_start': '2026-03-01',
        'date_end': '2026-05-31', 'objective': 'event',
        'budget_line_ids': [
            Command.create({'category_id': category.id, 'amount': amount, 'name': category.name,
                            'date_from': '2026-03-01', 'date_to': '2026-05-31'})
            for category, amount in lines
        ], **values,
    })
programme = create('Old Programme', [(ads, 100.0)])
running = create('Old Fair', [(ads, 600.0), (stand, 399.99)], parent_id=programme.id)
waiting = create('Old Idea', [(stand, 50.0)])
template = create('Old Template', [(ads, 10.0)], is_template=True)
for state in ('submitted', 'approved', 'running'):
    (programme + running).state = state
    if state == 'submitted':
        waiting.state = state
running._ensure_analytic_account()
env['account.analytic.line'].create({
    'name': 'An old bill', 'amount': -250.0, 'company_id': company.id,
    running.analytic_account_id.plan_id._column_name(): running.analytic_account_id.id,
})
env.cr.commit()
print(json.dumps({'version': env.ref('base.module_marketing_campaign_ext').latest_version}))
"""

READ = """
import json
answer = {}
for title in ('Old Programme', 'Old Fair', 'Old Idea', 'Old Template'):
    campaign = env['utm.campaign'].search([('title', '=', title)]).ensure_one()
    answer[title] = {
        'state': campaign.state,
        'name': campaign.name,
        'parent': campaign.parent_id.title or None,
        'is_template': campaign.is_template,
        'objective': campaign.objective,
        'period': [str(campaign.date_start), str(campaign.date_end)],
        'lines': sorted(campaign.budget_line_ids.mapped('amount')),
        'notes': sorted(campaign.budget_line_ids.mapped('name')),
        'budget': campaign.budget_amount,
        'budget_total': campaign.budget_amount_total,
        'baseline': campaign.budget_baseline_amount,
        'account': campaign.analytic_account_id.name or None,
    }
print(json.dumps(answer))
"""

# What the new version makes of it: costs from the ledger, and revisions within the tolerance.
USE = """
import json
running = env['utm.campaign'].search([('title', '=', 'Old Fair')])
running.company_id.campaign_revision_tolerance = 0.1
revision = env['marketing.budget.revision'].browse(running.action_revise_budget()['res_id'])
revision.line_ids[0].amount_after += 50
revision.reason = 'Five percent more'
revision.action_submit()
running.invalidate_recordset()
print(json.dumps({
    'version': env.ref('base.module_marketing_campaign_ext').latest_version,
    'booked': running.cost_booked,
    'programme': running.parent_id.cost_actual_total,
    'revision': revision.state,
    'budget': running.budget_amount,
}))
"""


@pytest.fixture(scope="module")
def first_version(tmp_path_factory):
    """The folder of the addon as it was when it first held budgets."""

    def git(*arguments):
        return subprocess.run(
            ["git", "-C", PROJECT, *arguments], capture_output=True, check=False
        ).stdout

    commits = git("log", "--reverse", "--format=%H", "--", BORN_WITH).split()
    if not commits:
        pytest.skip("The history of the repository is not here: fetch it whole to run this.")
    archive = git("archive", commits[0].decode(), f"addons/{ADDON}")
    folder = tmp_path_factory.mktemp("first_version")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder / "addons"


@pytest.fixture(scope="module")
def upgraded(databases, first_version):
    """Answers before and after the upgrade, and the log of it."""
    now = databases.runner
    if NATIVE not in database_names(now.server):
        ensure_template(now)
    first = OdooRunner(now.workspace, now.source, now.server, "first")
    addons = ",".join(str(path) for path in [*now.source.addons, first_version])
    first.write_config(port=8077, addons_path=addons, data_dir=str(now.data_dir))
    name = "upgrade_first"
    copy_runner_database(now, NATIVE, name)
    try:
        log = now.workspace.logs / f"{name}.log"
        first.update(name, log, install=[ADDON])
        before = {"filled": _ask(first, name, FILL), "read": _ask(first, name, READ)}
        now.update(name, log, upgrade=[ADDON])
        after = {"read": _ask(now, name, READ), "use": _ask(now, name, USE)}
        yield before, after, set(log_problems(log))
    finally:
        databases.drop(name)


def _ask(runner, database, script):
    return json.loads(runner.shell(database, script).strip().splitlines()[-1])


def test_everything_is_as_it_was(upgraded):
    before, after, _problems = upgraded
    assert before["read"]["Old Fair"]["budget"] == 999.99
    assert before["read"]["Old Programme"]["budget_total"] == 1099.99
    assert after["read"] == before["read"]


def test_old_campaigns_are_used_like_new_ones(upgraded):
    before, after, _problems = upgraded
    use = after["use"]
    assert use.pop("version") > before["filled"]["version"]
    assert use == {"booked": 250, "programme": 250, "revision": "applied", "budget": 1049.99}


def test_the_upgrade_says_nothing(databases, upgraded):
    assert upgraded[2] <= databases.native_problems()
