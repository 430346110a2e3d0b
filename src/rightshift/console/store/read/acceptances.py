"""Risks that were accepted, and statements of VEX, with how many findings they decide on. Wishing it: `wishes`."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.console.store.finding_ids import ids
from rightshift.console.store.pool import Connection
from rightshift.console.store.read.answers import all_of, one_of
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


class Acceptance(Struct, frozen=True, kw_only=True):
    """A risk that somebody accepts, for a reason and until a day. Empty fields mean any."""

    id: UUID
    unit: Annotated[str, Meta(description="Pattern of a workload, host or image repository")]
    ecosystem: str
    package: str
    advisory: str
    reason: str
    until: Annotated[date, Meta(description="The last day, UTC")]
    owner: str
    created: datetime
    ended: Annotated[datetime | None, Meta(description="When somebody ended it")]
    findings: Annotated[int, Meta(description="On how many it decides now")]


class Statement(Struct, frozen=True, kw_only=True):
    """What a document says of an advisory in a product, or in a package of it."""

    id: UUID
    document: str
    product: str
    package: str
    advisory: str
    status: str
    justification: str
    said: str
    author: str
    created: datetime
    findings: Annotated[int, Meta(description="On how many it decides now")]


class About(Struct, frozen=True, kw_only=True):
    """What a finding is about, in words that still hold after a rebuild."""

    unit: str
    ecosystem: str
    package: str
    advisory: str


async def page(
    connection: Connection,
    scope: Scope,
    *,
    today: date,
    ended: bool = False,
    limit: int,
    after: tuple[date, UUID] | None = None,
) -> list[Acceptance]:
    """Up to `limit` acceptances, the first to end first; without those that ended unless `ended`."""
    until, id = after or (None, None)
    values = {"today": today, "ended": ended, "id": None, "limit": limit, "after_until": until, "after_id": id}
    return await all_of(connection, Acceptance, _ASK["page"], values | {"teams": scope.parameter})


async def one(connection: Connection, scope: Scope, id: UUID, *, today: date) -> Acceptance | None:
    """One, ended or not; None where the scope has none such."""
    values = {"today": today, "ended": True, "id": id, "limit": 1, "after_until": None, "after_id": None}
    return await one_of(connection, Acceptance, _ASK["page"], values | {"teams": scope.parameter})


async def statements(
    connection: Connection,
    scope: Scope,
    *,
    document: str | None = None,
    limit: int,
    after: tuple[str, UUID] | None = None,
) -> list[Statement]:
    """Up to `limit` statements by document."""
    name, id = after or (None, None)
    values = {"document": document, "limit": limit, "after_document": name, "after_id": id, "teams": scope.parameter}
    return await all_of(connection, Statement, _ASK["statements"], values)


async def about(connection: Connection, scope: Scope, finding: UUID) -> About | None:
    """What a finding that is there now is about; None where there is none such in scope."""
    found = (await ids(connection)).decode(finding)
    if found is None:
        return None
    values = {"unit": found.unit, "package": found.package, "advisory": found.advisory, "teams": scope.parameter}
    return await one_of(connection, About, _ASK["finding"], values)
