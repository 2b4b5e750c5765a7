"""Reports as files, made as the background job makes them: their memory must not follow the
number of rows."""

from datetime import date

from odoo import Command

from ..harness.line import Case, Line

MANY, FEW = 100_000, 20_000
GROUPS = ("base.group_user", "marketing_campaign_ext.group_campaign_finance")
# More touches of the same people and campaigns, each from a source record of its own.
MORE_TOUCHES = """
INSERT INTO marketing_touchpoint (kind, date, campaign_id, source_id, medium_id, mailing_id,
       partner_id, lead_id, email_normalized, company_id, name, res_model, res_id, is_bot,
       source_deleted)
SELECT 'link_click', t.date, t.campaign_id, t.source_id, t.medium_id, t.mailing_id, t.partner_id,
       t.lead_id, t.email_normalized, t.company_id, t.name, 'bench.more', ROW_NUMBER() OVER (),
       FALSE, FALSE
  FROM marketing_touchpoint t
 CROSS JOIN GENERATE_SERIES(1, %(times)s)
 WHERE t.campaign_id IS NOT NULL
 LIMIT %(missing)s
"""


def _reader(env):
    """Somebody of finance: figures are read with rights, not around them."""
    return (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": "Reader",
                "login": "bench.reader",
                "email": "reader@bench.example",
                "group_ids": [Command.link(env.ref(name).id) for name in GROUPS],
            }
        )
    )


def _fill_up(env, export, wanted: int) -> None:
    """Touches beside those of the world until the report has as many rows as wanted."""
    missing = wanted - export._as_reader()._count_rows()
    if missing <= 0:
        return
    env.cr.execute("SELECT COUNT(*) FROM marketing_touchpoint WHERE campaign_id IS NOT NULL")
    times = missing // env.cr.fetchone()[0] + 1
    env.cr.execute(MORE_TOUCHES, {"missing": missing, "times": times})
    env.cr.execute("ANALYZE marketing_touchpoint")
    env.invalidate_all()


def _export(kind: str):
    def job(env, context):
        wanted = MANY if context["leads"] >= 10_000 else FEW
        reader = _reader(env)
        export = (
            env["marketing.report.export"]
            .with_user(reader)
            .create(
                {
                    "kind": kind,
                    "has_rows": kind == "workbook",
                    "date_from": date(2000, 1, 1),
                    "date_to": date.today(),
                }
            )
        )
        _fill_up(env, export, wanted)
        export._enqueue()
        export = export.with_env(env)
        env.flush_all()
        env.invalidate_all()
        yield
        export._make_in_background()
        assert export.state == "done", export.problem
        assert export.row_count >= wanted, "all rows are in the file"
        return export.row_count

    return job


LINES = [
    Line("Export 100,000 rows, XLSX", "rows", Case(_export("workbook"), at_most=10_000)),
    Line("Export 100,000 rows, CSV", "rows", Case(_export("rows"), at_most=10_000)),
]
