from dataclasses import dataclass, field

from odoo import api, fields, models
from odoo.tools import SQL

TOUCH, LEAD = "touch", "lead"


@dataclass(frozen=True)
class Watch:
    """Rows of a table whose changes make days stale.

    ``days`` are the columns that say on which days a row counts, ``keys`` those that say as what
    and for whom. ``parts`` says of which part of a key only: column -> SQL over it.
    """

    name: str
    fact: str
    table: str
    days: tuple[str, ...]
    keys: tuple[str, ...]
    parts: dict[str, str] = field(default_factory=dict)


TOUCHES = Watch(
    "marketing_roi_touch",
    TOUCH,
    "marketing_touchpoint",
    ("date",),
    ("kind", "is_bot", "company_id", "campaign_id", "source_id", "medium_id", "mailing_id"),
)
LEADS = Watch(
    "marketing_roi_lead",
    LEAD,
    "crm_lead",
    ("create_date", "date_conversion", "date_closed"),
    (
        "type",
        "won_status",
        "company_id",
        "team_id",
        "campaign_id",
        "source_id",
        "medium_id",
    ),
)


class MarketingRoiStaleDay(models.Model):
    """A day whose touches or leads changed since they were added up: the report reads them singly.

    Rows are only ever added, so that nobody waits for anybody; the attribution run takes them away.

    Touches and leads are written by forms and imports, and in sets by the statements that log,
    score, assign and merge them. Triggers see them all, once a statement, and nobody can forget to
    mark a day, or the day a row has left.
    """

    _name = "marketing.roi.stale.day"
    _description = "Day with Changed Touches or Leads"
    _log_access = False
    _rec_name = "date"

    fact = fields.Char(required=True, readonly=True, help="What changed: touch or lead.")
    date = fields.Date(required=True, readonly=True)

    _fact_date_index = models.Index("(fact, date)")

    def init(self):
        self._watch(TOUCHES)
        self._watch(LEADS)

    @api.model
    def _get_watches(self) -> tuple[Watch, ...]:
        """Hook for bridges."""
        return (TOUCHES, LEADS)

    @api.model
    def _mark(self, table, condition: SQL):
        """Mark all days on which some rows of a table count."""
        self.env.flush_all()
        for watch in self._get_watches():
            if watch.table == table:
                self.env.cr.execute(
                    SQL(
                        "INSERT INTO marketing_roi_stale_day (fact, date) %s AND %s",
                        _days_sql(watch, SQL.identifier(table), [table]),
                        condition,
                    )
                )

    @api.model
    def _watch(self, watch: Watch):
        old, new = SQL("old_row"), SQL("new_row")
        columns = (*watch.days, *watch.keys)
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION %(function)s() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'INSERT' THEN
                        INSERT INTO marketing_roi_stale_day (fact, date) %(inserted)s;
                    ELSIF TG_OP = 'DELETE' THEN
                        INSERT INTO marketing_roi_stale_day (fact, date) %(deleted)s;
                    ELSE
                        INSERT INTO marketing_roi_stale_day (fact, date) %(updated)s;
                    END IF;
                    RETURN NULL;
                END $$
                """,
                function=SQL.identifier(watch.name),
                inserted=_days_sql(watch, new, ["new_row"]),
                deleted=_days_sql(watch, old, ["old_row"]),
                updated=_days_sql(
                    watch,
                    SQL(
                        "old_row JOIN new_row ON new_row.id = old_row.id"
                        " AND (%s) IS DISTINCT FROM (%s)",
                        _columns("old_row", columns, watch.parts),
                        _columns("new_row", columns, watch.parts),
                    ),
                    ["old_row", "new_row"],
                ),
            )
        )
        for event, rows in (
            ("INSERT", "NEW TABLE AS new_row"),
            ("UPDATE", "OLD TABLE AS old_row NEW TABLE AS new_row"),
            ("DELETE", "OLD TABLE AS old_row"),
        ):
            names = {
                "trigger": SQL.identifier(f"{watch.name}_{event.lower()}"),
                "table": SQL.identifier(watch.table),
            }
            self.env.cr.execute(SQL("DROP TRIGGER IF EXISTS %(trigger)s ON %(table)s", **names))
            self.env.cr.execute(
                SQL(
                    "CREATE TRIGGER %(trigger)s AFTER %(event)s ON %(table)s REFERENCING %(rows)s"
                    " FOR EACH STATEMENT EXECUTE FUNCTION %(function)s()",
                    event=SQL(event),
                    rows=SQL(rows),
                    function=SQL.identifier(watch.name),
                    **names,
                )
            )

    @api.model
    def _unwatch(self, *watches: Watch):
        """Take the triggers away, before the table they write to goes."""
        for watch in watches:
            self.env.cr.execute(
                SQL("DROP FUNCTION IF EXISTS %s() CASCADE", SQL.identifier(watch.name))
            )


def _days_sql(watch, source, names) -> SQL:
    """The days on which rows count, each once."""
    return SQL(
        """
        SELECT DISTINCT %s, day.moment::date
          FROM %s CROSS JOIN LATERAL (VALUES %s) AS day(moment)
         WHERE day.moment IS NOT NULL
        """,
        watch.fact,
        source,
        SQL(", ").join(
            SQL("(%s)", SQL.identifier(name, column)) for name in names for column in watch.days
        ),
    )


def _columns(name, columns, parts) -> SQL:
    return SQL(", ").join(
        SQL(parts.get(column, "%s"), SQL.identifier(name, column)) for column in columns
    )
