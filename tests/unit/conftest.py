"""Let tests import ``odoo.addons.<addon>.tools`` with neither Odoo nor a database.

Every addon becomes an empty package whose path is its folder: importing its ``tools`` runs no
model file. A tool that imports the framework fails here, which is what we want to know.
"""

import sys
from pathlib import Path
from types import ModuleType

from hypothesis import settings

# How long an example takes says how busy the machine is, not whether the code is right
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

ADDONS = Path(__file__).parents[2] / "addons"


def _register(name: str, path: Path) -> None:
    package = ModuleType(name)
    package.__path__ = [str(path)]
    sys.modules.setdefault(name, package)


_register("odoo", ADDONS)
_register("odoo.addons", ADDONS)
for manifest in ADDONS.glob("*/__manifest__.py"):
    _register(f"odoo.addons.{manifest.parent.name}", manifest.parent)
