"""A database the tests of this folder may fill, and how they fill it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DATABASE = os.environ.get("PARALLEL_DB")
CONF = os.environ.get("ODOO_CONF")


@pytest.fixture
def env():
    if not (DATABASE and CONF):
        pytest.skip("PARALLEL_DB and ODOO_CONF name no database to work on")
    odoo = pytest.importorskip("odoo")
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", CONF, "-d", DATABASE], setup_logging=False)
    with Registry(DATABASE).cursor() as cr:
        yield odoo.api.Environment(cr, odoo.SUPERUSER_ID, {"no_reset_password": True})


@pytest.fixture
def other(env):
    """A second transaction, of somebody else; nobody waits for it longer than some seconds."""
    with env.registry.cursor() as cr:
        cr.execute("SET LOCAL lock_timeout = '3s'")
        yield env(cr=cr)
        cr.rollback()


@pytest.fixture
def hire(env):
    """Create salespeople: ``hire("name", 5)``."""

    def create(name, count):
        return env["res.users"].create(
            [
                {
                    "name": f"{name} {number}",
                    "login": f"{name}-{number}".lower().replace(" ", "-"),
                    "email": f"parallel{number}@example.com",
                    "tz": "UTC",
                    "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)],
                }
                for number in range(count)
            ]
        )

    return create


@pytest.fixture
def add_leads(env):
    """Write leads as rows, which is fast: ``add_leads(team, 5000)`` returns them."""

    def insert(team, count, **values):
        columns = {
            "type": "lead",
            "active": True,
            "won_status": "pending",
            "team_id": team.id,
            "stage_id": env["crm.stage"].search([], order="sequence", limit=1).id,
            "probability": 0,
            "automated_probability": 0,
            "priority": "0",
            "create_uid": 1,
            **values,
        }
        env.flush_all()
        env.cr.execute(
            f"""INSERT INTO crm_lead (name, create_date, {", ".join(columns)})
                SELECT %s || ' ' || n, now(), {", ".join(["%s"] * len(columns))}
                  FROM generate_series(1, %s) AS n RETURNING id""",
            [team.name, *columns.values(), count],
        )
        ids = [row[0] for row in env.cr.fetchall()]
        env.cr.commit()
        return env["crm.lead"].browse(ids)

    return insert


@pytest.fixture
def start():
    """Start another Odoo process on the database: ``start("assign_worker.py", 100)``; it says
    when it is ready."""

    def launch(script, *arguments):
        process = subprocess.Popen(
            [
                sys.executable,
                str(Path(__file__).with_name(script)),
                CONF,
                DATABASE,
                *map(str, arguments),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    processes = []
    yield launch
    for process in processes:
        process.kill()
        process.wait()
