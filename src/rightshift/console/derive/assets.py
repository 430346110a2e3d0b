"""
What there is: rows of assets with their place, what they hold and what stands for them, from all reporters' facts.

Processes are no rows. A host has hundreds that come and go, a row with its indexes costs 1.5 kB and writes at each
start and end, and nothing is concluded of one alone: what it does counts for its container or host, to which its
connections are given. Lists of processes read the facts.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from rightshift.console.derive import images, relations, teams, triage
from rightshift.console.derive.images import One
from rightshift.console.derive.rows import RANK, Told, row
from rightshift.console.store import events
from rightshift.console.store.conclusions import assets as store
from rightshift.console.store.conclusions import marks
from rightshift.console.store.conclusions import relations as relation_store
from rightshift.console.store.conclusions.assets import Asset, Fact, Id, Row
from rightshift.console.store.conclusions.marks import Mark
from rightshift.console.store.events import Event
from rightshift.console.store.pool import Connection

BATCH = 500
"""Marks in one transaction: some tenths of a second."""


@dataclass(slots=True)
class _Changes:
    """What follows for others from what a batch concluded."""

    units: set[int] = field(default_factory=set)
    """Whose holders may be other."""
    again: set[Id] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)


async def derive(connection: Connection, waiting: Sequence[Mark], now: datetime) -> None:
    """Concludes the marked assets again, and takes the marks out in the same transaction."""
    async with connection.transaction():
        await marks.remove(connection, waiting)
        ids = {(mark.kind, mark.key) for mark in waiting if mark.kind}
        ids.update(await store.scanned(connection, [mark.which for mark in waiting if mark.which]))
        owners = await relation_store.owners(connection, [key for kind, key in ids if kind == "process"])
        changes = _Changes()
        done: dict[Id, int] = {}
        known = sorted((one for one in {*ids, *owners} if one[0] in RANK), key=lambda one: (RANK[one[0]], one))
        for _, group in groupby(known, key=lambda one: RANK[one[0]]):
            done |= await _group(connection, list(group), changes, now)
        await relations.connect(connection, done, now)
        changes.again.update(await relation_store.unmask(connection, sorted(changes.addresses)))
        counted = await store.holders(connection, sorted(changes.units))
        await marks.mark_numbers(connection, "inventory", sorted(set(counted)))
        await triage.decide(connection, sorted(changes.units), now)
        await marks.mark_assets(connection, sorted(changes.again))
        await events.add(connection, changes.events)


async def _group(connection: Connection, ids: list[Id], changes: _Changes, now: datetime) -> dict[Id, int]:
    """Assets of one rank: what they depend on is of a lower one, and concluded already."""
    keys = [key for kind, key in ids if kind == "image"]
    one_by_id = {("image", one.key): one for one in await images.resolve(connection, keys)} if keys else {}
    ids = [one for one in ids if one[0] != "image"] + list(one_by_id)
    told = await _told(connection, ids, one_by_id)
    await _forget(connection, set(ids).difference(one.id for one in told), changes)
    if not told:
        return {}
    await _merge(connection, one_by_id, changes)
    before = await store.existing(connection, [one.id for one in told])
    before = {id: asset for id, asset in before.items() if asset.id == id}
    above = await store.existing(connection, {to for one in told for to in one.targets})
    used = await store.instances(connection, [asset.number for asset in before.values() if asset.id[0] == "image"])
    rows = [row(one, above, used.get(before[one.id].number) if one.id in before else None, now) for one in told]
    numbers = await store.put(connection, rows)
    await store.stand_alone(connection, [numbers[made.kind, made.key] for made in rows if made.unit_id is None])
    await _name(connection, numbers, one_by_id)
    targets = {id: asset.number for id, asset in above.items()}
    await relations.structure(connection, numbers, [hang for one in told for hang in one.hangs], targets)
    await _history(connection, rows, told, numbers, before, changes, now)
    await _tell(connection, rows, told, numbers, before, one_by_id, above, changes)
    await teams.assign(connection, sorted(numbers.values()))
    return numbers


async def _told(connection: Connection, ids: Sequence[Id], one_by_id: Mapping[Id, One]) -> list[Told]:
    """What is told of each, an image under all of its names; nothing of what nobody told of."""
    meant: dict[Id, Id] = {id: id for id in ids}
    meant |= {name: id for id, one in one_by_id.items() for name in images.ids(one)}
    found: dict[Id, list[Fact]] = {}
    for fact in await store.facts(connection, meant):
        found.setdefault(meant[fact.id], []).append(fact)
    scans: dict[Id, store.Scan] = {}
    for scan in await store.scans(connection, meant):
        kept = scans.get(meant[scan.id])
        if kept is None or kept.made < scan.made:
            scans[meant[scan.id]] = scan
    hangs: dict[Id, list[store.Hangs]] = {}
    for hang in await store.hangs(connection, meant):
        hangs.setdefault(meant[hang.of], []).append(_of(hang, meant[hang.of]))
    return [
        Told(id, tuple(found.get(id, ())), scans.get(id), tuple(hangs.get(id, ())))
        for id in ids
        if id in found or id in scans
    ]


def _of(hang: store.Hangs, id: Id) -> store.Hangs:
    if hang.of == id:
        return hang
    rest = (hang.kind, hang.to, hang.protocol, hang.port, hang.how, hang.first_seen, hang.last_seen, hang.ended)
    return store.Hangs(id, *rest)


async def _forget(connection: Connection, ids: Collection[Id], changes: _Changes) -> None:
    """Rows of which nobody tells anything any more, since it is too long ago, go. What lies outside tells nothing."""
    rows = [asset for id, asset in (await store.existing(connection, ids)).items() if asset.id == id]
    rows = [asset for asset in rows if asset.id[0] not in relations.OUTSIDE]
    if rows:
        changes.units.update(asset.unit for asset in rows if asset.unit)
        changes.again.update(await store.dependents(connection, [asset.id for asset in rows]))
        await store.forget(connection, [asset.number for asset in rows])


async def _merge(connection: Connection, one_by_id: Mapping[Id, One], changes: _Changes) -> None:
    """Rows that turned out to be another image's go; what hung on them is concluded again."""
    merged = [(number, one) for one in one_by_id.values() for number in one.others]
    if merged:
        changes.again.update(
            await store.dependents(connection, {name for _, one in merged for name in images.ids(one)})
        )
        await store.forget(connection, [number for number, _ in merged])


async def _name(connection: Connection, numbers: Mapping[Id, int], one_by_id: Mapping[Id, One]) -> None:
    names = [
        (numbers[id], name)
        for id, one in one_by_id.items()
        if id in numbers
        for name in sorted(one.names)
        if name != one.key
    ]
    await store.name_images(connection, names)


async def _history(
    connection: Connection,
    rows: Sequence[Row],
    told: Sequence[Told],
    numbers: Mapping[Id, int],
    before: Mapping[Id, Asset],
    changes: _Changes,
    now: datetime,
) -> None:
    """What each holds from when on; a scan that finds something else is an event."""
    held: dict[int, tuple[int, datetime]] = {}
    ended: dict[int, datetime] = {}
    for made, one in zip(rows, told, strict=True):
        number, was = numbers[one.id], before.get(one.id)
        if made.gone is not None:
            if was is None or was.gone is None:
                ended[number] = made.gone
            continue
        other = was is None or was.inventory != made.inventory_id
        if made.inventory_id is not None and (other or (was and was.gone)):
            since = one.scan.made if one.scan else made.first_seen
            held[number] = made.inventory_id, now if was and was.gone else since
        if made.inventory_id is not None and other and one.scan:
            detail = {"before": was.inventory if was else None, "after": made.inventory_id}
            changes.events.append(Event(kind="inventory.changed", asset_id=number, detail=detail))
    await store.let_go(connection, ended)
    await store.hold(connection, held, now)


async def _tell(
    connection: Connection,
    rows: Sequence[Row],
    told: Sequence[Told],
    numbers: Mapping[Id, int],
    before: Mapping[Id, Asset],
    one_by_id: Mapping[Id, One],
    above: Mapping[Id, Asset],
    changes: _Changes,
) -> None:
    """Events, and who else is concerned by what is other than before."""
    touched: set[Id] = set()
    for made, one in zip(rows, told, strict=True):
        id = one.id
        number, was = numbers[id], before.get(id)
        if was is None:
            changes.events.append(Event(kind="asset.new", asset_id=number))
        elif made.gone is not None and was.gone is None:
            changes.events.append(Event(kind="asset.gone", asset_id=number))
        if was is None or _differs(made, was, number):
            changes.units.update({made.unit_id or number, *([was.unit] if was and was.unit else [])})
            touched.update(images.ids(one_by_id[id]) if id in one_by_id else [id])
            ended = {hang.to for hang in one.hangs if hang.ended}
            for to, image in ((to, above[to]) for to in one.targets if to[0] == "image" and to in above):
                # whether it stands for itself, and whether anything of it runs: one more of those that do is no news
                changes.units.add(image.number)
                if to in ended or not (image.running and made.running):
                    changes.again.add(image.id)
        addresses = {str(one) for one in made.attributes.get("addresses") or ()}
        changes.addresses.update(addresses.difference(was.addresses if was else ()))
    if touched:
        changes.again.update(await store.dependents(connection, touched))


def _differs(made: Row, was: Asset, number: int) -> bool:
    """Whether what hangs on an asset, or what its unit holds, would be concluded otherwise."""
    place = {name: getattr(made, name) for name in store.PLACE}
    return (
        made.name != was.name
        or made.labels != was.labels
        or place != was.place
        or (made.unit_id or number) != was.unit
        or made.inventory_id != was.inventory
        or made.running != was.running
        or (made.gone is None) != (was.gone is None)
    )
