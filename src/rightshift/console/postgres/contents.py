"""What is in a database, asked of its catalogue; for whoever copies all of it. What its tables mean: `store/`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rightshift.console.postgres.failure import PostgresError

if TYPE_CHECKING:
    from psycopg import Connection, sql

VERSION_TABLE = "alembic_version"
"""Says which schema there is; made by the migrations in every database, so it is never copied."""


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """Of a table or a sequence."""

    schema: str
    name: str

    def __str__(self) -> str:
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"

    @property
    def quoted(self) -> "sql.Identifier":
        """For a statement."""
        from psycopg import sql

        return sql.Identifier(self.schema, self.name)


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` in their order, those left out that the server computes."""

    name: Name
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """`used`: whether `last` was given away already."""

    name: Name
    last: int
    used: bool


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """From a table to another; `definition` makes it again."""

    table: Name
    name: str
    definition: str
    to: Name


@dataclass(frozen=True, slots=True)
class Trigger:
    """One that fires for ordinary sessions."""

    table: Name
    name: str


def tables(connection: "Connection") -> tuple[Table, ...]:
    """All that hold rows, but the one of the schema's version; a partitioned table stands for its parts."""
    rows = connection.execute(
        "SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum)"
        " FILTER (WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')"
        " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.oid = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition GROUP BY 1, 2 ORDER BY 1, 2",
        [_ours(connection)],
    ).fetchall()
    found = (Table(Name(schema, name), tuple(columns or ())) for schema, name, columns in rows)
    return tuple(table for table in found if table.name.name != VERSION_TABLE)


def sequences(connection: "Connection") -> tuple[Sequence, ...]:
    """All of them, with their state."""
    from psycopg import sql

    rows = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.oid = ANY(%s) AND c.relkind = 'S' ORDER BY 1, 2",
        [_ours(connection)],
    ).fetchall()
    found = []
    for schema, name in rows:
        which = Name(schema, name)
        question = sql.SQL("SELECT last_value, is_called FROM {}").format(which.quoted)
        last, used = connection.execute(question).fetchone() or (1, False)
        found.append(Sequence(which, last, used))
    return tuple(found)


def foreign_keys(connection: "Connection") -> tuple[ForeignKey, ...]:
    """All of them; names in the definitions are complete where the search path is empty."""
    rows = connection.execute(
        "SELECT n.nspname, c.relname, k.conname, pg_catalog.pg_get_constraintdef(k.oid), tn.nspname, t.relname"
        " FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_catalog.pg_class t ON t.oid = k.confrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace"
        " WHERE c.oid = ANY(%s) AND k.contype = 'f' AND k.conparentid = 0 ORDER BY 1, 2, 3",
        [_ours(connection)],
    ).fetchall()
    return tuple(ForeignKey(Name(s, t), name, made, Name(ts, tt)) for s, t, name, made, ts, tt in rows)


def triggers(connection: "Connection") -> tuple[Trigger, ...]:
    """Those that people made and that are on."""
    rows = connection.execute(
        "SELECT n.nspname, c.relname, t.tgname FROM pg_catalog.pg_trigger t"
        " JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.oid = ANY(%s) AND NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled = 'O' ORDER BY 1, 2, 3",
        [_ours(connection)],
    ).fetchall()
    return tuple(Trigger(Name(schema, table), name) for schema, table, name in rows)


def revision(connection: "Connection") -> str:
    """
    Which schema there is.

    Raises: PostgresError where there is none.
    """
    from psycopg import sql

    rows = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.oid = ANY(%s) AND c.relkind = 'r' AND c.relname = %s",
        [_ours(connection), VERSION_TABLE],
    ).fetchall()
    for schema, name in rows:
        question = sql.SQL("SELECT version_num FROM {}").format(Name(schema, name).quoted)
        for (found,) in connection.execute(question).fetchall():
            return str(found)
    raise PostgresError("The database holds nothing of rightshift", do="Start the console once, or name another one")


def _ours(connection: "Connection") -> list[int]:
    """The ids of tables and sequences that neither the server, nor an extension, nor a session made for itself."""
    rows = connection.execute(
        "SELECT c.oid::bigint FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't'"
        " AND c.relkind IN ('r', 'p', 'S') AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"
        " WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"
    ).fetchall()
    return [oid for (oid,) in rows]
