"""The estate as a graph with few enough nodes to be looked at. One asset and its relations: `assets.py`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

FEW = 12
"""Of one kind in one place, up to which each is a node of its own without being asked for."""
EDGES = 2_000
_DEEPEST = 12
_RANK = (
    "internet", "endpoint", "cloud-account", "region", "cluster", "namespace", "load-balancer", "service",
    "managed-service", "workload", "host", "pod", "container", "process", "registry", "repository", "image",
)  # fmt: skip

Bands = list[int]


class Node(Struct, frozen=True, kw_only=True):
    """
    An asset, or all assets of one kind in one place, put together.

    The id of an asset is its own; of a bundle KIND@ID of what it lies in, or KIND@ at the top. Give ids to `expand`.
    """

    id: str
    kind: str
    name: Annotated[str, Meta(description="Empty for a bundle")]
    parent: Annotated[str | None, Meta(description="The node that it lies in")]
    assets: Annotated[int, Meta(description="1, or how many a bundle has")]
    children: Annotated[int, Meta(description="How many assets lie right in it, shown or not")]
    expanded: bool
    running: bool | None
    bands: Annotated[Bands, Meta(description="Findings in it and below: Fix now, Fix soon, Plan, Routine")]


class Edge(Struct, frozen=True, kw_only=True):
    """Relations between what two nodes stand for, put together."""

    source: str
    target: str
    kind: str
    relations: int
    count: Annotated[int, Meta(description="Connections that were counted")]
    ports: Annotated[list[int], Meta(description="At most 20")]
    last_seen: datetime


class Topology(Struct, frozen=True, kw_only=True):
    """A graph of at most as many nodes as were asked for."""

    nodes: list[Node]
    edges: Annotated[list[Edge], Meta(description="Those with most relations, at most 2,000")]
    hidden: Annotated[int, Meta(description="Assets for which there was no place: ask for more, or open less")]
    hidden_edges: int


@dataclass(slots=True)
class _Shown:
    id: str
    kind: str
    name: str
    parent: "_Shown | None"
    assets: int
    number: int | None
    running: bool | None
    children: int = 0
    expanded: bool = False
    bands: Bands = field(default_factory=lambda: [0, 0, 0, 0])


@dataclass(slots=True)
class _Graph:
    """What is shown so far: assets by their number, bundles by place (0 is the top) and kind."""

    limit: int
    nodes: list[_Shown] = field(default_factory=list)
    assets: dict[int, _Shown] = field(default_factory=dict)
    bundles: dict[tuple[int, str], _Shown] = field(default_factory=dict)
    hidden: int = 0

    def add(self, node: _Shown) -> None:
        self.nodes.append(node)
        if node.number is not None:
            self.assets[node.number] = node


async def topology(
    connection: Connection,
    scope: Scope,
    *,
    expand: frozenset[str],
    depth: int,
    limit: int,
    kinds: Sequence[str],
) -> Topology:
    """
    What lies at the top, opened `depth` levels down and wherever `expand` says, as long as there is place.

    What has no place is put together by kind; where even that has none, it is counted as hidden. The same question has
    the same answer as long as nothing changes: levels are filled from the top, in the order of kinds and names.
    """
    graph = _Graph(limit)
    level: list[_Shown | None] = [None]
    for at in range(_DEEPEST):
        added = await _level(connection, scope, graph, level, expand)
        opened = [node for node in added if node.number and node.children and (at + 1 < depth or node.id in expand)]
        if not opened:
            break
        for node in opened:
            node.expanded = True
        level = list(opened)
    edges, hidden_edges = await _fill(connection, scope, graph, kinds)
    return Topology(
        nodes=[_node(one) for one in graph.nodes], edges=edges, hidden=graph.hidden, hidden_edges=hidden_edges
    )


async def _level(
    connection: Connection, scope: Scope, graph: _Graph, level: Sequence[_Shown | None], expand: frozenset[str]
) -> list[_Shown]:
    """Puts what lies in these nodes into the graph; what was put in as assets of their own."""
    above = {node.number or 0: node for node in level if node}
    groups = sorted(
        await _groups(connection, scope, None if None in level else list(above)),
        key=lambda group: (_place(above.get(group[0])), _rank(group[1])),
    )
    single: list[tuple[int, str]] = []
    room = graph.limit - len(graph.nodes)
    for left, (parent, kind, number) in zip(range(len(groups), 0, -1), groups, strict=True):
        wanted = number <= FEW or _bundle(kind, above.get(parent)) in expand
        if room <= 0:
            graph.hidden += number
        elif wanted and number + left - 1 <= room:
            single.append((parent, kind))
            room -= number
        else:
            node = _Shown(_bundle(kind, above.get(parent)), kind, "", above.get(parent), number, None, None)
            graph.bundles[parent, kind] = node
            graph.add(node)
            room -= 1
    values = {
        "teams": scope.parameter,
        "of": [parent for parent, _ in single],
        "kinds": [kind for _, kind in single],
        "most": graph.limit,
    }
    added = []
    for id, uid, kind, name, parent, running, _ in await (await connection.execute(_ASK["members"], values)).fetchall():
        if len(graph.nodes) >= graph.limit:  # one more came in between two questions
            graph.hidden += 1
            continue
        added.append(_Shown(str(uid), kind, name, above.get(parent or 0), 1, id, running))
        graph.add(added[-1])
    await _children(connection, scope, graph, added)
    return added


async def _groups(connection: Connection, scope: Scope, parents: list[int] | None) -> list[tuple[int, str, int]]:
    values = {"teams": scope.parameter, "parents": parents}
    rows = await (await connection.execute(_ASK["groups"], values)).fetchall()
    return [(parent or 0, kind, number) for parent, kind, number in rows]


async def _children(connection: Connection, scope: Scope, graph: _Graph, nodes: Iterable[_Shown]) -> None:
    numbers = [node.number for node in nodes if node.number]
    for parent, _, number in await _groups(connection, scope, numbers) if numbers else ():
        graph.assets[parent].children += number


async def _fill(connection: Connection, scope: Scope, graph: _Graph, kinds: Sequence[str]) -> tuple[list[Edge], int]:
    """Edges between the nodes; findings are added to what they lie in and to all above."""
    at = {id(node): number for number, node in enumerate(graph.nodes)}
    values = {
        "teams": scope.parameter,
        "relations": list(kinds),
        "assets": list(graph.assets),
        "asset_nodes": [at[id(node)] for node in graph.assets.values()],
        "places": [place for place, _ in graph.bundles],
        "kinds": [kind for _, kind in graph.bundles],
        "bundle_nodes": [at[id(node)] for node in graph.bundles.values()],
    }
    edges: list[Edge] = []
    for row in await (await connection.execute(_ASK["between"], values)).fetchall():
        source, target, kind, count, number, last_seen, ports, bands = row
        if bands is None:
            edges.append(
                Edge(
                    source=graph.nodes[source].id,
                    target=graph.nodes[target].id,
                    kind=kind,
                    relations=number,
                    count=count,
                    ports=ports or [],
                    last_seen=last_seen,
                )
            )
            continue
        node: _Shown | None = graph.nodes[source]
        while node:
            node.bands = [a + b for a, b in zip(node.bands, bands, strict=True)]
            node = node.parent
    edges.sort(key=lambda edge: (-edge.relations, edge.source, edge.target, edge.kind))
    return edges[:EDGES], len(edges[EDGES:])


def _node(shown: _Shown) -> Node:
    return Node(
        id=shown.id,
        kind=shown.kind,
        name=shown.name,
        parent=shown.parent.id if shown.parent else None,
        assets=shown.assets,
        children=shown.children,
        expanded=shown.expanded,
        running=shown.running,
        bands=shown.bands,
    )


def _bundle(kind: str, parent: _Shown | None) -> str:
    return f"{kind}@{parent.id if parent else ''}"


def _place(parent: _Shown | None) -> tuple[int, str, str]:
    return (_rank(parent.kind)[0], parent.name, parent.id) if parent else (-1, "", "")


def _rank(kind: str) -> tuple[int, str]:
    return (_RANK.index(kind) if kind in _RANK else len(_RANK), kind)


def is_id(text: str) -> bool:
    """Whether a text may be the id of a node."""
    kind, bundle, parent = text.rpartition("@")
    if bundle and not parent:
        return bool(kind)
    try:
        UUID(parent)
    except ValueError:
        return False
    return not bundle or bool(kind)
