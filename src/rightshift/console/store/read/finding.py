"""One finding with all that is known of it: the parts of its sum, where it lies, who else has it, what happened."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from rightshift.console.store.finding_ids import Finding, ids
from rightshift.console.store.pool import Connection
from rightshift.console.store.read import findings
from rightshift.console.store.read.answers import all_of, one_of
from rightshift.console.store.read.findings import Listed
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


class Part(Struct, frozen=True):
    """One part of the sum, also where it is 0: what was counted, and what was not known."""

    name: Annotated[str, Meta(description="`threat`, `exposure`, `use`, `impact`, `context`")]
    points: int
    because: str
    unknown: tuple[str, ...] = ()


class Holding(Struct, frozen=True, kw_only=True):
    """A version of the package in an inventory of the unit. `locations` are the first 50."""

    points: int
    version: str
    purl: str
    inventory: str
    image: str
    assets: int
    running: bool | None
    since: datetime
    state: Annotated[str, Meta(description="`installed`, `linked`, `locked`, `claimed`")]
    origin: str
    locations: list[str]
    layer: int | None
    fixed: list[str]
    rule: Annotated[str, Meta(description="Which statement of the advisory holds, and why")]
    records: Annotated[list[str], Meta(description="Ids of the records that matched")]
    vector: str
    first_seen: datetime


class Elsewhere(Struct, frozen=True, kw_only=True):
    """Another unit that has it, with the id of that finding."""

    finding: UUID
    unit: UUID
    kind: str
    name: str
    cluster: str
    namespace: str


class Decision(Struct, frozen=True, kw_only=True):
    """Why it is not open."""

    state: str
    by: Annotated[UUID, Meta(description="The acceptance, or the statement of VEX")]
    until: datetime | None
    reason: str | None
    owner: str | None


class Happened(Struct, frozen=True, kw_only=True):
    """Something in its history: `held` and `left` are about an asset's contents, others about the match."""

    at: datetime
    what: str
    version: str
    asset: str


class Detail(Struct, frozen=True, kw_only=True):
    """All that is known of one finding. The parts add up to its points."""

    finding: Listed
    parts: list[Part]
    held: list[Holding]
    elsewhere: list[Elsewhere]
    elsewhere_in_all: int
    decision: Decision | None
    history: list[Happened]


class _Held(Holding, frozen=True, kw_only=True):
    own: int
    exposure: int
    privileges: int
    context: int
    use: int
    evidence: object


class _Other(Struct, frozen=True):
    total: int
    id: int
    uid: UUID
    kind: str
    name: str
    cluster: str
    namespace: str


async def detail(connection: Connection, scope: Scope, id: UUID, *, now: datetime) -> Detail | None:
    """None where there is no such finding, nor was, in scope."""
    secret = await ids(connection)
    finding = secret.decode(id)
    row = None if finding is None else await findings.one(connection, scope, finding, now=now)
    if finding is None or row is None:
        return None
    values = {
        "unit": finding.unit,
        "package": finding.package,
        "advisory": finding.advisory,
        "teams": scope.parameter,
        "now": now,
    }
    held = await all_of(connection, _Held, _ASK["held"], values)
    others = await all_of(connection, _Other, _ASK["elsewhere"], values)
    return Detail(
        finding=row,
        parts=_parts(held[0]) if held else [],
        held=[msgspec.convert(one, Holding, from_attributes=True) for one in held],
        elsewhere=[
            Elsewhere(
                finding=secret.encode(Finding(other.id, finding.package, finding.advisory)),
                unit=other.uid,
                kind=other.kind,
                name=other.name,
                cluster=other.cluster,
                namespace=other.namespace,
            )
            for other in others
        ],
        elsewhere_in_all=others[0].total if others else 0,
        decision=await one_of(connection, Decision, _ASK["decided"], values),
        history=await all_of(connection, Happened, _ASK["history"], values),
    )


def _parts(held: _Held) -> list[Part]:
    """The parts of the match, each with what the holder adds to it. Exposure and use are the holder's alone."""
    added = {
        "exposure": (held.exposure, "how it can be reached"),
        "use": (held.use, "whether it is loaded"),
        "impact": (held.privileges, "privileges of what runs it"),
        "context": (held.context, "age and criticality of what holds it"),
    }
    parts = []
    for part in msgspec.convert(held.evidence, list[Part]):
        points, because = added.pop(part.name, (0, ""))
        if not points:
            parts.append(part)
        elif part.unknown:
            parts.append(Part(part.name, points, because))
        else:
            parts.append(Part(part.name, part.points + points, f"{part.because}; {because}"))
    return parts + [Part(name, points, because) for name, (points, because) in added.items() if points]
