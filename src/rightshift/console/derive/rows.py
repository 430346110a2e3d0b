"""One asset's row from what is told of it and from what it hangs on. Gathering both: `assets.py`. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rightshift.console.derive.images import repository
from rightshift.console.store.conclusions.assets import PLACE, Asset, Fact, Hangs, Id, Row, Scan

RANK = {
    kind: rank
    for rank, kinds in enumerate(
        (
            "cloud-account",
            "region",
            "registry cluster",
            "namespace repository",
            "workload",
            "host load-balancer managed-service",
            "service",
            "pod",
            "image",
            "container",
            "directory file sbom endpoint internet",
        )
    )
    for kind in kinds.split()
}
"""An asset takes its place from lower ones only, so that no circle of parents goes round for ever."""

_OWN_COLUMN = {
    "cloud-account": "cloud",
    "region": "region",
    "cluster": "cluster",
    "namespace": "namespace",
    "workload": "workload",
    "host": "host",
}
_SCANNED = frozenset({"directory", "file", "sbom"})
_STOPPED = frozenset({"stopped", "exited", "created", "dead", "terminated", "removing", "succeeded", "failed"})
_NAME_BYTES = 1_000
"""Names stand in an index, whose entries have 2,704 bytes at most."""


@dataclass(frozen=True, slots=True)
class Told:
    """All that is told of one asset, its facts oldest first."""

    id: Id
    facts: tuple[Fact, ...]
    scan: Scan | None
    hangs: tuple[Hangs, ...]

    @property
    def parent(self) -> Id | None:
        """What it lies in, as was said last."""
        return next((fact.parent for fact in reversed(self.facts) if fact.parent), None)

    @property
    def targets(self) -> set[Id]:
        """What it hangs on."""
        return {hang.to for hang in self.hangs} | ({self.parent} if self.parent else set())


def row(told: Told, above: Mapping[Id, Asset], used: bool | None, now: datetime) -> Row:
    """
    The row of an asset; `above` are those of its targets that there are.

    `used`: of an image, whether any container of it runs, and None where there never was one.
    """
    kind, key = told.id
    attributes: dict[str, Any] = {}
    for fact in told.facts:
        attributes |= {name: value for name, value in fact.attributes.items() if value not in (None, "", [], {})}
    name = _name(told, attributes)
    hung = list(_hung(told, above))
    place = _place(told.id, name, hung, attributes)
    times = [time for fact in told.facts for time in (fact.first_seen, fact.last_seen)]
    times += [told.scan.made] if told.scan else []
    ends = [fact.ended for fact in told.facts]
    image = next((asset for relation, asset in hung if relation == "instance-of"), None)
    gone = max(end for end in ends if end) if ends and all(ends) else None
    tags = attributes.get("tags")
    parent = above.get(told.parent) if told.parent else None
    return Row(
        kind=kind,
        key=key,
        name=name,
        parent_id=parent.number if parent else None,
        attributes=attributes,
        labels={str(key): str(value) for key, value in tags.items()} if isinstance(tags, dict) else {},
        **place,
        unit_id=_unit(told.id, hung, image),
        inventory_id=told.scan.inventory if told.scan else image.inventory if image else None,
        running=_running(told, attributes, used, gone),
        first_seen=min(times, default=now),
        last_seen=max(times, default=now),
        gone=gone,
    )


def _hung(told: Told, above: Mapping[Id, Asset]) -> Iterator[tuple[str, Asset]]:
    """(relation, asset) of what it lies in or hangs on now, its parent first; only what is of a lower rank."""
    seen = [("parent", told.parent)] if told.parent else []
    seen += [(hang.kind, hang.to) for hang in told.hangs if hang.ended is None and hang.kind != "routes-to"]
    for relation, id in seen:
        asset = above.get(id) if id else None
        if asset is None:
            continue
        owned = relation == "owned-by" and asset.id[0] == "workload" == told.id[0] and asset.id != told.id
        if owned or RANK.get(asset.id[0], 99) < RANK[told.id[0]]:
            yield relation, asset


def _name(told: Told, attributes: Mapping[str, Any]) -> str:
    """What people call it; an image is called as it is found."""
    names = attributes.get("names") if told.id[0] == "image" else None
    said = attributes.get("name") or (told.scan.name if told.scan else "")
    if isinstance(names, list) and names and (not said or "@" in str(said) or str(said).startswith("sha256:")):
        said = min(map(str, names))
    return str(said or told.id[1]).encode()[:_NAME_BYTES].decode(errors="ignore")


def _place(id: Id, name: str, hung: list[tuple[str, Asset]], attributes: Mapping[str, Any]) -> dict[str, str]:
    place = dict.fromkeys(PLACE, "")
    for relation, asset in hung:
        if relation == "owned-by" and id[0] == "workload":
            continue  # workloads may own each other in a circle
        for column, value in asset.place.items():
            place[column] = place[column] or (value if column != "image" or relation == "instance-of" else "")
    if own := _OWN_COLUMN.get(id[0]):
        place[own] = name
    if id[0] == "image":
        place["image"] = repository(name)
    elif id[0] == "container" and not place["image"]:
        place["image"] = repository(str(attributes.get("image") or ""))
    return place


def _unit(id: Id, hung: list[tuple[str, Asset]], image: Asset | None) -> int | None:
    """
    What stands for it in lists: the workload, for a container without one its image, for what lies on a host that; None
    is itself.
    """
    owners = [asset for relation, asset in hung if relation == "owned-by" and asset.id[0] == "workload"]
    if id[0] == "workload":
        return owners[0].number if owners else None
    if owners:
        return owners[0].unit or owners[0].number
    parent = next((asset for relation, asset in hung if relation == "parent"), None)
    if parent is not None and id[0] == "container":
        if parent.id[0] == "pod" and parent.unit not in (None, parent.number):
            return parent.unit
        if parent.id[0] == "workload":
            return parent.unit or parent.number
    if id[0] == "container":
        return image.number if image else None
    if id[0] in _SCANNED:
        host = next((asset for _, asset in hung if asset.id[0] == "host"), None)
        return host.number if host else None
    return None


def _running(told: Told, attributes: Mapping[str, Any], used: bool | None, gone: datetime | None) -> bool | None:
    """None where no reporter would know."""
    kind = told.id[0]
    observed = any(fact.observer for fact in told.facts)
    if gone is not None:
        return False
    if kind == "image":
        return used if used is not None else False if observed else None
    if kind in ("container", "host", "pod"):
        state = str(attributes.get("state") or attributes.get("phase") or "").lower()
        return state not in _STOPPED if observed else None
    return None
