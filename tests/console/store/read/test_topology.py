"""The graph has what lies in each node and between them, at every level, and never more nodes than were asked for."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from rightshift.console.store.pool import Pool
from rightshift.console.store.read.topology import topology
from rightshift.console.store.scope import EVERYTHING, Scope
from tests.console.populate import Estate, fill

Rows = Callable[..., list[tuple[Any, ...]]]
TEAM = UUID(int=1)
KINDS = ("connects-to", "routes-to")


@pytest.mark.parametrize("scope", [EVERYTHING, Scope(frozenset([TEAM]))])
async def test_a_node_stands_for_all_that_lies_in_it(scope: Scope, database: str, pool: Pool, rows: Rows) -> None:
    fill(database, Estate(inventories=60, packages=40, advisories=60, per_inventory=10, relations=400))
    rows("UPDATE asset SET gone = now() WHERE kind = 'container' AND id % 7 = 0")
    rows("UPDATE relation SET ended = now() WHERE id % 5 = 0")
    async with pool.connection() as connection:
        expand: frozenset[str] = frozenset()
        for depth, limit in ((1, 400), (2, 30), (2, 400), (3, 90), (6, 2_000)):
            found = await topology(connection, scope, expand=expand, depth=depth, limit=limit, kinds=KINDS)
            assert len(found.nodes) <= limit
            way = _ways(rows, scope, {node.id for node in found.nodes})
            assert {node.id: node.bands for node in found.nodes} == _bands(rows, way, [one.id for one in found.nodes])
            between = {(edge.source, edge.target): edge.relations for edge in found.edges}
            assert between == _between(rows, way)
            expand = frozenset(node.id for node in found.nodes[::2])
    assert between


def _ways(rows: Rows, scope: Scope, nodes: set[str]) -> dict[int, list[str]]:
    """The nodes that an asset that is seen lies in, the nearest first."""
    mine = {id for (id,) in rows("SELECT asset_id FROM asset_team WHERE team_id = %s", TEAM)}
    every = {row[0]: row[1:] for row in rows("SELECT id, uid::text, kind, parent_id, gone IS NULL FROM asset")}

    def seen(id: int) -> bool:
        return scope.teams is None or id in mine

    ways = {}
    for id, (_, kind, _, _) in every.items():
        if not seen(id) and kind != "internet":
            continue
        way, at = [], id
        while at:
            uid, kind, parent, _ = every[at]
            above = parent if parent and seen(parent) and every[parent][3] else 0
            way += [name for name in (uid, f"{kind}@{every[above][0] if above else ''}") if name in nodes]
            at = above
        ways[id] = way
    return ways


def _bands(rows: Rows, ways: dict[int, list[str]], nodes: list[str]) -> dict[str, list[int]]:
    found = {node: [0, 0, 0, 0] for node in nodes}
    for unit, bands in rows("SELECT unit_id, bands FROM holder"):
        for node in ways.get(unit, ()):
            found[node] = [a + b for a, b in zip(found[node], bands, strict=True)]
    return found


def _between(rows: Rows, ways: dict[int, list[str]]) -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter()
    for source, target in rows("SELECT from_id, to_id FROM relation WHERE ended IS NULL"):
        ends = [next(iter(ways.get(id, ())), None) for id in (source, target)]
        if ends[0] and ends[1] and ends[0] != ends[1]:
            found[ends[0], ends[1]] += 1
    return dict(found)
