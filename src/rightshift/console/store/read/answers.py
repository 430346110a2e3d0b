"""Rows of an answer as the structs that they are read into: columns have the names of fields."""

from typing import Any, LiteralString, TypeVar

from psycopg.rows import class_row, dict_row

from rightshift.console.store.pool import Connection
from rightshift.console.store.read.finding_filter import Parameters

T = TypeVar("T")


async def all_of(connection: Connection, kind: type[T], question: LiteralString, values: Parameters) -> list[T]:
    """Every row of the answer."""
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        return await (await cursor.execute(question, values)).fetchall()


async def rows_of(connection: Connection, question: LiteralString, values: Parameters) -> list[dict[str, Any]]:
    """Every row of the answer, by the names of its columns: where they are only a part of what is read."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(question, values)).fetchall()


async def one_of(connection: Connection, kind: type[T], question: LiteralString, values: Parameters) -> T | None:
    """The first row; None where there is none."""
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        return await (await cursor.execute(question, values)).fetchone()


async def number(connection: Connection, question: LiteralString, values: Parameters) -> int:
    """A count; 0 where there is no row."""
    row: tuple[Any, ...] | None = await (await connection.execute(question, values)).fetchone()
    return int(row[0]) if row and row[0] is not None else 0
