"""Files are made in bounded memory and number, and who goes away in the middle leaves nothing behind."""

from collections.abc import AsyncGenerator
from typing import Any, cast

import pytest
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response import Stream
from msgspec import Struct

from rightshift.console.api import files
from rightshift.console.auth.permission import Actor
from rightshift.console.store.pool import Pool
from tests.console.api.conftest import BEGUN


class Row(Struct, frozen=True):
    name: str
    number: int = -1


class Asked:
    """What of a request is read."""

    user = Actor(name="Vera", kind="person")

    class url:
        query = ""


ASKED = cast("Request[Actor, Any, Any]", Asked)


class Source:
    def __init__(self, rows: int) -> None:
        self.rows, self.given, self.closed = rows, 0, False

    async def __call__(self) -> AsyncGenerator[Row, None]:
        try:
            for number in range(self.rows):
                self.given += 1
                yield Row(f"row {number}")
        finally:
            self.closed = True


async def begun(pool: Pool, kind: files.Kind, source: Source) -> AsyncGenerator[bytes, None]:
    answer = await files.send(ASKED, pool, kind, "rows", Row, source(), BEGUN)
    assert isinstance(answer, Stream)
    return cast("AsyncGenerator[bytes, None]", answer.iterator)


async def test_rows_are_read_as_they_are_taken(pool: Pool) -> None:
    source = Source(100_000)
    chunks = await begun(pool, "csv", source)
    assert (await anext(chunks)).startswith(b'"name","number"\r\n"row 0","-1"\r\n')
    assert source.given < 2_000
    await chunks.aclose()


async def test_who_goes_away_leaves_nothing_open(pool: Pool) -> None:
    for kind in ("csv", "jsonl", "xlsx"):
        source = Source(5_000)
        chunks = await begun(pool, kind, source)
        await anext(chunks)
        await chunks.aclose()
        assert source.closed
    assert files._under_way == 0


async def test_only_so_many_are_made_at_once(pool: Pool) -> None:
    open = [await begun(pool, "csv", Source(5_000)) for _ in range(files.AT_ONCE)]
    with pytest.raises(HTTPException) as refused:
        await begun(pool, "csv", Source(5_000))
    assert refused.value.status_code == 429
    assert refused.value.headers == {"Retry-After": "5"}
    for chunks in open:
        await anext(chunks)
        await chunks.aclose()
    assert [chunk async for chunk in await begun(pool, "csv", Source(1))]


async def test_a_workbook_has_an_end(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "XLSX_ROWS", 900)
    source = Source(5_000)
    with pytest.raises(HTTPException, match="More than 900"):
        await begun(pool, "xlsx", source)
    assert source.closed
    assert source.given < 2_000
    assert files._under_way == 0


async def test_a_list_without_rows_has_its_head(pool: Pool) -> None:
    chunks = [chunk async for chunk in await begun(pool, "csv", Source(0))]
    assert b"".join(chunks) == b'"name","number"\r\n'
