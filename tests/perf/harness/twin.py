"""Tables for the bare SQL: the same columns, indexes and foreign keys as ours, empty."""

TWIN = "bare_"


def make_twin(env, table: str) -> str:
    """Create ``bare_<table>`` in this transaction and return its name."""
    twin = f"{TWIN}{table}"
    env.cr.execute(f"CREATE TABLE {twin} (LIKE {table} INCLUDING ALL)")
    env.cr.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
        f"WHERE contype = 'f' AND conrelid = '{table}'::regclass"
    )
    for (definition,) in env.cr.fetchall():
        env.cr.execute(f"ALTER TABLE {twin} ADD {definition}")
    return twin


def count_rows(env, table: str) -> int:
    env.cr.execute(f"SELECT COUNT(*) FROM {table}")
    return env.cr.fetchone()[0]
