"""The audit log shows when a line was changed, taken out or put in."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from rightshift.console.store import audit
from rightshift.console.store.audit import Line
from rightshift.console.store.pool import Pool

NOW = datetime(2026, 1, 5, 12, 0, 0, 123456, tzinfo=UTC)
Rows = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
async def written(pool: Pool) -> Pool:
    async with pool.connection() as connection:
        for number in range(5):
            after = {"number": number, "text": "é\u202e", "list": [1, None, {"b": 1.5, "a": True}]}
            line = Line(actor="vera", actor_kind="person", action=f"tests.{number}", after=after)
            async with connection.transaction():
                assert await audit.add(connection, line, NOW) == number + 1
        assert await audit.verify(connection) is None
    return pool


@pytest.mark.check("O13")
@pytest.mark.parametrize(
    ("change", "first"),
    [
        ("UPDATE audit SET actor = 'otto' WHERE id = 3", 3),
        ("UPDATE audit SET at = at + interval '1 second' WHERE id = 2", 2),
        ("UPDATE audit SET after = '{}' WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 4", 5),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("UPDATE audit SET id = 9 WHERE id = 5", 9),
    ],
)
async def test_a_change_by_the_owner_of_the_table_is_found(written: Pool, rows: Rows, change: str, first: int) -> None:
    rows(f"ALTER TABLE audit DISABLE TRIGGER audit_kept; {change}; ALTER TABLE audit ENABLE TRIGGER audit_kept")
    async with written.connection() as connection:
        assert await audit.verify(connection) == first


async def test_what_was_undone_is_not_written_down(pool: Pool) -> None:
    async with pool.connection() as connection:
        async with connection.transaction(force_rollback=True):
            await audit.add(connection, Line(actor="x", actor_kind="person", action="tests"), NOW)
        assert await audit.page(connection, before=None, limit=10) == []


async def test_pages_go_back_and_filter(written: Pool) -> None:
    async with written.connection() as connection:
        assert [kept.id for kept in await audit.page(connection, before=4, limit=2)] == [3, 2]
        assert [kept.id for kept in await audit.page(connection, before=None, limit=9, action="tests.2")] == [3]
        assert len(await audit.page(connection, before=None, limit=9, action="tests")) == 5
        assert await audit.page(connection, before=None, limit=9, actor="otto") == []
