"""Connections that are taken from a pool live, and finding that out asks nothing of the database."""

from collections.abc import Callable

from rightshift.console.store import pool as pools

Rows = Callable[..., list[tuple[object, ...]]]


async def test_a_session_that_ended_meanwhile_is_not_given_out(database: str, rows: Rows) -> None:
    async with pools.opened(database, most=1, name="test of pools") as pool:
        async with pool.connection() as connection:
            before = connection.info.backend_pid
        for _ in range(3):
            rows("SELECT pg_terminate_backend(%s, 5000)", before)
            async with pool.connection() as connection:
                found = await (await connection.execute("SELECT pg_backend_pid()")).fetchone()
            assert found
            assert found[0] != before
            before = found[0]


async def test_one_that_lives_is_given_out_without_a_question(database: str, rows: Rows) -> None:
    async with pools.opened(database, most=1, name="test of pools") as pool:
        async with pool.connection() as connection:
            await connection.execute("SELECT 'asked last'")
        async with pool.connection():
            asked = rows("SELECT query FROM pg_stat_activity WHERE application_name LIKE '%%test of pools'")
    assert asked == [("SELECT 'asked last'",)]


async def test_only_what_says_so_is_planned_once(database: str) -> None:
    async with pools.opened(database, most=1, name="test of pools") as pool, pool.connection() as connection:
        for _ in range(20):
            await connection.execute("SELECT %s::integer", (1,))
        await connection.execute("SELECT %s::bigint", (1,), prepare=True)
        found = await (await connection.execute("SELECT statement FROM pg_prepared_statements")).fetchall()
    assert found == [("SELECT $1::bigint",)]
