"""The generated company is one that Odoo itself could have made."""

import json
from pathlib import Path

import pytest

CHECKS = Path(__file__).parent / "world_checks.py"


@pytest.fixture(scope="module")
def checked(bench):
    answer = bench.shell(bench.databases["suite"], CHECKS.read_text())
    return json.loads(answer.strip().splitlines()[-1])


def test_stored_values_are_what_odoo_computes(checked):
    assert checked["disagreements"] == {}


def test_no_row_contradicts_another(checked):
    assert checked["exceptions"] == {}


def test_no_row_refers_to_nothing(checked):
    assert checked["dangling"] == {}


def test_totals_agree_wherever_two_tables_tell_them(checked):
    for name, (one, other) in checked["totals"].items():
        assert one == pytest.approx(other, abs=0.01), name
        assert one, name


def test_same_seed_gives_the_same_company_with_and_without_the_suite(bench):
    script = """
import json
env.cr.execute('''SELECT SUM(amount_total), COUNT(*), MD5(STRING_AGG(state, '' ORDER BY id))
                    FROM sale_order WHERE name LIKE 'S0%' ''')
amount, count, states = env.cr.fetchone()
env.cr.execute("SELECT COUNT(*), SUM(id % 97) FROM mailing_trace WHERE open_datetime IS NOT NULL")
print(json.dumps([float(amount), count, states, *map(int, env.cr.fetchone())]))
"""
    answers = [bench.shell(name, script) for name in bench.databases.values()]
    first, second = [answer.strip().splitlines()[-1] for answer in answers]
    assert first == second
