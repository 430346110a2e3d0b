"""Lists as pages, or as files: CSV, JSON lines and XLSX with the same rows, filters and rights, in bounded memory."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import IO, Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, Schema
from litestar.params import QueryParameter
from litestar.response import Stream
from msgspec import Struct

from rightshift import escape
from rightshift.console.api.pages import cut, every, place
from rightshift.console.auth.permission import Actor, Permission
from rightshift.console.store import audit
from rightshift.console.store.audit import Line
from rightshift.console.store.pool import Connection, Pool

Kind = Literal["json", "csv", "jsonl", "xlsx"]
Format = Annotated[
    Kind | None,
    QueryParameter(
        description="`csv`, `jsonl` and `xlsx` are all rows in one file; without it as Accept says, else JSON"
    ),
]
MEDIA_TYPES: dict[Kind, str] = {
    "json": "application/json",
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
XLSX_ROWS = 100_000
"""A quarter of a minute of work; who needs more takes CSV, which has no end."""
AT_ONCE = 2
"""Files under way in this process: each holds a connection."""
AGAIN_S = 5
CELL_CHARS = 32_767
"""What a spreadsheet keeps of a cell. Source: Excel specifications and limits."""
_CHUNK_BYTES = 64 << 10
_ROWS = 500
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_T = TypeVar("_T", bound=Struct)
_A = TypeVar("_A")
_K = TypeVar("_K", bound=tuple[object, ...])
_P = TypeVar("_P")

_under_way = 0


@dataclass
class Listing(Operation):
    """The description of a list: beside JSON the files that it can be."""

    def __post_init__(self) -> None:
        """Adds the other media types to the answer."""
        answer = (self.responses or {}).get("200")
        content = getattr(answer, "content", None)
        if content is not None:
            for kind, media_type in MEDIA_TYPES.items():
                if kind != "json":
                    content.setdefault(media_type, OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING)))


@dataclass(frozen=True, slots=True)
class Rows(Generic[_T, _K]):
    """A list: what a file of it is called, what a row is, and its place, which is what a cursor holds."""

    name: str
    row: type[_T]
    place: type[_K]
    placed: Callable[[_T], _K]


async def answer(
    request: Request[Actor, Any, Any],
    pool: Pool,
    now: datetime,
    rows: Rows[_T, _K],
    ask: Callable[[Connection, _K | None, int], Awaitable[list[_T]]],
    shown: Callable[[list[_T], str | None], _P],
    *,
    limit: int,
    after: str | None,
    format: Kind | None,
) -> Response[_P]:
    """
    A page of a list as `shown`, or all of it as a file; `ask` gives the rows after a place, so many at most.

    Raises: as `wanted`, `place` and `send`.
    """
    kind = wanted(request, format)
    begin = place(after, rows.place)
    if kind != "json":
        return await send(request, pool, kind, rows.name, rows.row, every(pool, ask, rows.placed), now)
    async with pool.connection() as connection:
        found = await ask(connection, begin, limit + 1)
    return Response(shown(*cut(found, limit, rows.placed)))


def wanted(request: Request[Actor, Any, Any], format: Kind | None) -> Kind:
    """
    What the caller takes, and may have.

    Raises: HTTPException (406); PermissionDeniedException where a file needs the permission to export.
    """
    kind = format or _accepted(request.headers.get("accept", "*/*"))
    if kind != "json" and Permission.EXPORT_READ not in request.user.permissions:
        raise PermissionDeniedException(f"This needs the permission {Permission.EXPORT_READ}")
    return kind


async def send(
    request: Request[Actor, Any, Any],
    pool: Pool,
    kind: Kind,
    name: str,
    row: type[_T],
    rows: AsyncGenerator[_T, None],
    now: datetime,
) -> Response[Any]:
    """
    All rows as a file of this kind, and a line in the audit log. The first rows are there before the answer begins.

    Raises: HTTPException (429, 413).
    """
    line = Line(
        actor=request.user.name,
        actor_kind=request.user.kind,
        action="exports.make",
        target=name,
        address=request.user.address,
        after={"format": kind, "query": str(request.url.query)[:2_000]},
    )
    chunks = _held(_encoded(kind, name, row, rows))
    first = await anext(chunks, b"")
    async with pool.connection() as connection, connection.transaction():
        await audit.add(connection, line, now)
    headers = {"Content-Disposition": f'attachment; filename="{name}-{now.date().isoformat()}.{kind}"'}
    media_type = MEDIA_TYPES[kind] + ("; charset=utf-8" if kind == "csv" else "")
    return Stream(_after(first, chunks), media_type=media_type, headers=headers)


def _accepted(accept: str) -> Kind:
    offered = [part.partition(";")[0].strip().lower() for part in accept[:1_000].split(",")]
    for media_type in offered:
        for kind, own in MEDIA_TYPES.items():
            if media_type == own:
                return kind
        if media_type in ("*/*", "application/*", ""):
            return "json"
        if media_type in ("application/jsonl", "application/jsonlines"):
            return "jsonl"
    raise HTTPException(status_code=406, detail=f"This is to be had as {', '.join(MEDIA_TYPES.values())}")


async def _held(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    global _under_way
    if _under_way >= AT_ONCE:
        headers = {"Retry-After": str(AGAIN_S)}
        raise HTTPException(status_code=429, detail="Too many files at once; ask again", headers=headers)
    _under_way += 1
    try:
        # who goes away in the middle leaves nothing open: each of these closes the one that it reads from
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk
    finally:
        _under_way -= 1


async def _after(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(rest):
        yield first
        async for chunk in rest:
            yield chunk


def _encoded(kind: Kind, name: str, row: type[_T], rows: AsyncGenerator[_T, None]) -> AsyncGenerator[bytes, None]:
    if kind == "jsonl":
        return _jsonl(rows)
    return _csv(row, rows) if kind == "csv" else _xlsx(name, row, rows)


async def _jsonl(rows: AsyncGenerator[_T, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(_batches(rows)) as batches:
        async for some in batches:
            yield b"".join(msgspec.json.encode(one) + b"\n" for one in some)


async def _csv(row: type[_T], rows: AsyncGenerator[_T, None]) -> AsyncGenerator[bytes, None]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(row.__struct_fields__)
    async with aclosing(_batches(rows)) as batches:
        async for some in batches:
            for one in some:
                writer.writerow([_csv_cell(_cell(value)) for value in _values(one)])
            yield buffer.getvalue().encode("utf-8", "replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


async def _xlsx(name: str, row: type[_T], rows: AsyncGenerator[_T, None]) -> AsyncGenerator[bytes, None]:
    with tempfile.TemporaryDirectory(prefix="rightshift-") as folder, tempfile.TemporaryFile() as file:
        book = _Book(file, folder, name, row.__struct_fields__)
        try:
            async with aclosing(_batches(rows)) as batches:
                async for some in batches:
                    if book.rows + len(some) > XLSX_ROWS:
                        raise HTTPException(
                            status_code=413, detail=f"More than {XLSX_ROWS} rows: take CSV, or a narrower filter"
                        )
                    await asyncio.to_thread(book.add, [[_cell(value) for value in _values(one)] for one in some])
            await asyncio.to_thread(book.close)
        finally:
            book.let_go()
        file.seek(0)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


class _Book:
    """A workbook of one sheet, written row by row to a file. Text is never a formula, a link or a number."""

    def __init__(self, file: IO[bytes], folder: str, name: str, head: Sequence[str]) -> None:
        import xlsxwriter

        options = {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(file, options)
        self._sheet = self._book.add_worksheet(name[:31])
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._sheet.freeze_panes(1, 0)
        bold = self._book.add_format({"bold": True})
        for column, title in enumerate(head):
            self._sheet.write_string(0, column, title, bold)
        self._columns = len(head)
        self.rows = 0

    def add(self, rows: Sequence[Sequence[str | float | bool]]) -> None:
        """Rows below those that are there."""
        for cells in rows:
            self.rows += 1
            for column, value in enumerate(cells):
                self._write(column, value)

    def close(self) -> None:
        """Writes what is left; the file can be read then."""
        self._sheet.autofilter(0, 0, max(self.rows, 1), self._columns - 1)
        self._book.close()

    def let_go(self) -> None:
        """Closes the file of rows that is still open where the book was not closed."""
        rows = self._sheet.row_data_fh
        if rows is not None and not rows.closed:
            rows.close()

    def _write(self, column: int, value: str | float | bool) -> None:
        if isinstance(value, bool):
            self._sheet.write_boolean(self.rows, column, value)
        elif isinstance(value, int | float):
            self._sheet.write_number(self.rows, column, value)
        elif value:
            text = escape.terminal(value)[:CELL_CHARS]
            format = self._quoted if value.startswith(_FORMULA) else None
            self._sheet.write_string(self.rows, column, text, format)


def _values(row: Struct) -> list[object]:
    return [getattr(row, name) for name in row.__struct_fields__]


def _csv_cell(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return escape.csv_cell(value)[:CELL_CHARS] if isinstance(value, str) else str(value)


def _cell(value: object) -> str | float | bool:
    if value is None:
        return ""
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, UUID | date):
        return str(value)
    if isinstance(value, list | tuple) and all(isinstance(one, str | int) for one in value):
        return " ".join(map(str, value))
    return msgspec.json.encode(value).decode()


async def _batches(rows: AsyncGenerator[_A, None]) -> AsyncGenerator[list[_A], None]:
    some: list[_A] = []
    async with aclosing(rows):
        async for row in rows:
            some.append(row)
            if len(some) == _ROWS:
                yield some
                some = []
    if some:
        yield some
