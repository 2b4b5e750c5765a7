"""An Odoo process that works through waiting evaluations, one batch per transaction.

Started by test_scoring.py: python score_worker.py CONF DATABASE BATCH
"""

import sys
import time

from psycopg2.errors import SerializationFailure

import odoo
from odoo.modules.registry import Registry
from odoo.tools import config


def main(conf: str, database: str, batch: int) -> None:
    config.parse_config(["-c", conf, "-d", database, "--logfile", "/dev/null"], setup_logging=False)
    registry = Registry(database)
    print("ready", flush=True)
    while _advance(registry, batch):
        pass


def _advance(registry, batch: int) -> bool:
    """Score one batch, unless another process does; False when no evaluation waits."""
    with registry.cursor() as cr:
        runs = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})["lead.score.run"]
        run = runs.search([("state", "in", ("todo", "running"))], order="id", limit=1)
        try:
            if run.try_lock_for_update():
                run._advance(batch_size=batch)
            else:
                time.sleep(0.05)
        except SerializationFailure:  # the other process was faster: what it did stands
            cr.rollback()
        return bool(run)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
