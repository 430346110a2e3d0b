"""Feeds that grow, and package versions, inventories and scans put straight into a database."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import psycopg

from rightshift.console.derive import feed as feeds
from rightshift.console.derive import generations, matches
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
                waiting = await marks.some(connection, "package_version", batch)
                if not waiting:
                    break
                await matches.derive(connection, waiting, opened, now)
    return standing
