"""Containers, their images and what runs in them, as sensors told of them and `derive` concluded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from rightshift.console.auth.permission import Permission
from rightshift.console.store.pool import Pool
from tests.console.api.conftest import As
from tests.console.api.walking import Row, walk
from tests.console.derive import world

Rows = Callable[..., list[tuple[object, ...]]]
READS = {Permission.ASSETS_READ, Permission.EXPORT_READ}
CONFIG, MANIFEST, OTHER = "sha256:" + "c" * 64, "sha256:" + "a" * 64, "sha256:" + "d" * 64
MINUTE_MS = 60_000
BOOTED_MS = 1_795_521_600_000  # 2026-11-24 12:00


def process(url: str, pid: int, parent: str, *, by: str = "h1", **more: Any) -> str:
    """One that a sensor saw on its host."""
    key = f"{by}/b/{pid}-{pid}"
    world.put_fact(url, f"process:{key}", parent=parent, by=by, **more)
    return key


def listens(rows: Rows, kind: str, key: str, port: int, address: str = "0.0.0.0", *, ended: bool = False) -> None:
    rows(
        "INSERT INTO listener_fact (reporter_id, kind, key, protocol, address, port, how, mark, first_seen, ended)"
        " SELECT reporter_id, kind, key, 'tcp', %s, %s, 'events', 0, first_seen, CASE WHEN %s THEN now() END"
        " FROM asset_fact WHERE kind = %s AND key = %s",
        address,
        port,
        ended,
        kind,
        key,
    )


@pytest.fixture
async def told(database: str, pool: Pool, rows: Rows, tmp_path: Path) -> UUID:
    """Two hosts with three containers of two images, and a team that has the shop's."""
    world.grown(tmp_path / "feed", [])
    for host in ("h1", "h2"):
        world.put_fact(database, f"host:{host}", by=host, name=f"node-{host[1]}")
    image: dict[str, Any] = {
        "names": ["shop/web:2", "shop/web:latest"],
        "aliases": [MANIFEST],
        "os": "linux",
        "size_bytes": 4711,
    }
    world.put_fact(database, f"image:{CONFIG}", by="h1", architecture="amd64", **image)
    world.put_fact(database, f"image:{OTHER}", by="h2", names=["bank/ledger:1"], architecture="arm64")
    rich: dict[str, Any] = {
        "runtime": "docker", "state": "running", "image": "shop/web:2", "created_ms": BOOTED_MS,
        "addresses": ["172.17.0.2"],
        "privileges": {"privileged": True, "user": 0, "mounts": [{"source": "/", "target": "/host", "writable": True}]},
    }  # fmt: skip
    world.put_fact(database, "container:c1", parent="host:h1", by="h1", name="web", tags={"app": "shop"}, **rich)
    world.put_fact(
        database, "container:c2", parent="host:h1", by="h1", name="web-old", runtime="docker", state="exited"
    )
    world.put_fact(
        database, "container:c3", parent="host:h2", by="h2", name="ledger", runtime="podman", state="running"
    )
    for one, of in (("c1", CONFIG), ("c2", CONFIG), ("c3", OTHER)):
        world.put_relation(database, "instance-of", f"container:{one}", f"image:{of}", by="h1" if one != "c3" else "h2")
    (version,) = world.put_versions(database, [world.package("npm", "left-pad", "1.3.0")])
    scan = world.put_scan(database, f"image:{CONFIG}", world.put_inventory(database, [version]), name="shop/web:2")
    rows("""UPDATE scan SET layers = '[{"digest": "x"}, {"digest": "y"}]' WHERE id = %s""", scan)
    watch = {"since_ms": BOOTED_MS + MINUTE_MS, "complete": False, "why": "no BPF"}
    process(database, 1, "host:h1", name="sshd", exe="/usr/sbin/sshd", uid=0, runtime="native")
    nginx = process(
        database, 7, "container:c1", name="nginx", exe="/usr/sbin/nginx", uid=101, runtime="native", capabilities=5,
        created_ms=BOOTED_MS, started_by="h1/b/1-1", watch=watch,
    )  # fmt: skip
    process(database, 8, "container:c3", by="h2", name="java", exe="/opt/java", runtime="java")
    ended = process(database, 9, "container:c1", name="sh")
    rows("UPDATE asset_fact SET ended = now() WHERE key = %s", ended)
    listens(rows, "process", nginx, 8080)
    listens(rows, "process", nginx, 8443, "::")
    listens(rows, "process", nginx, 9999, ended=True)
    listens(rows, "container", "c1", 80)
    rows("""INSERT INTO team (name, selector) VALUES ('shop', '{"labels": {"app": "shop"}}')""")
    await world.derive(pool, tmp_path / "feed")
    ((team,),) = rows("SELECT id FROM team")
    assert isinstance(team, UUID)
    rows("DELETE FROM asset_team")
    rows("INSERT INTO asset_team SELECT id, %s FROM asset WHERE key IN ('c1', %s, 'h1')", team, CONFIG)
    return team


def named(rows: list[Row]) -> list[object]:
    return [row["name"] for row in rows]


async def test_a_container_with_what_is_known_of_its_posture(told: UUID, as_token: As, rows: Rows) -> None:
    asking = await as_token(READS)
    ledger, web, old = await walk(asking, "/api/v1/containers")
    (image,) = await walk(asking, "/api/v1/images?text=shop")
    assert web["privileges"] == {
        "privileged": True, "user": 0, "user_namespace": None, "capabilities": None, "host_namespaces": None,
        "mounts": [{"source": "/", "target": "/host", "writable": True}], "read_only_root": None,
        "no_new_privileges": None,
    }  # fmt: skip
    assert web["listening"] == ["tcp 0.0.0.0:80", "tcp 0.0.0.0:8080", "tcp [::]:8443"]
    said = {
        name: web[name] for name in ("name", "image", "runtime", "state", "running", "host", "started", "addresses")
    }
    assert said == {
        "name": "web", "image": "shop/web:2", "runtime": "docker", "state": "running", "running": True,
        "host": "node-1",
        "started": "2026-11-24T12:00:00Z", "addresses": ["172.17.0.2"],
    }  # fmt: skip
    assert (web["image_id"], web["packages"], web["inventory"]) == (image["id"], 1, image["inventory"])
    # nothing is known of it, and that is not "no"
    assert [ledger[name] for name in ("privileges", "from_internet", "packages", "started")] == [None] * 4
    assert (old["running"], old["listening"]) == (False, [])
    rows("INSERT INTO asset (kind, key, name, first_seen, last_seen) VALUES ('internet', 'any', 'all', now(), now())")
    rows("""
        INSERT INTO relation (kind, from_id, to_id, protocol, port, first_seen, last_seen)
        SELECT 'connects-to', i.id, c.id, 'tcp', 80, now(), now() FROM asset i, asset c
        WHERE i.kind = 'internet' AND c.key = 'c1'
    """)
    assert [row["from_internet"] for row in await walk(asking, "/api/v1/containers")] == [None, True, None]


async def test_containers_are_found_by_what_they_are(told: UUID, as_token: As) -> None:
    asking = await as_token(READS)
    for query, expected in (
        ("runtime=podman", ["ledger"]),
        ("state=exited", ["web-old"]),
        ("privileged=true", ["web"]),
        ("privileged=false", []),
        ("port=8443", ["web"]),
        ("port=80&runtime=docker", ["web"]),
        ("port=9999", []),
        ("host=node-1", ["web", "web-old"]),
        ("image=shop/web&running=true", ["web"]),
        ("label=app=shop", ["web"]),
        ("text=WEB", ["web", "web-old"]),
    ):
        assert named(await walk(asking, f"/api/v1/containers?limit=1&{query}")) == expected, query
    for wrong in ("kind=host", "port=0", "privileged=maybe", "label=x"):
        assert (await asking.get(f"/api/v1/containers?{wrong}")).status_code == 400, wrong


async def test_an_image_with_its_names_and_where_it_runs(told: UUID, as_token: As) -> None:
    asking = await as_token(READS)
    ledger, web = await walk(asking, "/api/v1/images")
    said = {name: web[name] for name in ("key", "names", "digests", "os", "architecture", "size_bytes", "layers")}
    assert said == {
        "key": CONFIG, "names": ["shop/web:2", "shop/web:latest"], "digests": [MANIFEST], "os": "linux",
        "architecture": "amd64", "size_bytes": 4711, "layers": 2,
    }  # fmt: skip
    assert (web["containers"], web["containers_running"], web["where"], web["running"]) == (2, 1, ["node-1"], True)
    assert (web["packages"], web["inventories"], web["scanned"]) == (1, 1, "2026-11-24T12:00:00Z")
    unknown = [ledger[name] for name in ("size_bytes", "layers", "scanned", "inventory", "packages")]
    assert unknown == [None] * 5
    assert named(await walk(asking, "/api/v1/images?architecture=arm64")) == ["bank/ledger:1"]
    assert named(await walk(asking, f"/api/v1/images?key={MANIFEST}")) == ["shop/web:2"]


async def test_processes_are_listed_with_where_they_run(told: UUID, as_token: As) -> None:
    asking = await as_token(READS)
    (web,) = await walk(asking, "/api/v1/containers?privileged=true")
    sshd, nginx, java = await walk(asking, "/api/v1/processes?limit=1")
    assert [one["pid"] for one in (sshd, nginx, java)] == [1, 7, 8]
    names = ("name", "exe", "uid", "capabilities", "container", "container_name", "host_name", "started", "started_by")
    assert {name: nginx[name] for name in names} == {
        "name": "nginx", "exe": "/usr/sbin/nginx", "uid": 101, "capabilities": 5, "container": web["id"],
        "container_name": "web", "host_name": "node-1", "started": "2026-11-24T12:00:00Z", "started_by": sshd["id"],
    }  # fmt: skip
    assert nginx["listening"] == ["tcp 0.0.0.0:8080", "tcp [::]:8443"]
    watched = [nginx[name] for name in ("watched_since", "watch_complete", "watch_why")]
    assert watched == ["2026-11-24T12:01:00Z", False, "no BPF"]
    assert (sshd["container"], sshd["watch_complete"], java["uid"]) == (None, None, None)
    for query, expected in (
        ("host=node-2", ["java"]),
        (f"container={web['id']}", ["nginx"]),
        (f"container={web['id']}&gone=true", ["nginx", "sh"]),
        ("runtime=java&runtime=native", ["sshd", "nginx", "java"]),
        ("uid=0", ["sshd"]),
        ("port=8080", ["nginx"]),
        ("text=SBIN", ["sshd", "nginx"]),
        ("namespace=none", []),
    ):
        assert named(await walk(asking, f"/api/v1/processes?limit=1&{query}")) == expected, query


@pytest.mark.check("Z03")
async def test_only_what_is_ones_teams_is_there(told: UUID, as_token: As, rows: Rows) -> None:
    theirs, nobodys = await as_token(READS, frozenset({told})), await as_token(READS, frozenset())
    assert named(await walk(theirs, "/api/v1/containers")) == ["web"]
    (image,) = await walk(theirs, "/api/v1/images")
    assert (image["name"], image["containers"], image["containers_running"]) == ("shop/web:2", 1, 1)
    assert named(await walk(theirs, "/api/v1/processes")) == ["sshd", "nginx"]
    for path in ("containers", "images", "processes"):
        assert await walk(nobodys, f"/api/v1/{path}") == []
    # the image may be another team's, the container not yet concluded: then neither is told
    rows("DELETE FROM asset_team USING asset a WHERE a.id = asset_id AND a.kind IN ('image', 'container')")
    assert named(await walk(theirs, "/api/v1/processes")) == ["sshd"]
    rows("INSERT INTO asset_team SELECT id, %s FROM asset WHERE key = 'c1'", told)
    assert [one["image_id"] for one in await walk(theirs, "/api/v1/containers")] == [None]


async def test_each_of_these_lists_is_to_be_had_as_a_file(told: UUID, as_token: As) -> None:
    asking = await as_token(READS)
    for path in ("containers", "images", "processes"):
        whole = await walk(asking, f"/api/v1/{path}")
        assert len(whole) > 1
        exported = await asking.get(f"/api/v1/{path}?format=jsonl")
        assert [json.loads(line) for line in exported.text.splitlines()] == whole
        for format in ("csv", "xlsx"):
            answer = await asking.get(f"/api/v1/{path}?format={format}")
            assert answer.status_code == 200
            assert f'filename="{path}-' in answer.headers["content-disposition"]
