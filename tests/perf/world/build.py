"""Fill a database with a consistent company: the same seed gives the same rows.

Rows are what Odoo's own flows leave behind (states, company amounts, links between order and
invoice lines, reconciliation, analytic columns), written by INSERT … SELECT over
``generate_series``. Ids are blocks after the existing ones, so relations are arithmetic. Nothing
goes through the ORM but the few configuration records of `setting.py`.
"""

import time
from dataclasses import dataclass, field
from datetime import date

from . import campaigns, leads, mailings, people, purchases, sales
from .setting import Setting, prepare_setting
from .size import Size

STEPS = [
    ("partners", people.build_partners),
    ("campaigns", campaigns.build_campaigns),
    ("mailings", mailings.build_mailings),
    ("leads", leads.build_leads),
    ("traces and clicks", mailings.build_traces),
    ("orders", sales.build_orders),
    ("invoices", sales.build_invoices),
    ("payments", sales.build_payments),
    ("purchases and bills", purchases.build_purchases),
]
DAYS = 730  # the company's history: 24 months up to `until`
MANY = 10_000  # rows after which a table is no longer what the planner knows of it
LOG_COLUMNS = {"create_uid": "1", "write_uid": "1"}


@dataclass
class World:
    """What the steps share: the cursor, the size, and where each table's block of ids starts."""

    env: object
    size: Size
    until: date
    seed: int = 2026
    setting: Setting | None = None
    first: dict[str, int] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)

    @property
    def begin(self) -> str:
        """First day of the history, as SQL."""
        return f"(DATE '{self.until}' - {DAYS})"

    @property
    def end(self) -> str:
        return f"(DATE '{self.until}')"

    def has(self, table: str, column: str = "id") -> bool:
        """Whether the database knows a column: the suite's own are only there with the suite."""
        self.run(
            "SELECT 1 FROM information_schema.columns "
            f"WHERE table_name = '{table}' AND column_name = '{column}'"
        )
        return bool(self.env.cr.fetchone())

    def run(self, statement: str) -> int:
        """Execute SQL made of constants and of this world's own numbers."""
        self.env.cr.execute(statement)
        return self.env.cr.rowcount

    def block(self, table: str) -> int:
        """The id before the first one of this world in a table."""
        if table not in self.first:
            self.run(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
            self.first[table] = self.env.cr.fetchone()[0]
        return self.first[table]

    def insert(self, table: str, columns: dict[str, str], source: str, logged: bool = True) -> int:
        """INSERT … SELECT: ``columns`` maps a column to its SQL expression over ``source``.

        ``id`` is relative to the table's block. Log columns are added unless given. Columns of
        Odoo apps that are not installed are left out.
        """
        self.tables.add(table)
        values = self.only_known(table, columns)
        if "id" in values:
            values["id"] = f"{self.block(table)} + {values['id']}"
        if logged:
            stamp = values.get("create_date", "NOW() AT TIME ZONE 'UTC'")
            values = LOG_COLUMNS | {"create_date": stamp, "write_date": stamp} | values
        names = ", ".join(values)
        expressions = ",\n       ".join(values.values())
        count = self.run(f"INSERT INTO {table} ({names})\nSELECT {expressions}\n  FROM {source}")
        if "id" in columns:
            self.run(f"SELECT setval('{table}_id_seq', (SELECT MAX(id) FROM {table}))")
        if count >= MANY:  # also for the look-ups that prove references, planned on a small table
            self.run(f"ANALYZE {table}")
        return count

    def only_known(self, table: str, columns: dict[str, str]) -> dict[str, str]:
        """The columns that exist here: how one statement serves Odoo with and without the suite."""
        return {name: value for name, value in columns.items() if self.has(table, name)}


def build_world(env, leads: int, until: date, seed: int = 2026, say=None) -> World:
    """Build and commit a world; the statistics of the planner are up to date afterwards."""
    world = World(env, Size(leads), until, seed)
    _create_functions(world)
    _spare_reference_checks(world)
    world.setting = prepare_setting(env, world.size)
    env.flush_all()
    for title, step in STEPS:
        begun = time.monotonic()
        step(world)
        if say:
            say(f"    {title}: {time.monotonic() - begun:.1f} s")
    _advance_number_sequences(world)
    env.invalidate_all(flush=False)
    env.cr.commit()
    _analyze(env, sorted(world.tables))
    return world


def _create_functions(world: World) -> None:
    """No compiler, which takes longer than these statements at small sizes, and the dice:
    ``pick(number, salt, n)``: a number from 0 to n - 1, always the same one for the seed; and
    ``padded(number, digits)``: a document number, with as many digits as it needs."""
    world.run("SET LOCAL jit = off")
    world.run(
        "CREATE FUNCTION pg_temp.pick(number bigint, salt int, n int) RETURNS int "
        "LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN "
        f"((hashint8extended(number, {world.seed} + salt) & 9223372036854775807) % n)::int"
    )
    world.run(
        "CREATE FUNCTION pg_temp.padded(number bigint, digits int) RETURNS varchar "
        "LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN "
        "LPAD(number::varchar, GREATEST(digits, LENGTH(number::varchar)), '0')"
    )


def _spare_reference_checks(world: World) -> None:
    """Relations are arithmetic here; where the role may, no row is looked up to prove it.

    The tests look for references to nothing in a finished world instead.
    """
    if world.env.cr.connection.server_version >= 150000:
        world.run("SELECT has_parameter_privilege('session_replication_role', 'SET')")
    else:
        world.run("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if world.env.cr.fetchone()[0]:
        world.run("SET LOCAL session_replication_role = replica")


def _advance_number_sequences(world: World) -> None:
    """Documents made later by Odoo must not get the numbers of the world's documents."""
    for code, count in (
        ("sale.order", world.size.orders),
        ("purchase.order", world.size.purchases),
    ):
        sequence = world.env["ir.sequence"].search([("code", "=", code)], limit=1)
        sequence.number_next_actual = sequence.number_next_actual + count


def _analyze(env, tables: list[str]) -> None:
    """Statistics and visibility map, as autovacuum would have left them."""
    with env.registry.cursor() as cr:
        cr._cnx.rollback()
        cr._cnx.autocommit = True
        for table in tables:
            cr.execute(f'VACUUM ANALYZE "{table}"')
        cr._cnx.autocommit = False
