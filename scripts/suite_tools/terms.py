"""`make terms`: export the terms of each addon and bring its Chinese translation up to date.

Known translations are kept, terms that are gone are dropped, new ones are listed: a person
translates them. The tests fail while one is missing.
"""

import tempfile
from pathlib import Path

import polib

from .console import say, step
from .databases import DEMO_ADDON, ensure_template
from .layout import Workspace
from .odoo_run import OdooRunner
from .odoo_source import find_odoo
from .postgres import find_server

LANGUAGE = "zh_CN"

# Dates and tool versions would change with every export and tell nobody anything.
_HEADER = {
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}

_EXPORT = """
import io
from odoo.tools.translate import trans_export
for addon in {addons!r}:
    with open({folder!r} + '/' + addon + '.pot', 'wb') as stream:
        trans_export(False, [addon], stream, 'po', env)
"""


def main(workspace: Workspace, arguments: list[str]) -> int:
    addons = [word for word in arguments if word != "--"] or [
        name for name in workspace.suite_addons() if name != DEMO_ADDON
    ]
    runner = OdooRunner(workspace, find_odoo(workspace), find_server(workspace, "test"), "test")
    runner.write_config(port=8079)
    with step("Exporting terms"):
        terms = export_terms(runner, ensure_template(runner), addons)
    missing = 0
    for addon, template in terms.items():
        missing += update_translation(workspace.addons / addon, template)
    return 1 if missing else 0


def export_terms(runner: OdooRunner, database: str, addons: list[str]) -> dict[str, polib.POFile]:
    """The terms of installed addons, as Odoo exports them."""
    with tempfile.TemporaryDirectory() as folder:
        runner.shell(database, _EXPORT.format(addons=addons, folder=folder))
        return {addon: polib.pofile(str(Path(folder) / f"{addon}.pot")) for addon in addons}


def update_translation(addon: Path, template: polib.POFile) -> int:
    """Write the addon's template and translation; return the number of untranslated terms."""
    folder = addon / "i18n"
    folder.mkdir(exist_ok=True)
    template.metadata = {"Project-Id-Version": "Odoo Server 19.0", **_HEADER}
    template.save(str(folder / f"{addon.name}.pot"))
    file = folder / f"{LANGUAGE}.po"
    known = {}
    if file.exists():
        known = {entry.msgid: entry.msgstr for entry in polib.pofile(str(file)) if entry.msgstr}
    for entry in template:
        entry.msgstr = known.get(entry.msgid, "")
    template.metadata["Language"] = LANGUAGE
    template.save(str(file))
    missing = [entry.msgid for entry in template if not entry.msgstr]
    say(f"{addon.name}: {len(template)} terms, {len(missing)} to translate")
    for term in missing:
        say(f"    {term!r}")
    return len(missing)
