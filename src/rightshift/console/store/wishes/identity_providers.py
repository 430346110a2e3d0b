"""Providers that people may sign in through, as administrators wish them. Reading: `read/identity_providers`."""

from datetime import datetime

import msgspec
from psycopg.types.json import Jsonb

from rightshift.console.store.pool import Connection
from rightshift.console.store.read.identity_providers import About
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


async def add(connection: Connection, name: str, about: About, sealed: bytes, by: str, now: datetime) -> bool:
    """False where there is one of that name or issuer."""
    values = {**_values(name, about, sealed), "by": by, "now": now}
    return await (await connection.execute(_ASK["add"], values)).fetchone() is not None


async def change(connection: Connection, name: str, about: About, sealed: bytes) -> bool:
    """False where another one has that issuer."""
    return await (await connection.execute(_ASK["change"], _values(name, about, sealed))).fetchone() is not None


async def remove(connection: Connection, name: str) -> None:
    """With the sign-ins through it that are under way."""
    await connection.execute(_ASK["remove"], {"name": name})


def _values(name: str, about: About, sealed: bytes) -> dict[str, object]:
    return {
        "name": name,
        "sealed": sealed,
        "label": about.label,
        "issuer": about.issuer,
        "client_id": about.client_id,
        "scopes": list(about.scopes),
        "groups_claim": about.groups_claim,
        "rules": Jsonb(msgspec.to_builtins(about.rules)),
        "otherwise": None if about.otherwise is None else Jsonb(msgspec.to_builtins(about.otherwise)),
        "trust_mfa": about.trust_mfa,
        "local": about.local,
        "console": about.console,
        "enabled": about.enabled,
    }
