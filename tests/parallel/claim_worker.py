"""One person in a window of their own who claims leads, one after the other.

Started several times at once by test_claim.py: python claim_worker.py CONF DATABASE USER LEAD...
It says when it is ready, waits for a line, claims, and prints what came of each claim.
"""

import json
import sys

from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import execute_cr
from odoo.tools import config


def claim(registry, user: int, lead: int) -> str | None:
    """What Odoo answers to the button: nothing, or why not."""
    try:
        with registry.cursor() as cr:
            execute_cr(cr, user, "crm.lead", "action_claim", [[lead]], {})
    except UserError as error:
        return str(error)
    return None


def main(conf: str, database: str, user: int, leads: list[int]) -> None:
    config.parse_config(["-c", conf, "-d", database, "--logfile", "/dev/null"], setup_logging=False)
    registry = Registry(database)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps({lead: claim(registry, user, lead) for lead in leads}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), [int(lead) for lead in sys.argv[4:]])
