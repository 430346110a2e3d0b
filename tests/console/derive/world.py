"""Feeds that grow, and package versions, inventories and scans put straight into a database."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import psycopg

from rightshift.console.derive import feed as feeds
from rightshift.console.derive import generations, matches, ratings
from rightshift.console.derive.loop import Deriving, Hand
from rightshift.console.store.conclusions import marks
from rightshift.console.store.conclusions import matches as store
from rightshift.console.store.pool import Pool
from rightshift.feed import file
from rightshift.feed.build import building
from rightshift.feed.record import read
from rightshift.feed.threat import build as build_threat
from rightshift.feed.upstreams.epss import Scores
from rightshift.feed.upstreams.kev import Catalogue
from rightshift.model.advisory import Kev
from rightshift.model.package import Distro, Package, SourcePackage

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DEBIAN = Distro("debian", "12")


def grown(
    folder: Path,
    records: Iterable[Mapping[str, Any]],
    kev: Mapping[str, Kev] | None = None,
    epss: Mapping[str, float] | None = None,
) -> None:
    """The folder's feed with exactly these records: one generation more where there was one."""
    folder.mkdir(exist_ok=True)
    path, new = folder / file.FEED, folder / "new.sqlite"
    records = list(records)
    with building(folder, new, path if path.exists() else None) as build:
        for record in records:
            build.add(read(json.dumps(record).encode()))
        build.enlist("", [(record["id"], record["modified"]) for record in records])
        build.finish("2026-11-24T00:00:00Z", "test")
    new.replace(path)
    threats = folder / "new-threat.sqlite"
    build_threat(threats, path, Catalogue(dict(kev or {}), "1"), Scores("v1", "2026-01-01", iter((epss or {}).items())))
    threats.replace(folder / file.THREAT)


def package(ecosystem: str, name: str, version: str, *, source: str = "") -> Package:
    """A package of a language, or of Debian 12."""
    if ecosystem != "deb":
        return Package(ecosystem=ecosystem, name=name, version=version)
    return Package(
        ecosystem=ecosystem,
        name=name,
        version=version,
        distro=DEBIAN,
        source=SourcePackage(source) if source else None,
    )


def put_versions(url: str, packages: Sequence[Package], *, mark: bool = True) -> list[int]:
    """Package versions in the dictionary, as ingest puts them there; their numbers in order."""
    found = []
    with psycopg.connect(url) as connection:
        for one in packages:
            connection.execute(
                "INSERT INTO package (ecosystem, name) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (one.ecosystem, one.name),
            )
            distro = one.distro and {"id": one.distro.id, "version": one.distro.version}
            row = connection.execute(
                """
                INSERT INTO package_version
                    (key, package_id, version, purl, source_name, source_version, distro, matchable)
                SELECT %s, id, %s, %s, %s, %s, %s, true FROM package WHERE ecosystem = %s AND name = %s RETURNING id
                """,
                (
                    blake2b(repr(one).encode(), digest_size=16).digest(),
                    one.version,
                    one.purl,
                    one.source.name if one.source else "",
                    one.source.version if one.source else "",
                    json.dumps(distro) if distro else None,
                    one.ecosystem,
                    one.name,
                ),
            ).fetchone()
            assert row is not None
            found.append(row[0])
            if mark:
                connection.execute("INSERT INTO dirty (what, which) VALUES ('package_version', %s)", row)
    return found


def put_inventory(url: str, versions: Sequence[int], *, mark: bool = True) -> int:
    """An inventory of package versions."""
    with psycopg.connect(url) as connection:
        digest = blake2b(repr(sorted(versions)).encode(), digest_size=32).digest()
        row = connection.execute(
            "INSERT INTO inventory (digest, packages) VALUES (%s, %s) RETURNING id", (digest, len(versions))
        ).fetchone()
        assert row is not None
        connection.execute(
            """
            INSERT INTO inventory_package (inventory_id, package_version_id, state, origin)
            SELECT %s, unnest(%s::integer[]), 'installed', 'registry'
            """,
            (row[0], list(versions)),
        )
        if mark:
            connection.execute("INSERT INTO dirty (what, which) VALUES ('inventory', %s)", row)
    return int(row[0])


async def match(pool: Pool, folder: Path, now: datetime = NOW, batch: int = 7) -> generations.Standing:
    """Takes up the feed of the folder and matches all that is marked then."""
    async with pool.connection() as connection:
        await store.prepare(connection)
        with feeds.opened(folder) as opened:
            standing = await generations.take_up(connection, opened, now)
            while standing is not generations.Standing.OLDER:
                if waiting := await marks.some(connection, "package_version", batch):
                    await matches.derive(connection, waiting, opened, now)
                elif waiting := await marks.some(connection, "advisory", batch):
                    await ratings.derive(connection, waiting, opened, now)
                else:
                    break
    return standing


def reporter(url: str, key: str = "sensor-1", kind: str = "sensor") -> int:
    """A reporter of facts."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "INSERT INTO reporter (key, kind) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET kind = excluded.kind "
            "RETURNING id",
            (key, kind),
        ).fetchone()
        assert row is not None
        return int(row[0])


def put_fact(
    url: str,
    id: str,
    *,
    parent: str = "",
    by: str = "sensor-1",
    kind: str = "sensor",
    seen: datetime = NOW,
    ended: datetime | None = None,
    **attributes: Any,
) -> None:
    """An asset as a reporter tells of it, and its mark."""
    number = reporter(url, by, kind)
    of, _, key = id.partition(":")
    above, _, its = parent.partition(":")
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            INSERT INTO asset_fact
                (reporter_id, kind, key, parent_kind, parent_key, attributes, mark, first_seen, last_seen, ended)
            VALUES (%s, %s, %s, %s, %s, %s, 0, %s, %s, %s)
            ON CONFLICT (reporter_id, kind, key) DO UPDATE
            SET attributes = excluded.attributes, parent_kind = excluded.parent_kind,
                parent_key = excluded.parent_key, last_seen = excluded.last_seen, ended = excluded.ended
            """,
            (number, of, key, above or None, its or None, json.dumps(attributes), seen, seen, ended),
        )
        connection.execute("INSERT INTO dirty (what, kind, key) VALUES ('asset', %s, %s)", (of, key))


def put_relation(url: str, kind: str, one: str, other: str, *, by: str = "sensor-1", ended: bool = False) -> None:
    """How two assets hang together, and the mark of the first."""
    number = reporter(url, by)
    (of, _, key), (to, _, its) = one.partition(":"), other.partition(":")
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            INSERT INTO relation_fact (reporter_id, kind, from_kind, from_key, to_kind, to_key, how, mark, first_seen,
                last_seen, ended)
            VALUES (%s, %s, %s, %s, %s, %s, 'declared', 0, %s, %s, %s)
            ON CONFLICT (reporter_id, kind, from_kind, from_key, to_kind, to_key, protocol, port, to_port) DO UPDATE
            SET ended = excluded.ended
            """,
            (number, kind, of, key, to, its, NOW, NOW, NOW if ended else None),
        )
        connection.execute("INSERT INTO dirty (what, kind, key) VALUES ('asset', %s, %s)", (of, key))


def put_connection(
    url: str, of: str, direction: str, remote: str, port: int, *, name: str = "", local: str = "10.0.0.9"
) -> None:
    """Traffic of an asset, and its mark."""
    number = reporter(url)
    kind, _, key = of.partition(":")
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            INSERT INTO connection_fact (reporter_id, kind, key, protocol, direction, local, remote, port, how, count,
                name, mark, first_seen, last_seen)
            VALUES (%s, %s, %s, 'tcp', %s, %s, %s, %s, 'events', 3, %s, 0, %s, %s)
            """,
            (number, kind, key, direction, local, remote, port, name, NOW, NOW),
        )
        connection.execute("INSERT INTO dirty (what, kind, key) VALUES ('asset', %s, %s)", (kind, key))


def put_scan(url: str, id: str, inventory: int, *, made: datetime = NOW, name: str = "") -> int:
    """A scan of an asset, as ingest keeps it, and its marks."""
    put_fact(url, id, by="scans", kind="scans", seen=made, name=name or id)
    number = reporter(url, "scans", "scans")
    kind, _, key = id.partition(":")
    with psycopg.connect(url) as connection:
        row = connection.execute(
            """
            INSERT INTO scan (document_id, reporter_id, made, format, kind, key, name, inventory_id, partial, tool,
                tool_version)
            VALUES (gen_random_uuid()::text, %s, %s, 'rightshift', %s, %s, %s, %s, false, 'test', '1') RETURNING id
            """,
            (number, made, kind, key, name or id, inventory),
        ).fetchone()
        assert row is not None
        connection.execute("INSERT INTO dirty (what, which) VALUES ('scan', %s)", row)
    return int(row[0])


async def derive(pool: Pool, folder: Path, now: datetime = NOW) -> None:
    """Until nothing is marked any more."""
    deriving = Deriving(pool, folder, lambda: now)
    async with pool.connection() as connection:
        await store.prepare(connection)
        hand = Hand(folder)
        await deriving.drain(connection, hand)
        hand.close()
