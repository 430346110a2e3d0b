"""Risks that somebody accepts, and statements of VEX, as people wish them. What they mean now: `derive/triage`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from rightshift.console.store.pool import Connection
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """
    A predicate: findings of an advisory (any alias), a package and a unit; empty is any. `until` is the last day, UTC.

    `unit` is a pattern (`*`, `?`) of a name, NAMESPACE/NAME or an image's repository, whatever its case.
    """

    unit: str
    ecosystem: str
    package: str
    advisory: str
    reason: str
    until: date
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a document says of one advisory in one product, or of one package in it. `said` is a moment, ISO 8601."""

    product: str
    package: str
    advisory: str
    status: str
    justification: str
    said: str
    author: str


async def accept(connection: Connection, wish: Acceptance, scope: Scope, now: datetime) -> UUID:
    """Within a transaction: for what is in this scope, now and later."""
    values = {
        "unit": wish.unit,
        "ecosystem": wish.ecosystem,
        "package": wish.package,
        "advisory": wish.advisory,
        "reason": wish.reason,
        "until": wish.until,
        "owner": wish.owner,
        "teams": scope.parameter,
        "now": now,
    }
    row = await (await connection.execute(_ASK["add"], values)).fetchone()
    if row is None:
        raise LookupError("INSERT gave no row")
    await _changed(connection)
    return UUID(str(row[0]))


async def end(connection: Connection, scope: Scope, id: UUID, now: datetime) -> tuple[str, str, str] | None:
    """
    Within a transaction: the risk is accepted no longer. Its advisory, package and unit.

    None where none is under way that lies wholly in the scope.
    """
    values = {"id": id, "teams": scope.parameter, "now": now}
    row = await (await connection.execute(_ASK["end"], values)).fetchone()
    if row is None:
        return None
    await _changed(connection)
    return str(row[0]), str(row[1]), str(row[2])


async def put_statements(
    connection: Connection, document: str, statements: Sequence[Statement], scope: Scope, now: datetime
) -> None:
    """Within a transaction: in place of those that the same scope had of a document of that name."""
    await connection.execute(_ASK["replace_statements"], {"document": document, "teams": scope.parameter})
    values = {
        "documents": [document] * len(statements),
        "products": [one.product for one in statements],
        "packages": [one.package for one in statements],
        "advisories": [one.advisory for one in statements],
        "statuses": [one.status for one in statements],
        "justifications": [one.justification for one in statements],
        "said": [one.said for one in statements],
        "authors": [one.author for one in statements],
        "teams": scope.parameter,
        "now": now,
    }
    await connection.execute(_ASK["add_statements"], values)
    await _changed(connection)


async def remove_document(connection: Connection, scope: Scope, document: str) -> int:
    """Within a transaction: how many statements it had in this scope, which are gone now."""
    values = {"document": document, "teams": scope.parameter}
    removed = (await connection.execute(_ASK["remove_statements"], values)).rowcount
    if removed:
        await _changed(connection)
    return removed


async def _changed(connection: Connection) -> None:
    await connection.execute(_ASK["changed"])
    await connection.execute(_ASK["tell"])
