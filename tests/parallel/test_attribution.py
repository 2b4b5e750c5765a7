"""Two runs of the attribution meet: one waits its turn, and none works on what is out of date."""

import pytest
from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError


@pytest.fixture
def run(env):
    """The runs, after one that is done."""
    env["marketing.attribution.run"]._run()
    env.cr.commit()
    return env["marketing.attribution.run"]


def test_who_comes_second_is_told_to_come_back(run, other):
    run._run()
    with pytest.raises(UserError, match="right now"):
        other["marketing.attribution.run"]._run()


def test_who_began_to_read_before_another_run_ended_begins_anew(run, other):
    other["marketing.attribution.model"].search([]).mapped("name")
    run._run()
    run.env.cr.commit()
    with pytest.raises(SerializationFailure):
        other["marketing.attribution.run"]._run()
    other.cr.rollback()
    other["marketing.attribution.run"]._run()


def test_sums_are_not_made_of_credits_that_are_out_of_date(run, other):
    model = run.env["marketing.attribution.model"].search([("has_totals", "=", True)], limit=1)
    run._run(models=model, with_sums=False)
    run.env.cr.commit()
    assert not model.has_totals
    other["marketing.attribution.model"].search([]).mapped("name")
    run._run()
    run.env.cr.commit()
    assert model.has_totals
    with pytest.raises(SerializationFailure):
        other["marketing.attribution.run"]._sum_up()
