"""Providers that people may sign in through, as administrators set them. Whom they brought: `store/subjects`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import dict_row

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What somebody gets: a role or none, and what they see."""

    role: str | None = None
    everything: bool = False
    teams: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Grant):
    """What the people of one group get."""

    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is set of a provider, but for its secret."""

    label: str
    issuer: str
    client_id: str
    scopes: tuple[str, ...]
    groups_claim: str
    rules: tuple[Rule, ...]
    otherwise: Grant | None
    """For whom no group gives a role; without it they stay out."""
    trust_mfa: bool
    local: bool
    console: str
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider. `sealed` is its secret as the vault enciphered it."""

    name: str
    about: About
    sealed: bytes = field(repr=False)
    version: int
    created: datetime
    created_by: str


async def every(connection: Connection) -> list[Provider]:
    """By what stands on their buttons; there are few."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        return [_provider(row) for row in await (await cursor.execute(_ASK["every"])).fetchall()]


async def one(connection: Connection, name: str) -> Provider | None:
    """By name."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        row = await (await cursor.execute(_ASK["one"], {"name": name})).fetchone()
    return None if row is None else _provider(row)


async def held(connection: Connection, name: str) -> Provider | None:
    """As it stands; nobody else changes it until the transaction ends, and nobody comes in through it."""
    await connection.execute(_ASK["held"], {"name": name})
    return await one(connection, name)


async def unchanged(connection: Connection, provider: Provider) -> bool:
    """Whether it is as it was read, and in use; until the transaction ends it stays so."""
    values = {"name": provider.name, "version": provider.version}
    return await (await connection.execute(_ASK["unchanged"], values)).fetchone() is not None


async def of_issuer(connection: Connection, issuer: str) -> str | None:
    """The name of the provider that is this issuer."""
    row: Sequence[str] | None = await (await connection.execute(_ASK["of_issuer"], {"issuer": issuer})).fetchone()
    return row[0] if row else None


def _provider(row: Mapping[str, Any]) -> Provider:
    return Provider(
        name=row["name"],
        about=msgspec.convert(row, About),
        sealed=bytes(row["client_secret"]),
        version=row["version"],
        created=row["created"],
        created_by=row["created_by"],
    )
