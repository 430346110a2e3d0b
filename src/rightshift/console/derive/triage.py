"""Accepted risks and statements of VEX are predicates: which findings they mean now, and until when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from rightshift.assess.vex import apply as vex
from rightshift.assess.vex.statement import Product, Status
from rightshift.assess.vex.statement import Statement as Said
from rightshift.console.derive import teams
from rightshift.console.store.conclusions import marks, matches
from rightshift.console.store.conclusions import triage as store
from rightshift.console.store.conclusions.marks import Mark
from rightshift.console.store.conclusions.triage import Decided, Held, Known, Statement
from rightshift.console.store.pool import Connection
from rightshift.model import known
from rightshift.model.advisory import Match
from rightshift.model.inventory import Subject
from rightshift.model.package import Package

_STATUS: dict[str, Status] = {
    "not_affected": "not_affected",
    "affected": "affected",
    "fixed": "fixed",
    "under_investigation": "under_investigation",
}


async def derive(connection: Connection, waiting: Sequence[Mark], now: datetime) -> None:
    """After wishes changed: everything again, and the marks are taken out in the same transaction."""
    async with connection.transaction():
        await marks.remove(connection, waiting)
        await teams.assign_all(connection)
        await decide(connection, None, now)


async def decide(connection: Connection, units: Sequence[int] | None, now: datetime) -> None:
    """
    What holds for these units (None is all) as of `now`; a day ends at midnight UTC.

    Where both speak, VEX says how it is, and an accepted risk only what somebody wants.
    """
    if units is not None and not units:
        return
    if not await store.wished(connection):
        return
    found = await store.accepted(connection, units, now.astimezone(UTC).date())
    decided = {(one.unit, one.package, one.advisory): one for one in found}
    decided |= {(one.unit, one.package, one.advisory): one for one in await _ruled_out(connection, units)}
    await store.put(connection, units, list(decided.values()))


async def _ruled_out(connection: Connection, units: Sequence[int] | None) -> list[Decided]:
    """A package of which several versions lie somewhere is not affected if none of them is."""
    statements = {one.id: one for one in await store.statements(connection) if one.status in _STATUS}
    if not statements:
        return []
    held = await store.held(connection, units)
    versions = {one.id: one.package for one in await matches.versions(connection, [one.version for one in held])}
    images: dict[int, list[Known]] = {}
    for image in await store.known(connection, sorted({one.inventory for one in held})):
        images.setdefault(image.inventory, []).append(image)
    by: dict[tuple[int, int, int], UUID | None] = {}
    for one in held:
        key = one.unit, one.package, one.advisory
        if by.get(key, one) is None:
            continue
        by[key] = _statement(one, versions[one.version], statements, images.get(one.inventory, ()))
    return [Decided(*key, "not_affected", id, None) for key, id in by.items() if id is not None]


def _statement(
    held: Held, package: Package, statements: Mapping[UUID, Statement], images: Iterable[Known]
) -> UUID | None:
    """The statement that rules a match out for what it lies in; None where none does."""
    name = str(held.advisory)
    said = [_said(statements[id], name) for id in held.statements if id in statements]
    match = Match(package=package, id=name, aliases=(), records=(), rule="", certain=known.Known.YES)
    for subject in [None, *map(_subject, images)]:
        _, out = vex.apply([match], said, subject)
        if out:
            return UUID(out[0].statement.document)
    return None


def _said(one: Statement, name: str) -> Said:
    """A statement in the words of `assess`, the advisory as the database's number for it."""
    try:
        at = datetime.fromisoformat(one.said)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
    except ValueError:
        at = one.created
    product = Product(ids=(one.package,))
    if one.product:
        product = Product(ids=(one.product,), parts=((one.package,),) if one.package else ())
    return Said(
        vulnerabilities=(name,), products=(product,), status=_STATUS[one.status], said_at=at, document=str(one.id)
    )


def _subject(image: Known) -> Subject:
    names = image.attributes.get("names")
    return Subject(
        kind="image",
        name=image.name,
        id=image.key.rpartition("@")[2],
        aliases=tuple(image.aliases),
        tags=tuple(map(str, names)) if isinstance(names, list) else (),
    )
