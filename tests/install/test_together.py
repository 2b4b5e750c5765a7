"""All rooms and bridges in one database: quiet to install, and every term has its Chinese."""

import polib
import pytest
from suite_tools.databases import TEMPLATE, ensure_template
from suite_tools.odoo_run import log_problems
from suite_tools.terms import export_terms

from .test_alone import ADDONS


@pytest.fixture(scope="session")
def template(databases):
    return ensure_template(databases.runner)


def test_installing_everything_says_nothing(databases, template):
    log = databases.runner.workspace.logs / f"{TEMPLATE}.log"
    assert set(log_problems(log)) <= databases.native_problems()


@pytest.fixture(scope="session")
def terms(databases, template):
    return export_terms(databases.runner, template, ADDONS)


@pytest.mark.parametrize("addon", ADDONS)
def test_every_term_is_translated(databases, terms, addon):
    file = databases.runner.workspace.addons / addon / "i18n/zh_CN.po"
    translated = {}
    if file.exists():
        translated = {entry.msgid: entry.msgstr for entry in polib.pofile(str(file))}
    missing = [entry.msgid for entry in terms[addon] if not translated.get(entry.msgid)]
    assert not missing
