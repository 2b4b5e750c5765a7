"""How one native table is read into the touchpoint log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from odoo.tools import SQL

NOTHING = SQL("NULL")


def written_since(watermark: datetime) -> SQL:
    """The usual window: rows written since the watermark."""
    return SQL("s.write_date >= %s", watermark)


@dataclass(frozen=True)
class FactSource:
    """A native table and the touches its rows stand for.

    Every expression sees the native row as ``s`` plus whatever ``joins`` brings in.

    * ``code`` names the stored watermark and never changes;
    * ``facts`` are pairs ``(kind, date)``: the SQL date is NULL while the row is not (or is no
      longer) a touch of that kind, and then the log has no such touch;
    * ``only`` leaves out rows that can never be a touch (a test mail, another kind of trace);
    * ``changed`` gives the rows to look at since a watermark; a table without ``write_date``, or
      with a second clock (a meeting that takes place), says so here;
    * ``partner`` and ``lead`` are what the record itself points at; what it does not say is found
      through ``email``, the lead only when ``guess_lead`` allows it;
    * ``trace`` is the mailing trace a row belongs to, when machines are to be looked for;
    * ``keep_deleted``: the touch outlives its record (a mail was opened, even when the mailing is
      deleted later). When False, deleting the record says that it never happened.
    """

    code: str
    res_model: str
    facts: tuple[tuple[str, SQL], ...]
    joins: SQL = SQL()
    only: SQL = SQL("TRUE")
    changed: Callable[[datetime], SQL] = written_since
    campaign: SQL = NOTHING
    source: SQL = NOTHING
    medium: SQL = NOTHING
    mailing: SQL = NOTHING
    link: SQL = NOTHING
    name: SQL = NOTHING
    email: SQL = NOTHING
    partner: SQL = NOTHING
    lead: SQL = NOTHING
    company: SQL = NOTHING
    trace: SQL | None = None
    guess_lead: bool = True
    keep_deleted: bool = True

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind, _date in self.facts)

    def window(self, watermark: datetime | None) -> SQL:
        """The rows that may have changed since the watermark; all of them without one."""
        changed = self.changed(watermark) if watermark else SQL("TRUE")
        return SQL("%s AND %s", self.only, changed)
