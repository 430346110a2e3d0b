"""Whoever owns the console's home gets in again, and that is written down."""

from datetime import UTC, datetime, timedelta

import pytest

from rightshift.console.auth import break_glass, session
from rightshift.console.auth.first import first_link
from rightshift.console.auth.permission import Permission
from rightshift.console.auth.secrets import hashed, kind_of
from rightshift.console.auth.session import From, Opened
from rightshift.console.store import identities
from rightshift.console.store.identities import NewToken
from rightshift.console.store.pool import Pool
from rightshift.errors import UsageError

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HERE = From("127.0.0.1", "a test")
PASSWORD, OTHER = "a horse that counts staples", "a donkey that reads the paper"


async def admin(pool: Pool) -> None:
    async with pool.connection() as connection:
        link = await first_link(connection, NOW)
        assert link
        assert isinstance(await session.with_link(connection, link, PASSWORD, HERE, NOW), Opened)


async def written(pool: Pool) -> list[tuple[object, ...]]:
    async with pool.connection() as connection:
        found = await connection.execute("SELECT actor, actor_kind, action, target FROM audit ORDER BY id DESC LIMIT 1")
        return await found.fetchall()


@pytest.mark.check("A23")
async def test_the_last_administrator_gets_in_again_and_nobody_else_until_then(pool: Pool) -> None:
    await admin(pool)
    async with pool.connection() as connection:
        opened = await session.with_password(connection, "admin", PASSWORD, HERE, NOW)
        assert isinstance(opened, Opened)
        person = await identities.person_by_name(connection, "admin")
        assert person
        until = NOW + timedelta(days=9)
        own = NewToken(kind="person", name="x", hash=b"x", hint="", expires=until, by="admin", person=person.id)
        await identities.add_token(connection, own, NOW)
        await connection.execute("UPDATE person SET totp = 'x', disabled = true")
        link = await break_glass.reset(connection, "Admin", by="root", now=NOW)
        assert kind_of(link.secret) == "link"
        assert link.expires > NOW
        assert await session.with_password(connection, "admin", PASSWORD, HERE, NOW) is None
        assert await identities.session(connection, hashed(opened.secret), NOW, NOW - session.IDLE) is None
        assert await identities.token(connection, b"x", NOW) is None
        again = await session.with_link(connection, link.secret, OTHER, HERE, NOW)
        assert isinstance(again, Opened)
        assert again.complete
        assert isinstance(await session.with_password(connection, "admin", OTHER, HERE, NOW), Opened)
        found = await connection.execute("SELECT actor, actor_kind FROM audit WHERE action = 'people.reset'")
        assert await found.fetchall() == [("root", "shell")]


async def test_somebody_new_comes_by_a_link(pool: Pool) -> None:
    async with pool.connection() as connection:
        link = await break_glass.invite(connection, "ann", "viewer", by="root", now=NOW)
        assert [(one.name, one.role) for one in await break_glass.people(connection)] == [("ann", "viewer")]
        assert isinstance(await session.with_link(connection, link.secret, PASSWORD, HERE, NOW), Opened)
        with pytest.raises(UsageError, match="already"):
            await break_glass.invite(connection, "ANN", "admin", by="root", now=NOW)
        await break_glass.reset(connection, "ann", by="root", now=NOW, role="admin")
        (ann,) = await break_glass.people(connection)
        assert (ann.role, ann.everything) == ("admin", True)


@pytest.mark.parametrize("name", ["", " ann", "a\nb", "x" * 201, "\x1b[31m"])
async def test_what_is_no_name(pool: Pool, name: str) -> None:
    async with pool.connection() as connection:
        with pytest.raises(UsageError, match="no name"):
            await break_glass.invite(connection, name, "viewer", by="root", now=NOW)


async def test_nobody_is_reset_who_is_not_there(pool: Pool) -> None:
    async with pool.connection() as connection:
        with pytest.raises(UsageError, match="nobody"):
            await break_glass.reset(connection, "nobody", by="root", now=NOW)


async def test_a_token_of_a_service_holds_until_it_is_revoked(pool: Pool) -> None:
    async with pool.connection() as connection:
        may = frozenset({Permission.SCANS_WRITE})
        made = await break_glass.token(connection, "ci", may, 30, by="root", now=NOW)
        found = await identities.token(connection, hashed(made.secret), NOW + timedelta(days=29))
        assert found
        assert (found.permissions, found.scope.teams) == (("scans:write",), None)
        assert await identities.token(connection, hashed(made.secret), NOW + timedelta(days=31)) is None
        assert await written(pool) == [("root", "shell", "tokens.make", str(made.id))]
        await break_glass.revoke(connection, made.id, by="root", now=NOW)
        assert await identities.token(connection, hashed(made.secret), NOW) is None
        assert await written(pool) == [("root", "shell", "tokens.revoke", str(made.id))]
        with pytest.raises(UsageError, match="no token"):
            await break_glass.revoke(connection, made.id, by="root", now=NOW)
        assert [one.name for one in await break_glass.tokens(connection)] == ["ci"]


@pytest.mark.parametrize(
    ("permissions", "days"),
    [({Permission.USERS_WRITE}, 9), (set(), 9), ({Permission.SCANS_WRITE}, 0), ({Permission.SCANS_WRITE}, 367)],
)
async def test_what_no_token_may(pool: Pool, permissions: set[Permission], days: int) -> None:
    async with pool.connection() as connection:
        with pytest.raises(UsageError):
            await break_glass.token(connection, "ci", frozenset(permissions), days, by="root", now=NOW)
        assert await break_glass.tokens(connection) == []
