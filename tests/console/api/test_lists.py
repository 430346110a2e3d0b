"""What all lists do: pages hold each row once, files have the same rows, other teams' rows are not there."""

import json
from datetime import datetime
from uuid import UUID

import pytest

from rightshift.console.auth.permission import Permission
from tests.console.api.conftest import As, Clock
from tests.console.api.walking import walk
from tests.console.populate import NOW, Estate, fill

READS = {
    Permission.FINDINGS_READ,
    Permission.ASSETS_READ,
    Permission.SCANS_READ,
    Permission.STATUS_READ,
    Permission.EXPORT_READ,
}
TEAM = UUID(int=1)
LISTS = (
    "/api/v1/findings",
    "/api/v1/assets",
    "/api/v1/relations",
    "/api/v1/packages",
    "/api/v1/packages/places?name=package-1",
    "/api/v1/inventories",
    "/api/v1/advisories",
    "/api/v1/scans",
    "/api/v1/events",
    "/api/v1/acceptances",
    "/api/v1/vex",
)

FACTS = """
INSERT INTO reporter (key, kind) VALUES ('scans', 'scans');
INSERT INTO scan (document_id, reporter_id, made, format, kind, key, name, inventory_id, partial, tool, tool_version)
SELECT 'scan-' || a.id, 1, now(), 'rightshift', a.kind, a.key, a.name, a.inventory_id, a.id % 2 = 0, 'rightshift', '1'
FROM asset a WHERE a.kind IN ('image', 'host');
INSERT INTO relation (kind, from_id, to_id, protocol, port, count, first_seen, last_seen)
SELECT 'connects-to', a.id, b.id, 'tcp', 443, 7, now(), now()
FROM asset a JOIN asset b ON b.kind = 'container' AND (a.id + b.id) % 7 = 0 WHERE a.kind = 'container' AND a.id <> b.id;
INSERT INTO asset (kind, key, name, first_seen, last_seen) VALUES ('internet', 'any', 'internet', now(), now());
INSERT INTO relation (kind, from_id, to_id, protocol, port, count, first_seen, last_seen)
SELECT 'connects-to', (SELECT id FROM asset WHERE kind = 'internet'), a.id, 'tcp', 80, 1, now(), now()
FROM asset a WHERE a.kind = 'container' AND a.id % 5 = 0;
INSERT INTO event (kind, asset_id) SELECT 'inventory.changed', id FROM asset WHERE kind = 'container';
INSERT INTO event (kind, package_version_id, advisory_id)
SELECT 'match.new', package_version_id, advisory_id FROM match;
INSERT INTO acceptance (advisory, reason, until, owner, teams)
SELECT 'CVE-2024-' || 10000 + g, 'because', '2026-12-31', 'Otto', CASE WHEN g % 2 = 0 THEN
    ARRAY['00000000-0000-0000-0000-000000000001'::uuid] END FROM generate_series(1, 9) g;
INSERT INTO vex_statement (document, package, advisory, status, teams)
SELECT 'a document', 'pkg:npm/package-' || g, 'CVE-2024-' || 10000 + g, 'not_affected', CASE WHEN g % 2 = 0 THEN
    ARRAY['00000000-0000-0000-0000-000000000001'::uuid] END FROM generate_series(1, 9) g;
"""


@pytest.fixture
def estate(database: str, clock: Clock, rows: object) -> datetime:
    fill(database, Estate(inventories=15, packages=40, advisories=60, per_inventory=12))
    rows(FACTS)  # type: ignore[operator]
    clock.now = NOW
    return NOW


def joined(path: str, query: str) -> str:
    return path + ("&" if "?" in path else "?") + query


@pytest.mark.parametrize("path", LISTS)
async def test_every_list(estate: datetime, as_token: As, path: str) -> None:
    asking = await as_token(READS)
    whole = await walk(asking, joined(path, "limit=1000"))
    assert len(whole) > 8
    in_pages = await walk(asking, joined(path, "limit=7"))
    assert in_pages == whole
    distinct = {json.dumps(row, sort_keys=True) for row in whole}
    assert len(distinct) == len(whole)

    exported = await asking.get(joined(path, "format=jsonl"))
    assert exported.status_code == 200, exported.text
    assert [json.loads(line) for line in exported.text.splitlines()] == whole
    for format in ("csv", "xlsx"):
        answer = await asking.get(joined(path, f"format={format}"))
        assert answer.status_code == 200
        assert answer.content

    theirs = await walk(await as_token(READS, frozenset({TEAM})), joined(path, "limit=1000"))
    assert 0 < len(theirs) < len(whole)
    assert await walk(await as_token(READS, frozenset()), path) == []
    assert (await (await as_token({Permission.FEED_READ})).get(path)).status_code == 403


async def test_no_list_takes_what_it_does_not_know(as_token: As) -> None:
    asking = await as_token(READS)
    for path in LISTS:
        for query in ("limit=0", "limit=1001", "limit=-1", "after=%00", "after=AAAA", "none=1"):
            answer = await asking.get(joined(path, query))
            assert answer.status_code == 400, (path, query, answer.text)
            assert path not in answer.text


async def test_an_asset_with_all_that_is_known_of_it(estate: datetime, as_token: As) -> None:
    asking = await as_token(READS)
    containers = await walk(asking, "/api/v1/assets?kind=container&limit=1000")
    found = (await asking.get(f"/api/v1/assets/{containers[0]['id']}")).json()
    assert found["asset"] == containers[0]
    assert [one["kind"] for one in found["above"]] == ["workload", "namespace", "cluster"]
    assert found["held"][0]["digest"] == found["about"]["inventory"]
    children = await walk(asking, f"/api/v1/assets?parent={found['above'][0]['id']}")
    assert containers[0] in children
    relations = await walk(asking, f"/api/v1/relations?asset={containers[0]['id']}&limit=1000")
    assert all(containers[0]["id"] in (one["from_id"], one["to_id"]) for one in relations)
    contents = await walk(asking, f"/api/v1/inventories/sha256:{found['about']['inventory']}/packages")
    assert len(contents) > 3
    assert (await asking.get(f"/api/v1/inventories/{found['about']['inventory']}")).json()["units"] >= 1


async def test_where_a_package_is(estate: datetime, as_token: As) -> None:
    asking = await as_token(READS)
    versions = await walk(asking, "/api/v1/packages?name=Package-1&limit=1000")
    assert {row["name"] for row in versions} == {"package-1"}
    places = await walk(asking, "/api/v1/packages/places?name=package-1&limit=1000")
    for row in versions:
        units = {place["unit"] for place in places if place["version"] == row["version"]}
        assert len(units) == row["units"]
    begins = await walk(asking, "/api/v1/packages?name=package-1&version=1*")
    exact = await walk(asking, f"/api/v1/packages?version={versions[0]['version']}&name=package-1")
    assert [row["version"] for row in exact] == [versions[0]["version"]]
    assert all(str(row["version"]).startswith("1") for row in begins)
    assert (await asking.get("/api/v1/packages/places")).status_code == 400


async def test_what_is_not_there_is_not_found(estate: datetime, as_token: As) -> None:
    asking = await as_token(READS)
    missing = UUID(int=7)
    for path in (
        f"assets/{missing}", f"findings/{missing}", f"acceptances/{missing}", "scans/none", "advisories/CVE-1999-0001",
        "inventories/" + "0" * 64, "inventories/x", f"inventories/{'0' * 64}/packages",
    ):  # fmt: skip
        answer = await asking.get(f"/api/v1/{path}")
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"


async def test_of_another_team_nothing_can_be_read_by_its_id(estate: datetime, as_token: As) -> None:
    everything, theirs = await as_token(READS), await as_token(READS, frozenset({TEAM}))
    for path, key in (
        ("assets", "id"), ("findings", "id"), ("scans", "id"), ("inventories", "digest"), ("acceptances", "id"),
    ):  # fmt: skip
        seen = {row[key] for row in await walk(theirs, f"/api/v1/{path}?limit=1000")}
        for row in (await walk(everything, f"/api/v1/{path}?limit=1000"))[:60]:
            status = (await theirs.get(f"/api/v1/{path}/{row[key]}")).status_code
            assert status == (200 if row[key] in seen else 404), (path, row)


async def test_an_advisory_is_read_by_any_of_its_names(estate: datetime, as_token: As, rows: object) -> None:
    rows("UPDATE advisory SET name = 'CVE-2021-44228', aliases = '{GHSA-jfh8-c2jp-5v3q}' WHERE id = 1")  # type: ignore[operator]
    asking = await as_token(READS)
    one = (await asking.get("/api/v1/advisories/ghsa-jfh8-c2jp-5v3q")).json()
    two = (await asking.get("/api/v1/advisories/CVE-2021-44228")).json()
    assert one["advisory"] == two["advisory"]
    assert two["records"], "the starter feed has it"
    assert any(said["affected"] for said in two["records"])
    scoped = await as_token(READS, frozenset())
    assert (await scoped.get("/api/v1/advisories/CVE-2021-44228")).json()["affected"] == []


async def test_the_status_says_what_is_stale(estate: datetime, as_token: As, rows: object) -> None:
    rows("INSERT INTO reporter (key, kind, seen) VALUES ('h', 'sensor', %s)", datetime(2026, 11, 23))  # type: ignore[operator]
    rows("INSERT INTO job_run (name, state, error, ended) VALUES ('update_feed', 'failed', 'no network', %s)", NOW)  # type: ignore[operator]
    found = (await (await as_token(READS)).get("/api/v1/status")).json()
    assert found["feed"]["starter"]
    assert [one["key"] for one in found["silent"]] == ["h"]
    assert [one["name"] for one in found["failed"]] == ["update_feed"]
    assert found["totals"]["assets"] > 50
    assert [one["kind"] for one in found["stale"]] == ["feed_starter", "unmatched", "silent", "failed"]
    assert all(one["what"] and one["means"] and one["do"] for one in found["stale"])
    theirs = (await (await as_token(READS, frozenset({TEAM}))).get("/api/v1/status")).json()
    assert not theirs["silent"]
    assert not theirs["failed"]
    assert 0 < theirs["totals"]["units"] < found["totals"]["units"]


def total(graph: dict[str, list[dict[str, object]]]) -> int:
    return sum(sum(node["bands"]) for node in graph["nodes"] if node["parent"] is None)  # type: ignore[call-overload]


async def test_the_graph_never_has_more_nodes_than_asked_for(estate: datetime, as_token: As) -> None:
    asking = await as_token(READS)
    whole = (await asking.get("/api/v1/topology")).json()
    clusters = [node["id"] for node in whole["nodes"] if node["kind"] == "cluster"]
    assert len(clusters) == 4
    for limit in (1, 2, 3, 5, 10, 50, 400):
        for depth in (1, 2, 3, 8):
            graph = (await asking.get("/api/v1/topology", params={"limit": limit, "depth": depth})).json()
            ids = [node["id"] for node in graph["nodes"]]
            assert len(ids) == len(set(ids)) <= limit
            assert {node["parent"] for node in graph["nodes"]} - {None} <= set(ids)
            assert {end for edge in graph["edges"] for end in (edge["source"], edge["target"])} <= set(ids)
            if not graph["hidden"]:
                assert total(graph) == total(whole)


async def test_opening_a_node_shows_what_is_in_it(estate: datetime, as_token: As) -> None:
    asking = await as_token(READS)
    whole = (await asking.get("/api/v1/topology")).json()
    cluster = next(node for node in whole["nodes"] if node["kind"] == "cluster")
    opened = (await asking.get("/api/v1/topology", params={"expand": cluster["id"]})).json()
    inside = [node for node in opened["nodes"] if node["parent"] == cluster["id"]]
    assert sum(node["assets"] for node in inside) == cluster["children"]
    again = next(node for node in opened["nodes"] if node["id"] == cluster["id"])
    assert again["expanded"]
    assert again["bands"] == cluster["bands"]
    below = [sum(node["bands"][at] for node in inside) for at in range(4)]
    assert below == cluster["bands"]
    assert (await asking.get("/api/v1/topology?expand=nonsense")).status_code == 400


async def test_relations_are_put_together_between_what_is_shown(estate: datetime, as_token: As, rows: object) -> None:
    asking = await as_token(READS)
    graph = (await asking.get("/api/v1/topology")).json()
    kinds = {node["id"]: node["kind"] for node in graph["nodes"]}
    drawn = {(kinds[edge["source"]], kinds[edge["target"]]) for edge in graph["edges"]}
    assert ("internet", "cluster") in drawn
    ((between,),) = rows(  # type: ignore[operator]
        "SELECT count(*) FROM relation r JOIN asset a ON a.id = from_id JOIN asset b ON b.id = to_id"
        " WHERE a.cluster <> b.cluster"
    )
    assert sum(edge["relations"] for edge in graph["edges"]) == between
