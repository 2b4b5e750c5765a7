"""One Odoo process that assigns waiting leads in small batches until none is left.

Started several times at once by test_assignment.py: python assign_worker.py CONF DATABASE BATCH
"""

import random
import sys

import odoo
from odoo.modules.registry import Registry
from odoo.tools import config


def main(conf: str, database: str, batch: int) -> None:
    config.parse_config(["-c", conf, "-d", database, "--logfile", "/dev/null"], setup_logging=False)
    registry = Registry(database)
    print("ready", flush=True)
    while True:
        with registry.cursor() as cr:
            env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
            domain = env["crm.lead"]._get_assignment_waiting_domain()
            leads = env["crm.lead"].search(domain, order="id", limit=4 * batch)
            if not leads:
                return
            chosen = leads.browse(random.sample(leads.ids, min(batch, len(leads))))
            env["lead.assignment.engine"]._retrying(
                env["lead.assignment.engine"]._assign, chosen, "cron", attempts=30
            )
            cr.commit()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
